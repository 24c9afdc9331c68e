"""What a definition would have done, against what people decided (D4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from stormdesk.detect.rules.lookout import Storm

EARLY = timedelta(hours=3)
"""An alert so long before the known beginning of a storm still found it."""
BY_HAND = timedelta(hours=24)
"""A crisis that was declared without an alert began at most so long before."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What people decided about a storm: it was a crisis or it was not. `at` is when they did."""

    crisis: bool
    since: datetime
    last: datetime
    at: datetime
    title: str = ""
    alert: int | None = None


def kept(storm: Storm) -> list:
    """A storm as JSON keeps it; `storm_of` reads it."""
    return [storm.at.isoformat(), storm.last.isoformat(), storm.level, list(storm.reasons), storm.quiet]


def storm_of(row: list) -> Storm:
    """The storm that `kept` wrote down."""
    at, last, level, reasons, quiet = row
    return Storm(datetime.fromisoformat(at), datetime.fromisoformat(last), level, tuple(reasons), quiet)


@dataclass(frozen=True, slots=True)
class Hit:
    """A storm that was found; `ahead` is by how much the alert came before people declared it (below zero: after)."""

    decided: Decided
    storm: Storm
    ahead: timedelta


@dataclass(frozen=True)
class BackTest:
    """`open`: nobody decided about what they show, so they count neither way; `quiet`: explained by something known, so
    nobody would have been called; `spared`: dismissed alerts that this definition would not have raised."""

    found: list[Hit]
    missed: list[Decided]
    vain: list[tuple[Storm, Decided]]
    open: list[Storm]
    quiet: list[Storm]
    spared: list[Decided]
    weeks: float

    @property
    def storms(self) -> list[Storm]:
        """Everything that would have been raised, in time."""
        rows = [hit.storm for hit in self.found] + [storm for storm, _ in self.vain] + self.open + self.quiet
        return sorted({id(storm): storm for storm in rows}.values(), key=lambda storm: storm.at)

    @property
    def vain_per_week(self) -> float:
        """False alarms a week, as far as people's decisions tell."""
        return len(self.vain) / self.weeks if self.weeks else 0.0

    @property
    def most_per_week(self) -> float:
        """False alarms a week if all that nobody decided about were false."""
        return (len(self.vain) + len(self.open)) / self.weeks if self.weeks else 0.0

    @property
    def all_crises(self) -> int:
        """How many crises people declared."""
        return len(self.found) + len(self.missed)

    @property
    def late(self) -> bool:
        """Whether people were faster, by the median."""
        return self.ahead is not None and self.ahead < timedelta(0)

    @property
    def ahead(self) -> timedelta | None:
        """The median of how much earlier than people it would have been."""
        if not self.found:
            return None
        return timedelta(seconds=median(hit.ahead.total_seconds() for hit in self.found))


def judge(storms: Sequence[Storm], decided: Sequence[Decided], weeks: float) -> BackTest:
    """Compare storms with decisions. A storm belongs to a decision when their times meet; a crisis goes before a
    dismissal, and of several storms of one crisis the first counts as its alarm."""
    found: list[Hit] = []
    missed: list[Decided] = []
    spared: list[Decided] = []
    taken: set[int] = set()
    vain: list[tuple[Storm, Decided]] = []
    for case in sorted(decided, key=lambda case: (not case.crisis, case.since)):
        meeting = [
            storm
            for storm in storms
            if id(storm) not in taken and storm.at <= case.last and storm.last >= case.since - EARLY
        ]
        loud = [storm for storm in meeting if not storm.quiet]
        if case.crisis:
            if loud:
                found.append(Hit(case, loud[0], case.at - loud[0].at))
                taken.update(id(storm) for storm in meeting)
            else:
                missed.append(case)
        elif loud:
            vain.extend((storm, case) for storm in loud)
            taken.update(id(storm) for storm in meeting)
        else:
            spared.append(case)
    rest = [storm for storm in storms if id(storm) not in taken]
    return BackTest(
        found,
        missed,
        vain,
        [storm for storm in rest if not storm.quiet],
        [storm for storm in rest if storm.quiet],
        spared,
        weeks,
    )
