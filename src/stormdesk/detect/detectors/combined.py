"""The detector of the house: volume, content, slow burn and few authors, joined by one budget of false alarms.

Volume compares people (mentions weighed by distinct authors, less what comes with a competitor) with the baseline at
5, 15 and 60 minutes and over two hours of persistence. Content does the same with negative mentions, and counts only
if what came on top of the usual is more negative than a usual crowd would be (a likelihood ratio of two binomials,
deflated for overdispersion). Each comparison has its own tail per brand, so that all speak one language: how many
times a week is this to be expected? The rarest speaks. Volume speaks alone only where there is no more joy than usual,
or where it is far rarer than the budget: a viral moment is no crisis, and sarcasm is read as neutral.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from stormdesk.detect.detectors.base import Bucket, Score, Streaming, score_of
from stormdesk.detect.detectors.baseline import Baseline
from stormdesk.detect.detectors.content import LEAST, MANY, surprise
from stormdesk.detect.detectors.content import mood as mood_of
from stormdesk.detect.detectors.content import own as own_posts
from stormdesk.detect.detectors.few_authors import few_authors
from stormdesk.detect.detectors.tail import Tails
from stormdesk.detect.detectors.windows import (
    AUTHORS,
    EXPECTED,
    MENTIONS,
    NEGATIVE,
    POSITIVE,
    SLOWLY,
    USUAL_NEGATIVE,
    Windows,
)

SCALES = (5, 15, 60, 120)
SLOW = 360
SOME = 8.0
"""Added to both sides of each ratio, so that one post in the night is not a storm."""
FEW = 4.0
"""The same for negatives."""
SHARE_PRIOR = (0.2, 30.0)
POSITIVE_PRIOR = (0.15, 30.0)
AUTHORS_PRIOR = (0.93, 60.0)
SURPRISE = 1.5
"""Log likelihood ratio that content needs."""
EASE = 0.55
"""Fewer alarms by content turn out false than their tails say, measured on generated streams."""
ALONE = 1000.0
"""Volume may alarm alone although sentiment is known, but only when it is this many times rarer."""
GLAD = 1.25
"""This many times the usual share of good words is joy."""
DAY = 720.0
"""Half-life, in minutes, of the day that fades."""
PATIENCE = 3 * 1440
"""Minutes after which a storm that does not end is taken into what is usual."""
CONTENT = (
    *((0.5, 0.3), (0.5, 0.3), (0.5, 0.3), (0.4, 0.3)),
    *((0.35, 0.22), (0.2, 0.12), (0.28, 0.13), (0.18, 0.09)),
)
"""What the tails of the content comparisons are taken to be before a brand is known."""
UNUSUAL = 3.0
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
        "positive",
        "authors",
        "competitor",
        "spread60",
        "recent",
        "since",
        "began",
        "day",
    )

    def __init__(self, step_minutes: float = 5, budget: float = 0.25) -> None:
        super().__init__(step_minutes, budget)
        self.scales = [max(1, round(minutes / step_minutes)) for minutes in SCALES]
        self.slow = max(1, round(SLOW / step_minutes))
        self.quarter = max(1, round(30 / step_minutes))
        self.baseline = Baseline(step_minutes)
        self.windows = Windows(max(self.slow, 4 * self.quarter))
        self.volume = Tails((0.9, 0.35), (0.8, 0.3), (0.7, 0.3), (0.5, 0.25), trust=5)
        self.content = Tails(*CONTENT, trust=10)
        self.negative = [SHARE_PRIOR[0] * SHARE_PRIOR[1], SHARE_PRIOR[1], 0.0]
        self.positive = [POSITIVE_PRIOR[0] * POSITIVE_PRIOR[1], POSITIVE_PRIOR[1], 0.0]
        self.authors = [AUTHORS_PRIOR[0] * AUTHORS_PRIOR[1], AUTHORS_PRIOR[1]]
        self.competitor = [0.0, 20.0]
        self.spread60 = 0.1
        self.recent: list[list[float]] = []
        self.since: float | None = None
        self.began: float | None = None
        self.day = [0.0, 0.0, 0.0]
        self.fade = 0.5 ** (step_minutes / DAY)
        self.keep = 0.5 ** (step_minutes / 1440 / 7)

    def judge(self, bucket: Bucket, minute: float, steps: int) -> Score:
        slow, now = self.baseline.expected(minute)
        whole = bucket.mentions or 0
        if not self.baseline.heard:
            slow = now = float(whole)
        share = self.negative[0] / self.negative[1]
        rival = self.competitor[0] / self.competitor[1]
        windows = self.windows
        windows.push(
            (
                whole,
                self._people(bucket, whole),
                bucket.negative,
                bucket.competitor,
                now,
                slow,
                now * share,
                whole * rival,
                bucket.authors or 0,
                bucket.positive or 0,
            ),
            steps,
        )
        spans = [windows.sums(length) for length in self.scales]
        own = [own_posts(span) for span in spans]
        louder = [
            math.log((o[0] + SOME) / (s[EXPECTED] + SOME)) for o, s in zip(own[:3], spans[:3], strict=True)
        ]
        worse = [
            math.log((o[1] + FEW) / (s[USUAL_NEGATIVE] + FEW))
            for o, s in zip(own[:3], spans[:3], strict=True)
        ]
        steady, steadily = self._persistence(steps)
        louder.append(steady)
        worse.append(steadily)
        day = windows.sums(self.slow)
        people, bad = own_posts(day)
        worse.append(math.log((bad + FEW) / (day[SLOWLY] * share + FEW)))
        worse.append(mood_of(people, bad, day[SLOWLY], share))
        if own[2][1] <= 1.2 * spans[2][USUAL_NEGATIVE] or bad - day[SLOWLY] * share < LEAST:
            worse[4:] = [0.0, 0.0]
        worse.extend(self._day(spans[2], own[2], share))
        if self.baseline.new():
            doubt = self.baseline.doubt()
            louder = [value - doubt for value in louder]
            worse = [*(value - doubt for value in worse[:4]), 0.0, 0.0, 0.0, 0.0]
        if max(worse) > 0:
            storm = max(surprise(*o, s[EXPECTED], share) for o, s in zip(own[1:], spans[1:], strict=True))
            if storm < SURPRISE:
                worse[:4] = [0.0] * 4
            if worse[4] > 0 and surprise(people, bad, day[SLOWLY], share) < SURPRISE:
                worse[4] = 0.0

        knows = self.negative[2] >= 1
        loud = min(self.volume.rates(louder))
        by_volume = loud * (self._alone(spans[2]) if knows else 1.0)
        rates = self.content.rates(worse)
        by_content = min(rates) * EASE if knows else math.inf
        few = few_authors(own[1][0], spans[1][EXPECTED])
        rate = min(by_volume, by_content, few)
        if rate >= UNUSUAL:
            self.since = None
        elif self.since is None:
            self.since = minute
        facts = self._facts(bucket.at, spans, day, share, rate, by_content, few, rates.index(min(rates)))
        facts["volume_rate"] = round(loud, 6)
        level = 0
        if rate <= self.budget:
            heavy = own[3][1] - spans[3][USUAL_NEGATIVE] >= 20 and by_content <= self.budget
            level = 2 if heavy else 1
        alert = self.spaced(minute, level)
        top = (now + SOME) * math.exp(self.volume.tails[0].threshold) - SOME
        self._learn(bucket, whole, minute, slow, now, louder, worse, alert)
        return Score(bucket.at, now, max(top, now), score_of(rate), alert, facts)

    def _alone(self, hour: list[float]) -> float:
        """How much rarer than the budget volume must be to alarm without bad words. A viral moment brings more joy
        than usual; a storm of plain reports and sarcasm, which are read as neutral, does not."""
        if self.positive[2] < 1:
            return ALONE
        usual = self.positive[0] / self.positive[1]
        return ALONE if hour[POSITIVE] > GLAD * usual * hour[MENTIONS] else 1.0

    def _day(self, hour: list[float], own: tuple[float, float], share: float) -> tuple[float, float]:
        """Negatives, and their share, over about a day that fades: what climbs too slowly for the hours."""
        fade = self.fade
        day = self.day
        people, bad, expected = (*own, hour[SLOWLY])
        now = bad > 1.2 * expected * share
        if self.began is not None:
            people, bad = min(people, expected), min(bad, expected * share)
        for place, value in enumerate((people, bad, expected)):
            day[place] = day[place] * fade + value / self.scales[2]
        if not now:
            return 0.0, 0.0
        people, bad, expected = day
        mood = mood_of(people, bad, expected, share)
        if mood <= 0 or surprise(people, bad, expected, share) < SURPRISE:
            return 0.0, max(0.0, mood)
        return math.log((bad + MANY) / (expected * share + MANY)), mood

    def _people(self, bucket: Bucket, whole: int) -> float:
        """Mentions there would be if each author wrote as often as usual; copies stand in for unknown authors."""
        if bucket.authors is not None:
            return bucket.authors * self.authors[1] / self.authors[0]
        return min(whole, 2.0 * (whole - bucket.duplicates))

    def _persistence(self, steps: int) -> tuple[float, float]:
        """The second weakest of the last four half hours, of people and of negatives."""
        span = self.windows.sums(self.quarter)
        came, bad = own_posts(span)
        recent = self.recent
        if steps > 1:
            recent.extend([[0.0, 0.0]] * min(steps - 1, 3 * self.quarter))
        recent.append(
            [
                math.log((came + SOME) / (span[EXPECTED] + SOME)),
                math.log((bad + FEW) / (span[USUAL_NEGATIVE] + FEW)),
            ]
        )
        del recent[: -3 * self.quarter - 1]
        four = recent[-1 :: -self.quarter]
        if len(four) < 4:
            return 0.0, 0.0
        return sorted([part[0] for part in four])[1], sorted([part[1] for part in four])[1]

    def _facts(
        self,
        at: datetime,
        spans: list[list[float]],
        day: list[float],
        share: float,
        rate: float,
        by_content: float,
        few: float,
        scale: int,
    ) -> dict[str, Any]:
        kind = "volume"
        span, minutes, usual = spans[2], SCALES[2], spans[2][EXPECTED]
        if few == rate and few < math.inf:
            kind, span, minutes, usual = "few_authors", spans[1], SCALES[1], spans[1][EXPECTED]
        elif by_content == rate and by_content < math.inf:
            kind = "content"
            if scale >= 4:
                kind, span, minutes, usual = ("slow", "mood")[scale % 2], day, SLOW, day[SLOWLY]
        band = 1.28 * math.sqrt(self.spread60 + 1 / (usual + 1))
        facts: dict[str, Any] = {
            "kind": kind,
            "at": at.astimezone(UTC).isoformat(),
            "window": max(minutes, round(self.step_minutes)),
            "count": round(span[MENTIONS]),
            "low": math.floor(usual * math.exp(-band)),
            "high": math.ceil(usual * math.exp(band)),
            "negative": round(span[NEGATIVE] / span[MENTIONS], 3) if span[MENTIONS] else 0.0,
            "usual_negative": round(share, 3),
            "knows_negative": self.negative[2] >= 1,
            "authors": round(span[AUTHORS]),
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
        alert: str,
    ) -> None:
        """Take the step into memory; of a storm only its first step, so that it stays out of what is usual."""
        if self.since is None:
            self.began = None
        elif alert and self.began is None and not self.baseline.new():
            self.began = minute
        storm = self.began is not None and minute - self.began < PATIENCE
        self.baseline.learn(minute, whole, slow, now, storm, self.since is not None)
        if alert or not (storm or self.baseline.new()):
            self.volume.learn(minute, louder, self.budget)
            if self.negative[2] >= 1:
                self.content.learn(minute, worse, self.budget)
        if whole and not storm:
            believed = min(1.0, (3 * now + 2) / whole)
            fade = self.keep
            self.negative[0] = self.negative[0] * fade + believed * bucket.negative
            self.negative[1] = self.negative[1] * fade + believed * whole
            self.negative[2] = min(1e6, self.negative[2] + bucket.negative)
            if bucket.positive is not None:
                self.positive[0] = self.positive[0] * fade + believed * bucket.positive
                self.positive[1] = self.positive[1] * fade + believed * whole
                self.positive[2] = min(1e6, self.positive[2] + bucket.positive)
            if bucket.authors is not None:
                self.authors[0] = self.authors[0] * fade + believed * bucket.authors
                self.authors[1] = self.authors[1] * fade + believed * whole
            self.competitor[0] = self.competitor[0] * fade + believed * bucket.competitor
            self.competitor[1] = self.competitor[1] * fade + believed * whole
        residual = min(1.0, max(-1.0, louder[2]))
        self.spread60 += (residual * residual - self.spread60) * 0.002
