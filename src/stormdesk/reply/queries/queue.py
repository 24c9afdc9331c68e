"""The queue of the inbox and its filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from stormdesk.listen.models import Narrative
from stormdesk.people.models import Brand, User
from stormdesk.reply import rules
from stormdesk.reply.models import Conversation, Line
from stormdesk.reply.rules import ConversationState

PAGE = 40


SHOW = ("", "mine", "unassigned", "urgent", "late")


@dataclass(frozen=True, slots=True)
class InboxFilters:
    """What the queue shows; all of it stands in the page's address. Unknown values are dropped."""

    show: str = ""
    state: str = ConversationState.WAITING.value
    narrative: int = 0

    @classmethod
    def of(cls, values: Mapping[str, str]) -> InboxFilters:
        show, state, narrative = (values.get(name, "") for name in ("show", "state", "narrative"))
        return cls(
            show if show in SHOW else "",
            state if state in list(ConversationState) else ConversationState.WAITING.value,
            int(narrative) if narrative.isascii() and narrative.isdigit() and len(narrative) < 18 else 0,
        )

    def address(self, **changes: Any) -> str:
        """The query string of this filter with some values changed."""
        changed = replace(self, **changes)
        default = InboxFilters()
        return urlencode(
            {
                name: getattr(changed, name)
                for name in ("show", "state", "narrative")
                if getattr(changed, name) != getattr(default, name)
            }
        )


def inbox(brand: Brand, filters: InboxFilters, user: User, now: datetime) -> QuerySet[Conversation]:
    """The queue: the most urgent first, then who waits longest; answered and closed ones newest first.

    Each row carries `said`, the id of the mention with the person's last words.
    """
    rows = Conversation.objects.filter(brand=brand, state=filters.state)
    if filters.narrative:
        rows = rows.filter(narrative=filters.narrative)
    if filters.show == "mine":
        rows = rows.filter(Q(assigned_to=user) | Q(held_by=user, held_until__gt=now))
    elif filters.show == "unassigned":
        rows = rows.filter(assigned_to__isnull=True)
    elif filters.show == "urgent":
        rows = rows.filter(urgency__gte=rules.ROUND_THE_CLOCK)
    elif filters.show == "late":
        rows = rows.filter(due_at__lt=now)
    last = Line.objects.filter(conversation=OuterRef("pk"), mention__isnull=False).order_by("-at", "-pk")
    rows = rows.annotate(said=Subquery(last.values("mention")[:1]))
    order = (
        ("-urgency", F("due_at").asc(nulls_last=True), "waits_since", "pk")
        if filters.state == ConversationState.WAITING
        else ("-waits_since", "-pk")
    )
    return rows.select_related("assigned_to", "held_by", "narrative").order_by(*order)


def next_after(
    brand: Brand, filters: InboxFilters, user: User, now: datetime, *, done: int
) -> Conversation | None:
    """The conversation to answer next: the first of the queue that nobody else is answering."""
    rows = inbox(brand, filters, user, now).exclude(pk=done)
    return rows.exclude(~Q(held_by=user), held_by__isnull=False, held_until__gt=now).first()


def narratives_waiting(brand: Brand, most: int = 5) -> list[tuple[Narrative, int]]:
    """The stories most of those who wait tell, and how many of them tell each."""
    counted = (
        Conversation.objects.filter(brand=brand, state=ConversationState.WAITING, narrative__isnull=False)
        .order_by()
        .values("narrative")
        .annotate(waiting=Count("pk"))
        .order_by("-waiting")[:most]
    )
    rows = Narrative.objects.in_bulk([row["narrative"] for row in counted])
    return [(rows[row["narrative"]], row["waiting"]) for row in counted]
