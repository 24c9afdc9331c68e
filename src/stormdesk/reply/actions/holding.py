"""Who is answering, drafts, and who takes care of whom."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from stormdesk.core.errors import BadInput, Conflict, Refused
from stormdesk.journal.actions import announce
from stormdesk.people.access import may, require
from stormdesk.people.models import User
from stormdesk.people.rules import Right
from stormdesk.publish.models import Post
from stormdesk.reply.actions.steps import not_held_by_another, refusal, tell
from stormdesk.reply.models import Conversation, ReplyDraft
from stormdesk.reply.rules import HOLD, OPEN

NOTE_LIMIT = 1_000
JUST_NOW = timedelta(minutes=1)
_VISIBILITIES = ("public", "direct", "both")


def check_out(*, conversation: Conversation, by: User, now: datetime) -> datetime:
    """I am answering this person: for ten minutes nobody else can; asked again, for ten more. Returns until when.

    Raises AccessDenied, Conflict while a colleague is answering.
    """
    require(by, Right.REPLY, conversation.brand)
    until = now + HOLD
    begins = conversation.held_by_id != by.pk or not conversation.held_until or conversation.held_until <= now
    with transaction.atomic():
        free = Conversation.objects.filter(not_held_by_another(by, now), pk=conversation.pk)
        if not free.update(held_by=by, held_until=until):
            raise refusal(conversation, by, now)
        if begins:
            announce(conversation.brand, "inbox", now=now)
    conversation.held_by, conversation.held_until = by, until
    return until


def release(*, conversation: Conversation, by: User, now: datetime) -> None:
    """I am not answering after all; the draft stays. Raises AccessDenied."""
    require(by, Right.REPLY, conversation.brand)
    with transaction.atomic():
        if Conversation.objects.filter(pk=conversation.pk, held_by=by).update(held_by=None, held_until=None):
            announce(conversation.brand, "inbox", now=now)
    conversation.held_by, conversation.held_until = None, None


def save_draft(
    *,
    conversation: Conversation,
    by: User,
    now: datetime,
    text: str,
    visibility: str = "public",
    private_text: str = "",
) -> ReplyDraft:
    """Keep what a person has typed so far, also while a colleague is answering: it is lost in no case (R1).

    The person becomes the one who is answering, unless a colleague already is. Raises AccessDenied, BadInput.
    """
    require(by, Right.REPLY, conversation.brand)
    if visibility not in _VISIBILITIES:
        raise BadInput(_("An answer is public, private or both. Choose one of these."))
    typed = ReplyDraft(
        conversation=conversation, user=by, text=text, private_text=private_text, visibility=visibility
    )
    if _just_sent(typed, now):
        return typed
    draft, _new = ReplyDraft.objects.update_or_create(
        conversation=conversation,
        user=by,
        defaults={
            "text": text.replace("\x00", ""),
            "private_text": private_text.replace("\x00", ""),
            "visibility": visibility,
            "changed_at": now,
        },
    )
    if text.strip() or private_text.strip():
        try:
            check_out(conversation=conversation, by=by, now=now)
        except Conflict:
            pass  # the draft is kept; the page shows who is answering
    return draft


def _just_sent(typed: ReplyDraft, now: datetime) -> bool:
    """Whether these words have gone out already: a browser that leaves the page keeps its draft after the answer."""
    words = [text.strip() for text in (typed.text, typed.private_text) if text.strip()]
    sent = Post.objects.filter(
        line__conversation=typed.conversation, author=typed.user, made_at__gt=now - JUST_NOW
    ).values_list("text", flat=True)
    return bool(words) and set(words) <= {text.strip() for text in sent}


def assign(*, conversation: Conversation, by: User, now: datetime, to: User | None) -> Conversation:
    """Give a conversation to somebody, or to nobody; the giver lets go of it. Raises AccessDenied, Refused, Conflict."""
    require(by, Right.REPLY, conversation.brand)
    if to and not may(to, Right.REPLY, conversation.brand):
        raise Refused(
            _("%(name)s may not answer people for this brand. Choose another person.") % {"name": to}
        )
    with transaction.atomic():
        here = Conversation.objects.filter(
            pk=conversation.pk,
            assigned_to=conversation.assigned_to_id,
            state__in=[str(state) for state in OPEN],
        )
        if not here.update(assigned_to=to):
            raise Conflict(
                _("Somebody has just given this conversation to another person. Look at it again.")
            )
        conversation.assigned_to = to
        if to and to != by:
            release(conversation=conversation, by=by, now=now)
        if to == by:
            tell("conversation.taken", conversation, by, now)
        else:
            tell("conversation.given", conversation, by, now, owner=str(to or "—"))
    return conversation


def note(*, conversation: Conversation, by: User, now: datetime, text: str) -> None:
    """Write something about the person for colleagues; nobody outside sees it. Raises AccessDenied, BadInput."""
    require(by, Right.REPLY, conversation.brand)
    if not text.strip():
        raise BadInput(_("Write the note first."))
    with transaction.atomic():
        tell("conversation.noted", conversation, by, now, text=text.strip()[:NOTE_LIMIT])
