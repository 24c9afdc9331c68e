"""A definition tried on the past: what it would have raised, against what people decided (D4). Nothing is saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stormdesk.detect.detectors import Score
from stormdesk.detect.models import Alert, TrialRun
from stormdesk.detect.queries.known import known
from stormdesk.detect.queries.series import first_minute, signals, step_of
from stormdesk.detect.rules import STEP, AlertState, Level
from stormdesk.detect.rules.backtest import BY_HAND, BackTest, Decided, judge, kept, storm_of
from stormdesk.detect.rules.criteria import Condition, Criteria
from stormdesk.detect.rules.lookout import Grouping, Lookout, Storm
from stormdesk.journal.models import Entry
from stormdesk.listen.queries import minutes
from stormdesk.people.models import Brand

DAYS = 90
WARM_UP = timedelta(days=28)
"""History that a definition learns from before the days it is tried on, as the desk has."""


CHECKED = 250
"""Steps between two looks at whether to go on."""


@dataclass
class Trial:
    """What each of several definitions would have raised, and the days themselves: the busiest hour of each (None:
    nothing could be heard), the share that was heard, and by how much each condition is passed about once a week."""

    start: datetime
    end: datetime
    storms: list[list[Storm]]
    tests: list[BackTest]
    days: list[tuple[date, float | None]] = field(default_factory=list)
    heard: float = 0.0
    weekly: dict[str, float] = field(default_factory=dict)

    def kept(self) -> dict[str, Any]:
        """As JSON keeps it: what was counted; what people decided is read again when it is shown."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "storms": [[kept(storm) for storm in storms] for storms in self.storms],
            "days": [[day.isoformat(), peak] for day, peak in self.days],
            "heard": self.heard,
            "weekly": self.weekly,
        }


def try_on_past(
    brand: Brand,
    definitions: list[Criteria],
    now: datetime,
    days: int = DAYS,
    progress: Callable[[float], bool] = lambda share: True,
) -> Trial | None:
    """Replay the brand's last `days` through each definition, in one pass. Strictly causal: the same watch as live.

    `progress` is told the share that is done and may say False to stop; then there is no Trial. Definitions of one
    budget share their detector, which is most of the work.
    """
    begins = first_minute(brand) or now
    start = max(begins, now - timedelta(days=days))
    warm = max(begins, start - WARM_UP)
    spans = known(brand, warm, now)
    past = minutes(brand, warm, now, step=STEP)
    told = {asked: signals(brand, warm, now, asked) for asked in {one.danger() for one in definitions}}
    watches: list[tuple[Lookout, Grouping]] = []
    shared: dict[float, Lookout] = {}
    for one in definitions:
        first = shared.get(one.budget)
        watches.append((Lookout(one, first.detector if first else None), Grouping()))
        shared.setdefault(one.budget, watches[-1][0])
    peaks = _Peaks(ZoneInfo(brand.time_zone))
    for number, minute in enumerate(past):
        if number % CHECKED == 0 and not progress(number / len(past)):
            return None
        counted = minute.at >= start
        scores: dict[float, Score] = {}
        for watch, grouping in watches:
            wanted = watch.criteria
            step = step_of(minute, told[wanted.danger()])
            seen = watch.take(step, spans, scores.get(wanted.budget))
            scores[wanted.budget] = seen.score
            if counted:
                grouping.take(seen)
        if counted:
            peaks.take(minute.at, minute.heard, watches[0][0])
    storms = [grouping.storms for _watch, grouping in watches]
    return Trial(
        start, now, storms, _judged(brand, start, now, storms), peaks.days(), peaks.heard(), peaks.weekly()
    )


def _judged(brand: Brand, start: datetime, end: datetime, storms: list[list[Storm]]) -> list[BackTest]:
    cases = decided(brand, start, end)
    return [judge(one, cases, (end - start) / timedelta(weeks=1)) for one in storms]


def get_trial(brand: Brand, pk: str) -> TrialRun | None:
    """A trial that was asked for; None when it is another brand's, or was cleared away since."""
    return TrialRun.objects.filter(brand=brand, pk=pk).first() if pk.isdecimal() and len(pk) < 19 else None


def tried_definitions(run: TrialRun) -> list[Criteria]:
    """What it tries: the definition asked for, and the one in force when they differ."""
    wanted, present = (Criteria.of(kept["budget"], kept) for kept in (run.wanted, run.present))
    return [wanted] if wanted == present else [wanted, present]


def trial_of(run: TrialRun) -> Trial:
    """The result of a trial that is done, against what people have decided by now."""
    found = run.result
    start, end = (datetime.fromisoformat(found[name]) for name in ("start", "end"))
    storms = [[storm_of(row) for row in rows] for rows in found["storms"]]
    days = [(date.fromisoformat(day), peak) for day, peak in found["days"]]
    return Trial(
        start, end, storms, _judged(run.brand, start, end, storms), days, found["heard"], found["weekly"]
    )


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
