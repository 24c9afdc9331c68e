"""Alerts, their sentences and posts; the scored series; what a definition would have done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.http import Http404
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from stormdesk.detect.detectors import Bucket, Detector, sentence
from stormdesk.detect.models import Alert, Concern, Definition, Score, Silence
from stormdesk.detect.rules import OVER_AFTER, POSTS, STEP, WAITING, AlertState, BackTest, Fired, Level, judge
from stormdesk.listen.models import Mention, MinuteCount, Source
from stormdesk.listen.queries import Completeness, Minute, completeness, minutes
from stormdesk.people.models import Brand

BLIND_AFTER = timedelta(minutes=2)


def definition(brand: Brand) -> Definition:
    """The definition in force; before anybody saved one, a desk that is still learning tolerates one false alarm a week."""
    return Definition.objects.filter(brand=brand).first() or Definition(brand=brand, version=0, budget=1.0)


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


def first_minute(brand: Brand) -> datetime | None:
    """The beginning of what was counted, on a whole step."""
    found = (
        MinuteCount.objects.filter(brand=brand).order_by("minute").values_list("minute", flat=True).first()
    )
    if found is None:
        return None
    return found - timedelta(minutes=found.minute % int(STEP.total_seconds() // 60))


def files_read(brand: Brand) -> dict[str, dict]:
    """How far each file of posts was read and which time it tells of, by the id of its source."""
    return {
        str(pk): {name: cursor[name] for name in ("line", "from", "until") if name in cursor}
        for pk, cursor in Source.objects.filter(brand=brand, kind="import").values_list("pk", "cursor")
        if "from" in cursor
    }


def noticed_already(brand: Brand, at: datetime) -> bool:
    """Whether this time belongs to a storm that is over: the past may be scored twice, its alert is raised once."""
    return (
        Alert.objects.filter(brand=brand, ended_at__isnull=False, since__lte=at, last_at__gte=at)
        .exclude(level=Level.BLIND)
        .exists()
    )


def running_storm(brand: Brand, at: datetime) -> Alert | None:
    """The alert a new unusual bucket belongs to, dismissed or declared ones included: a storm is one alert."""
    return (
        Alert.objects.filter(
            brand=brand, ended_at__isnull=True, last_at__gte=at - OVER_AFTER, since__lte=at + OVER_AFTER
        )
        .exclude(level=Level.BLIND)
        .order_by("-last_at")
        .first()
    )


def silence_at(brand: Brand, at: datetime) -> Silence | None:
    """The silence in force at this moment, if any."""
    return Silence.objects.filter(brand=brand, starts_at__lte=at, ends_at__gt=at).order_by("-ends_at").first()


def open_alerts(brand: Brand) -> list[Alert]:
    """Alerts that wait for a decision, the most serious first."""
    rows = Alert.objects.filter(brand=brand, state__in=WAITING).select_related(
        "brand", "source", "narrative", "acknowledged_by"
    )
    order = {Level.CRISIS: 0, Level.ATTENTION: 1, Level.BLIND: 2}
    return sorted(rows, key=lambda alert: (order[Level(alert.level)], -alert.noticed_at.timestamp()))


def past_alerts(brand: Brand, limit: int = 50) -> list[Alert]:
    """Alerts that were decided or passed, newest first."""
    return list(
        Alert.objects.filter(brand=brand)
        .exclude(state__in=WAITING)
        .select_related("brand", "source", "decided_by")
        .order_by("-noticed_at")[:limit]
    )


def get_alert(brand: Brand, pk: int) -> Alert:
    """Raises Http404 for another brand's alert."""
    found = (
        Alert.objects.filter(brand=brand, pk=pk)
        .select_related("brand", "source", "narrative", "acknowledged_by", "decided_by")
        .first()
    )
    if found is None:
        raise Http404
    return found


def sentence_of(alert: Alert) -> str:
    """What is unusual, what was expected, since when: in the active language."""
    if alert.level == Level.BLIND:
        return _("%(source)s is not heard: %(problem)s So this is not calm.") % {
            "source": alert.facts.get("source", ""),
            "problem": alert.facts.get("problem") or _("it has been silent for longer than it should."),
        }
    return sentence(alert.facts, (get_language() or "en")[:2], alert.brand.name, _, ngettext)


def title_of(alert: Alert) -> str:
    """A short name for a crisis that begins with this alert: its narrative, if there is one."""
    return alert.narrative.label if alert.narrative else ""


def posts_of(alert: Alert) -> list[Mention]:
    """The five posts that show it."""
    return [row.mention for row in alert.posts.select_related("mention__narrative")]


def telling_posts(alert: Alert, at: datetime) -> tuple[list[Mention], int | None]:
    """Five mentions that show the storm, and its narrative: the first and the widest-read of it, originals before
    copies, negative before neutral."""
    storm = Mention.objects.filter(
        brand=alert.brand,
        published_at__gte=max(alert.since, at - timedelta(hours=6)) - STEP,
        published_at__lt=at,
        is_own=False,
        deleted_at__isnull=True,
    )
    top = (
        storm.exclude(narrative=None)
        .order_by()
        .values("narrative")
        .annotate(n=Count("pk"))
        .order_by("-n")
        .first()
    )
    narrative = top["narrative"] if top and top["n"] >= 3 else None
    originals = storm.filter(copy_of="")
    picks: list[Mention] = []
    if narrative:
        picks += storm.filter(narrative=narrative).order_by("published_at")[:1]
        picks += originals.filter(narrative=narrative).order_by("-author_followers", "published_at")[:1]
    picks += originals.order_by("-urgency", "-negative", "published_at")[:3]
    picks += originals.exclude(author_followers=None).order_by("-author_followers")[:2]
    picks += originals.order_by("-negative", "-published_at")[:POSTS]
    chosen: dict[int, Mention] = {}
    for mention in picks:
        chosen.setdefault(mention.pk, mention)
    return list(chosen.values())[:POSTS], narrative


def deaf_long_enough(source: Source, now: datetime) -> bool:
    """A hiccup is not an alarm: failing must last, silence has its own measure already."""
    if source.state == "silent":
        return True
    return source.failing_since is not None and now - source.failing_since >= BLIND_AFTER


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
    per_hour = timedelta(hours=1) / step
    points: list[tuple[datetime, float | None]] = []
    negative: list[tuple[datetime, float | None]] = []
    for minute in minutes(brand, start, end, step=step):
        if minute.at + step > end:
            break
        middle = minute.at + step / 2
        deaf = minute.heard == 0
        points.append((middle, None if deaf else minute.mentions * per_hour))
        negative.append((middle, None if deaf else minute.negative * per_hour))
    band = [
        (row.at + STEP / 2, (row.lower or 0) * 12, row.upper * 12)
        for row in scores(brand, start, end)
        if row.expected is not None and row.upper is not None
    ]
    heard = completeness(brand, start, end)
    return Picture(
        points,
        negative,
        band[:: max(1, len(band) // 96)],
        [(gap.starts_at, gap.ends_at) for gap in heard.gaps],
        heard,
    )


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


def similar(alert: Alert, limit: int = 3) -> list[Alert]:
    """Earlier alerts of the same kind with the nearest number of mentions, and how they ended."""
    count = alert.facts.get("count", 0)
    rows = list(
        Alert.objects.filter(brand=alert.brand, kind=alert.kind)
        .exclude(pk=alert.pk)
        .exclude(state__in=WAITING)
        .select_related("brand", "source")[:100]
    )
    return sorted(rows, key=lambda row: abs(row.facts.get("count", 0) - count))[:limit]


def concerns(brand: Brand) -> list[Concern]:
    """Concerns, the undecided first."""
    rows = Concern.objects.filter(brand=brand).select_related("raised_by", "decided_by")[:100]
    return sorted(rows, key=lambda row: row.state != "raised")


def get_concern(brand: Brand, pk: int) -> Concern:
    """Raises Http404 for another brand's concern."""
    found = Concern.objects.filter(brand=brand, pk=pk).select_related("brand").first()
    if found is None:
        raise Http404
    return found


def back_test(brand: Brand, budget: float, now: datetime, days: int = 90) -> BackTest:
    """What a budget would have fired in the last `days`, against what people declared. Strictly causal, like the real run."""
    start = max(first_minute(brand) or now, now - timedelta(days=days))
    detector = Detector(step_minutes=STEP.total_seconds() / 60, budget=budget)
    fired: list[Fired] = []
    for minute in minutes(brand, start, now, step=STEP):
        score = detector.update(bucket_of(minute))
        if score.alert and not (fired and minute.at - fired[-1].at < OVER_AFTER):
            fired.append(Fired(minute.at + STEP, score.alert))
    storms = list(
        Alert.objects.filter(brand=brand, state=AlertState.DECLARED, since__gte=start)
        .order_by("since")
        .values_list("since", flat=True)
    )
    return judge(fired, storms, (now - start) / timedelta(weeks=1))
