"""What every detector takes, gives and promises: buckets in, scores out, causal, restartable, deaf to gaps."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

LARGEST = 10**9
"""No brand hears more in one step; larger counts are cut so that arithmetic stays finite."""


@dataclass(frozen=True)
class Bucket:
    """Counts of one step of time. `at` is its start, aware, UTC; `mentions=None` is a gap: nothing was heard.

    negative, positive, duplicates and competitor (posts that also name a competitor) are parts of `mentions`; authors
    are distinct people in the step, None if unknown; positive is None where joy is not counted.
    """

    at: datetime
    mentions: int | None
    negative: int = 0
    authors: int | None = None
    duplicates: int = 0
    competitor: int = 0
    positive: int | None = None


@dataclass(frozen=True)
class Score:
    """What a detector thinks of one bucket.

    `expected` and `upper` are mentions per step (the usual amount and the upper edge of what is usual; None in a
    gap). `score` runs from 0 to 1: 1 / (1 + r), where r is the number of alarms a week that alarming at this height
    would cost; a budget of 0.25 a week is a score of 0.8. `alert` is "", "attention" or "crisis". `facts` is what
    `sentence` needs, JSON-able.
    """

    at: datetime
    expected: float | None
    upper: float | None
    score: float
    alert: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def _count(value: Any, most: int) -> int:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return 0
    if not number > 0:
        return 0
    return min(int(number), most) if number < math.inf else most


def cleaned(bucket: Bucket) -> Bucket | None:
    """The bucket with parts no larger than the whole, or None for a gap (also for NaN and negative mentions)."""
    whole = bucket.mentions
    if whole is None or not whole >= 0:
        return None
    if type(whole) is int and whole <= LARGEST:
        parts = (bucket.negative, bucket.duplicates, bucket.competitor, bucket.positive or 0)
        if all(type(p) is int and 0 <= p <= whole for p in parts) and (
            bucket.authors is None or (type(bucket.authors) is int and 0 < bucket.authors <= whole)
        ):
            return bucket
    mentions = _count(whole, LARGEST)
    authors = None if bucket.authors is None else _count(bucket.authors, mentions) or min(1, mentions)
    return Bucket(
        bucket.at,
        mentions,
        _count(bucket.negative, mentions),
        authors,
        _count(bucket.duplicates, mentions),
        _count(bucket.competitor, mentions),
        None if bucket.positive is None else _count(bucket.positive, mentions),
    )


class OutOfOrder(ValueError):
    """A bucket is not later than the one before; the past cannot be scored again."""


class Streaming(ABC):
    """The frame of a detector: cleans, keeps the order, freezes in gaps, spaces alerts, saves and restores.

    A subclass names the attributes that make up its memory in `memory` (JSON-able values, or objects with `state`
    and `restore`) and writes `judge`, which sees one clean bucket and the number of steps since the last one.
    """

    memory: ClassVar[tuple[str, ...]] = ()
    spacing_minutes: ClassVar[int] = 360

    def __init__(self, step_minutes: float = 5, budget: float = 0.25) -> None:
        if not 0 < step_minutes <= 1440:
            raise ValueError("A step is longer than nothing and at most a day.")
        if not 0 < budget < math.inf:
            raise ValueError("The budget is a positive number of false alarms a week.")
        self.step_minutes = step_minutes
        self.budget = budget
        self.last: float | None = None
        self.alerted: list[Any] = []
        """Time of the last alert, its level (1 attention, 2 crisis), and when the score was last above."""

    @abstractmethod
    def judge(self, bucket: Bucket, minute: float, steps: int) -> Score:
        """Score a clean bucket that is `steps` after the last one; `minute` is its time."""

    def update(self, bucket: Bucket) -> Score:
        """Score one bucket from it and the past alone. A gap changes nothing. Raises OutOfOrder."""
        minute = bucket.at.timestamp() / 60
        if self.last is not None and minute <= self.last:
            raise OutOfOrder(
                f"The step {bucket.at.astimezone(UTC):%Y-%m-%d %H:%M} is not later than the one before."
            )
        clean = cleaned(bucket)
        if clean is None:
            return Score(bucket.at, None, None, 0.0, "", {"kind": "gap"})
        steps = 1 if self.last is None else max(1, round((minute - self.last) / self.step_minutes))
        self.last = minute
        return self.judge(clean, minute, steps)

    def spaced(self, minute: float, level: int) -> str:
        """The alert to give when the score now stands at `level` (0 none, 1 attention, 2 crisis).

        One storm is one alert: again only when it grows, or when 6 h have passed and it had been calm for an hour.
        """
        if not level:
            return ""
        if self.alerted:
            since, given, above = self.alerted
            fresh = minute - since >= self.spacing_minutes and minute - above > 60
            self.alerted[2] = minute
            if not fresh and level <= given:
                return ""
        self.alerted = [minute, level, minute]
        return "crisis" if level == 2 else "attention"

    def state(self) -> dict[str, Any]:
        """Everything needed to go on after a restart, JSON-able."""
        kept: dict[str, Any] = {
            "detector": type(self).__name__,
            "step_minutes": self.step_minutes,
            "budget": self.budget,
            "last": self.last,
            "alerted": list(self.alerted),
        }
        for name in self.memory:
            value = getattr(self, name)
            kept[name] = value.state() if hasattr(value, "state") else _copy(value)
        return kept

    @classmethod
    def restore(cls, state: dict[str, Any]) -> Self:
        """The detector that gave `state`, to the last bit. Raises ValueError for another detector's state."""
        if state.get("detector") != cls.__name__:
            raise ValueError(f"This is the state of {state.get('detector')}, not of {cls.__name__}.")
        self = cls(step_minutes=state["step_minutes"], budget=state["budget"])
        self.last = state["last"]
        self.alerted = list(state["alerted"])
        for name in cls.memory:
            mine = getattr(self, name)
            if hasattr(mine, "put"):
                mine.put(state[name])
            else:
                setattr(self, name, _copy(state[name]))
        return self


def _copy(value: Any) -> Any:
    if isinstance(value, list):
        return [_copy(part) for part in value]
    if isinstance(value, dict):
        return {key: _copy(part) for key, part in value.items()}
    return value


class Part:
    """A piece of a detector's memory: the attributes in `memory`, saved and put back."""

    memory: ClassVar[tuple[str, ...]] = ()

    def state(self) -> dict[str, Any]:
        return {name: _copy(getattr(self, name)) for name in self.memory}

    def put(self, state: dict[str, Any]) -> None:
        for name in self.memory:
            setattr(self, name, _copy(state[name]))


def score_of(rate: float) -> float:
    """Alarms a week that a threshold here would cost, as a score from 0 to 1."""
    return 1 / (1 + rate)
