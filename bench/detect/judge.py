"""What an alarm is worth on a stream whose truth is known."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from generator import BENIGN, CRISES, PER_DAY, STEP, Event

WITHIN = {"slow": 24 * 60}
PROBATION = 3 * PER_DAY
"""Nothing is judged during the first three days."""


@dataclass(frozen=True)
class Run:
    """What really happened in a stream of so many steps, and the rows at which a detector alarmed."""

    events: list[Event]
    steps: int
    rows: list[int]


def rows_above(scores: Sequence[float] | np.ndarray, threshold: float, hours: float = 6) -> list[int]:
    """Alarms at one fixed threshold, at least `hours` apart."""
    above = np.nonzero(np.asarray(scores) >= threshold)[0]
    apart = hours * 60 / STEP
    rows: list[int] = []
    place = 0
    while place < len(above):
        rows.append(int(above[place]))
        place = int(np.searchsorted(above, rows[-1] + apart))
    return rows


def in_vain(events: Sequence[Event], rows: Iterable[int], first: int = PROBATION) -> list[int]:
    """The rows, from `first` on, at which nothing of weight was going on: crises, and their smaller siblings."""
    real = [event for event in events if event.kind in CRISES]
    return [
        row
        for row in rows
        if row >= first and not any(event.start - 12 <= row <= event.end + 24 for event in real)
    ]


def judged(runs: Iterable[Run], first: int = PROBATION, last: int | None = None) -> dict[str, Any]:
    """Recall, delay, false alarms per brand-week and the share of harmless events that were wrongly alerted.

    first, last: only what happens between these rows is judged; by default all but the first three days.
    """
    found: dict[str, list[float | None]] = defaultdict(list)
    wrong: dict[str, list[bool]] = defaultdict(list)
    vain: list[int] = []
    weeks = 0.0
    reasons: dict[str, int] = defaultdict(int)
    for run in runs:
        end = run.steps if last is None else min(last, run.steps)
        rows = [row for row in run.rows if row >= first]
        weeks += max(0, end - first) / PER_DAY / 7
        crises = [event for event in run.events if event.crisis and first <= event.start < end]
        for event in crises:
            limit = event.start + WITHIN.get(event.kind, 360) / STEP
            hit = next((row for row in rows if event.start - 6 <= row <= limit), None)
            found[event.kind].append(None if hit is None else max(0, hit - event.start) * STEP)
        blamed = set()
        vain.append(0)
        for row in in_vain(run.events, [row for row in rows if row < end], first):
            vain[-1] += 1
            cause = [e for e in run.events if e.kind in BENIGN and e.start <= row <= e.end + 12]
            reasons[cause[-1].kind if cause else "noise"] += 1
            blamed.update(id(event) for event in cause)
        for event in run.events:
            if event.kind in BENIGN and first <= event.start < end:
                wrong[event.kind].append(id(event) in blamed)
    every = [delay for kind in found for delay in found[kind]]
    hits = [delay for delay in every if delay is not None]
    return {
        "recall": round(len(hits) / max(1, len(every)), 3),
        "crises": len(every),
        "median_delay": statistics.median(hits) if hits else None,
        "false_per_week": round(sum(vain) / max(weeks, 0.01), 3),
        "false_give_or_take": round(
            1.96 * statistics.pstdev(vain) * len(vain) ** 0.5 / max(weeks, 0.01) if vain else 0.0, 3
        ),
        "false_by_cause": {
            kind: round(count / max(weeks, 0.01), 3) for kind, count in sorted(reasons.items())
        },
        "recall_by_kind": {
            kind: round(sum(d is not None for d in delays) / len(delays), 2)
            for kind, delays in sorted(found.items())
        },
        "delay_by_kind": {
            kind: statistics.median([d for d in delays if d is not None] or [-1])
            for kind, delays in sorted(found.items())
        },
        "wrongly_alerted": {kind: round(sum(flags) / len(flags), 3) for kind, flags in sorted(wrong.items())},
    }
