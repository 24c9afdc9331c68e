"""Counts per minute and how complete they are: a minute in which nothing could be heard is not zero (G5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, Sum

from stormdesk.listen import rules
from stormdesk.listen.models import Gap, MinuteCount, Source
from stormdesk.people.models import Brand

FIELDS = ("mentions", "negative", "positive", "authors", "duplicates", "competitor", "rivals", "needs_reply", "reach", "outraged")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Minute:
    """What was heard in one step of time; `heard` is the share of the sources that could hear (0: blind, not zero)."""

    at: datetime
    heard: float
    mentions: int = 0
    negative: int = 0
    positive: int = 0
    authors: int = 0
    duplicates: int = 0
    competitor: int = 0
    rivals: int = 0
    needs_reply: int = 0
    reach: int = 0
    outraged: int = 0


@dataclass(frozen=True, slots=True)
class Completeness:
    """Share of source-time that was heard, 0 to 1, and the times that were not, by source name."""

    share: float
    gaps: list[rules.Outage]

    def __float__(self) -> float:
        return self.share


def minutes(
    brand: Brand, start: datetime, end: datetime, *, step: timedelta = timedelta(minutes=1)
) -> list[Minute]:
    """One Minute per step in [start, end), every step present; `start` is taken down to a whole step.

    Steps of an hour and less are counted from the full hour of UTC. Minutes before the first source was added are blind.
    """
    seconds = int(step.total_seconds())
    first = int(start.timestamp()) // seconds * seconds
    counts: dict[int, list[int]] = {}
    rows = MinuteCount.objects.filter(
        brand=brand, minute__gte=datetime.fromtimestamp(first, start.tzinfo), minute__lt=end
    )
    for minute, *values in rows.values_list("minute", *FIELDS):
        at = int(minute.timestamp()) // seconds * seconds
        known = counts.setdefault(at, [0] * len(FIELDS))
        for place, value in enumerate(values):
            known[place] += value
    ears = _ears(brand, start, end)
    result = []
    at = first
    while at < end.timestamp():
        moment = datetime.fromtimestamp(at, start.tzinfo)
        values = counts.get(at, [0] * len(FIELDS))
        share = ears.share(moment, min(moment + step, end))
        # What was heard proves that something could be heard.
        result.append(Minute(moment, share if share or not values[0] else 1.0, *values))
        at += seconds
    return result


def counts(brand: Brand, start: datetime, end: datetime) -> dict[str, int]:
    """Totals of [start, end) by name (mentions, negative, positive, …)."""
    facts = MinuteCount.objects.filter(brand=brand, minute__gte=start, minute__lt=end).aggregate(
        **{name: Sum(name) for name in FIELDS}
    )
    return {name: facts[name] or 0 for name in FIELDS}


def completeness(brand: Brand, start: datetime, end: datetime) -> Completeness:
    """How complete what was heard in [start, end) is: the share, and each gap with its reason."""
    ears = _ears(brand, start, end)
    outages = [
        rules.Outage(gap.source.name, max(gap.starts_at, start), min(gap.ends_at or end, end), gap.why)
        for gap in ears.gaps
    ]
    return Completeness(ears.share(start, end), outages)


@dataclass(frozen=True, slots=True)
class _Ears:
    """Who listened since when, when they could not, and which times imported files tell of."""

    sources: dict[int, datetime]
    gaps: list[Gap]
    files: list[rules.Span]

    def share(self, start: datetime, end: datetime) -> float:
        spans = [
            (gap.source_id, gap.starts_at, gap.ends_at or end)
            for gap in self.gaps
            if gap.starts_at < end and (gap.ends_at is None or gap.ends_at > start)
        ]
        return rules.heard_share(self.sources, spans, start, end, self.files)


def _ears(brand: Brand, start: datetime, end: datetime) -> _Ears:
    listening: dict[int, datetime] = {}
    files: list[rules.Span] = []
    for source in Source.objects.filter(brand=brand).exclude(state=rules.SourceState.OFF):
        if source.kind == "import":
            if "from" in source.cursor:
                files.append(
                    (
                        datetime.fromisoformat(source.cursor["from"]),
                        datetime.fromisoformat(source.cursor["until"]),
                    )
                )
        else:
            listening[source.pk] = source.added_at
    gaps = (
        Gap.objects.filter(source__in=listening, starts_at__lt=end, heard_later=False)
        .filter(Q(ends_at__isnull=True) | Q(ends_at__gt=start))
        .select_related("source")
        .order_by("starts_at")
    )
    return _Ears(listening, list(gaps), files)
