"""Where a storm is going, and how fast earlier ones faded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from stormdesk.detect.models import Alert, Score
from stormdesk.detect.queries.series import scores
from stormdesk.detect.rules import STEP, Level
from stormdesk.detect.rules.course import Ahead, Fading, course, fading, growing, half_life
from stormdesk.listen.queries import counts

HOURS = 6
HALF = timedelta(minutes=30)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Outlook:
    """The hours ahead as a band, what it was learnt from, and whether the storm still grows."""

    at: datetime
    ahead: list[Ahead]
    fades: Fading
    grows: bool

    def band(self) -> list[tuple[datetime, float, float, float]]:
        """(moment, low, middle, high) in mentions per hour."""
        return [(self.at + timedelta(hours=a.hours), a.low, a.middle, a.high) for a in self.ahead]


def measured_half_life(alert: Alert) -> float | None:
    """Minutes in which what lay above the usual had halved, from the scored steps of a storm."""
    rows = scores(alert.brand, alert.since - timedelta(hours=1), alert.last_at + timedelta(hours=6))
    excess = [
        max(0.0, (mentions or 0) - (expected or 0.0))
        for mentions, expected in rows.exclude(mentions=None).values_list("mentions", "expected")
    ]
    return half_life(excess, STEP.total_seconds() / 60)


def outlook(alert: Alert) -> Outlook | None:
    """The course of a storm that runs; None when it is over or nothing is known of what is usual."""
    if alert.level == Level.BLIND or alert.ended_at is not None:
        return None
    newest = Score.objects.filter(brand=alert.brand_id).exclude(expected=None).order_by("-at").first()
    if newest is None:
        return None
    at = newest.at + STEP
    now = counts(alert.brand, at - timedelta(hours=1), at)["mentions"]
    before = counts(alert.brand, at - timedelta(hours=2), at - timedelta(hours=1))["mentions"]
    own = [
        float(facts["half_life"])
        for facts in Alert.objects.filter(brand=alert.brand_id, ended_at__isnull=False)
        .exclude(level=Level.BLIND)
        .order_by("-ended_at")
        .values_list("facts", flat=True)[:20]
        if facts.get("half_life")
    ]
    fades = fading(own)
    return Outlook(at, course(now, before, _usual(alert, at, newest), fades), fades, growing(now, before))


def _usual(alert: Alert, at: datetime, newest: Score) -> list[float]:
    """What would be usual in each half hour ahead, per hour: as a week ago, else as yesterday, else as now."""
    number = HOURS * 2
    known: dict[int, float] = {}
    for back in (timedelta(days=1), WEEK):
        rows = scores(alert.brand, at - back, at - back + number * HALF).exclude(expected=None)
        sums: dict[int, list[float]] = {}
        for moment, expected in rows.values_list("at", "expected"):
            sums.setdefault(int((moment + back - at) / HALF), []).append((expected or 0.0) * 12)
        known |= {place: sum(values) / len(values) for place, values in sums.items()}
    now = (newest.expected or 0.0) * 12
    return [known.get(place, now) for place in range(number)]
