"""Kinds, levels and states of alerts; grouping and back-testing as pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

STEP = timedelta(minutes=5)
# A bucket is scored this long after its end, so that most late posts are in it.
CLOSES_AFTER = timedelta(seconds=45)
# A storm that has been quiet for so long is over; what comes then is another one.
OVER_AFTER = timedelta(hours=6)
# Above this score a bucket still belongs to the storm: rarer than once a week.
STILL_UNUSUAL = 0.5
POSTS = 5


class Level(StrEnum):
    ATTENTION = "attention"
    CRISIS = "crisis"
    BLIND = "blind"  # we cannot hear: a silent or failing source


class AlertState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    DISMISSED = "dismissed"  # not a crisis, because …
    DECLARED = "declared"  # became a crisis
    CLOSED = "closed"  # the storm passed by itself


class ConcernState(StrEnum):
    RAISED = "raised"
    REACT = "react"
    NO_REACTION = "no_reaction"


WAITING = (AlertState.OPEN, AlertState.ACKNOWLEDGED)
ORDER = {"": 0, Level.ATTENTION: 1, Level.CRISIS: 2}


def higher(level: str, than: str) -> bool:
    """Whether `level` is more serious."""
    return ORDER[level] > ORDER[than]


def closed_buckets(scored_until: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Start of the first bucket to be scored and end of the last one that is closed (equal: nothing to do)."""
    end = now - CLOSES_AFTER
    seconds = int(STEP.total_seconds())
    last = datetime.fromtimestamp(int(end.timestamp()) // seconds * seconds, now.tzinfo)
    return scored_until, max(scored_until, last)


def newly_told(known: Mapping[str, Mapping], read: Mapping[str, Mapping]) -> datetime | None:
    """The beginning of the time that files have told of since `known`; None when they told nothing new."""
    moments = []
    for source, present in read.items():
        before = known.get(source)
        if before == present:
            continue
        longer = before and before["from"] == present["from"] and before["until"] < present["until"]
        moments.append(datetime.fromisoformat(before["until"] if before and longer else present["from"]))
    return min(moments, default=None)


@dataclass(frozen=True)
class Fired:
    """An alert a back-test would have raised."""

    at: datetime
    level: str


@dataclass(frozen=True)
class BackTest:
    """What a definition would have done: each known storm with its delay, what was missed, what was in vain."""

    fired: list[Fired]
    found: list[tuple[datetime, timedelta]]
    missed: list[datetime]
    vain: list[Fired]
    weeks: float

    @property
    def vain_per_week(self) -> float:
        """False alarms a week, as far as people's decisions tell."""
        return len(self.vain) / self.weeks if self.weeks else 0.0


def judge(
    fired: Sequence[Fired], storms: Sequence[datetime], weeks: float, within: timedelta = timedelta(hours=24)
) -> BackTest:
    """Compare alerts with the storms people confirmed (crises declared). An alert up to three hours before a storm's
    known beginning, or `within` after it, found it; every other alert was in vain."""
    found, missed, used = [], [], set()
    for storm in storms:
        hits = [i for i, f in enumerate(fired) if storm - timedelta(hours=3) <= f.at <= storm + within]
        if hits:
            found.append((storm, fired[hits[0]].at - storm))
            used.update(hits)
        else:
            missed.append(storm)
    return BackTest(list(fired), found, missed, [f for i, f in enumerate(fired) if i not in used], weeks)
