"""One brand's watch, step by step: the detector, the brand's own conditions, and what is known ahead.

Scoring as it happens and trying a definition on the past run this same code, so that a back-test promises nothing that
the desk would not do. Pure: counts in, judgements out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from stormdesk.detect.detectors import Bucket, Detector, Score
from stormdesk.detect.rules.criteria import CONTENT, Condition, Criteria, Hour, met
from stormdesk.detect.rules.storms import OVER_AFTER, STEP, STILL_UNUSUAL, Level, Span, higher

HOUR = 60.0
COLUMNS = 10
REST = 60.0
"""Minutes after which a condition that is met again speaks again."""
MINUTES = STEP.total_seconds() / 60
TURNED_SHARE = 0.1
TURNED_SPREAD = 4.0
"""Negatives come in clumps: their variance is about this many times that of a fair draw (rho 0.02–0.15 of real streams)."""


@dataclass(frozen=True, slots=True)
class Step:
    """Counts of one step: what the detector takes, and what only the conditions ask for."""

    bucket: Bucket
    reach: int = 0
    needs: int = 0
    scam: int = 0
    danger: int = 0
    outraged: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """The judgement of one step. `at` is its end. `alive`: it belongs to a storm that is running. `hushed`: explained by
    something known, so it is shown and nobody is called. `reasons`: "unusual" (the budget) and conditions."""

    at: datetime
    score: Score
    level: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    alive: bool = False
    hushed: bool = False


class Lookout:
    """Scores a brand's steps in order. `state` and `restore` go on after a restart, to the last bit."""

    def __init__(self, criteria: Criteria, detector: Detector | None = None) -> None:
        self.criteria = criteria
        self.detector = detector or Detector(step_minutes=MINUTES, budget=criteria.budget)
        self.detector.budget = criteria.budget
        self.hour: list[list[float]] = []
        """[minute, mentions, negative, authors, reach, needs, scam, danger, expected, outraged] of the steps of the last hour."""
        self.held: dict[str, float] = {}
        """When each condition was last met."""
        self.hushed: float | None = None
        """Since when an alert is kept quiet because of something known."""

    def take(self, step: Step, known: Iterable[Span] = (), score: Score | None = None) -> Seen:
        """Judge one step from it and the past alone. `score`: what the detector said of this step already, when another
        watch of the same budget shares it. Raises OutOfOrder."""
        score = score or self.detector.update(step.bucket)
        end = step.bucket.at + timedelta(minutes=MINUTES)
        if score.expected is None:
            return Seen(end, score, facts=score.facts)  # nothing could be heard: everything stands still
        minute = step.bucket.at.timestamp() / 60
        met_now, fresh = self._conditions(step, score, minute)
        spans = [span for span in known if span.covers(step.bucket.at)]
        level = score.alert
        if fresh and not level:
            level = Level.ATTENTION
        if level and len(met_now) >= 2:
            level = Level.CRISIS
        alive = bool(level or met_now or score.score >= STILL_UNUSUAL)
        explained = bool(spans) and not turned(score.facts) and not CONTENT & met_now.keys()
        hushed = False
        if level:
            hushed = explained
            self.hushed = minute if hushed else None
        elif self.hushed is not None:
            if minute - self.hushed > OVER_AFTER.total_seconds() / 60:
                self.hushed = None
            elif alive and not explained and score.score >= 1 / (1 + self.criteria.budget):
                self.hushed, level = (
                    None,
                    Level.ATTENTION,
                )  # what explained it is over, or no longer explains it
        facts = score.facts
        if level or alive:
            facts = self._facts(score, met_now, bool(fresh) and not score.alert, spans, hushed)
        reasons = (("unusual",) if level and (score.alert or not fresh) else ()) + tuple(fresh)
        return Seen(end, score, str(level), facts, reasons, alive, hushed)

    def present(self) -> Hour:
        """The sums of the last hour."""
        if not self.hour:
            return Hour()
        sums = [sum(column) for column in zip(*(row[1:] for row in self.hour), strict=True)]
        mentions, negative, authors, reach, needs, scam, danger = map(int, sums[:7])
        return Hour(mentions, negative, authors, reach, needs, scam, danger, sums[7], int(sums[8]))

    def _conditions(
        self, step: Step, score: Score, minute: float
    ) -> tuple[dict[str, tuple[float, float]], list[str]]:
        """What is met, and which of it is news."""
        bucket = step.bucket
        self.hour.append(
            [
                minute,
                bucket.mentions or 0,
                bucket.negative,
                bucket.authors or 0,
                step.reach,
                step.needs,
                step.scam,
                step.danger,
                score.expected or 0.0,
                step.outraged,
            ]
        )
        self.hour = [row for row in self.hour if minute - row[0] < HOUR]
        met_now = met(self.present(), self.criteria)
        if self.detector.baseline.learning():
            met_now.pop(Condition.VOLUME, None)  # nobody knows yet what is usual
        fresh = [name for name in met_now if minute - self.held.get(name, -1e9) > REST]
        self.held.update(dict.fromkeys(met_now, minute))
        return met_now, fresh

    @staticmethod
    def _facts(
        score: Score, met_now: dict[str, tuple[float, float]], only: bool, spans: list[Span], hushed: bool
    ) -> dict[str, Any]:
        facts = dict(score.facts)
        if only:
            facts["kind"] = "condition"
        if met_now:
            facts["met"] = {name: list(pair) for name, pair in met_now.items()}
        if spans:
            first = spans[0]
            facts["known"] = {
                "name": first.name,
                "kind": first.kind,
                "until": first.ends_at.isoformat(),
                "hushed": hushed,
            }
        return facts

    def state(self) -> dict[str, Any]:
        """Everything needed to go on after a restart, JSON-able."""
        return {
            "detector": self.detector.state(),
            "hour": [list(row) for row in self.hour],
            "held": dict(self.held),
            "hushed": self.hushed,
        }

    @classmethod
    def restore(cls, state: dict[str, Any], criteria: Criteria) -> Self:
        """The watch that gave `state`, under `criteria`. Raises KeyError, TypeError or ValueError for another shape."""
        self = cls(criteria, Detector.restore(state["detector"]))
        # an older Stormdesk remembered fewer columns of the hour
        self.hour = [[*row, *[0.0] * (COLUMNS - len(row))] for row in state["hour"]]
        self.held = dict(state["held"])
        self.hushed = state["hushed"]
        return self


def turned(facts: dict[str, Any]) -> bool:
    """Whether the mood has turned, not only the volume: what a known event does not explain.

    The negative share stands a tenth above the usual and three deviations of a clumped draw above it; or the detector
    itself speaks of content.
    """
    if facts.get("kind") in ("content", "slow", "mood"):
        return True
    if not facts.get("knows_negative"):
        return False
    count, share, usual = facts.get("count", 0), facts.get("negative", 0.0), facts.get("usual_negative", 0.0)
    spread = (TURNED_SPREAD * count * usual * (1 - usual)) ** 0.5
    return bool(share >= usual + TURNED_SHARE and count * (share - usual) > 3 * max(spread, 1.0))


@dataclass(slots=True)
class Storm:
    """One storm that a watch would have made an alert of; quiet ones were explained by something known."""

    at: datetime
    last: datetime
    level: str
    reasons: tuple[str, ...]
    quiet: bool = False


@dataclass(slots=True)
class Grouping:
    """One storm, one alert, as the desk keeps them: a storm that has been calm for six hours is over."""

    storms: list[Storm] = field(default_factory=list)

    def take(self, seen: Seen) -> Storm | None:
        """The new storm that this step began, if it did."""
        running = self.storms[-1] if self.storms and self.storms[-1].last >= seen.at - OVER_AFTER else None
        if running is None:
            if not seen.level:
                return None
            self.storms.append(Storm(seen.at, seen.at, seen.level, seen.reasons, seen.hushed))
            return self.storms[-1]
        if seen.alive:
            running.last = seen.at
            if seen.level and higher(seen.level, running.level):
                running.level = seen.level
            if seen.level and not seen.hushed:
                running.quiet = False
            running.reasons = (*running.reasons, *(r for r in seen.reasons if r not in running.reasons))
        return None
