"""Mentions: pages of them by keyset, one of them, its thread, its copies, its author's other words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, Min, Q, QuerySet
from django.http import Http404

from stormdesk.listen.models import Correction, Mention, MentionVersion
from stormdesk.listen.queries.filters import Filters
from stormdesk.people.models import Brand

PAGE = 50
COUNTED_UP_TO = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """Up to fifty mentions, newest first, and the marks for what comes before and after (empty: nothing)."""

    rows: list[Mention]
    older: str = ""
    newer: str = ""


def mentions(brand: Brand, filters: Filters, now: datetime) -> QuerySet[Mention]:
    """Everything the filter shows, newest first. Raises QueryError for a search that cannot be read."""
    return filters.apply(Mention.objects.filter(brand=brand), now)


def page_of(rows: QuerySet[Mention], *, before: str = "", after: str = "", size: int = PAGE) -> Page:
    """One page. `before` and `after` are marks of another page (`older`, `newer`); a broken mark is the first page.

    Pages stand still while new mentions arrive, and the thousandth is as fast as the first.
    """
    rows = rows.select_related("narrative")
    if after and (mark := _mark(after)):
        at, key = mark
        newer = Q(published_at__gt=at) | Q(published_at=at, pk__gt=key)
        found = list(rows.filter(newer).order_by("published_at", "pk")[: size + 1])
        more = len(found) > size
        found = found[:size][::-1]
        if not found:
            return page_of(rows, size=size)
        return Page(found, older=_sign(found[-1]), newer=_sign(found[0]) if more else "")
    mark = _mark(before)
    if mark:
        at, key = mark
        rows = rows.filter(Q(published_at__lte=at), Q(published_at__lt=at) | Q(pk__lt=key))
    found = list(rows.order_by("-published_at", "-pk")[: size + 1])
    return Page(
        found[:size],
        older=_sign(found[size - 1]) if len(found) > size else "",
        newer=_sign(found[0]) if mark and found else "",
    )


def _sign(mention: Mention) -> str:
    return f"{mention.published_at.timestamp():.6f}-{mention.pk}"


def _mark(text: str) -> tuple[datetime, int] | None:
    seconds, _, key = text.partition("-")
    try:
        return datetime.fromtimestamp(float(seconds), UTC), int(key)
    except (ValueError, OverflowError, OSError):
        return None


def count_up_to(rows: QuerySet[Mention], most: int = COUNTED_UP_TO) -> tuple[int, bool]:
    """How many there are, and whether that is all: counting a million to say "many" would cost more than it tells."""
    number = rows.order_by().values("pk")[: most + 1].count()
    return min(number, most), number <= most


def get_mention(brand: Brand, pk: int) -> Mention:
    """One mention of this brand. Raises Http404."""
    mention = (
        Mention.objects.filter(brand=brand, pk=pk)
        .select_related("narrative", "source", "flagged_by", "brand")
        .first()
    )
    if mention is None:
        raise Http404
    return mention


def mentions_by_id(brand: Brand, keys: Iterable[int]) -> list[Mention]:
    """Those of the mentions that are the brand's, newest first; others are left out silently."""
    return list(Mention.objects.filter(brand=brand, pk__in=list(keys)))


def thread_of(mention: Mention) -> list[Mention]:
    """The conversation it stands in as far as it was heard, oldest first, itself included."""
    same = Mention.objects.filter(brand=mention.brand_id, network=mention.network)
    root = mention.thread or mention.native_id
    near = {name for name in (mention.in_reply_to, root) if name}
    return list(
        same.filter(Q(native_id__in=[*near, mention.native_id]) | Q(thread=root) & ~Q(thread=""))
        .order_by("published_at", "pk")[:100]
    )  # fmt: skip


def by_author(mention: Mention, most: int = 10) -> list[Mention]:
    """What else the same author said to or about this brand, newest first; nothing for an author who is not known."""
    if not mention.author_handle:
        return []
    return list(
        Mention.objects.filter(
            brand=mention.brand_id, network=mention.network, author_handle=mention.author_handle
        ).exclude(pk=mention.pk)[:most]
    )


def copies_of(mention: Mention) -> int:
    """How many other posts tell the same story."""
    if not mention.narrative_id:
        return 0
    return max(0, Mention.objects.filter(brand=mention.brand_id, narrative=mention.narrative_id).count() - 1)


def waiting_count(brand: Brand) -> tuple[int, datetime | None]:
    """How many mentions wait for an answer, and since when the oldest does."""
    facts = Mention.objects.filter(brand=brand, waits=True).aggregate(
        number=Count("pk"), oldest=Min("published_at")
    )
    return facts["number"], facts["oldest"]


def versions_of(mention: Mention) -> list[MentionVersion]:
    """How it read before it was edited or deleted, oldest first."""
    return list(MentionVersion.objects.filter(mention=mention).order_by("until", "pk"))


def corrections_of(mention: Mention) -> list[Correction]:
    """What people have corrected of it, newest first."""
    return list(Correction.objects.filter(mention=mention).select_related("by").order_by("-at", "-pk"))


def corrections_count(brand: Brand) -> int:
    """How often people have corrected what was understood."""
    return Correction.objects.filter(mention__brand=brand).count()
