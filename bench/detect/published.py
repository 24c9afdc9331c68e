"""Does our scorer say what NAB's says? Two detectors that are simple enough to be written anew from their descriptions
are run on the five open series and scored; their detections and scores, file by file, are facts published with NAB.

    python bench/detect/published.py --real DIR

The window of the Gaussian detector moves by a hundred steps, its scores are published to twelve digits, and so its
threshold of one is reached seven deviations above the mean. Relative entropy (Wang et al. 2011) is told each file's
minimum and maximum beforehand: it looks ahead, and is here to check the scorer, not to be compared with.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nab
import numpy as np

PUBLISHED = {
    ("windowedGaussian", "standard"): {
        "AAPL": (42, 24, 1.5139968363),
        "CRM": (10, 0, 0.7638457641),
        "CVS": (22, 18, 0.7736820614),
        "GOOG": (23, 9, -0.1467773552),
        "UPS": (57, 63, -2.2051646682),
    },
    ("relativeEntropy", "standard"): {
        "AAPL": (4, 4, -0.6928092445),
        "CRM": (4, 1, -1.2482122203),
        "CVS": (7, 2, 2.4567760382),
        "GOOG": (3, 2, 0.5628364391),
        "UPS": (14, 7, 1.4298489873),
    },
    ("relativeEntropy", "low_fp"): {
        "AAPL": (4, 4, -1.1087594055),
        "CRM": (4, 1, -1.3582122203),
        "CVS": (7, 2, 2.2367760382),
        "GOOG": (3, 2, 0.3428364391),
        "UPS": (14, 7, 0.7090686775),
    },
}
"""Steps detected inside and outside of windows after the probation, and the unscaled score of each file."""


def windowed_gaussian(values: Sequence[float], window: int = 6400, stride: int = 100) -> list[int]:
    """Rows whose one-sided tail probability under the last `window` values rounds to nothing at twelve digits."""
    seen: list[float] = []
    waiting: list[float] = []
    mean, spread, rows = 0.0, 1.0, []
    for row, value in enumerate(values):
        tail = 0.5 * math.erfc(abs(value - mean) / spread / 1.4142) if seen else 1.0
        if round(1 - tail, 12) >= 1:
            rows.append(row)
        if len(seen) < window:
            seen.append(value)
        else:
            waiting.append(value)
            if len(waiting) < stride:
                continue
            seen, waiting = seen[stride:] + waiting, []
        mean, spread = float(np.mean(seen)), float(np.std(seen)) or 1e-6
    return rows


def relative_entropy(
    values: Sequence[float], bins: int = 5, window: int = 52, limit: float = 13.2767
) -> list[int]:
    """Rows whose window of quantised values agrees with no window before; limit: chi-squared, 4 degrees, 0.99."""
    low, wide = min(values), (max(values) - min(values)) / bins
    places = [min(bins - 1, math.ceil((value - low) / wide)) for value in values]
    known: list[np.ndarray] = []
    rows = []
    for row in range(window - 1, len(values)):
        shares = np.bincount(places[row - window + 1 : row + 1], minlength=bins) / window
        there = shares > 0
        distances = []
        for other in known:
            if (other[there] > 0).all():
                distances.append(
                    2 * window * float((shares[there] * np.log(shares[there] / other[there])).sum())
                )
        if not any(distance < limit for distance in distances):
            if known:
                rows.append(row)
            known.append(shares)
    return rows


DETECTORS = {"windowedGaussian": windowed_gaussian, "relativeEntropy": relative_entropy}


def counted(series: nab.Series, rows: Sequence[int]) -> tuple[int, int]:
    """Detections after the probation inside and outside of windows."""
    skip = nab.probation(len(series.times))
    kept = [series.times[row] for row in rows if row >= skip]
    inside = sum(any(a <= at <= b for a, b in series.windows) for at in kept)
    return inside, len(kept) - inside


def check(series: Sequence[nab.Series]) -> list[dict[str, Any]]:
    """One row per detector, profile and file: what is published, and what our scorer says."""
    table: list[dict[str, Any]] = []
    found = {(name, one.name): detect(one.values) for name, detect in DETECTORS.items() for one in series}
    for (name, profile), figures in PUBLISHED.items():
        for one in series:
            inside, outside, score = figures[one.name]
            rows = found[name, one.name]
            table.append(
                {
                    "detector": name,
                    "profile": profile,
                    "series": one.name,
                    "published": [inside, outside, score],
                    "ours": [*counted(one, rows), round(nab.raw_score(one, rows, profile)[0], 10)],
                }
            )
    return table


def agreement(table: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """How many of the published scores are ours, to nine digits."""

    def same(row: dict[str, Any]) -> bool:
        ours, theirs = row["ours"], row["published"]
        return bool(ours[:2] == theirs[:2] and abs(ours[2] - theirs[2]) < 1e-9)

    different = [row for row in table if not same(row)]
    return {"figures": len(table), "same": len(table) - len(different), "different": different}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--real", type=Path, required=True, help="folder with the five series and NAB's labels"
    )
    for line in check(nab.read_series(parser.parse_args().real)):
        print(*line.values())
