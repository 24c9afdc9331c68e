"""How severe a storm is, 1 to 4, by what people of the field weigh: reach, people, danger, speed, moving pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class Weighs(StrEnum):
    REACH = "reach"
    AUTHORS = "authors"
    DANGER = "danger"
    SPEED = "speed"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Weight:
    """From `low` (counts nothing) to `high` (counts all of `points`), by ratio unless `even`."""

    points: int
    low: float
    high: float
    even: bool = False


WEIGHTS: dict[Weighs, Weight] = {
    Weighs.REACH: Weight(25, 3_000, 1_000_000),
    Weighs.AUTHORS: Weight(25, 10, 1_000),
    Weighs.DANGER: Weight(25, 0.5, 20),
    Weighs.SPEED: Weight(15, 1.5, 20),
    Weighs.VIDEO: Weight(10, 0.0, 0.3, even=True),
}
FROM = (0, 20, 45, 70)
"""Points from which each level begins."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one thing weighs in this storm: its value, its points, and the most it could have."""

    name: Weighs
    value: float
    points: int
    most: int


@dataclass(frozen=True, slots=True)
class Severity:
    level: int
    points: int
    parts: tuple[Part, ...]


def severity(values: dict[Weighs, float], *, serious: bool = False) -> Severity:
    """The level with its parts, the heaviest first. `values`: people reached in all, different people, people who use
    words of danger, times the upper edge of the usual, share of posts with a video. `serious`: the alert looks like a
    crisis by itself, so it is at least of level 2."""
    parts = []
    for name, weight in WEIGHTS.items():
        value = max(0.0, float(values.get(name, 0.0)))
        if weight.even:
            share = (value - weight.low) / (weight.high - weight.low)
        else:
            share = math.log(max(value, weight.low) / weight.low) / math.log(weight.high / weight.low)
        parts.append(Part(name, value, round(weight.points * min(1.0, max(0.0, share))), weight.points))
    points = sum(part.points for part in parts)
    level = max(number + 1 for number, least in enumerate(FROM) if points >= least)
    return Severity(max(level, 2 if serious else 1), points, tuple(sorted(parts, key=lambda p: -p.points)))
