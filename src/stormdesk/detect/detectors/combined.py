"""The detector of the house: volume, content, slow burn and few authors, joined by one budget of false alarms.

Volume compares people (mentions weighed by distinct authors, less what comes with a competitor) with the baseline at
5, 15 and 60 minutes and over two hours of persistence. Content looks at the same scales, at six hours and at a fading
day for more people of a worse mood, in standard deviations of this brand's own swings, and counts only so far as what
came on top of the usual is more negative than a crowd would be. Each comparison has its own tail per brand, so that
all speak one language: how many times a week is this to be expected? The rarest speaks; of volume, the next two scales have a small say. Volume speaks alone only where
there is no more joy than usual, or where it is far rarer than the budget: a viral moment is no crisis, and sarcasm is
read as neutral.
"""

from __future__ import annotations

import math
from typing import Any

from stormdesk.detect.detectors.base import Bucket, Score, Streaming, score_of
from stormdesk.detect.detectors.baseline import Baseline
from stormdesk.detect.detectors.content import SOME, worsened
from stormdesk.detect.detectors.content import own as own_posts
from stormdesk.detect.detectors.facts import Heard, facts_of
from stormdesk.detect.detectors.few_authors import few_authors
from stormdesk.detect.detectors.swing import Swing
from stormdesk.detect.detectors.tail import Tails
from stormdesk.detect.detectors.windows import POSITIVE, Windows

SCALES = (5, 15, 60, 120)
SLOW = 360
SHARE_PRIOR = (0.2, 30.0)
POSITIVE_PRIOR = (0.15, 30.0)
AUTHORS_PRIOR = (0.93, 60.0)
EASE = 0.9
"""A little fewer alarms by content turn out false than their tails say, measured on generated streams."""
ALONE = 1000.0
"""Volume may alarm alone although sentiment is known, but only when it is this many times rarer."""
GLAD = 1.25
"""This many times the usual share of good words is joy."""
DAY = 720.0
"""Half-life, in minutes, of the day that fades."""
PATIENCE = 3 * 1440
"""Minutes after which a storm that does not end is taken into what is usual."""
DOUBTED = 1.0
"""Deviations of content per log of the first day's doubt."""
NOISE, SWING = (0.10, 0.10, 0.08, 0.08, 0.08, 0.06), (0.04,) * 6
"""Variances of the logs of volume and of mood that are taken until a brand is known."""
CONTENT = ((2.2, 0.6), (2.2, 0.6), (2.0, 0.6), (1.6, 0.6), (1.2, 0.5), (1.0, 0.4))
"""What the tails of the content comparisons are taken to be before a brand is known, in deviations."""
LIGHT = 0.03
"""Shape of their tails: in deviations they are lighter than the tails of volume."""
AGREED = 0.1
"""Weight of each of the next two scales of volume beside the rarest: one loud step alone is less than a loud hour."""
STRIDE = 3
"""What swings is learnt at every third step."""
UNUSUAL = 3.0
"""Less often than this a week: the run that `since` dates back to."""


class Detector(Streaming):
    """Scores one brand's stream. `facts` are empty while nothing is unusual.

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
        "noise",
        "swing",
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
        self.content = Tails(*CONTENT, trust=20, robust=2.5, shape=LIGHT)
        self.noise = Swing(NOISE, STRIDE * step_minutes, len(SCALES))
        self.swing = Swing(SWING, STRIDE * step_minutes, len(SCALES))
        self.negative = [SHARE_PRIOR[0] * SHARE_PRIOR[1], SHARE_PRIOR[1], 0.0]
        self.positive = [POSITIVE_PRIOR[0] * POSITIVE_PRIOR[1], POSITIVE_PRIOR[1], 0.0]
        self.authors = [AUTHORS_PRIOR[0] * AUTHORS_PRIOR[1], AUTHORS_PRIOR[1]]
        self.competitor = [0.0, 20.0]
        self.spread60 = 0.1
        self.recent: list[float] = []
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
        self.windows.push(
            (
                whole,
                self._people(bucket, whole),
                bucket.negative,
                bucket.competitor,
                now,
                slow,
                bucket.authors or 0,
                bucket.positive or 0,
            ),
            steps,
        )
        share = self.negative[0] / self.negative[1]
        knows = self.negative[2] >= 1
        compared = self._compared(share)
        louder = [math.log((c[0] + SOME) / (c[2] + SOME)) for c in compared[:3]]
        louder.append(self._persistence(steps))
        worse, usual = [0.0] * 6, [0.0] * 6
        if knows:
            due = self.baseline.heard % STRIDE == 0
            # what is unusual is not learnt from either: a climb that is not yet a storm would hide itself
            calm = self.since is None and self.began is None and not self.baseline.new()
            worse, usual = worsened(compared, share, self.noise, self.swing, due, calm)
        if self.baseline.new():
            doubt = self.baseline.doubt()
            louder = [value - doubt for value in louder]
            worse = [*(max(0.0, value - DOUBTED * doubt) for value in worse[:4]), 0.0, 0.0]

        rarest = sorted(self.volume.rates(louder))
        loud = rarest[0] ** (1 - 2 * AGREED) * (rarest[1] * rarest[2]) ** AGREED
        by_volume = loud * (self._alone() if knows else 1.0)
        rates = self.content.rates(worse)
        by_content = min(rates) * EASE if knows else math.inf
        few = few_authors(compared[1][0], compared[1][2])
        rate = min(by_volume, by_content, few)
        facts: dict[str, Any] = {}
        level = 0
        if rate >= UNUSUAL:
            self.since = None
        else:
            if self.since is None:
                self.since = minute
            kind = "content" if by_content == rate else "few_authors" if few == rate else "volume"
            if kind == "content" and rates.index(min(rates)) >= 4:
                kind = "slow"
            place = {"few_authors": 1, "slow": 4}.get(kind, 2)
            heard = Heard(
                kind,
                max((*SCALES, SLOW)[place], round(self.step_minutes)),
                self.windows,
                self.slow if kind == "slow" else self.scales[place],
                compared[place][2],
                self.spread60,
            )
            facts = facts_of(bucket.at, heard, share, knows, rate, self.since) | {
                "learning": self.baseline.learning(),
                "volume_rate": round(loud, 6),
            }
            if rate <= self.budget:
                heavy = compared[3][1] - compared[3][2] * share >= 20 and by_content <= self.budget
                level = 2 if heavy else 1
        alert = self.spaced(minute, level)
        top = (now + SOME) * math.exp(self.volume.tails[0].threshold) - SOME
        self._learn(bucket, whole, minute, slow, now, louder, usual, alert)
        return Score(bucket.at, now, max(top, now), score_of(rate), alert, facts)

    def _compared(self, share: float) -> list[tuple[float, float, float]]:
        """Own people, own negatives and the people expected: per scale, over six hours and over a fading day."""
        windows = self.windows
        rival = self.competitor[0] / self.competitor[1]
        compared = []
        hour = (0.0, 0.0, 0.0)
        for place, length in enumerate((*self.scales, self.slow)):
            whole, people, negative, named, expected, slowly = windows.sums(length)
            own_people, own_bad = own_posts(whole, people, negative, named, whole * rival)
            compared.append((own_people, own_bad, slowly if place == 4 else expected))
            if place == 2:
                hour = (own_people, own_bad, slowly)
        people, bad, slowly = hour
        if self.began is not None:
            people, bad = min(people, slowly), min(bad, slowly * share)
        day, fade, length = self.day, self.fade, self.scales[2]
        day[0] = day[0] * fade + people / length
        day[1] = day[1] * fade + bad / length
        day[2] = day[2] * fade + slowly / length
        compared.append((day[0], day[1], day[2]))
        return compared

    def _alone(self) -> float:
        """How much rarer than the budget volume must be to alarm without bad words. A viral moment brings more joy
        than usual; a storm of plain reports and sarcasm, which are read as neutral, does not."""
        if self.positive[2] < 1:
            return ALONE
        usual = self.positive[0] / self.positive[1]
        good, all_ = self.windows.sum(POSITIVE, self.scales[2]), self.windows.sum(0, self.scales[2])
        return ALONE if good > GLAD * usual * all_ else 1.0

    def _people(self, bucket: Bucket, whole: int) -> float:
        """Mentions there would be if each author wrote as often as usual; copies stand in for unknown authors."""
        if bucket.authors is not None:
            return bucket.authors * self.authors[1] / self.authors[0]
        return min(whole, 2.0 * (whole - bucket.duplicates))

    def _persistence(self, steps: int) -> float:
        """The second weakest of the last four half hours of people."""
        whole, people, negative, named, expected, _slowly = self.windows.sums(self.quarter)
        came, _bad = own_posts(
            whole, people, negative, named, whole * self.competitor[0] / self.competitor[1]
        )
        recent = self.recent
        if steps > 1:
            recent.extend([0.0] * min(steps - 1, 3 * self.quarter))
        recent.append(math.log((came + SOME) / (expected + SOME)))
        del recent[: -3 * self.quarter - 1]
        four = recent[-1 :: -self.quarter]
        return sorted(four)[1] if len(four) == 4 else 0.0

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
        new = self.baseline.new()
        self.baseline.learn(minute, whole, slow, now, storm, self.since is not None)
        if alert or not (storm or new):
            self.volume.learn(minute, louder, self.budget)
            if self.negative[2] >= 1:
                self.content.learn(minute, worse, self.budget)
        if whole and not storm:
            self._learn_shares(bucket, whole, now)
        residual = min(1.0, max(-1.0, louder[2]))
        self.spread60 += (residual * residual - self.spread60) * 0.002

    def _learn_shares(self, bucket: Bucket, whole: int, now: float) -> None:
        """What is usually negative, good, of one author, naming a competitor; a crowd counts like a usual step."""
        believed = min(1.0, (1.5 * now + 2) / whole)
        fade = self.keep
        told = ((self.negative, bucket.negative), (self.positive, bucket.positive))
        for memory, count in told:
            if count is not None:
                memory[0] = memory[0] * fade + believed * count
                memory[1] = memory[1] * fade + believed * whole
                memory[2] = min(1e6, memory[2] + count)
        for memory, count in ((self.authors, bucket.authors), (self.competitor, bucket.competitor)):
            if count is not None:
                memory[0] = memory[0] * fade + believed * count
                memory[1] = memory[1] * fade + believed * whole
