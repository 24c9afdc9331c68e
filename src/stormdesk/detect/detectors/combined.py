"""The detector of the house: volume, content, slow burn and few authors, joined by one budget of false alarms.

Volume compares people (mentions weighed by distinct authors, less what comes with a competitor) with the baseline at
5, 15 and 60 minutes and over two hours of persistence. Content does the same with negative mentions, and counts only
if what came on top of the usual is more negative than a usual crowd would be (a likelihood ratio of two binomials,
deflated for overdispersion). Each comparison has its own tail per brand, so that all speak one language: how many
times a week is this to be expected? The rarest speaks.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from stormdesk.detect.detectors.base import Bucket, Score, Streaming, score_of
from stormdesk.detect.detectors.baseline import Baseline
from stormdesk.detect.detectors.tail import Tail
from stormdesk.detect.detectors.windows import Windows

SCALES = (5, 15, 60, 120)
SLOW = 360
SOME = 2.0
"""Added to both sides of each ratio, so that one post in the night is not a storm."""
NEGATIVE_PRIOR = (0.2, 30.0)
AUTHORS_PRIOR = (0.93, 60.0)
CROWD, STORM = 0.30, 0.65
"""Highest negative share that a usual crowd brings, and the share that a storm brings."""
SPREAD = 0.04
"""Overdispersion of the negative share: posts of one hour are about one thing."""
SURPRISE = 1.5
"""Log likelihood ratio that content needs."""
ALONE = 15.0
"""Volume may alarm alone although sentiment is known, but only when it is this many times rarer."""
UNUSUAL = 7.0
"""Less often than this a week: the run that `since` dates back to."""
STORMS = 0.3
"""Storms per brand and week, for turning a rate into a probability."""


class Detector(Streaming):
    """Scores one brand's stream.

    >>> from datetime import UTC, datetime
    >>> detector = Detector(step_minutes=5, budget=0.25)
    >>> detector.update(Bucket(datetime(2026, 11, 17, 7, tzinfo=UTC), mentions=12, negative=2)).alert
    ''
    """

    memory = (
        "baseline",
        "windows",
        "volume",
        "content",
        "negative",
        "authors",
        "competitor",
        "spread60",
        "since",
    )

    def __init__(self, step_minutes: float = 5, budget: float = 0.25) -> None:
        super().__init__(step_minutes, budget)
        self.scales = [max(1, round(minutes / step_minutes)) for minutes in SCALES]
        self.slow = max(1, round(SLOW / step_minutes))
        self.quarter = max(1, round(30 / step_minutes))
        self.baseline = Baseline(step_minutes)
        self.windows = Windows(max(self.slow, 4 * self.quarter))
        self.volume = Tails((0.9, 0.35), (0.8, 0.3), (0.7, 0.3), (0.5, 0.25))
        self.content = Tails((0.5, 0.3), (0.5, 0.3), (0.5, 0.3), (0.4, 0.25), (0.4, 0.25))
        self.negative = [NEGATIVE_PRIOR[0] * NEGATIVE_PRIOR[1], NEGATIVE_PRIOR[1], 0.0]
        self.authors = [AUTHORS_PRIOR[0] * AUTHORS_PRIOR[1], AUTHORS_PRIOR[1]]
        self.competitor = [0.0, 20.0]
        self.spread60 = 0.1
        self.since: float | None = None
        self.keep = 0.5 ** (step_minutes / 1440 / 7)

    def judge(self, bucket: Bucket, minute: float, steps: int) -> Score:
        slow, now = self.baseline.expected(minute)
        whole = bucket.mentions or 0
        if not self.baseline.heard:
            slow = now = float(whole)
        weight = self._weight(bucket, whole)
        share = self.negative[0] / self.negative[1]
        windows = self.windows
        bad = bucket.negative
        windows.push(
            (whole, whole * weight, now, slow, bad * weight, now * share, bad, bucket.authors or 0.0), steps
        )
        spans = [windows.sums(length) for length in self.scales]
        louder = [math.log((s[1] + SOME) / (s[2] + SOME)) for s in spans[:3]]
        worse = [math.log((s[4] + SOME) / (s[5] + SOME)) for s in spans[:3]]
        steady, steadily = self._persistence()
        louder.append(steady)
        worse.append(steadily)
        day = windows.sums(self.slow)
        worse.append(math.log((day[4] + SOME) / (day[3] * share + SOME)))
        storm = max(self._surprise(span, span[2], share) for span in spans[1:])
        if storm < SURPRISE:
            worse[:4] = [0.0] * 4
        if self._surprise(day, day[3], share) < SURPRISE:
            worse[4] = 0.0

        knows = self.negative[2] >= 1
        by_volume = self.volume.rate(louder) * (ALONE if knows else 1.0)
        by_content = self.content.rate(worse) if knows else math.inf
        few = self._few(spans[1])
        rate = min(by_volume, by_content, few)
        if rate >= UNUSUAL:
            self.since = None
        elif self.since is None:
            self.since = minute
        facts = self._facts(bucket.at, spans, day, share, rate, by_volume, by_content, few, worse)
        level = 0
        if rate <= self.budget:
            heavy = spans[3][6] - spans[3][5] >= 20 and by_content <= self.budget
            level = 2 if heavy else 1
        alert = self.spaced(minute, level)
        top = (now + SOME) * math.exp(self.volume.tails[0].threshold) * self.scales[0] - SOME
        self._learn(bucket, whole, minute, slow, now, louder, worse, spans[2])
        return Score(bucket.at, now, max(top, now), score_of(rate), alert, facts)

    def _weight(self, bucket: Bucket, whole: int) -> float:
        """How many people of its own stand behind each mention, against what is usual: 0 to 1."""
        if not whole:
            return 1.0
        weight = 1.0
        if bucket.authors is not None:
            weight = min(1.0, bucket.authors / whole * self.authors[1] / self.authors[0])
        elif bucket.duplicates > whole * 0.5:
            weight = 2 * (1 - bucket.duplicates / whole)
        if bucket.competitor:
            usual = self.competitor[0] / self.competitor[1]
            weight *= 1 - max(0.0, bucket.competitor / whole - usual)
        return weight

    def _persistence(self) -> tuple[float, float]:
        """The second weakest of the last four half hours, of people and of negatives."""
        people, negatives = [], []
        for part in range(4):
            s = self.windows.sums(self.quarter, part * self.quarter)
            people.append((s[1] + SOME) / (s[2] + SOME))
            negatives.append((s[4] + SOME) / (s[5] + SOME))
        return math.log(sorted(people)[1]), math.log(sorted(negatives)[1])

    def _surprise(self, span: list[float], expected: float, share: float) -> float:
        """Log likelihood ratio: what came on top is a storm, or just a crowd."""
        people, bad = span[1], span[4]
        if people < 1 or people <= expected:
            return 0.0
        usual = expected * share
        extra = people - expected
        crowd = (usual + extra * min(CROWD, max(share, 0.05))) / people
        storm = (usual + extra * max(STORM, min(share, 0.9))) / people
        ratio = bad * math.log(storm / crowd) + (people - bad) * math.log((1 - storm) / (1 - crowd))
        return ratio / (1 + people * SPREAD)

    def _few(self, span: list[float]) -> float:
        """For brands with about a mention an hour: how often a week that many distinct people come in 15 minutes."""
        expected = span[2]
        hourly = expected * 60 / SCALES[1]
        if hourly > 1.5:
            return math.inf
        people = int(span[1] + 0.5)
        if people < 3:
            return math.inf
        mean = max(expected, 0.02) * 1.5
        size = 0.95 * mean**0.55
        chance = size / (size + mean)
        term = chance**size
        below = term
        for k in range(1, people):
            term *= (k - 1 + size) / k * (1 - chance)
            below += term
        return max(1e-6, (1 - below) * 7 * 1440 / SCALES[1])

    def _facts(
        self,
        at: datetime,
        spans: list[list[float]],
        day: list[float],
        share: float,
        rate: float,
        by_volume: float,
        by_content: float,
        few: float,
        worse: list[float],
    ) -> dict[str, Any]:
        kind = "volume"
        span, minutes, usual = spans[2], SCALES[2], spans[2][2]
        if few == rate and few < math.inf:
            kind, span, minutes, usual = "few_authors", spans[1], SCALES[1], spans[1][2]
        elif by_content == rate and by_content < math.inf:
            kind = "content"
            if self.content.rarest(worse) == 4:
                kind, span, minutes, usual = "slow", day, SLOW, day[3]
        band = 1.28 * math.sqrt(self.spread60 + 1 / (usual + 1))
        facts: dict[str, Any] = {
            "kind": kind,
            "at": at.astimezone(UTC).isoformat(),
            "window": max(minutes, round(self.step_minutes)),
            "count": round(span[0]),
            "low": math.floor(usual * math.exp(-band)),
            "high": math.ceil(usual * math.exp(band)),
            "negative": round(span[6] / span[0], 3) if span[0] else 0.0,
            "usual_negative": round(share, 3),
            "knows_negative": self.negative[2] >= 1,
            "authors": round(span[7]),
            "rate": round(rate, 6),
            "probability": round(STORMS / (STORMS + rate), 3),
            "learning": self.baseline.learning(),
        }
        if self.since is not None:
            facts["since"] = datetime.fromtimestamp(self.since * 60, UTC).isoformat()
        return facts

    def _learn(
        self,
        bucket: Bucket,
        whole: int,
        minute: float,
        slow: float,
        now: float,
        louder: list[float],
        worse: list[float],
        hour: list[float],
    ) -> None:
        self.baseline.learn(minute, whole, slow, now)
        self.volume.learn(minute, louder, self.budget)
        if self.negative[2] >= 1:
            self.content.learn(minute, worse, self.budget)
        if whole:
            believed = min(1.0, (3 * now + 2) / whole)
            fade = self.keep
            self.negative[0] = self.negative[0] * fade + believed * bucket.negative
            self.negative[1] = self.negative[1] * fade + believed * whole
            self.negative[2] = min(1e6, self.negative[2] + bucket.negative)
            if bucket.authors is not None:
                self.authors[0] = self.authors[0] * fade + believed * bucket.authors
                self.authors[1] = self.authors[1] * fade + believed * whole
            self.competitor[0] = self.competitor[0] * fade + believed * bucket.competitor
            self.competitor[1] = self.competitor[1] * fade + believed * whole
        residual = min(1.0, max(-1.0, louder[2]))
        self.spread60 += (residual * residual - self.spread60) * 0.002


class Tails:
    """One tail per comparison; the rarest counts."""

    def __init__(self, *priors: tuple[float, float]) -> None:
        self.tails = [Tail(start, scale) for start, scale in priors]

    def rate(self, values: list[float]) -> float:
        return min(tail.rate(value) for tail, value in zip(self.tails, values, strict=True))

    def rarest(self, values: list[float]) -> int:
        rates = [tail.rate(value) for tail, value in zip(self.tails, values, strict=True)]
        return rates.index(min(rates))

    def learn(self, minute: float, values: list[float], budget: float) -> None:
        for tail, value in zip(self.tails, values, strict=True):
            tail.learn(minute, value, budget)

    def state(self) -> list[dict[str, Any]]:
        return [tail.state() for tail in self.tails]

    def put(self, state: list[dict[str, Any]]) -> None:
        for tail, kept in zip(self.tails, state, strict=True):
            tail.put(kept)
