"""Levels and states of alerts, what belongs to one storm, and which steps may still change."""

from __future__ import annotations

from collections.abc import Mapping
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
# Posts reach us late: what was published within this time is counted again before it enters the detector's memory.
LATE = timedelta(hours=1)
# A storm that comes back with the same story within this time is a relapse; with another one, within the shorter time.
RELAPSE_SAME = timedelta(days=30)
RELAPSE_ANY = timedelta(hours=24)
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


class KnownKind(StrEnum):
    CAMPAIGN = "campaign"
    HOLIDAY = "holiday"
    EVENT = "event"
    OUTAGE = "outage"  # planned works or a disturbance the brand knows of


class TrialState(StrEnum):
    """How far trying a definition on the past has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


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


@dataclass(frozen=True, slots=True)
class Span:
    """Something known ahead, with its time: a campaign, a holiday, an event, an outage."""

    name: str
    kind: str
    starts_at: datetime
    ends_at: datetime

    def covers(self, at: datetime) -> bool:
        """Whether `at` lies in it."""
        return self.starts_at <= at < self.ends_at


def relapse(same_story: bool, ended_at: datetime, since: datetime) -> bool:
    """Whether a storm that began at `since` is a storm that ended at `ended_at`, come back."""
    return timedelta(0) <= since - ended_at <= (RELAPSE_SAME if same_story else RELAPSE_ANY)
