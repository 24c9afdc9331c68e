"""The score of the Numenta Anomaly Benchmark, from its published definition (Lavin and Ahmad 2015, arXiv:1510.03336).

Each labelled window rewards its earliest detection by a scaled sigmoid of its place in the window, each detection
outside costs by its distance behind the last window, each missed window costs one. The first 15 % of a series (at most
750 steps) are not judged. The sum is scaled so that silence is 0 and perfection is 100.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

PROFILES = {"standard": (1.0, 0.11, 1.0), "low_fp": (1.0, 0.22, 1.0), "low_fn": (1.0, 0.11, 2.0)}
"""Weights of a found window, a false detection and a missed window."""


@dataclass(frozen=True)
class Series:
    name: str
    times: list[datetime]
    values: list[int]
    labels: list[datetime]
    windows: list[tuple[datetime, datetime]]


def read_series(folder: Path) -> list[Series]:
    """The series in `folder` with their labels and windows."""

    def when(text: str) -> datetime:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC)

    labels = json.loads((folder / "combined_labels.json").read_text())
    windows = json.loads((folder / "combined_windows.json").read_text())
    found = []
    for path in sorted(folder.glob("*.csv.gz")):
        key = f"realTweets/{path.name.removesuffix('.gz')}"
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = [line.strip().split(",") for line in lines][1:]
        found.append(
            Series(
                path.name.removesuffix(".csv.gz").removeprefix("Twitter_volume_"),
                [when(row[0]) for row in rows],
                [int(float(row[1])) for row in rows],
                [when(text) for text in labels[key]],
                [(when(a), when(b)) for a, b in windows[key]],
            )
        )
    return found


def reward(position: float) -> float:
    """-1 is the left edge of a window, 0 its right edge, above 0 behind it."""
    return -1.0 if position > 3 else 2 / (1 + math.exp(5 * position)) - 1


def probation(steps: int) -> int:
    return min(int(0.15 * steps), 750)


def raw_score(series: Series, detections: Iterable[int], profile: str) -> tuple[float, int]:
    """The unscaled score and the number of windows that count, for detections given as row numbers."""
    hit, false, miss = PROFILES[profile]
    place = {time: i for i, time in enumerate(series.times)}
    skip = probation(len(series.times))
    spans = [(place[a], place[b]) for a, b in series.windows]
    judged = [span for span in spans if span[1] >= skip]
    total = 0.0
    found: dict[int, float] = {}
    for row in detections:
        if row < skip:
            continue
        inside = next((n for n, (a, b) in enumerate(spans) if a <= row <= b), None)
        if inside is not None:
            a, b = spans[inside]
            value = reward(-(b - row + 1) / (b - a + 1)) / reward(-1.0)
            found[inside] = max(found.get(inside, -miss), value * hit)
            continue
        before = [span for span in spans if span[1] < row]
        a, b = before[-1] if before else (0, 0)
        total += false * (reward((row - b) / (b - a)) if before else -1.0)
    total += sum(found.get(n, -miss) for n, span in enumerate(spans) if span in judged)
    return total, len(judged)


def score(pairs: Sequence[tuple[Series, list[int]]], profile: str = "standard") -> float:
    """Scaled over several series at once: 100 is perfect, 0 is silence."""
    hit, _, miss = PROFILES[profile]
    raw = windows = 0.0
    for series, detections in pairs:
        value, count = raw_score(series, detections, profile)
        raw += value
        windows += count
    return 100 * (raw + miss * windows) / ((hit + miss) * windows)


def spaced(series: Series, scores: Sequence[float], threshold: float, hours: float = 6) -> list[int]:
    """Rows at which an alarm is given: at or above the threshold, at least `hours` after the last alarm."""
    rows: list[int] = []
    last: datetime | None = None
    for row, value in enumerate(scores):
        if value >= threshold and (last is None or series.times[row] - last >= timedelta(hours=hours)):
            rows.append(row)
            last = series.times[row]
    return rows


def plain_measures(pairs: Sequence[tuple[Series, list[int]]]) -> dict[str, float]:
    """False incidents per series-week, strict hits (180 min before to 60 min after a label) and the median delay."""
    false = weeks = hits = labels = 0.0
    delays = []
    for series, detections in pairs:
        skip = probation(len(series.times))
        kept = [series.times[row] for row in detections if row >= skip]
        false += sum(1 for at in kept if not any(a <= at <= b for a, b in series.windows))
        weeks += (series.times[-1] - series.times[skip]) / timedelta(weeks=1)
        for label in series.labels:
            if label < series.times[skip]:
                continue
            labels += 1
            near = [at for at in kept if -180 <= (at - label).total_seconds() / 60 <= 60]
            if near:
                hits += 1
                delays.append((near[0] - label).total_seconds() / 60)
    return {
        "false_per_week": round(false / weeks, 3),
        "strict_hits": int(hits),
        "labels": int(labels),
        "median_delay": sorted(delays)[len(delays) // 2] if delays else math.nan,
    }
