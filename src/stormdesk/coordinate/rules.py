"""States of a task and when to nudge its owner."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class TaskState(StrEnum):
    OPEN = "open"
    DOING = "doing"
    DONE = "done"
    DROPPED = "dropped"


class TaskKind(StrEnum):
    RESEARCH = "research"
    WRITING = "writing"
    ANSWERING = "answering"
    APPROVAL = "approval"
    PROMISE = "promise"  # the next word promised to the public
    TELLING = "telling"  # somebody must be told
    OTHER = "other"


NUDGES_MOST = 3
NUDGE_PAUSE = timedelta(minutes=15)
WARN_BEFORE = timedelta(minutes=10)


def first_nudge(due_at: datetime | None, now: datetime) -> datetime | None:
    """When the owner hears of the task's time for the first time: ten minutes before it, or when it is due already."""
    return None if due_at is None else max(due_at - WARN_BEFORE, now)


def next_nudge(nudges: int, now: datetime) -> datetime | None:
    """When to nudge again after so many nudges; None: no more, the lead is told instead. A nudge must end."""
    return None if nudges >= NUDGES_MOST else now + NUDGE_PAUSE * nudges
