"""Streams of a brand's mentions with exact truth: storms, virals, campaigns, bots, spill-over, gaps and late posts.

The figures are a fit of real streams of brand mentions (level, dispersion, hours, weekends, memory, bursts) and of
the rates at which things happen to brands. Volume alone cannot tell the kinds apart; the other columns can.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from stormdesk.detect.detectors import Bucket

STEP = 5
PER_DAY = 288
START = datetime(2026, 1, 5, tzinfo=UTC)
CRISES = ("scandal", "slow", "outage", "recall")
BENIGN = ("viral", "campaign", "bots", "spillover")
COUNTS = 60
"""Negative posts that have to be expected before an event counts as a crisis."""


@dataclass(frozen=True)
class World:
    """What may be moved to see how the figures move. Rates are per brand and week."""

    rates: dict[str, float] = field(
        default_factory=lambda: {
            "scandal": 0.09,
            "slow": 0.05,
            "outage": 0.06,
            "recall": 0.05,
            "viral": 0.5,
            "campaign": 0.4,
            "bots": 1.0,
            "spillover": 0.25,
            "micro": 2.5,
            "gap": 0.3,
        }
    )
    late: float = 0.08
    late_minutes: float = 10.0
    negative: tuple[float, float] = (0.08, 0.30)
    clumped: tuple[float, float] = (0.02, 0.15)
    daily: tuple[float, float] = (0.14, 0.64)
    storm_negative: tuple[float, float] = (0.45, 0.90)
    authors: float = 0.93
    copies: float = 0.25
    peak: float = 1.0


@dataclass(frozen=True)
class Event:
    """What really happened: steps from `start` (third negative post on top is expected) to `end`."""

    kind: str
    start: int
    end: int
    crisis: bool


@dataclass(frozen=True)
class Stream:
    seed: int
    buckets: list[Bucket]
    events: list[Event]


def _shape(kind: str, rng: np.random.Generator, steps: int, world: World) -> tuple[np.ndarray, float]:
    """The course of an event in multiples of the brand's mean, from its first step on, and its negative share."""
    t = np.arange(steps)
    bad = rng.uniform(*world.storm_negative)

    def pick(low: float, high: float) -> float:
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))

    def rise_and_fall(peak: float, double: float, half: float, first: float = 0.05) -> np.ndarray:
        top = max(1.0, np.log2(peak / first) * double / STEP)
        return np.where(
            t < top,
            first * 2 ** (np.minimum(t, top) * STEP / double),
            peak * 0.5 ** ((t - top) * STEP / half),
        )

    def plateau(peak: float, length: float, half: float, rise: float = 10) -> np.ndarray:
        return (
            peak
            * np.minimum(1, (t + 1) * STEP / rise)
            * np.where(t * STEP < length, 1, 0.5 ** ((t * STEP - length) / half))
        )

    peak = 1 + (pick(3, 60) - 1) * world.peak
    if kind == "scandal":
        return rise_and_fall(peak, pick(5, 30), pick(90, 600)), bad
    if kind == "slow":
        return rise_and_fall(pick(3, 15) * world.peak, pick(120, 480), pick(360, 1440), 0.15), bad
    if kind == "outage":
        return plateau(pick(3, 20) * world.peak, pick(45, 300), 30), bad
    if kind == "recall":
        return plateau(pick(3, 20) * world.peak, 30, pick(300, 720), 15), bad
    if kind == "viral":
        return rise_and_fall(peak, pick(5, 30), pick(60, 600)), rng.uniform(0.02, 0.2)
    if kind == "campaign":
        return plateau(pick(2, 10), pick(120, 600), 90, 20), rng.uniform(0.02, 0.12)
    if kind == "bots":
        return plateau(pick(3, 40), pick(10, 120), 5, 5), rng.uniform(0.05, 0.95)
    if kind == "spillover":
        return rise_and_fall(pick(3, 20), pick(10, 40), pick(60, 300)), bad
    return plateau(min(60, 2 * float(rng.pareto(1.5)) + 1), 5, 5, 5), float("nan")  # micro


def _memory(rng: np.random.Generator, steps: int, half_minutes: float, sd: float) -> np.ndarray:
    """An autoregressive wander of the log rate."""
    keep = 0.5 ** (STEP / half_minutes)
    noise = rng.normal(0, sd * np.sqrt(1 - keep**2), steps)
    noise[0] = rng.normal(0, sd)
    for i in range(1, steps):
        noise[i] += keep * noise[i - 1]
    return noise


def stream(seed: int, weeks: float = 6, world: World | None = None, mean: float | None = None) -> Stream:
    """One brand for `weeks` weeks; the same seed gives the same stream."""
    world = world or World()
    rng = np.random.default_rng(seed)
    steps = int(weeks * 7 * PER_DAY)
    mean = mean or float(np.exp(rng.uniform(np.log(0.4), np.log(87))))
    hours = np.arange(steps) * STEP / 60
    swing = np.log(rng.uniform(2.4, 7.2)) / 2
    place = rng.uniform(0, 24)
    season = swing * np.cos((hours - place) * np.pi / 12) + 0.2 * swing * np.cos((hours - place) * np.pi / 6)
    weekend = np.where((hours // 24).astype(int) % 7 >= 5, np.log(rng.uniform(0.45, 0.87)), 0.0)
    wander = _memory(rng, steps, 720, rng.uniform(*world.daily)) + _memory(
        rng, steps, 45, rng.uniform(0.1, 0.3)
    )
    shape = np.exp(season + weekend)
    rate = mean * shape / shape.mean() * np.exp(wander)
    size = 0.95 * np.maximum(rate, 0.01) ** 0.55
    counts = rng.negative_binomial(size, size / (size + rate))
    share, clumped = rng.uniform(*world.negative), rng.uniform(*world.clumped)
    scale = 1 / clumped - 1
    topic = int(rng.integers(6, 72))  # steps that the talk stays with one thing: half an hour to six hours
    shares = rng.beta(share * scale, (1 - share) * scale, steps // topic + 1).repeat(topic)[:steps]
    bad = rng.binomial(counts, shares)
    people = rng.binomial(counts, world.authors)
    copies = rng.binomial(counts, world.copies)
    rival = rng.binomial(counts, 0.03)
    quiet = np.zeros(steps, dtype=bool)
    events: list[Event] = []
    for kind, often in world.rates.items():
        for _ in range(rng.poisson(often * weeks)):
            begin = int(rng.integers(PER_DAY, steps))
            if kind == "gap":
                quiet[begin : begin + int(rng.uniform(10, 360) / STEP)] = True
                continue
            course, negative = _shape(kind, rng, min(steps - begin, 6 * PER_DAY), world)
            if np.isnan(negative):
                negative = share
            course = course * mean
            loud = np.nonzero(course > 0.02 * course.max())[0]
            last = int(loud[-1]) + 1
            course = course[:last]
            place_ = slice(begin, begin + last)
            spread = 2 + course**0.55
            new = rng.negative_binomial(spread, spread / (spread + course))
            counts[place_] += new
            bad[place_] += rng.binomial(new, negative)
            people[place_] += rng.binomial(new, 0.08 if kind == "bots" else world.authors)
            copied = {"bots": 0.9, "campaign": 0.5, "viral": 0.4}.get(kind, world.copies)
            copies[place_] += rng.binomial(new, copied)
            rival[place_] += rng.binomial(new, 0.8 if kind == "spillover" else 0.03)
            if kind != "micro":
                running = np.cumsum(course * negative)
                crisis = kind in CRISES and running[-1] >= COUNTS
                first = int(np.searchsorted(running, 3)) if kind in CRISES else 0
                events.append(Event(kind, begin + min(first, last - 1), begin + last, crisis))
    columns = np.stack([counts, bad, people, copies, rival])
    if world.late:
        columns = late_counts(columns, rng, world)
    return Stream(seed, bucketed(columns, quiet), sorted(events, key=lambda event: event.start))


def bucketed(columns: np.ndarray, quiet: np.ndarray) -> list[Bucket]:
    """Rows of mentions, negative, authors, copies and rival as the steps a detector sees; None where it was quiet."""
    counts, bad, people, copies, rival = columns.tolist()
    return [
        Bucket(
            START + timedelta(minutes=STEP * i),
            None if quiet[i] else counts[i],
            bad[i],
            max(people[i], min(1, counts[i])),
            copies[i],
            rival[i],
        )
        for i in range(len(counts))
    ]


def late_counts(columns: np.ndarray, rng: np.random.Generator, world: World) -> np.ndarray:
    """Some posts arrive late and are counted when they arrive."""
    moved = rng.binomial(columns, world.late)
    result = columns - moved
    for row, counts in enumerate(moved):
        where = np.repeat(np.arange(len(counts)), counts)
        delay = np.exp(rng.normal(np.log(world.late_minutes), 1.0, len(where))) / STEP
        arrived = where + delay.astype(int)
        result[row] += np.bincount(arrived[arrived < len(counts)], minlength=len(counts))
    result[1:] = np.minimum(result[1:], result[0])
    return result


def moved(name: str, factor: float, world: World | None = None) -> World:
    """A world in which one parameter is multiplied, for the sensitivity table; shares stay below one."""
    world = world or World()
    value = getattr(world, name)
    if isinstance(value, dict):
        return replace(world, **{name: {key: rate * factor for key, rate in value.items()}})
    if isinstance(value, tuple):
        return replace(world, **{name: tuple(min(0.95, part * factor) for part in value)})
    most = 0.99 if name in ("late", "authors", "copies") else float("inf")
    return replace(world, **{name: min(most, value * factor)})
