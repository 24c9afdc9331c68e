"""Answering in public, in private, and in both."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from stormdesk.accounts.models import Account
from stormdesk.accounts.queries import may_use
from stormdesk.accounts.rules import Use
from stormdesk.core.errors import AccessDenied, BadInput, Refused
from stormdesk.declare.queries import open_crisis
from stormdesk.people.access import require
from stormdesk.people.models import User
from stormdesk.people.rules import Right
from stormdesk.publish import actions as publish
from stormdesk.publish.models import Post
from stormdesk.reply.actions.steps import change, mark_answered, refusal, tell
from stormdesk.reply.models import Conversation, Line, ReplyDraft
from stormdesk.reply.queries import (
    account_of,
    can_write_privately,
    get_conversation,
    language_of,
    last_mention,
    last_seen,
    public_half_open,
)
from stormdesk.reply.rules import OPEN, ConversationState, Direction
from stormdesk.secure.queries import may_publish

_ANSWERABLE = (*OPEN, ConversationState.CLOSED)


def answer(
    *,
    conversation: Conversation,
    by: User,
    now: datetime,
    text: str,
    visibility: str = "public",
    seen: int | None = None,
) -> Post:
    """Answer once, in public or directly; the person no longer waits and the draft has done its work.

    `seen` is the mark of what had been said when the answer was written (`last_seen`). During a pause the answer waits
    like every other post. Raises AccessDenied, Refused against a rule or without an account, BadInput without words,
    Conflict when a colleague is answering or something new was said.
    """
    account = _account(conversation, by)
    if visibility not in ("public", "direct"):
        raise BadInput(_("An answer is public or private. Choose one of the two."))
    private = visibility == "direct"
    _require_private(conversation, private)
    # An answer in private leaves the public half open until it is closed there; what began in private has none.
    state = (
        ConversationState.PRIVATE
        if private and public_half_open(conversation)
        else ConversationState.ANSWERED
    )
    with transaction.atomic():
        _begin(conversation, account, by, now, state, seen)
        post = _say(conversation, account, by, now, text, private=private)
        _end(conversation, by)
        tell("conversation.answered_privately" if private else "conversation.answered", conversation, by, now)
    return post


def move_to_private(
    *,
    conversation: Conversation,
    by: User,
    now: datetime,
    public_text: str,
    private_text: str,
    seen: int | None = None,
) -> tuple[Post, Post]:
    """One line for everybody to see, and the rest in a direct message; both halves stay one conversation (R3).

    The public half stays open until `close_public`. Raises as `answer` does; then neither half goes out.
    """
    account = _account(conversation, by)
    _require_private(conversation, True)
    if not public_text.strip() or not private_text.strip():
        raise BadInput(
            _(
                "Write both: a public line, so that others see the answer, and the private message. Nothing was sent."
            )
        )
    with transaction.atomic():
        _begin(conversation, account, by, now, ConversationState.PRIVATE, seen)
        public = _say(conversation, account, by, now, public_text, private=False)
        direct = _say(conversation, account, by, now, private_text, private=True)
        _end(conversation, by)
        tell("conversation.moved", conversation, by, now)
    return public, direct


def close_public(*, conversation: Conversation, by: User, now: datetime, text: str = "") -> Post | None:
    """Return to the public half of what was settled in private, with a last line for everybody or without one.

    Raises as `answer` does, and Conflict when it is not in private any more.
    """
    require(by, Right.REPLY, conversation.brand)
    account = _account(conversation, by) if text.strip() else None
    with transaction.atomic():
        if conversation.state != ConversationState.PRIVATE:
            raise refusal(conversation, by, now)
        change(
            conversation,
            (ConversationState.PRIVATE,),
            by,
            now,
            state=ConversationState.CLOSED,
            closed_at=now,
            public_closed_at=now,
            answered_at=now,
            close_reason=_("settled in private"),
            held_by=None,
            held_until=None,
        )
        post = _say(conversation, account, by, now, text, private=False) if account else None
        _end(conversation, by)
        tell("conversation.public_closed", conversation, by, now)
    return post


def _account(conversation: Conversation, by: User) -> Account:
    """The account that answers, if this person may use it now; each refusal has its own sentence."""
    require(by, Right.REPLY, conversation.brand)
    account = account_of(conversation)
    if account is None:
        raise Refused(
            _(
                "The brand has no connected account on this network, so nobody can answer here. "
                "Connect one under Accounts; what you wrote is kept."
            )
        )
    if not may_use(by, account, Use.REPLY):
        raise AccessDenied(
            _(
                "You may not answer through %(account)s. Nothing was sent; give the conversation to a colleague."
            )
            % {"account": account}
        )
    if not may_publish(by, conversation.brand):
        raise AccessDenied(
            _(
                "The accounts are locked and you are not in the team that may answer. Nothing was sent; "
                "what you wrote is kept."
            )
        )
    return account


def _require_private(conversation: Conversation, private: bool) -> None:
    if private and not can_write_privately(conversation):
        raise Refused(
            _(
                "This network has no direct messages from a brand. Answer in public and offer another way to talk."
            )
        )


def _begin(
    conversation: Conversation,
    account: Account,
    by: User,
    now: datetime,
    state: ConversationState,
    seen: int | None,
) -> None:
    """Claim the conversation for this answer: from here on a colleague's answer is refused."""
    # The row is locked first, so that a line a job is about to add is either seen here or comes after the answer.
    locked = Conversation.objects.select_for_update().get(pk=conversation.pk)
    if seen is not None and last_seen(locked) != seen:
        raise refusal(get_conversation(conversation.brand, conversation.pk), by, now)
    change(
        conversation,
        _ANSWERABLE,
        by,
        now,
        state=state,
        account=account,
        answered_at=now,
        closed_at=None,
        close_reason="",
        held_by=None,
        held_until=None,
    )


def _say(
    conversation: Conversation, account: Account, by: User, now: datetime, text: str, *, private: bool
) -> Post:
    last = last_mention(conversation, private=private) or last_mention(conversation, private=not private)
    post = publish.send_reply(
        brand=conversation.brand,
        by=by,
        now=now,
        account=account,
        text=text,
        in_reply_to=last.native_id if last else conversation.thread,
        to_handle=conversation.handle,
        visibility="direct" if private else "public",
        language=language_of(conversation),
        crisis=open_crisis(conversation.brand),
    )
    Line.objects.create(conversation=conversation, direction=Direction.OUT, post=post, at=now)
    return post


def _end(conversation: Conversation, by: User) -> None:
    mark_answered(conversation)
    ReplyDraft.objects.filter(conversation=conversation, user=by).delete()
