"""Closing a conversation without an answer, and opening it again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from stormdesk.core.errors import BadInput
from stormdesk.people.access import require
from stormdesk.people.models import User
from stormdesk.people.rules import Right
from stormdesk.reply.actions.steps import change, mark_answered, mark_waiting, tell
from stormdesk.reply.models import Conversation
from stormdesk.reply.queries import due_of
from stormdesk.reply.rules import OPEN, ConversationState


def close(*, conversation: Conversation, by: User, now: datetime, reason: str) -> Conversation:
    """Nothing more is to be said, and here is why. Raises AccessDenied, BadInput without a reason, Conflict."""
    require(by, Right.REPLY, conversation.brand)
    if not reason.strip():
        raise BadInput(_("Say why this person gets no further answer; colleagues read it."))
    with transaction.atomic():
        change(
            conversation,
            OPEN,
            by,
            now,
            state=ConversationState.CLOSED,
            closed_at=now,
            close_reason=reason.strip()[:300],
            held_by=None,
            held_until=None,
        )
        mark_answered(conversation)
        tell("conversation.closed", conversation, by, now, reason=reason.strip()[:300])
    return conversation


def reopen(*, conversation: Conversation, by: User, now: datetime) -> Conversation:
    """The person waits again, with a new clock. Raises AccessDenied, Conflict."""
    require(by, Right.REPLY, conversation.brand)
    with transaction.atomic():
        change(
            conversation,
            (ConversationState.CLOSED, ConversationState.ANSWERED, ConversationState.PRIVATE),
            by,
            now,
            state=ConversationState.WAITING,
            closed_at=None,
            close_reason="",
            waits_since=now,
            due_at=due_of(conversation.brand, conversation.urgency, now),
        )
        mark_waiting(conversation)
        tell("conversation.reopened", conversation, by, now)
    return conversation
