"""A thousand brands, eight weeks, live: every brand is scored step by step, all detectors alive at once.

    python bench/detect/thousand.py [--brands 1000] [--weeks 8] [--out FILE]

The streams are made beforehand by another process and lie on disk, day by day, as a counter would hand them over. At the
end of each week the desk is stopped: all states are written as JSON, the detectors are thrown away and restored.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from generated import JUDGED_ON
from generator import PER_DAY, START, STEP, stream

from stormdesk.detect.detectors import Bucket, Detector

COLUMNS = 5


def make(folder: Path, brands: int, weeks: float) -> None:
    """Counts of all brands into one file a day: brands × columns × steps; -1 mentions is a gap."""
    days = [(folder / f"{day}").open("wb") for day in range(round(weeks * 7))]
    for seed in range(JUDGED_ON, JUDGED_ON + brands):
        rows = [
            (-1 if b.mentions is None else b.mentions, b.negative, b.authors, b.duplicates, b.competitor)
            for b in stream(seed, weeks).buckets
        ]
        counts = np.array(rows, dtype=np.int32)
        for day, file in enumerate(days):
            counts[day * PER_DAY : (day + 1) * PER_DAY].tofile(file)
    for file in days:
        file.close()


def peak_megabytes() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def restarted(detectors: list[Detector], file: Path) -> list[Detector]:
    """The same detectors after a stop: one line of JSON each."""
    with file.open("w", encoding="utf-8") as lines:
        for detector in detectors:
            lines.write(json.dumps(detector.state()) + "\n")
    count = len(detectors)
    detectors.clear()
    with file.open(encoding="utf-8") as lines:
        again = [Detector.restore(json.loads(line)) for line in lines]
    assert len(again) == count
    return again


def score(folder: Path, brands: int, weeks: float) -> dict[str, Any]:
    """Seconds of CPU, peak memory, and what stopping and starting again took."""
    empty = peak_megabytes()
    began, stopped, restarts, alerts, points = time.process_time(), 0.0, 0, 0, 0
    detectors = [Detector() for _ in range(brands)]
    for day in range(round(weeks * 7)):
        counts = np.fromfile(folder / f"{day}", dtype=np.int32).reshape(brands, PER_DAY, COLUMNS)
        for step in range(PER_DAY):
            at = START + timedelta(minutes=STEP * (day * PER_DAY + step))
            for detector, row in zip(detectors, counts[:, step].tolist(), strict=True):
                heard = None if row[0] < 0 else row[0]
                alerts += bool(detector.update(Bucket(at, heard, row[1], row[2], row[3], row[4])).alert)
                points += 1
        if day % 7 == 6:
            before = time.process_time()
            detectors = restarted(detectors, folder / "states")
            stopped += time.process_time() - before
            restarts += 1
    spent = time.process_time() - began
    return {
        "brands": brands,
        "weeks": weeks,
        "points": points,
        "alerts": alerts,
        "seconds": round(spent, 1),
        "microseconds_per_point": round((spent - stopped) / points * 1e6, 1),
        "restarts": restarts,
        "seconds_per_restart": round(stopped / max(1, restarts), 2),
        "state_kilobytes": round((folder / "states").stat().st_size / 1024 / brands, 1) if restarts else None,
        "peak_megabytes": peak_megabytes(),
        "of_which_before_the_first_step": empty,
    }


def measured(brands: int, weeks: float) -> dict[str, Any]:
    """Both steps, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            __file__,
            "--brands",
            str(brands),
            "--weeks",
            str(weeks),
            "--folder",
            folder,
        ]
        subprocess.run([*command, "--only", "make"], check=True)
        told = subprocess.run([*command, "--only", "score"], check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(told.stdout)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--brands", type=int, default=1000)
    parser.add_argument("--weeks", type=float, default=8)
    parser.add_argument("--only", choices=("make", "score"))
    parser.add_argument("--folder", type=Path, help="with --only: where the counts lie")
    asked = parser.parse_args()
    if asked.only == "make":
        make(asked.folder, asked.brands, asked.weeks)
    elif asked.only == "score":
        print(json.dumps(score(asked.folder, asked.brands, asked.weeks)))
    else:
        print(json.dumps(measured(asked.brands, asked.weeks), indent=1))


if __name__ == "__main__":
    main()
