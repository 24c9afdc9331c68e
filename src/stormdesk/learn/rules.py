"""States of a review, a preventive measure and a drill; the score of a drill as a pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class MeasureState(StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class DrillState(StrEnum):
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True)
class Expected:
    """One thing the team is expected to do: so long after that moment, for so many points."""

    key: str
    title: str
    points: int
    after: datetime | None
    within: timedelta | None
    count: int | None = None
    share: float | None = None


@dataclass(frozen=True)
class Answered:
    """A post that had to be answered, until when, and when it was."""

    until: datetime
    at: datetime | None


@dataclass(frozen=True)
class Happened:
    """What the team did. `moments`: when each single thing was done first (missing: not done)."""

    moments: Mapping[str, datetime] = field(default_factory=dict)
    answers: Mapping[str, Sequence[Answered]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Mark:
    """What one expectation earned, and why. `state`: done, late, part, missed, or ahead (its time has not come)."""

    key: str
    title: str
    points: int
    got: int
    state: str
    at: datetime | None = None
    due: datetime | None = None
    done: int | None = None
    of: int | None = None


def score(expected: Sequence[Expected], happened: Happened, now: datetime) -> list[Mark]:
    """One mark per expectation. Late earns half; a share earns its part of the points."""
    return [_mark(one, happened, now) for one in expected]


def _mark(one: Expected, happened: Happened, now: datetime) -> Mark:
    if one.share is not None:
        rows = happened.answers.get(one.key, ())
        due = [row for row in rows if row.until <= now or row.at is not None]
        in_time = sum(row.at is not None and row.at <= row.until for row in due)
        if not due:
            return Mark(one.key, one.title, one.points, 0, "ahead", done=0, of=len(rows))
        part = min(1.0, in_time / len(due) / one.share)
        state = "done" if part == 1 else "part" if in_time else "missed"
        return Mark(
            one.key, one.title, one.points, round(one.points * part), state, done=in_time, of=len(due)
        )
    if one.after is None:
        if at := happened.moments.get(one.key):  # done before anything asked for it
            return Mark(one.key, one.title, one.points, one.points, "done", at)
        return Mark(one.key, one.title, one.points, 0, "ahead")
    due_at = one.after + one.within if one.within is not None else None
    if one.count is not None:
        done = happened.counts.get(one.key, 0)
        part = min(1.0, done / one.count)
        state = "done" if part == 1 else "ahead" if due_at and now < due_at else "part" if done else "missed"
        return Mark(
            one.key, one.title, one.points, round(one.points * part), state, None, due_at, done, one.count
        )
    if one.within is None:  # something that must not happen, from that moment on
        broken = one.key in happened.broken
        return Mark(
            one.key, one.title, one.points, 0 if broken else one.points, "missed" if broken else "done"
        )
    at = happened.moments.get(one.key)
    if at is None:
        return Mark(
            one.key, one.title, one.points, 0, "ahead" if due_at and now < due_at else "missed", None, due_at
        )
    late = due_at is not None and at > due_at
    return Mark(
        one.key,
        one.title,
        one.points,
        one.points // 2 if late else one.points,
        "late" if late else "done",
        at,
        due_at,
    )


def total(marks: Sequence[Mark]) -> tuple[int, int]:
    """Points earned, and points there were to earn so far."""
    return sum(mark.got for mark in marks), sum(mark.points for mark in marks if mark.state != "ahead")
