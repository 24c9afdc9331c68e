"""Where a storm is going: a band for the next hours from how fast storms fade, never a line alone.

What lies above the usual is taken to halve again and again. How long a half takes is learnt from the brand's own past
storms, beginning with what is known of storms in general (the streams of bench/detect: a median of four hours, a log
deviation of 0.9). While it still grows nobody knows when it turns, and the band says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

PRIOR_MINUTES = 240.0
PRIOR_SPREAD = 0.9
PRIOR_STORMS = 3.0
OWN = 3
"""Own storms from which on the course is called the brand's own."""
TAIL = 1.2816
"""Normal deviate of one in ten: the band holds eight of ten."""
GROWS = 1.15
GROWS_ON = 1.0
"""Hours for which the upper edge lets a growing storm grow on."""
MOST_GROWTH = 4.0


def half_life(excess: Sequence[float], step_minutes: float) -> float | None:
    """Minutes from the peak of an hour's mean until it was down to half of that for good; None when it never was, or
    hardly anything happened. `excess`: mentions above the usual, per step."""
    width = max(1, round(60 / step_minutes))
    if len(excess) < 2 * width:
        return None
    smooth = [sum(excess[i : i + width]) / width for i in range(len(excess) - width + 1)]
    peak = max(range(len(smooth)), key=lambda i: smooth[i])
    if smooth[peak] * width < 5:
        return None
    above = [i for i in range(peak, len(smooth)) if smooth[i] > smooth[peak] / 2]
    down = above[-1] + 1
    return None if down >= len(smooth) else max(step_minutes, (down - peak) * step_minutes)


@dataclass(frozen=True, slots=True)
class Fading:
    """What is believed of the half-life, in minutes: eight of ten lie between `low` and `high`. `own`: storms of the
    brand that it was learnt from."""

    low: float
    middle: float
    high: float
    own: int


def fading(own: Sequence[float]) -> Fading:
    """The half-life to expect after the half-lives of the brand's own storms."""
    logs = [math.log(max(value, 1.0)) for value in own]
    prior = math.log(PRIOR_MINUTES)
    weight = PRIOR_STORMS + len(logs)
    mean = (PRIOR_STORMS * prior + sum(logs)) / weight
    squares = PRIOR_STORMS * (PRIOR_SPREAD**2 + (prior - mean) ** 2) + sum((x - mean) ** 2 for x in logs)
    spread = math.sqrt(squares / weight * (1 + 1 / weight))
    return Fading(math.exp(mean - TAIL * spread), math.exp(mean), math.exp(mean + TAIL * spread), len(logs))


@dataclass(frozen=True, slots=True)
class Ahead:
    """One moment of the course, hours from now: mentions per hour."""

    hours: float
    low: float
    middle: float
    high: float


def course(
    now: float, before: float, usual: Sequence[float], fades: Fading, *, step_hours: float = 0.5
) -> list[Ahead]:
    """The hours ahead. `now` and `before`: mentions in the last hour and in the one before it; `usual`: what would be
    usual at each step ahead, per hour. Each step: what is usual, and the rest of what lies above it."""
    if not usual:
        return []
    excess = max(0.0, now - usual[0])
    growth = min(MOST_GROWTH, excess / max(1.0, before - usual[0])) if growing(now, before) else 1.0
    ahead = []
    for number, base in enumerate(usual, 1):
        hours = number * step_hours
        on = growth ** min(hours, GROWS_ON)
        late = max(0.0, hours - (GROWS_ON if growth > 1 else 0.0))
        low = excess * 0.5 ** (hours * 60 / fades.low)
        middle = excess * 0.5 ** (hours * 60 / fades.middle)
        high = excess * on * 0.5 ** (late * 60 / fades.high)
        swing = TAIL * math.sqrt(base + high + (0.3 * base) ** 2)
        ahead.append(Ahead(hours, max(0.0, base + low - swing), base + middle, base + high + swing))
    return ahead


def growing(now: float, before: float) -> bool:
    """Whether the last hour still brought clearly more than the one before."""
    return now > GROWS * before + 3
