"""The usual amount: level by hour of day and kind of day, with a slower and a faster memory.

Everything is a ratio of two fading sums, "came" over "expected" (the mean of a gamma-Poisson model), so that few
counts move it little and the first day moves it fast. What comes in is clipped: a crisis stays out of its own
baseline. The faster memory listens an hour late for the same reason.
"""

from __future__ import annotations

from stormdesk.detect.detectors.base import Part

SLOTS = 48
"""24 hours of working days, 24 hours of weekends (UTC)."""

NEW = 3.0
"""Half-life of the short memory, in hours, on the first day, when the hours of the day are unknown."""

DOUBT = 0.3
"""Log of the lift that a first morning may bring."""


class Baseline(Part):
    """Expected mentions per step.

    slow: half-life of the level in days; season: of the profile; fast: of the short memory, in hours; clip: largest
    multiple of the expected amount that is believed.
    """

    memory = (
        "heard",
        "came",
        "exposed",
        "profile_came",
        "profile_exposed",
        "fast_came",
        "fast_expected",
        "late",
    )

    def __init__(
        self, step_minutes: float, slow: float = 10, season: float = 21, fast: float = 48, clip: float = 2
    ) -> None:
        self.step = step_minutes
        per_day = 1440 / step_minutes
        self.per_hour = 60 / step_minutes
        self.keep_slow = 0.5 ** (1 / (slow * per_day))
        self.keep_season = 0.5 ** (1 / (season * max(self.per_hour, 1)))
        self.keep_fast = 0.5 ** (1 / (fast * self.per_hour))
        self.keep_new = 0.5 ** (1 / (NEW * self.per_hour))
        self.day = per_day
        self.clip = clip
        self.delay = max(1, round(self.per_hour))
        self.learnt = 2 * per_day
        self.heard = 0
        self.came = 0.0
        self.exposed = 0.0
        self.profile_came = [0.0] * SLOTS
        self.profile_exposed = [0.0] * SLOTS
        self.fast_came = 0.0
        self.fast_expected = 0.0
        self.late: list[list[float]] = []

    def shape(self, minute: float) -> tuple[int, float]:
        """The slot of this minute and its factor, run smoothly from the middle of one hour to the next."""
        hours = minute / 60
        day = (int(hours // 24) + 3) % 7  # the epoch was a Thursday
        start = 24 if day >= 5 else 0
        here = hours % 24
        slot = start + int(here)
        before = here - int(here) - 0.5
        other = start + (int(here) + (1 if before > 0 else -1)) % 24
        near = self._factor(slot)
        return slot, near + (self._factor(other) - near) * abs(before)

    def _factor(self, slot: int) -> float:
        trust = self.per_hour * 0.5
        own_came, own_exposed = self.profile_came[slot], self.profile_exposed[slot]
        twin = slot - 24 if slot >= 24 else slot + 24
        prior = (self.profile_came[twin] + trust) / (self.profile_exposed[twin] + trust)
        trust *= 2
        return (own_came + trust * prior) / (own_exposed + trust)

    def level(self) -> float:
        return (self.came + 0.25) / (self.exposed + 0.25) if self.exposed else 0.0

    def expected(self, minute: float) -> tuple[float, float]:
        """Mentions per step by the slow memory, and by slow and fast together."""
        slow = self.level() * self.shape(minute)[1]
        trust = 4 + slow * self.per_hour
        ratio = (self.fast_came + trust) / (self.fast_expected + trust)
        return slow, slow * min(4.0, max(0.25, ratio))

    def learn(self, minute: float, came: float, slow: float, now: float, storm: bool, unusual: bool) -> None:
        """Take in what came, given what `expected` said; in a storm hardly more than that."""
        if self.heard < self.per_hour:
            believed = came
        elif storm:
            believed = min(came, 1.1 * max(now, slow))
        else:
            believed = min(came, self.clip * max(now, slow) + (0.3 if unusual else 2))
        slot, factor = self.shape(minute)
        self.came = self.came * self.keep_slow + believed
        self.exposed = self.exposed * self.keep_slow + factor
        level = self.level()
        if level > 0:
            self.profile_came[slot] = self.profile_came[slot] * self.keep_season + believed / level
            self.profile_exposed[slot] = self.profile_exposed[slot] * self.keep_season + 1
        self.late.append([believed, slow])
        if len(self.late) > self.delay:
            late_came, late_expected = self.late.pop(0)
            keep = self.keep_fast if self.heard > self.day else self.keep_new
            self.fast_came = self.fast_came * keep + late_came
            self.fast_expected = self.fast_expected * keep + late_expected
        self.heard += 1

    def new(self) -> bool:
        """True on the first day."""
        return self.heard < self.day

    def doubt(self) -> float:
        """On the first day, by how much (log) the hour of the day may lift what was heard so far."""
        return DOUBT * max(0.0, 1 - self.heard / self.day)

    def learning(self) -> bool:
        """True while there is too little history to know the hours of the day."""
        return self.heard < self.learnt
