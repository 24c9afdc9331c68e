"""Every detector on streams with exact truth: thresholds from one set of seeds, judged on another.

Brands differ, so a threshold that just keeps a budget on the tuning seeds overruns it on half of all others. It is
therefore the lowest threshold from which on the upper 95 % bound of the false alarms, by the spread between the tuning
brands, stays within the budget.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import generator
import judge
import numpy as np
import second_reading
from generator import PER_DAY, Stream, World
from judge import PROBATION, Run, in_vain, rows_above

from stormdesk.detect.detectors import ALL, Bucket, Streaming

TUNED_ON, JUDGED_ON = 5000, 70000
"""Seeds. 9000 and 30000 were looked at while the detector was built, and are not judged on any more."""
THRESHOLDS = [1 / (1 + 10 ** (-e / 16)) for e in range(-24, 97)] + [
    1 / (1 + 10 ** (-e / 4)) for e in range(25, 49)
]
"""From thirty alarms a week to one in a million weeks, and coarser to one in a million million."""
BUDGETS = (0.1, 0.25)
SURE = 1.645
READINGS: dict[str, Callable[..., Stream]] = {
    "generated": generator.stream,
    "second_reading": second_reading.stream,
}
HISTORIES = ((0.15, 1), (1, 2), (2, 4), (4, 8))


def scored(
    kind: type[Streaming], buckets: Sequence[Bucket], budget: float = 0.25
) -> tuple[np.ndarray, list[int]]:
    """The score of each bucket and the rows of the detector's own alerts."""
    detector = kind(budget=budget)
    scores, rows = np.zeros(len(buckets)), []
    for row, bucket in enumerate(buckets):
        score = detector.update(bucket)
        scores[row] = score.score
        if score.alert:
            rows.append(row)
    return scores, rows


def allowed(false: np.ndarray, weeks: float, budget: float) -> float | None:
    """The threshold for a budget from false alarms per brand and threshold; None if the budget cannot be promised."""
    brands = len(false)
    total = false.sum(axis=0)
    # a Poisson count at the least, and one more alarm: no false alarm among few brands promises nothing
    spread = np.maximum(total, brands * false.var(axis=0)) + 1
    upper = (total + SURE * np.sqrt(spread)) / (brands * weeks)
    over = np.nonzero(upper > budget)[0]
    place = int(over[-1]) + 1 if len(over) else 0
    return THRESHOLDS[place] if place < len(THRESHOLDS) else None


def thresholds(
    kinds: dict[str, type[Streaming]], make: Callable[..., Stream], brands: int, weeks: float
) -> dict[str, dict[float, float | None]]:
    """Per detector and budget, from streams that nothing is judged on."""
    false: dict[str, list[list[int]]] = {name: [] for name in kinds}
    for seed in range(TUNED_ON, TUNED_ON + brands):
        stream = make(seed, weeks)
        for name, kind in kinds.items():
            scores = scored(kind, stream.buckets)[0]
            false[name].append(
                [len(in_vain(stream.events, rows_above(scores, threshold))) for threshold in THRESHOLDS]
            )
    judged_weeks = weeks - PROBATION / PER_DAY / 7
    return {
        name: {budget: allowed(np.array(counts), judged_weeks, budget) for budget in BUDGETS}
        for name, counts in false.items()
    }


def on_generated(
    kinds: dict[str, type[Streaming]], reading: str, brands: int, weeks: float
) -> dict[str, dict[str, Any]]:
    """Per detector: its measures at each budget, by a threshold and by its own alerts, and those by history."""
    make = READINGS[reading]
    found = thresholds(kinds, make, brands, weeks)
    runs: dict[str, dict[str, list[Run]]] = {name: {} for name in kinds}
    for seed in range(JUDGED_ON, JUDGED_ON + brands):
        stream = make(seed, weeks)
        steps = len(stream.buckets)
        for name, kind in kinds.items():
            for budget in BUDGETS if name == "stormdesk" else BUDGETS[-1:]:
                scores, own = scored(kind, stream.buckets, budget)
                if name in ALL:
                    runs[name].setdefault(f"own_{budget}", []).append(Run(stream.events, steps, own))
            for budget, threshold in found[name].items():
                rows = [] if threshold is None else rows_above(scores, threshold)
                runs[name].setdefault(f"at_{budget}", []).append(Run(stream.events, steps, rows))
    table: dict[str, dict[str, Any]] = {}
    for name, rows_of in runs.items():
        table[name] = {
            form: {
                "threshold": _short(found[name].get(float(form.removeprefix("at_")))),
                **judge.judged(some),
            }
            if form.startswith("at_")
            else judge.judged(some)
            for form, some in sorted(rows_of.items())
        }
        if own_runs := rows_of.get("own_0.25"):
            table[name]["learning"] = {
                f"{first:g} to {last:g} weeks": few(
                    judge.judged(own_runs, round(first * 7 * PER_DAY), round(last * 7 * PER_DAY))
                )
                for first, last in HISTORIES
                if last <= weeks
            }
    return table


def _short(threshold: float | None) -> float | None:
    return None if threshold is None else float(f"{threshold:.6g}")


def few(result: dict[str, Any]) -> dict[str, Any]:
    """The measures that a long table has room for."""
    return {key: result[key] for key in ("recall", "crises", "median_delay", "false_per_week")}


MOVED = (
    "rates",
    "late",
    "late_minutes",
    "negative",
    "clumped",
    "daily",
    "storm_negative",
    "authors",
    "copies",
    "peak",
)
"""The parameters of the world; `moved` says how they are kept sensible."""


def sensitivity(brands: int, weeks: float) -> dict[str, Any]:
    """Our own alerts when one parameter of the world is half or half as much again, on both readings."""
    worlds = {"as published": World()}
    for name in MOVED:
        for factor in (0.5, 1.5):
            worlds[f"{name} × {factor}"] = generator.moved(name, factor)
    table: dict[str, Any] = {}
    for told, world in worlds.items():
        for reading, make in READINGS.items():
            runs = []
            for seed in range(JUDGED_ON, JUDGED_ON + brands):
                stream = make(seed, weeks, world)
                runs.append(
                    Run(stream.events, len(stream.buckets), scored(ALL["stormdesk"], stream.buckets)[1])
                )
            table.setdefault(told, {})[reading] = few(judge.judged(runs))
    return {"brands": brands, "worlds": table}
