"""The rule of commercial tools: the last hour against the average hour of the last week, times a fixed factor."""

from __future__ import annotations

from stormdesk.detect.detectors.base import Bucket, Score, Streaming, score_of


class StaticRatio(Streaming):
    """Alarms when the last hour holds `times` the mentions of an average hour and at least `least` of them.

    Source: the "spike alert" that social listening tools document (a percentage over the previous week's average).
    """

    memory = ("hour", "average", "heard")
    times = 3.0
    least = 10

    def __init__(self, step_minutes: float = 5, budget: float = 0.25) -> None:
        super().__init__(step_minutes, budget)
        self.length = max(1, round(60 / step_minutes))
        self.week = 7 * 1440 / step_minutes
        self.hour: list[int] = []
        self.average = 0.0
        self.heard = 0

    def judge(self, bucket: Bucket, minute: float, steps: int) -> Score:
        mentions = bucket.mentions or 0
        self.hour = [] if steps > self.length or self.length == 1 else self.hour[1 - self.length :]
        self.hour.append(mentions)
        count = sum(self.hour)
        usual = self.average * len(self.hour)
        ratio = count / (usual * self.times) if usual > 0 and count >= self.least else 0.0
        rate = self.budget * min(1e6, ratio**-4) if ratio else 1e6
        ready = self.heard >= 2 * self.length
        alert = self.spaced(minute, 1 if ready and rate <= self.budget else 0)
        expected = self.average
        self.heard += 1
        self.average += (mentions - self.average) / min(self.heard, self.week)
        facts = {
            "kind": "volume",
            "window": 60,
            "count": count,
            "low": round(usual),
            "high": round(usual * self.times),
        }
        return Score(
            bucket.at, expected, expected * self.times, score_of(rate) if ready else 0.0, alert, facts
        )
