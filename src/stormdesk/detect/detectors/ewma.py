"""The exponentially weighted moving average chart."""

from __future__ import annotations

import math
from typing import ClassVar

from stormdesk.detect.detectors.gaussian import Gaussian


class Ewma(Gaussian):
    """Alarms on the smoothed deviation, so that small lasting shifts show. Source: Roberts 1959."""

    memory: ClassVar[tuple[str, ...]] = (*Gaussian.memory, "smooth")
    weight = 0.2

    def __init__(self, step_minutes: float = 5, budget: float = 0.25) -> None:
        super().__init__(step_minutes, budget)
        self.smooth = 0.0

    def statistic(self, deviation: float) -> float:
        self.smooth += self.weight * (min(10.0, deviation) - self.smooth)
        return self.smooth / math.sqrt(self.weight / (2 - self.weight))
