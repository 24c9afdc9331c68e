"""What is to be said about an answer, and ready answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404

from stormdesk.people.models import Brand, User
from stormdesk.policy import queries as policy
from stormdesk.policy.rules import Finding, Severity
from stormdesk.publish.queries import limit_of
from stormdesk.publish.rules import PostKind, PostState
from stormdesk.reply import rules
from stormdesk.reply.models import Conversation, Line, Macro
from stormdesk.reply.queries.conversation import account_of, last_mention
from stormdesk.reply.rules import ConversationState, Direction
from stormdesk.reply.words import HINTS


def findings(
    conversation: Conversation, text: str, *, visibility: str = "public", now: datetime
) -> list[Finding]:
    """What the brand's rules say about an answer, then how it could be shorter, kinder and more personal."""
    account = account_of(conversation)
    limit, count = limit_of(account) if account else (None, len)
    found = policy.findings(
        conversation.brand,
        text,
        language=language_of(conversation),
        kind="reply",
        limit=limit,
        count=count,
        now=now,
    )
    mention = last_mention(conversation) or last_mention(conversation, private=True)
    hints = rules.hints(
        text,
        complains=mention is not None and (mention.complaint >= 0.5 or mention.mood == "negative"),
        public=visibility == "public",
        earlier=recent_answers(conversation.brand, now, apart_from=conversation),
    )
    return found + [_finding(hint, text) for hint in hints]


def _finding(hint: rules.Hint, text: str) -> Finding:
    words = text[hint.start : hint.end]
    title, reason, fix = (
        str(sentence) % {"words": words, "number": hint.number} if "%(" in str(sentence) else str(sentence)
        for sentence in HINTS[hint.key]
    )
    return Finding(f"reply.{hint.key}", Severity.WARN, hint.start, hint.end, words, title, reason, fix)


def recent_answers(brand: Brand, now: datetime, *, apart_from: Conversation) -> list[str]:
    """The brand's last answers to other people within the hour."""
    rows = Line.objects.filter(
        conversation__brand=brand, direction=Direction.OUT, at__gte=now - rules.COMPARED_FOR
    ).exclude(conversation=apart_from)
    return list(rows.order_by("-at").values_list("post__text", flat=True)[: rules.COMPARED])


@dataclass(frozen=True)
class Suggestion:
    """A ready beginning of an answer: a macro, or an earlier answer to the same story."""

    title: str
    text: str
    channel: str
    macro: Macro | None = None


def language_of(conversation: Conversation) -> str:
    """The language the person writes in, or the brand's."""
    mention = last_mention(conversation) or last_mention(conversation, private=True)
    known = mention.language if mention else ""
    return known if known in ("ru", "en") else conversation.brand.language


def values_for(conversation: Conversation, user: User) -> dict[str, str]:
    """What is known for the blanks of a macro."""
    return {
        "name": rules.first_name(conversation.name, conversation.handle),
        "brand": conversation.brand.name,
        "author": next(iter(user.name.split()), user.email),
    }


def suggestions(conversation: Conversation, user: User, *, most: int = 6) -> list[Suggestion]:
    """Up to three answers that went out to others about the same story, then macros by use, with the name filled in."""
    values = values_for(conversation, user)
    found: list[Suggestion] = []
    if conversation.narrative_id:
        lines = (
            Line.objects.filter(
                conversation__brand=conversation.brand_id,
                conversation__narrative=conversation.narrative_id,
                conversation__state__in=(ConversationState.ANSWERED, ConversationState.CLOSED),
                direction=Direction.OUT,
                post__state=PostState.SENT,
                post__kind=PostKind.REPLY,
                post__visibility="public",
            )
            .exclude(conversation=conversation)
            .select_related("post", "conversation")
            .order_by("-at")[:30]
        )
        for line in lines:
            assert line.post is not None
            text = rules.for_another(
                line.post.text, rules.first_name(line.conversation.name, line.conversation.handle)
            )
            if not rules.alike(text, [known.text for known in found]):
                found.append(Suggestion(line.post.title, rules.filled(text, values), "public"))
            if len(found) == 3:
                break
    rows = Macro.objects.filter(brand=conversation.brand_id, language=language_of(conversation))
    found += [
        Suggestion(macro.title, rules.filled(macro.text, values), macro.channel, macro)
        for macro in rows[: most - len(found)]
    ]
    return found


def get_macro(brand: Brand, pk: int) -> Macro:
    """Raises Http404 for another brand's macro."""
    found = Macro.objects.filter(brand=brand, pk=pk).first()
    if found is None:
        raise Http404
    return found
