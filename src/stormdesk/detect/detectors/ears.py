"""EARS C1, C2 and C3, the charts of public health, by hours instead of days."""

from __future__ import annotations

import math

from stormdesk.detect.detectors.base import Bucket, Score, Streaming, score_of
from stormdesk.detect.detectors.gaussian import alarms


class EarsC1(Streaming):
    """Compares the last hour with the same hour of seven earlier days.

    Source: Hutwagner et al. 2003, "The bioterrorism preparedness and response Early Aberration Reporting System".
    C1 uses the last seven days, C2 leaves out the two nearest, C3 adds up the last three values of C2 over one.
    """

    memory = ("hours", "current", "recent", "count")
    lag = 0
    summed = 1

    def __init__(self, step_minutes: float = 5, budget: float = 0.25) -> None:
        super().__init__(step_minutes, budget)
        self.length = max(1, round(60 / step_minutes))
        self.hours: list[list[float]] = [[] for _ in range(24)]
        self.current: list[int] = [-1, 0]
        self.recent: list[float] = [0.0]
        self.count: list[int] = []

    def judge(self, bucket: Bucket, minute: float, steps: int) -> Score:
        mentions = bucket.mentions or 0
        hour = int(minute // 60)
        if hour != self.current[0]:
            if self.current[0] >= 0:
                past = self.hours[self.current[0] % 24]
                past.append(self.current[1])
                del past[: -7 - self.lag]
                self.recent = [*self.recent, 0.0][-self.summed :]
            self.current = [hour, 0]
        self.current[1] += mentions
        self.count = [*([] if steps > self.length else self.count), mentions][-self.length :]
        past = self.hours[hour % 24]
        past = past[: len(past) - self.lag] if self.lag else past
        per_step = 1 / self.length
        if len(past) < 3:
            return Score(bucket.at, mentions, mentions, 0.0, "", {"kind": "volume", "learning": True})
        mean = sum(past) / len(past)
        spread = math.sqrt(sum((value - mean) ** 2 for value in past) / max(1, len(past) - 1))
        value = (sum(self.count) - mean) / max(spread, 1.0)
        if self.summed > 1:
            self.recent[-1] = max(self.recent[-1], value - 1)
            value = sum(max(0.0, part) for part in self.recent)
        rate = alarms(value, 168)
        alert = self.spaced(minute, 1 if rate <= self.budget else 0)
        facts = {
            "kind": "volume",
            "window": 60,
            "count": sum(self.count),
            "low": math.floor(max(0.0, mean - spread)),
            "high": math.ceil(mean + spread),
        }
        return Score(bucket.at, mean * per_step, (mean + 3 * spread) * per_step, score_of(rate), alert, facts)


class EarsC2(EarsC1):
    """C1 without the two nearest days, so that a slow climb stays out of its own baseline."""

    lag = 2


class EarsC3(EarsC2):
    """The last three values of C2, each less one, added up."""

    summed = 3
