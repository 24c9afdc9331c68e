"""Conversations from what was heard: opened, continued, settled, and taken up again when an answer did not go out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from stormdesk.accounts.models import Account
from stormdesk.journal.actions import announce
from stormdesk.listen.models import Mention
from stormdesk.people.models import Brand
from stormdesk.publish.models import Post
from stormdesk.publish.rules import PostState
from stormdesk.reply import rules
from stormdesk.reply.actions.macros import begin_macros
from stormdesk.reply.actions.steps import mark_waiting, tell
from stormdesk.reply.models import Conversation, Line
from stormdesk.reply.queries import account_for, due_of
from stormdesk.reply.rules import ConversationState, Direction

Key = tuple[int, str, str, str]  # brand, network, thread, handle
_NOT_OUT = (PostState.FAILED, PostState.DROPPED)


def open_conversations(*, now: datetime, most: int = rules.BATCH) -> int:
    """Every mention that waits becomes a line of one conversation; the most urgent first, at most `most` at a time.

    Asked twice, or by two workers at once, it does the same once. Returns how many lines were added.
    """
    with transaction.atomic():
        mentions = list(
            Mention.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(waits=True, line__isnull=True)
            .select_related("brand")
            .order_by("-urgency", "published_at")[:most]
        )
        if not mentions:
            return 0
        placed = _place(mentions, now)
        by_conversation: dict[int, list[Mention]] = {}
        for mention in mentions:
            by_conversation.setdefault(placed[mention.pk].pk, []).append(mention)
        Line.objects.bulk_create(
            [
                Line(
                    conversation=placed[mention.pk],
                    direction=Direction.IN,
                    mention=mention,
                    at=mention.published_at,
                )
                for mention in mentions
            ],
            ignore_conflicts=True,
        )
        for conversation in {row.pk: row for row in placed.values()}.values():
            _wait(conversation, by_conversation[conversation.pk])
        for brand in {mention.brand_id: mention.brand for mention in mentions}.values():
            announce(brand, "inbox", now=now)
    return len(mentions)


def _place(mentions: list[Mention], now: datetime) -> dict[int, Conversation]:
    """The conversation of each mention by its id; those that do not exist yet are opened."""
    present = _continued(mentions)
    keys = {mention.pk: _key(mention) for mention in mentions if mention.pk not in present}
    wanted = set(keys.values())
    known = _by_key(wanted)
    first = {keys[m.pk]: m for m in reversed(mentions) if m.pk in keys}
    brands = {mention.brand_id: mention.brand for mention in mentions}
    accounts: dict[tuple[int, str], Account | None] = {}
    fresh = []
    for key in wanted - known.keys():
        mention = first[key]
        place = (mention.brand_id, mention.network)
        if place not in accounts:
            accounts[place] = account_for(mention.brand, mention.network)
        fresh.append(
            Conversation(
                brand=mention.brand,
                network=mention.network,
                account=accounts[place],
                thread=key[2],
                person_id=mention.author_id,
                handle=mention.author_handle,
                name=mention.author_name,
                urgency=mention.urgency,
                narrative_id=mention.narrative_id,
                waits_since=mention.published_at,
                due_at=due_of(mention.brand, mention.urgency, mention.published_at),
            )
        )
    if fresh:
        _begin_macros({brands[row.brand_id] for row in fresh}, now)
        Conversation.objects.bulk_create(fresh, ignore_conflicts=True)
        known = _by_key(wanted)
    return present | {pk: known[key] for pk, key in keys.items()}


def _key(mention: Mention) -> Key:
    return mention.brand_id, mention.network, mention.thread or mention.native_id, mention.author_handle


def _by_key(keys: Iterable[Key]) -> dict[Key, Conversation]:
    keys = set(keys)
    rows = Conversation.objects.filter(
        brand__in={key[0] for key in keys}, thread__in={key[2] for key in keys}
    ).select_related("brand", "account")
    found = {(row.brand_id, row.network, row.thread, row.handle): row for row in rows}
    return {key: found[key] for key in keys & found.keys()}


def _continued(mentions: list[Mention]) -> dict[int, Conversation]:
    """Mentions that go on with a conversation under another thread: an answer to our post, or a direct message from
    somebody with whom the brand went into private."""
    found: dict[int, Conversation] = {}
    answering = {mention.in_reply_to for mention in mentions if mention.in_reply_to}
    posts = (
        Post.objects.filter(native_id__in=answering, line__isnull=False)
        .exclude(native_id="")
        .select_related("line__conversation__brand", "line__conversation__account")
    )
    ours = {(post.brand_id, post.native_id): post.line.conversation for post in posts}
    direct = [mention for mention in mentions if mention.kind == "direct"]
    private = {
        (row.brand_id, row.network, row.handle): row
        for row in Conversation.objects.filter(
            Q(state=ConversationState.PRIVATE) | Q(lines__post__visibility="direct"),
            brand__in={mention.brand_id for mention in direct},
            handle__in={mention.author_handle for mention in direct},
        )
        .select_related("brand", "account")
        .order_by("answered_at", "pk")
    }
    for mention in mentions:
        known = ours.get((mention.brand_id, mention.in_reply_to))
        if known and (known.network, known.handle) == (mention.network, mention.author_handle):
            found[mention.pk] = known
        elif mention.kind == "direct":
            same = private.get((mention.brand_id, mention.network, mention.author_handle))
            if same:
                found[mention.pk] = same
    return found


def _wait(conversation: Conversation, mentions: list[Mention]) -> None:
    """The person waits: since the first unanswered word, as urgently as the most urgent one."""
    oldest = min(mention.published_at for mention in mentions)
    urgency = max(mention.urgency for mention in mentions)
    fields: dict[str, Any]
    if conversation.state == ConversationState.WAITING:
        fields = {
            "waits_since": min(oldest, conversation.waits_since),
            "urgency": max(urgency, conversation.urgency),
        }
    else:
        fields = {
            "state": ConversationState.WAITING,
            "waits_since": oldest,
            "urgency": urgency,
            "closed_at": None,
            "close_reason": "",
        }
    if any(mention.kind != "direct" for mention in mentions):
        fields["public_closed_at"] = None
    fields["due_at"] = due_of(conversation.brand, fields["urgency"], fields["waits_since"])
    if conversation.narrative_id is None:
        fields["narrative"] = next((m.narrative_id for m in mentions if m.narrative_id), None)
    Conversation.objects.filter(pk=conversation.pk).update(**fields)


def _begin_macros(brands: Iterable[Brand], now: datetime) -> None:
    for brand in brands:
        if not Conversation.objects.filter(brand=brand).exists():
            begin_macros(brand=brand, by=None, now=now)


def settle_conversations(*, now: datetime, most: int = rules.BATCH) -> int:
    """Close what nobody waits for any more: the posts were deleted, or a person corrected what was understood."""
    waits = Line.objects.filter(conversation=OuterRef("pk"), mention__waits=True)
    said = Line.objects.filter(conversation=OuterRef("pk"), mention__isnull=False)
    rows = Conversation.objects.filter(
        Exists(said),
        ~Exists(waits),
        state=ConversationState.WAITING,
        answered_at__isnull=True,
        closed_at=None,
    ).select_related("brand")
    count = 0
    for conversation in rows[:most]:
        with transaction.atomic():
            here = Conversation.objects.filter(
                ~Exists(waits), pk=conversation.pk, state=ConversationState.WAITING
            )
            if here.update(state=ConversationState.CLOSED, closed_at=now):
                tell("conversation.settled", conversation, None, now)
                count += 1
    return count


def reopen_unsent(*, now: datetime, most: int = rules.BATCH) -> int:
    """A person whose answer was refused by the network, or dropped after a pause, waits again: since when they wrote."""
    rows = (
        Conversation.objects.filter(
            state__in=(ConversationState.ANSWERED, ConversationState.PRIVATE),
            lines__at=F("answered_at"),
            lines__post__state__in=[str(state) for state in _NOT_OUT],
        )
        .select_related("brand")
        .distinct()
    )
    count = 0
    for conversation in rows[:most]:
        post = Post.objects.filter(
            line__conversation=conversation, line__at=F("line__conversation__answered_at"), state__in=_NOT_OUT
        ).first()
        with transaction.atomic():
            here = Conversation.objects.filter(
                pk=conversation.pk, state=conversation.state, answered_at=conversation.answered_at
            )
            if not here.update(
                state=ConversationState.WAITING,
                due_at=due_of(conversation.brand, conversation.urgency, conversation.waits_since),
            ):
                continue
            mark_waiting(conversation)
            tell(
                "conversation.not_sent",
                conversation,
                None,
                now,
                problem=(post.failure if post else "") or "—",
            )
            count += 1
    return count
