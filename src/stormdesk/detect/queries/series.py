"""The scored series: steps for the watch, the picture's numbers, the last hour against what is usual."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from stormdesk.detect.detectors import Bucket
from stormdesk.detect.models import Score
from stormdesk.detect.rules import STEP
from stormdesk.detect.rules.lookout import Step
from stormdesk.listen.models import Mention, MinuteCount, Source
from stormdesk.listen.queries import Completeness, Minute, completeness, minutes
from stormdesk.listen.queries.search import found as found_by_words
from stormdesk.listen.rules import SCAM, QueryKind
from stormdesk.people.models import Brand

HOUR = timedelta(hours=1)
Signals = Mapping[datetime, tuple[int, int]]


def bucket_of(minute: Minute) -> Bucket:
    """A step of what was heard as the detector takes it; a step in which nothing could be heard is a gap (G5)."""
    return Bucket(
        at=minute.at,
        mentions=None if minute.heard == 0 else minute.mentions,
        negative=minute.negative,
        authors=minute.authors,
        duplicates=minute.duplicates,
        competitor=minute.competitor,
        positive=minute.positive,
    )


def steps(brand: Brand, start: datetime, end: datetime, danger: str) -> Iterable[tuple[Minute, Step]]:
    """Every step of [start, end) as the watch takes it, with what it was made of. `danger`: a query, or nothing."""
    told = signals(brand, start, end, danger)
    for minute in minutes(brand, start, end, step=STEP):
        yield minute, step_of(minute, told)


def step_of(minute: Minute, told: Signals) -> Step:
    """One step as the watch takes it."""
    scam, dangerous = told.get(minute.at, (0, 0))
    return Step(bucket_of(minute), minute.reach, minute.needs_reply, scam, dangerous, minute.outraged)


def signals(brand: Brand, start: datetime, end: datetime, danger: str) -> Signals:
    """Per step: posts that deceive, and people who use words of danger. Somebody who uses them again within an hour is
    not another person."""
    said = Mention.objects.filter(
        brand=brand, about=QueryKind.BRAND, is_own=False, published_at__lt=end
    ).order_by("published_at", "pk")
    found: dict[datetime, list[int]] = defaultdict(lambda: [0, 0])
    for at in said.filter(published_at__gte=start, scam__gte=SCAM).values_list("published_at", flat=True):
        found[step_start(at)][0] += 1
    if danger:
        spoke: dict[tuple[str, str], datetime] = {}
        rows = found_by_words(said.filter(published_at__gte=start - HOUR), danger)
        for at, network, author, pk in rows.values_list("published_at", "network", "author_handle", "pk"):
            who = (network, author or str(pk))
            before = spoke.get(who)
            spoke[who] = at
            if at >= start and (before is None or at - before >= HOUR):
                found[step_start(at)][1] += 1
    return {at: (scam, people) for at, (scam, people) in found.items()}


def step_start(at: datetime) -> datetime:
    """Start of the step in which something was said."""
    seconds = int(STEP.total_seconds())
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, at.tzinfo)


def first_minute(brand: Brand) -> datetime | None:
    """The beginning of what was counted, on a whole step."""
    found = (
        MinuteCount.objects.filter(brand=brand).order_by("minute").values_list("minute", flat=True).first()
    )
    return None if found is None else step_start(found)


def files_read(brand: Brand) -> dict[str, dict]:
    """How far each file of posts was read and which time it tells of, by the id of its source."""
    return {
        str(pk): {name: cursor[name] for name in ("line", "from", "until") if name in cursor}
        for pk, cursor in Source.objects.filter(brand=brand, kind="import").values_list("pk", "cursor")
        if "from" in cursor
    }


def scores(brand: Brand, start: datetime, end: datetime) -> QuerySet[Score]:
    """The scored buckets in [start, end), oldest first."""
    return Score.objects.filter(brand=brand, at__gte=start, at__lt=end).order_by("at")


@dataclass(frozen=True)
class Picture:
    """What a chart of the series needs; values are mentions per hour."""

    points: list[tuple[datetime, float | None]]
    negative: list[tuple[datetime, float | None]]
    band: list[tuple[datetime, float, float]]
    gaps: list[tuple[datetime, datetime]]
    heard: Completeness


def series_for_chart(
    brand: Brand, start: datetime, end: datetime, step: timedelta = timedelta(minutes=15)
) -> Picture:
    """Mentions per hour against what is usual, in steps of `step`; a step in which nothing could be heard is None.

    The newest step is left out until it is over: half a step would look like a fall.
    """
    per_hour = HOUR / step
    points: list[tuple[datetime, float | None]] = []
    negative: list[tuple[datetime, float | None]] = []
    for minute in minutes(brand, start, end, step=step):
        if minute.at + step > end:
            break
        middle = minute.at + step / 2
        deaf = minute.heard == 0
        points.append((middle, None if deaf else minute.mentions * per_hour))
        negative.append((middle, None if deaf else minute.negative * per_hour))
    heard = completeness(brand, start, end)
    gaps = [(gap.starts_at, gap.ends_at) for gap in heard.gaps]
    return Picture(points, negative, _band(brand, start, end, step), gaps, heard)


def _band(
    brand: Brand, start: datetime, end: datetime, step: timedelta
) -> list[tuple[datetime, float, float]]:
    """What is usual, per hour, at most some hundred points: long steps have the mean of their edges."""
    rows = (
        scores(brand, start, end)
        .filter(expected__isnull=False, upper__isnull=False)
        .values_list("at", "lower", "upper")
    )
    if step <= timedelta(minutes=15):
        band = [(at + STEP / 2, (low or 0.0) * 12, (high or 0.0) * 12) for at, low, high in rows]
        return band[:: max(1, len(band) // 96)]
    seconds = step.total_seconds()
    sums: dict[int, list[float]] = {}
    for at, low, high in rows.iterator(chunk_size=5000):
        known = sums.setdefault(int(at.timestamp() // seconds), [0.0, 0.0, 0.0])
        for place, value in enumerate((1.0, low or 0.0, high or 0.0)):
            known[place] += value
    return [
        (datetime.fromtimestamp((key + 0.5) * seconds, start.tzinfo), low / n * 12, high / n * 12)
        for key, (n, low, high) in sorted(sums.items())
    ]


@dataclass(frozen=True)
class LastHour:
    """The last closed hour against what is usual for it; None where there is no history."""

    mentions: int
    negative: int
    low: float | None
    high: float | None
    heard: float

    @property
    def negative_share(self) -> float | None:
        """Of what was heard; None when nothing was."""
        return self.negative / self.mentions if self.mentions else None


def last_hour(brand: Brand, now: datetime) -> LastHour:
    """What came in the last hour, what would be usual, and how much of it could be heard."""
    start = now - timedelta(hours=1)
    rows = list(scores(brand, start, now))
    counted = minutes(brand, start, now)
    known = [(row.expected, row.upper) for row in rows if row.expected is not None and row.upper is not None]
    # independent buckets: the spread of a sum grows with the square root of their number, and its edges likewise
    low = high = None
    if len(known) >= 6:
        middle = sum(expected for expected, _upper in known) * 12 / len(known)
        up = sum(upper - expected for expected, upper in known) / len(known) * 12**0.5
        low, high = max(0.0, middle - up), middle + up
    return LastHour(
        mentions=sum(minute.mentions for minute in counted),
        negative=sum(minute.negative for minute in counted),
        low=low,
        high=high,
        heard=sum(minute.heard for minute in counted) / max(1, len(counted)),
    )


def current_band(brand: Brand, now: datetime) -> tuple[float, float] | None:
    """What would be usual in this hour, as (low, high); None without history."""
    hour = last_hour(brand, now)
    return None if hour.low is None or hour.high is None else (hour.low, hour.high)
