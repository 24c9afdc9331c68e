"""A definition tried on the past: what it would have raised, against what people decided (D4). Nothing is saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from stormdesk.detect.models import Alert
from stormdesk.detect.queries.known import known
from stormdesk.detect.queries.series import first_minute, steps
from stormdesk.detect.rules import AlertState, Level
from stormdesk.detect.rules.backtest import BY_HAND, BackTest, Decided, judge
from stormdesk.detect.rules.criteria import Condition, Criteria
from stormdesk.detect.rules.lookout import Grouping, Lookout
from stormdesk.journal.models import Entry
from stormdesk.people.models import Brand

DAYS = 90
WARM_UP = timedelta(days=28)
"""History that a definition learns from before the days it is tried on, as the desk has."""


@dataclass
class Trial:
    """What each of several definitions would have done, and the days themselves: the busiest hour of each (None: nothing
    could be heard), the share that was heard, and by how much each condition is passed about once a week."""

    tests: list[BackTest]
    days: list[tuple[date, float | None]] = field(default_factory=list)
    heard: float = 0.0
    weekly: dict[str, float] = field(default_factory=dict)


def try_on_past(brand: Brand, definitions: list[Criteria], now: datetime, days: int = DAYS) -> Trial:
    """Replay the brand's last `days` through each definition, in one pass. Strictly causal: the same watch as live."""
    begins = first_minute(brand) or now
    start = max(begins, now - timedelta(days=days))
    warm = max(begins, start - WARM_UP)
    danger = next((asked for one in definitions if (asked := one.danger())), "")
    same_words = all(one.danger() in ("", danger) for one in definitions)
    spans = known(brand, warm, now)
    zone = ZoneInfo(brand.time_zone)
    watches = [(Lookout(one), Grouping()) for one in definitions]
    peaks = _Peaks(zone)
    for minute, step in steps(brand, warm, now, danger):
        counted = minute.at >= start
        for watch, grouping in watches if same_words else watches[:1]:
            seen = watch.take(step, spans)
            if counted:
                grouping.take(seen)
        if counted:
            peaks.take(minute.at, minute.heard, watches[0][0])
    if not same_words:  # other words of danger: each needs its own reading of the past
        for one, (watch, grouping) in list(zip(definitions, watches, strict=True))[1:]:
            for minute, step in steps(brand, warm, now, one.danger()):
                seen = watch.take(step, spans)
                if minute.at >= start:
                    grouping.take(seen)
    cases = decided(brand, start, now)
    weeks = (now - start) / timedelta(weeks=1)
    tests = [judge(grouping.storms, cases, weeks) for _watch, grouping in watches]
    return Trial(tests, peaks.days(), peaks.heard(), peaks.weekly())


def back_test(brand: Brand, criteria: Criteria, now: datetime, days: int = DAYS) -> BackTest:
    """What one definition would have raised in the last `days`, against what people decided."""
    return try_on_past(brand, [criteria], now, days).tests[0]


def decided(brand: Brand, start: datetime, now: datetime) -> list[Decided]:
    """What people decided since `start`: alerts they declared or dismissed, and crises they declared by hand."""
    cases = []
    rows = (
        Alert.objects.filter(
            brand=brand, last_at__gte=start, state__in=[AlertState.DECLARED, AlertState.DISMISSED]
        )
        .exclude(level=Level.BLIND)
        .select_related("narrative")
    )
    from_alerts = set()
    for alert in rows:
        crisis = alert.state == AlertState.DECLARED
        if crisis:
            from_alerts.add(alert.crisis)
        title = alert.narrative.label if alert.narrative else ""
        cases.append(
            Decided(crisis, alert.since, alert.last_at, alert.decided_at or alert.noticed_at, title, alert.pk)
        )
    declared = Entry.objects.filter(
        brand=brand, kind__in=["crisis.declared", "crisis.suspected"], at__gte=start, at__lte=now
    )
    for entry in declared:
        if entry.crisis not in from_alerts:
            title = str(entry.facts.get("title", ""))
            cases.append(Decided(True, entry.at - BY_HAND, entry.at + BY_HAND, entry.at, title))
    return cases


class _Peaks:
    """The busiest hour of each day, and of each condition's value the height passed about once a week."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.day: dict[date, list[float]] = {}
        self.most: dict[date, dict[str, float]] = {}
        self.steps = 0
        self.ears = 0.0

    def take(self, at: datetime, heard: float, watch: Lookout) -> None:
        day = at.astimezone(self.zone).date()
        self.steps += 1
        self.ears += heard
        known = self.day.setdefault(day, [0.0, 0.0])
        if not heard or not watch.hour:
            return
        hour = watch.present()
        known[0] = max(known[0], float(hour.mentions))
        known[1] += 1
        most = self.most.setdefault(day, {})
        for name in Condition:
            most[name] = max(most.get(name, 0.0), hour.value(name))

    def days(self) -> list[tuple[date, float | None]]:
        return [(day, peak if steps else None) for day, (peak, steps) in sorted(self.day.items())]

    def heard(self) -> float:
        return self.ears / self.steps if self.steps else 0.0

    def weekly(self) -> dict[str, float]:
        """Per condition, the day's greatest value that one day in seven passes."""
        if len(self.most) < 7:
            return {}
        found = {}
        for name in Condition:
            values = sorted((day.get(name, 0.0) for day in self.most.values()), reverse=True)
            found[str(name)] = values[max(0, round(len(values) / 7) - 1)]
        return found
