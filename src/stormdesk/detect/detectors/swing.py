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
LEAST, MOST = 0.003, 1.0
"""The spread squared stays between these."""


class Swing(Part):
    """Middle and spread (a variance beyond what counting alone explains) of one statistic at several scales."""

    memory = ("middle", "spread")

    def __init__(self, spread: tuple[float, ...], minutes: float) -> None:
        pace = min(0.2, PACE * minutes / 5)
        self.drift = min(0.1, DRIFT * minutes / 5)
        self.up, self.down = math.exp(0.68 * pace), math.exp(-0.32 * pace)
        self.middle = [0.0] * len(spread)
        self.spread = list(spread)

    def learn(self, place: int, value: float, counting: float) -> None:
        """Take in a value at scale `place`; counting: the variance that counting alone gives it."""
        spread = self.spread[place]
        off = value - self.middle[place]
        whole = spread + counting
        self.middle[place] += math.copysign(self.drift * math.sqrt(whole), off)
        self.spread[place] = min(MOST, max(LEAST, spread * (self.up if off * off > whole else self.down)))
