"""How much a brand's volume and mood swing without reason, learnt per comparison, hardly moved by storms.

Middle and spread are the median and the 68 % quantile of what came, tracked by small steps up and down (stochastic
approximation of a quantile: Robbins and Monro 1951). A few hours of storm move them as much as a few hours of calm.
"""

from __future__ import annotations

import math

from stormdesk.detect.detectors.base import Part

PACE = 0.008
"""Steps of the log of the spread, per five minutes."""
DRIFT = 0.002
"""Steps of the middle, in spreads, per five minutes."""
LONGER = 1 / 3
"""Pace of a scale longer than two hours: a slow storm must not teach that storms are usual while it climbs."""
LEAST, MOST = 0.003, 1.0
"""The spread squared stays between these."""


class Swing(Part):
    """Middle and spread (a variance beyond what counting alone explains) of one statistic at several scales.

    spread: what is taken per scale until it is learnt; minutes: between lessons; longer: the scales from this one on
    learn their spread at a third of the pace.
    """

    memory = ("middle", "spread")

    def __init__(self, spread: tuple[float, ...], minutes: float, longer: int = 99) -> None:
        pace = min(0.2, PACE * minutes / 5)
        self.drift = min(0.1, DRIFT * minutes / 5)
        paces = [pace * (LONGER if place >= longer else 1) for place in range(len(spread))]
        self.steps = [(math.exp(0.68 * each), math.exp(-0.32 * each)) for each in paces]
        self.middle = [0.0] * len(spread)
        self.spread = list(spread)

    def learn(self, place: int, value: float, counting: float) -> None:
        """Take in a value at scale `place`; counting: the variance that counting alone gives it."""
        spread = self.spread[place]
        off = value - self.middle[place]
        whole = spread + counting
        self.middle[place] += math.copysign(self.drift * math.sqrt(whole), off)
        up, down = self.steps[place]
        self.spread[place] = min(MOST, max(LEAST, spread * (up if off * off > whole else down)))
