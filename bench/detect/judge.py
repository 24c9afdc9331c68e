"""What an alarm is worth on a stream whose truth is known."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from generator import BENIGN, CRISES, PER_DAY, STEP, Stream

WITHIN = {"slow": 24 * 60}
PROBATION = 3 * PER_DAY
"""Nothing is judged during the first three days."""


def rows_above(scores: list[float], threshold: float, hours: float = 6) -> list[int]:
    """Alarms at one fixed threshold, at least `hours` apart."""
    rows: list[int] = []
    for row, value in enumerate(scores):
        if value >= threshold and (not rows or row - rows[-1] >= hours * 60 / STEP):
            rows.append(row)
    return rows


def judged(
    pairs: Iterable[tuple[Stream, list[int]]], first: int = PROBATION, last: int | None = None
) -> dict[str, Any]:
    """Recall, delay, false alarms per brand-week and the share of harmless events that were wrongly alerted.

    first, last: only what happens between these rows is judged; by default all but the first three days.
    """
    found: dict[str, list[float | None]] = defaultdict(list)
    wrong: dict[str, list[bool]] = defaultdict(list)
    false = weeks = 0.0
    reasons: dict[str, int] = defaultdict(int)
    for stream, rows in pairs:
        end = len(stream.buckets) if last is None else min(last, len(stream.buckets))
        rows = [row for row in rows if row >= first]
        weeks += max(0, end - first) / PER_DAY / 7
        crises = [event for event in stream.events if event.crisis and first <= event.start < end]
        small = [event for event in stream.events if event.kind in CRISES and not event.crisis]
        for event in crises:
            limit = event.start + WITHIN.get(event.kind, 360) / STEP
            hit = next((row for row in rows if event.start - 6 <= row <= limit), None)
            found[event.kind].append(None if hit is None else max(0, hit - event.start) * STEP)
        real = [event for event in stream.events if event.crisis] + small
        blamed = set()
        for row in rows:
            if row >= end or any(event.start - 12 <= row <= event.end + 24 for event in real):
                continue
            false += 1
            cause = [e for e in stream.events if e.kind in BENIGN and e.start <= row <= e.end + 12]
            reasons[cause[-1].kind if cause else "noise"] += 1
            blamed.update(id(event) for event in cause)
        for event in stream.events:
            if event.kind in BENIGN and first <= event.start < end:
                wrong[event.kind].append(id(event) in blamed)
    every = [delay for kind in found for delay in found[kind]]
    hits = [delay for delay in every if delay is not None]
    return {
        "recall": round(len(hits) / max(1, len(every)), 3),
        "crises": len(every),
        "median_delay": statistics.median(hits) if hits else None,
        "false_per_week": round(false / max(weeks, 0.01), 3),
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
