"""What an action changed, and whether it is over: pure functions of counted steps.

`effect` compares what was heard after an action with what was expected without it. The excess over what is usual is
fitted as an exponential over the hour before (quasi-Poisson regression with the usual level as an offset, so quiet and
loud storms are judged alike), and carried on: a fall goes on as it fell, a rise is damped (Gardner and McKenzie 1985),
because no storm rises for ever. The range comes from simulation: the uncertainty of the two parameters, a random walk of
the level that grows with time, and the noise of counting, overdispersion included.

Its limits: it is a comparison with the storm's own course and no proof of a cause. Whatever else happened at the same
moment is counted to the action; a storm that turns by itself in that minute looks like a success. Therefore nothing is
said in the first twenty minutes, across gaps in hearing, without an excess to compare with, or while the storm was
still rising steeply; and what came close together is judged together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np

STEP = timedelta(minutes=5)
BEFORE = timedelta(minutes=60)
AFTER = timedelta(minutes=60)
EARLY = timedelta(minutes=20)
HEARD = 0.9
"""Below this share of the sources nothing is said about an effect."""
TOGETHER = timedelta(minutes=20)
"""Actions closer than this are judged together: nobody can tell which of them did it."""
_DRAWS = 2_000
_RANGE = (0.1, 0.9)
_DRIFT = 0.06
"""Standard deviation of the level's own walk in one step of five minutes, in logarithms: a fifth of the level in an hour."""
_DAMPING = 15.0
"""Minutes in which a rise loses all but 1/e of its steepness."""
_RISING = math.log(2) / 45
"""Steeper than doubling in 45 minutes is still rising."""
_LEAST_EXCESS = 12.0
"""Fewer mentions than this above the usual hour are no storm to be calmed."""


@dataclass(frozen=True, slots=True)
class Step:
    """What was heard in one step of time (five minutes); `usual` None where history does not tell; `heard` is a share."""

    at: datetime
    mentions: float
    usual: float | None
    heard: float = 1.0
    copies: float = 0.0


class Verdict(StrEnum):
    TOLD = "told"
    EARLY = "early"  # less than twenty minutes have passed
    GAPS = "gaps"  # too little was heard before or after
    CALM = "calm"  # there was no excess to compare with
    RISING = "rising"  # still rising steeply before: what would have come cannot be told
    UNKNOWN = "unknown"  # no history that says what is usual


@dataclass(frozen=True, slots=True)
class Course:
    """The expected course without the action at one moment: low, middle and high, per step."""

    at: datetime
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Change:
    """Mentions after an action relative to those expected without it: −0.31 is 31% fewer; `low` to `high` holds 80%."""

    middle: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the whole range lies on one side of nothing."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Effect:
    """What is known about one action, or several that came together."""

    verdict: Verdict
    minutes: int = 0
    change: Change | None = None
    without_copies: Change | None = None
    course: tuple[Course, ...] = ()


def effect(steps: Sequence[Step], at: datetime, until: datetime) -> Effect:
    """What changed after `at`, by what was heard until `until` (the next action, or now), at most an hour.

    `steps` are whole and in order. Steps that hold the moment of the action itself belong to neither side.
    """
    until = min(until, at + AFTER)
    before = [step for step in steps if at - BEFORE <= step.at and step.at + STEP <= at]
    after = [step for step in steps if at <= step.at and step.at + STEP <= until]
    minutes = int(len(after) * STEP / timedelta(minutes=1))
    if len(before) < 6 or len(after) * STEP < EARLY:
        return Effect(Verdict.GAPS if len(before) < 6 else Verdict.EARLY, minutes)
    if _heard(before) < HEARD or _heard(after) < HEARD:
        return Effect(Verdict.GAPS, minutes)
    if any(step.usual is None for step in [*before, *after]):
        return Effect(Verdict.UNKNOWN, minutes)
    if sum(step.mentions - (step.usual or 0) for step in before) < _LEAST_EXCESS:
        return Effect(Verdict.CALM, minutes)
    found = _compare(before, after, at)
    if found is None:
        return Effect(Verdict.RISING, minutes)
    change, course = found
    bare = None
    if any(step.copies for step in [*before, *after]):
        original = _compare(_originals(before), _originals(after), at)
        bare = original[0] if original else None
    return Effect(Verdict.TOLD, minutes, change, bare, course)


def _heard(steps: Sequence[Step]) -> float:
    return sum(step.heard for step in steps) / len(steps)


def _originals(steps: Sequence[Step]) -> list[Step]:
    """The same without suspected copies; what is usual shrinks by the share of copies that is usual: none."""
    return [Step(step.at, max(0.0, step.mentions - step.copies), step.usual, step.heard) for step in steps]


def _compare(
    before: Sequence[Step], after: Sequence[Step], at: datetime
) -> tuple[Change, tuple[Course, ...]] | None:
    """The change and the course without the action; None when the storm was still rising steeply."""
    x = np.array([_minutes(step.at + STEP / 2 - at) for step in before])
    y = np.array([step.mentions for step in before])
    usual = np.array([step.usual or 0.0 for step in before])
    theta, cov, spread = _fit(x, y, usual)
    if theta[1] - 1.28 * math.sqrt(cov[1, 1]) > _RISING:
        return None
    ahead = np.array([_minutes(step.at + STEP / 2 - at) for step in after])
    base = np.array([step.usual or 0.0 for step in after])
    rng = np.random.default_rng(1107)  # one picture and one number, however often a page is fetched
    drawn = rng.multivariate_normal(theta, cov, size=_DRAWS, method="eigh")
    level, slope = drawn[:, :1], drawn[:, 1:]
    damped = _DAMPING * (1 - np.exp(-ahead / _DAMPING))
    walk = np.cumsum(rng.normal(0, _DRIFT, (_DRAWS, len(after))), axis=1)
    log_excess = level + np.where(slope > 0, slope * damped, slope * ahead) + walk
    mean = base + np.exp(np.clip(log_excess, -20, 15))
    total = mean.sum(axis=1)
    noisy = np.maximum(total + rng.normal(0, np.sqrt(spread * np.maximum(total, 1))), 1)
    seen = sum(step.mentions for step in after)
    low, middle, high = np.quantile(seen / noisy - 1, [_RANGE[0], 0.5, _RANGE[1]])
    edges = np.quantile(mean, [_RANGE[0], 0.5, _RANGE[1]], axis=0)
    course = tuple(
        Course(step.at + STEP / 2, *(float(edge) for edge in edges[:, place]))
        for place, step in enumerate(after)
    )
    return Change(float(middle), float(low), float(high)), course


def _minutes(span: timedelta) -> float:
    return span / timedelta(minutes=1)


def _fit(x: np.ndarray, y: np.ndarray, usual: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Excess = exp(a + b·x) over a known usual level: (a, b), their covariance, and the overdispersion (≥ 1).

    Fisher scoring on the quasi-Poisson likelihood, steps halved while they make it worse; a weak prior keeps the slope
    of a nearly empty hour from running away.
    """
    excess = np.maximum(y - usual, 0.5)
    theta = np.array([math.log(excess.mean()), 0.0])
    prior = np.diag([0.01, 1 / 0.05**2])

    def cost(at: np.ndarray) -> float:
        mean = usual + np.exp(np.clip(at[0] + at[1] * x, -20, 15))
        return float((mean - y * np.log(mean)).sum() + at @ prior @ at / 2)

    information = prior
    for _ in range(30):
        growth = np.exp(np.clip(theta[0] + theta[1] * x, -20, 15))
        mean = usual + growth
        design = np.stack([growth, growth * x], axis=1)
        information = design.T @ (design / mean[:, None]) + prior
        move = np.linalg.solve(information, design.T @ ((y - mean) / mean) - prior @ theta)
        here, size = cost(theta), 1.0
        while size > 1e-4 and cost(theta + size * move) > here:
            size /= 2
        theta = theta + size * move
        if float(np.abs(size * move).max()) < 1e-6:
            break
    mean = usual + np.exp(np.clip(theta[0] + theta[1] * x, -20, 15))
    spread = max(1.0, float(((y - mean) ** 2 / mean).sum()) / max(1, len(y) - 2))
    return theta, np.linalg.inv(information) * spread, spread


# ── is it over? ──


class Phase(StrEnum):
    UNKNOWN = "unknown"  # too little is heard, or nothing says what is usual
    GROWING = "growing"
    PEAK = "peak"
    FADING = "fading"
    QUIET = "quiet"  # as usual, but something is left: people wait, or a new story is told
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a storm stands: the share of its greatest excess that is left, and in how many minutes half of it goes."""

    phase: Phase
    left: float | None = None
    half_life: float | None = None


QUIET_FOR = timedelta(hours=1)
_WINDOW = 6
"""Half an hour of steps: the excess is judged by it and not by a single step."""


def standing(steps: Sequence[Step], upper: Sequence[float | None], *, waiting: int, new: int) -> Standing:
    """Where the storm stands by the steps so far; `upper` is the edge of what is usual for each step.

    `waiting` people have no answer yet and `new` narratives began in the last two hours: while there are any, a quiet
    hour is not the end.
    """
    known = [(step, edge) for step, edge in zip(steps, upper, strict=True) if step.usual is not None]
    hour = known[-int(QUIET_FOR / STEP) :]
    if len(hour) < _WINDOW or steps[-1].at - hour[-1][0].at > 2 * STEP or _heard([s for s, _ in hour]) < 0.5:
        return Standing(Phase.UNKNOWN)
    excess = np.array([step.mentions - (step.usual or 0) for step, _ in known])
    level = np.convolve(excess, np.ones(_WINDOW) / _WINDOW, "valid")
    peak, now = max(float(level.max()), 1e-9), max(0.0, float(level[-1]))
    left = min(1.0, now / peak)
    inside = [step.mentions <= edge for step, edge in hour if edge is not None]
    # One step in six above the edge is chance; the sum must be inside as well.
    room = sum((edge or 0) - (step.usual or 0) for step, edge in hour) / math.sqrt(max(1, len(hour)))
    if inside and sum(inside) >= 0.8 * len(inside) and excess[-len(hour) :].sum() <= max(room, 3.0):
        return Standing(Phase.QUIET if waiting or new else Phase.OVER, left)
    x = np.array([_minutes(step.at - hour[-1][0].at) for step, _ in hour])
    theta, cov, _ = _fit(
        x, np.array([step.mentions for step, _ in hour]), np.array([step.usual or 0.0 for step, _ in hour])
    )
    slope, error = float(theta[1]), math.sqrt(float(cov[1, 1]))
    if slope - 1.28 * error > 0 and left > 0.3:
        return Standing(Phase.GROWING, left)
    half = math.log(2) / -slope if slope + error < 0 else None
    if left >= 0.75 and half is None:
        return Standing(Phase.PEAK, left)
    return Standing(Phase.FADING, left, half)
