"""Every detector on the real series: NAB's score, and plain measures that need no window."""

from __future__ import annotations

import time
from typing import Any

import nab
from generated import THRESHOLDS, scored

from stormdesk.detect.detectors import ALL, Bucket, Streaming


def on_real(kind: type[Streaming], series: list[nab.Series]) -> dict[str, Any]:
    """NAB's scores and plain measures of one detector."""
    began = time.process_time()
    results = [
        scored(kind, [Bucket(at, value) for at, value in zip(one.times, one.values, strict=True)])
        for one in series
    ]
    spent = time.process_time() - began

    rows = [
        [nab.spaced(one, result[0].tolist(), t) for t in THRESHOLDS]
        for one, result in zip(series, results, strict=True)
    ]
    raw = {
        profile: [
            [nab.raw_score(series[n], found, profile)[0] for found in rows[n]] for n in range(len(series))
        ]
        for profile in ("standard", "low_fp")
    }

    def at(threshold: float, some: list[int]) -> list[tuple[nab.Series, list[int]]]:
        return [(series[n], rows[n][THRESHOLDS.index(threshold)]) for n in some]

    def best(some: list[int], profile: str) -> float:
        totals = [sum(raw[profile][n][t] for n in some) for t in range(len(THRESHOLDS))]
        return THRESHOLDS[totals.index(max(totals))]

    every = list(range(len(series)))
    table: dict[str, Any] = {
        "microseconds_per_point": round(spent / sum(len(s.times) for s in series) * 1e6, 1)
    }
    for profile in ("standard", "low_fp"):
        threshold = best(every, profile)
        left_out = [pair for n in every for pair in at(best([m for m in every if m != n], profile), [n])]
        table[profile] = {
            "score": round(nab.score(at(threshold, every), profile), 1),
            "left_out": round(nab.score(left_out, profile), 1),
            "threshold": round(threshold, 4),
            **nab.plain_measures(at(threshold, every)),
        }
    if kind in ALL.values():
        own = [(one, result[1]) for one, result in zip(series, results, strict=True)]
        table["own_alerts"] = {
            "standard": round(nab.score(own), 1),
            "low_fp": round(nab.score(own, "low_fp"), 1),
            **nab.plain_measures(own),
        }
    return table
