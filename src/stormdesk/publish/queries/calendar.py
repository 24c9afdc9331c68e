"""The calendar: posts by the day on which they are due or went out, with pauses between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from stormdesk.pause.models import Pause
from stormdesk.pause.queries import pauses_between
from stormdesk.people.models import Brand
from stormdesk.publish.models import Post
from stormdesk.publish.rules import PostKind, PostState


@dataclass
class Slot:
    """One text at one time in the calendar: the posts composed together stand as one."""

    at: datetime
    posts: list[Post]

    @property
    def first(self) -> Post:
        return self.posts[0]

    @property
    def networks(self) -> list[str]:
        return list(dict.fromkeys(post.account.network for post in self.posts))

    @property
    def look(self) -> str:
        """How it is drawn: the most pressing state of its posts."""
        for state, look in (
            (PostState.UNKNOWN, "held"),
            (PostState.FAILED, "held"),
            (PostState.HELD, "held"),
            (PostState.SENDING, "sending"),
            (PostState.SCHEDULED, "scheduled"),
            (PostState.SENT, "sent"),
            (PostState.DRAFT, "draft"),
            (PostState.REVIEW, "draft"),
            (PostState.APPROVED, "draft"),
        ):
            if any(post.state == state for post in self.posts):
                return look
        return "dropped"


@dataclass
class Day:
    """One day of the calendar in the brand's zone. `paused`: (since or None if it goes on from before)."""

    day: date
    slots: list[Slot] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    is_today: bool = False
    is_past: bool = False
    is_outside: bool = False


def calendar(brand: Brand, start: datetime, end: datetime) -> list[Post]:
    """Posts and statements that are due or went out in a stretch of time; replies are in the inbox."""
    rows = Post.objects.filter(brand=brand).exclude(kind=PostKind.REPLY)
    when = Q(sent_at__gte=start, sent_at__lt=end) | Q(sent_at__isnull=True, due_at__gte=start, due_at__lt=end)
    return list(rows.filter(when).select_related("account", "author").order_by("due_at", "id"))


def undated(brand: Brand) -> list[Post]:
    """Drafts without a time."""
    states = [PostState.DRAFT, PostState.REVIEW, PostState.APPROVED]
    rows = Post.objects.filter(brand=brand, due_at__isnull=True, state__in=states, kind=PostKind.POST)
    return list(rows.select_related("account", "author").order_by("-changed_at"))


def days(brand: Brand, first: date, last: date, now: datetime, *, month: int | None = None) -> list[Day]:
    """Every day from `first` to `last`, with its posts grouped by text and the pauses that touch it."""
    zone = ZoneInfo(brand.time_zone)
    start = datetime.combine(first, time.min, zone)
    end = datetime.combine(last + timedelta(days=1), time.min, zone)
    today = now.astimezone(zone).date()
    found = {
        first + timedelta(days=n): Day(first + timedelta(days=n)) for n in range((last - first).days + 1)
    }
    slots: dict[tuple, Slot] = {}
    for post in calendar(brand, start, end):
        at = (post.sent_at or post.due_at).astimezone(zone)  # type: ignore[union-attr]  # has a time in this state
        key = (at.date(), post.group or post.statement_id or f"post {post.pk}")
        if key in slots:
            slots[key].posts.append(post)
        else:
            slots[key] = Slot(at, [post])
            found[at.date()].slots.append(slots[key])
    for pause in pauses_between(brand, start, end):
        begins = max(pause.started_at.astimezone(zone).date(), first)
        ends = min((pause.ended_at or max(now, start)).astimezone(zone).date(), last)
        while begins <= ends:
            found[begins].pauses.append(pause)
            begins += timedelta(days=1)
    for day in found.values():
        day.slots.sort(key=lambda slot: slot.at)
        day.is_today, day.is_past = day.day == today, day.day < today
        day.is_outside = month is not None and day.day.month != month
    return list(found.values())


def next_posts(brand: Brand, n: int = 5) -> list[Post]:
    """The posts that go out next by themselves."""
    rows = Post.objects.filter(brand=brand, state=PostState.SCHEDULED).select_related("account", "author")
    return list(rows.order_by("due_at", "id")[:n])
