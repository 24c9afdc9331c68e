"""What several actions share: telling the journal, who holds a conversation, a guarded change of its state."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from stormdesk.core.errors import Conflict
from stormdesk.journal.actions import announce, record
from stormdesk.listen.actions import set_waiting
from stormdesk.listen.models import Mention
from stormdesk.people.models import User
from stormdesk.reply.models import Conversation
from stormdesk.reply.queries import get_conversation, holder, last_mention


def person_of(conversation: Conversation) -> str:
    """How a conversation's person is called in sentences."""
    return conversation.name or conversation.handle


def tell(kind: str, conversation: Conversation, by: User | None, now: datetime, **facts: Any) -> None:
    """Record what happened to a conversation, and have open pages fetched anew."""
    record(
        kind,
        brand=conversation.brand,
        by=by,
        now=now,
        subject=f"conversation:{conversation.pk}",
        facts={"person": person_of(conversation), **facts},
    )
    announce(conversation.brand, "inbox", now=now)


def not_held_by_another(by: User, now: datetime) -> Q:
    """Conversations this person may answer now: free ones, the person's own, and those whose hold has run out."""
    return Q(held_by__isnull=True) | Q(held_by=by) | Q(held_until__isnull=True) | Q(held_until__lte=now)


def change(conversation: Conversation, states: Iterable[str], by: User, now: datetime, **fields: Any) -> None:
    """Write `fields` if the conversation is in one of `states`, as it was read, and nobody else is answering it.

    Raises Conflict with the name of the colleague, or because it has changed.
    """
    as_read = (
        Q(answered_at=conversation.answered_at) if conversation.answered_at else Q(answered_at__isnull=True)
    )
    unchanged = Conversation.objects.filter(
        as_read,
        not_held_by_another(by, now),
        pk=conversation.pk,
        state__in=[str(state) for state in states],
    )
    if not unchanged.update(**fields):
        raise refusal(conversation, by, now)
    for name, value in fields.items():
        setattr(conversation, name, value)


def refusal(conversation: Conversation, by: User, now: datetime) -> Conflict:
    """Why this person cannot act on the conversation now."""
    at_present = get_conversation(conversation.brand, conversation.pk)
    other = holder(at_present, now)
    if other and other != by:
        return Conflict(
            _("%(name)s is answering this person now. Nothing was sent; what you wrote is kept.")
            % {"name": other}
        )
    return Conflict(
        _(
            "This conversation has changed: a colleague answered, or the person wrote again. Nothing was sent; "
            "what you wrote is kept."
        )
    )


def mark_answered(conversation: Conversation) -> None:
    """The person's posts no longer wait."""
    set_waiting(mentions=Mention.objects.filter(line__conversation=conversation), waits=False)


def mark_waiting(conversation: Conversation) -> None:
    """The reverse, for the person's last post."""
    last = last_mention(conversation) or last_mention(conversation, private=True)
    if last:
        set_waiting(mentions=Mention.objects.filter(pk=last.pk), waits=True)
