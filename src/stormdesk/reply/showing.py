"""The inbox as its page shows it: rows of the queue, filters with their numbers, one conversation with all around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise

from stormdesk.accounts.queries import may_use
from stormdesk.accounts.rules import AccountState, Use
from stormdesk.journal.queries import history
from stormdesk.listen.models import Mention
from stormdesk.listen.showing import Shown, show, text_for, words_of_reasons
from stormdesk.pause.queries import open_pauses
from stormdesk.people.access import may
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right
from stormdesk.publish.models import Post
from stormdesk.publish.queries import limit_of
from stormdesk.reply import queries
from stormdesk.reply.models import Conversation
from stormdesk.reply.queries import InboxFilters
from stormdesk.reply.rules import OPEN, ConversationState
from stormdesk.reply.words import POST_WORDS, SHOW_WORDS, STATE_WORDS, URGENCY_WORDS
from stormdesk.secure.queries import may_publish

DAY = timedelta(days=1)
_DECIDING = ("needs_reply", "urgency", "complaint")


@dataclass(frozen=True)
class Row:
    """A person in the queue: the last words, and who takes care of it."""

    conversation: Conversation
    said: str
    urgency: str | Promise
    late: bool
    holder: User | None


@dataclass(frozen=True)
class Queue:
    """The first rows of the queue and how many more there are."""

    rows: list[Row]
    more: int


def queue_rows(brand: Brand, filters: InboxFilters, user: User, now: datetime) -> Queue:
    """The queue of the page. Personal data in it is hidden from those who do not answer people."""
    rows = queries.inbox(brand, filters, user, now)
    sees = may(user, Right.REPLY, brand)
    page = list(rows[: queries.PAGE])
    last = {row.pk: row.said for row in page}  # type: ignore[attr-defined]  # annotated by the query
    mentions = Mention.objects.defer("reasons").in_bulk([pk for pk in last.values() if pk])
    shown = []
    for row in page:
        mention = mentions.get(last[row.pk])
        shown.append(
            Row(
                row,
                text_for(mention, sees_personal=sees)[:300] if mention else "",
                URGENCY_WORDS[min(row.urgency, 3)],
                row.state == ConversationState.WAITING and row.due_at is not None and row.due_at < now,
                queries.holder(row, now),
            )
        )
    more = max(0, rows.count() - len(page)) if len(page) == queries.PAGE else 0
    return Queue(shown, more)


@dataclass(frozen=True)
class Link:
    """A filter above the queue, with how many people it shows."""

    label: str | Promise
    address: str
    on: bool
    count: int | None = None


def filter_links(brand: Brand, filters: InboxFilters, user: User, now: datetime) -> list[Link]:
    """By whom, by story, by state. Numbers stand at what waits; a filter that would show nobody is left out."""
    waiting = ConversationState.WAITING.value
    here = filters.state == waiting
    links = [Link(SHOW_WORDS[""], "", here and not filters.show and not filters.narrative)]
    for name in queries.SHOW[1:]:
        count = queries.inbox(brand, InboxFilters(name), user, now).count()
        on = here and filters.show == name and not filters.narrative
        if count or on:
            links.append(Link(SHOW_WORDS[name], InboxFilters(name).address(), on, count))
    for narrative, number in queries.narratives_waiting(brand):
        wanted = InboxFilters(narrative=narrative.pk)
        links.append(Link(narrative.label, wanted.address(), filters.narrative == narrative.pk, number))
    for state in (ConversationState.PRIVATE, ConversationState.ANSWERED, ConversationState.CLOSED):
        links.append(
            Link(STATE_WORDS[state], InboxFilters(state=state.value).address(), filters.state == state)
        )
    return links


@dataclass(frozen=True)
class ShownLine:
    """A line of a conversation: the person's words, or the brand's with what became of them."""

    at: datetime
    private: bool
    said: Shown | None = None
    post: Post | None = None
    state: str | Promise = ""


def conversation_page(chosen: Conversation, user: User, now: datetime) -> dict[str, Any]:
    """Everything the middle and the right of the inbox show."""
    brand = chosen.brand
    may_reply = may(user, Right.REPLY, brand)
    lines = [_line(said, may_reply) for said in queries.said_in(chosen)]
    mention = queries.last_mention(chosen) or queries.last_mention(chosen, private=True)
    holder = queries.holder(chosen, now)
    account = queries.account_of(chosen)
    limit, _count = limit_of(account) if account else (None, len)
    draft = queries.draft_of(chosen, user) if may_reply else None
    private = queries.can_write_privately(chosen)
    visibility = draft.visibility if draft else "public"
    if (
        draft
        and draft.pk is None
        and (chosen.state == ConversationState.PRIVATE or (lines[-1:] and lines[-1].private))
    ):
        visibility = "direct"  # who is spoken with in private is answered there
    if visibility != "public" and not private:
        visibility = "public"
    return {
        "lines": lines,
        "mention": mention,
        "seen": queries.last_seen(chosen),
        "state_word": STATE_WORDS[ConversationState(chosen.state)],
        "urgency_word": URGENCY_WORDS[min(chosen.urgency, 3)],
        "is_open": chosen.state in OPEN,
        "is_late": chosen.state == ConversationState.WAITING and bool(chosen.due_at and chosen.due_at < now),
        "holder": holder,
        "held_by_me": holder == user,
        "held_by_other": holder is not None and holder != user,
        "may_reply": may_reply,
        "locked": may_reply and not may_publish(user, brand),
        "account": account,
        "account_gone": account is None or account.state == AccountState.DISCONNECTED,
        "may_use": may_reply and account is not None and may_use(user, account, Use.REPLY),
        "waits_for": queries.stopped_by(chosen),
        "paused": bool(open_pauses(brand)),
        "draft": draft,
        "visibility": visibility,
        "can_private": private,
        "limit": limit,
        "personal_in_public": any(
            line.said and line.said.mention.personal_data and not line.private for line in lines
        ),
        "others": queries.others_in_thread(chosen),
        "suggestions": queries.suggestions(chosen, user) if may_reply else [],
        "findings": queries.findings(chosen, draft.text, visibility=visibility, now=now)
        if draft and draft.text.strip()
        else [],
        "typed": bool(draft and draft.text.strip()),
        "earlier": queries.earlier_of(chosen),
        "other_words": show(queries.other_words(chosen), sees_personal=may_reply, most=160),
        "public_open": queries.public_half_open(chosen),
        "private_begun": any(line.private for line in lines),
        "history": history(brand, subject=f"conversation:{chosen.pk}", limit=20),
        "deciding": list(dict.fromkeys(words_of_reasons(mention, _DECIDING)))[:4] if mention else [],
    }


def _line(said: queries.Said, sees_personal: bool) -> ShownLine:
    if said.mention is not None:
        (shown,) = show(
            [said.mention],
            sees_personal=sees_personal,
            marked=words_of_reasons(said.mention, _DECIDING),
        )
        return ShownLine(said.at, said.private, said=shown)
    state = POST_WORDS.get(said.post.state, "") if said.post else ""  # type: ignore[call-overload]  # keys are members of str enums
    return ShownLine(said.at, said.private, post=said.post, state=state)
