"""The cumulative sum chart."""

from __future__ import annotations

from typing import ClassVar

from stormdesk.detect.detectors.gaussian import Gaussian


class Cusum(Gaussian):
    """Alarms when excesses over an allowance add up. Source: Page 1954; allowance 1 deviation, four sums make one."""

    memory: ClassVar[tuple[str, ...]] = (*Gaussian.memory, "total")
    allowance = 1.0
    unit = 4.0

    def __init__(self, step_minutes: float = 5, budget: float = 0.25) -> None:
        super().__init__(step_minutes, budget)
        self.total = 0.0

    def statistic(self, deviation: float) -> float:
        self.total = min(100.0, max(0.0, self.total + min(10.0, deviation) - self.allowance))
        return self.total / self.unit
