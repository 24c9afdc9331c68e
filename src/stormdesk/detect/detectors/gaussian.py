"""Charts that think in standard deviations: Gaussian, EWMA and CUSUM share one running mean and deviation."""

from __future__ import annotations

import math
from typing import ClassVar

from stormdesk.detect.detectors.base import Bucket, Score, Streaming, score_of

BELIEVED = 5.0
"""Deviations beyond which no stream of mentions is Gaussian: from there on the rate falls by the fourth power, so that
louder still ranks higher where the normal tail has left the floating point."""


def alarms(deviation: float, per_week: float) -> float:
    """Values a week at least this many standard deviations above the mean, of `per_week` values."""
    rate = per_week * 0.5 * math.erfc(min(deviation, BELIEVED) / math.sqrt(2))
    return rate if deviation <= BELIEVED else rate * (BELIEVED / deviation) ** 4


class Gaussian(Streaming):
    """Alarms when a step lies too many standard deviations above the mean of the last day.

    Source: Shewhart's control chart, with exponentially fading moments instead of a window.
    """

    memory: ClassVar[tuple[str, ...]] = ("heard", "mean", "variance")
    days = 1.0

    def __init__(self, step_minutes: float = 5, budget: float = 0.25) -> None:
        super().__init__(step_minutes, budget)
        self.length = self.days * 1440 / step_minutes
        self.per_week = 7 * 1440 / step_minutes
        self.heard = 0
        self.mean = 0.0
        self.variance = 0.0

    def statistic(self, deviation: float) -> float:
        """From the step's deviation, in standard deviations, to the chart's value in the same unit."""
        return deviation

    def judge(self, bucket: Bucket, minute: float, steps: int) -> Score:
        mentions = bucket.mentions or 0
        spread = math.sqrt(self.variance + 1.0)
        value = self.statistic((mentions - self.mean) / spread)
        rate = alarms(value, self.per_week)
        ready = self.heard >= max(12, 360 / self.step_minutes)
        alert = self.spaced(minute, 1 if ready and rate <= self.budget else 0)
        expected = self.mean
        self.heard += 1
        pace = 1 / min(self.heard, self.length)
        step = mentions - self.mean
        self.mean += pace * step
        self.variance = (1 - pace) * (self.variance + pace * step * step)
        upper = expected + 3 * spread
        facts = {
            "kind": "volume",
            "window": max(1, round(self.step_minutes)),
            "count": mentions,
            "low": math.floor(max(0.0, expected - spread)),
            "high": math.ceil(expected + spread),
        }
        return Score(bucket.at, expected, upper, score_of(rate) if ready else 0.0, alert, facts)
