"""The same published parameters read by another hand: what holds on only one reading of them is luck.

Differences to `generator.py` on purpose: events multiply the rate of the hour instead of the brand's mean, grow by a
logistic curve, the share of negatives is drawn anew for every step or talks in threads, days wander in whole days, small
spikes are heavy-tailed with a half-life, posts of an event name the rival by chance, and gaps are clustered.
"""

from __future__ import annotations

import numpy as np
from generator import COUNTS, CRISES, PER_DAY, STEP, Event, Stream, World, bucketed, late_counts

NEGATIVE_OF_JOY = {"viral": (0.03, 0.25), "campaign": (0.02, 0.15), "bots": (0.0, 1.0)}


def _course(kind: str, rng: np.random.Generator, steps: int) -> np.ndarray:
    """Excess over the usual rate, in multiples of it, from the first step of an event on."""
    t = np.arange(steps) * STEP

    def between(low: float, high: float) -> float:
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))

    def logistic(peak: float, double: float, fade: float) -> np.ndarray:
        rate = np.log(2) / double
        middle = np.log(max(2.0, peak / 0.03)) / rate
        return (
            peak / (1 + np.exp(-rate * (t - middle))) * 0.5 ** (np.maximum(0, t - middle - 2 * double) / fade)
        )

    def step(peak: float, rise: float, length: float, fade: float) -> np.ndarray:
        return peak * np.minimum(1, (t + STEP) / rise) * 0.5 ** (np.maximum(0, t - length) / fade)

    if kind == "scandal":
        return logistic(between(3, 60) - 1, between(5, 30), between(120, 720))
    if kind == "slow":
        return logistic(between(3, 12) - 1, between(120, 480), between(720, 2880))
    if kind == "outage":
        return step(between(3, 25), STEP, between(30, 240), 20)
    if kind == "recall":
        return step(between(3, 25), 10, 0, between(300, 600))
    if kind == "viral":
        return logistic(between(3, 60) - 1, between(5, 30), between(60, 480))
    if kind == "campaign":
        return step(between(2, 8), between(5, 60), between(60, 720), 60)
    if kind == "bots":
        return step(between(3, 50), STEP, between(5, 90), 5)
    if kind == "spillover":
        return logistic(between(3, 25) - 1, between(5, 30), between(60, 360))
    peak = min(100.0, 3 * float(rng.random()) ** (-1 / rng.uniform(0.9, 3.4)))
    return step(peak, STEP, 0, 5)


def stream(seed: int, weeks: float = 6, world: World | None = None, mean: float | None = None) -> Stream:
    """One brand for `weeks` weeks by the second reading; the same seed gives the same stream."""
    world = world or World()
    rng = np.random.default_rng((seed, 2))
    steps = int(weeks * 7 * PER_DAY)
    mean = mean or float(np.exp(rng.uniform(np.log(0.4), np.log(87))))
    rate = mean * _usual(rng, steps, world)
    rows = np.zeros((5, steps), dtype=np.int64)
    share, clumped = rng.uniform(*world.negative), rng.uniform(*world.clumped)
    thread = 1 if rng.random() < 0.5 else int(rng.integers(3, 48))
    _add(
        rows,
        slice(0, steps),
        rate,
        0.95 * np.maximum(rate, 0.01) ** 0.55,
        share,
        clumped,
        thread,
        "",
        rng,
        world,
    )
    quiet = np.zeros(steps, dtype=bool)
    events: list[Event] = []
    for kind, often in world.rates.items():
        for _ in range(rng.poisson(often * weeks)):
            begin = int(rng.integers(PER_DAY // 2, steps))
            if kind == "gap":
                for _again in range(int(rng.integers(1, 3))):
                    quiet[begin : begin + max(2, int(rng.lognormal(np.log(60), 1) / STEP))] = True
                    begin += int(rng.integers(12, 100))
                continue
            course = _course(kind, rng, min(steps - begin, 7 * PER_DAY)) * rate[begin : begin + 7 * PER_DAY]
            if kind in CRISES or kind == "viral":
                course = course * world.peak
            course = course[: int(np.nonzero(course > 0.03 * course.max())[0][-1]) + 1]
            bad = rng.uniform(*NEGATIVE_OF_JOY.get(kind, world.storm_negative))
            place = slice(begin, begin + len(course))
            _add(
                rows, place, course, 3 + course, share if kind == "micro" else bad, 0.02, 1, kind, rng, world
            )
            if kind == "micro":
                continue
            running = np.cumsum(course * bad)
            real = kind in CRISES
            first = min(int(np.searchsorted(running, 3)), len(course) - 1) if real else 0
            events.append(
                Event(kind, begin + first, begin + len(course), real and bool(running[-1] >= COUNTS))
            )
    rows = late_counts(rows, rng, world) if world.late else rows
    return Stream(seed, bucketed(rows, quiet), sorted(events, key=lambda event: event.start))


def _usual(rng: np.random.Generator, steps: int, world: World) -> np.ndarray:
    """The usual rate around one: hours by a random bump, weekends, whole days that wander, an hour's memory."""
    hours = np.arange(steps) * STEP / 60
    ratio, peak, width = rng.uniform(2.4, 7.2), rng.uniform(0, 24), rng.uniform(3, 6)
    away = np.abs((hours - peak + 12) % 24 - 12)
    shape = 1 + (ratio - 1) * np.exp(-((away / width) ** 2))
    shape = shape * np.where((hours // 24).astype(int) % 7 >= 5, rng.uniform(0.45, 0.87), 1.0)
    days = np.zeros(steps // PER_DAY + 2)
    spread = rng.uniform(*world.daily)
    for n in range(1, len(days)):
        days[n] = 0.6 * days[n - 1] + rng.normal(0, 0.8 * spread)
    wander = np.interp(np.arange(steps), np.arange(len(days)) * PER_DAY, days)
    keep, noise = 0.5 ** (STEP / rng.uniform(20, 90)), rng.normal(0, 1, steps)
    spread, value = rng.uniform(0.1, 0.35), 0.0
    memory = np.empty(steps)
    for n in range(steps):
        value = keep * value + np.sqrt(1 - keep * keep) * noise[n]
        memory[n] = value
    usual = shape * np.exp(wander + spread * memory)
    return usual / usual.mean()


def _add(
    rows: np.ndarray,
    place: slice,
    rate: np.ndarray,
    size: np.ndarray,
    share: float,
    clumped: float,
    thread: int,
    kind: str,
    rng: np.random.Generator,
    world: World,
) -> None:
    """Posts at this rate into all five rows: mentions, negative, authors, copies, naming a rival."""
    new = rng.poisson(rng.gamma(size, rate / size))
    scale = 1 / clumped - 1
    shares = rng.beta(share * scale + 1e-3, (1 - share) * scale + 1e-3, len(rate) // thread + 1)
    rows[0, place] += new
    rows[1, place] += rng.binomial(new, shares.repeat(thread)[: len(rate)])
    rows[2, place] += rng.binomial(new, 0.08 if kind == "bots" else world.authors)
    rows[3, place] += rng.binomial(new, {"bots": 0.9, "campaign": 0.4, "viral": 0.5}.get(kind, world.copies))
    rows[4, place] += rng.binomial(new, 0.8 if kind == "spillover" else 0.04)
