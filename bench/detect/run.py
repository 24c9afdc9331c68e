"""All detectors side by side on the real series and on generated streams.

    python bench/detect/run.py --real DIR [--brands 32] [--weeks 8] [--sensitivity] [--out bench/results/detect.json]

Real: five series of realTweets (NAB), strictly causal, one fixed threshold for all series, six hours between alarms,
the threshold chosen on these series; "left out" chooses it on four and judges on the fifth. Generated: the threshold
is chosen on one set of seeds to keep the false alarms, and judged on another; twice, since the parameters were read by
two hands (`generator.py`, `second_reading.py`).
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import judge
import nab
import second_reading
from generator import PER_DAY, Stream, World, moved, stream
from outside import OUTSIDE

from stormdesk.detect.detectors import ALL, Bucket, Streaming

TUNED_ON, JUDGED_ON = 5000, 30000
THRESHOLDS = [1 / (1 + 10 ** (-e / 16)) for e in range(-24, 97)]
"""From thirty alarms a week to one in a million weeks."""
BUDGETS = (0.1, 0.25)


def scored(kind: type[Streaming], buckets: list[Bucket]) -> tuple[list[float], list[int]]:
    """The score of each bucket and the rows of the detector's own alerts."""
    detector = kind()
    scores, rows = [], []
    for row, bucket in enumerate(buckets):
        score = detector.update(bucket)
        scores.append(score.score)
        if score.alert:
            rows.append(row)
    return scores, rows


def on_real(kind: type[Streaming], series: list[nab.Series]) -> dict[str, Any]:
    """NAB's scores and plain measures of one detector."""
    began = time.process_time()
    results = [
        scored(kind, [Bucket(at, value) for at, value in zip(one.times, one.values, strict=True)])
        for one in series
    ]
    spent = time.process_time() - began

    rows = [
        [nab.spaced(one, result[0], t) for t in THRESHOLDS]
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
    own = [(one, result[1]) for one, result in zip(series, results, strict=True)]
    table["own_alerts"] = {
        "standard": round(nab.score(own), 1),
        "low_fp": round(nab.score(own, "low_fp"), 1),
        **nab.plain_measures(own),
    }
    return table


def learning(judging: list[Stream], found: list[list[int]]) -> dict[str, Any]:
    """The same measures by how many weeks of history there were."""
    return {
        f"{first:g} to {last:g} weeks": {
            key: result[key] for key in ("recall", "crises", "median_delay", "false_per_week")
        }
        for first, last in ((0.15, 1), (1, 2), (2, 4), (4, 8))
        for result in [
            judge.judged(
                zip(judging, found, strict=True), round(first * 7 * PER_DAY), round(last * 7 * PER_DAY)
            )
        ]
    }


def memory(brands: int, weeks: float = 8) -> dict[str, float]:
    """Megabytes that so many detectors hold at once, each with the memory of `weeks` weeks."""
    detector = ALL["stormdesk"]()
    for bucket in stream(JUDGED_ON, weeks).buckets:
        detector.update(bucket)
    written = json.dumps(detector.state())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kept = [ALL["stormdesk"].restore(json.loads(written)) for _ in range(brands)]
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "brands": len(kept),
        "megabytes": round((after - before) / 1024, 1),
        "state_kilobytes": round(len(written) / 1024, 1),
    }


def on_generated(kind: type[Streaming], tuning: list[Stream], judging: list[Stream]) -> dict[str, Any]:
    """Measures of one detector at each budget, by a threshold from other streams, by its own alerts, by history."""
    tuned = [scored(kind, one.buckets)[0] for one in tuning]
    judged = [scored(kind, one.buckets) for one in judging]

    def false(threshold: float) -> float:
        pairs = zip(tuning, (judge.rows_above(scores, threshold) for scores in tuned), strict=True)
        return judge.judged(pairs)["false_per_week"]

    table: dict[str, Any] = {}
    allowed = dict.fromkeys(BUDGETS, math.inf)
    for threshold in reversed(THRESHOLDS):
        rate = false(threshold)
        for budget in BUDGETS:
            if rate <= budget:
                allowed[budget] = threshold
        if rate > 2 * max(BUDGETS):
            break
    for budget, threshold in allowed.items():
        rows = [judge.rows_above(result[0], threshold) for result in judged]
        table[f"at_{budget}"] = {
            "threshold": round(threshold, 4) if threshold < math.inf else None,
            **judge.judged(zip(judging, rows, strict=True)),
        }
    own = [result[1] for result in judged]
    table["own_alerts"] = judge.judged(zip(judging, own, strict=True))
    return table | {"learning": learning(judging, own)}


def sensitivity(brands: int, weeks: float) -> dict[str, Any]:
    """Our own alerts when one parameter of the world is half or half as much again."""
    table = {}
    for name in ("rates", "late", "negative", "clumped", "daily", "storm_negative", "peak"):
        for factor in (0.5, 1.5):
            streams = [stream(JUDGED_ON + n, weeks, moved(name, factor)) for n in range(brands)]
            rows = [scored(ALL["stormdesk"], one.buckets)[1] for one in streams]
            result = judge.judged(zip(streams, rows, strict=True))
            table[f"{name} x {factor}"] = {
                key: result[key] for key in ("recall", "crises", "median_delay", "false_per_week")
            }
    return table


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--real", type=Path, help="folder with Twitter_volume_*.csv.gz and NAB's labels")
    parser.add_argument("--brands", type=int, default=32)
    parser.add_argument("--weeks", type=float, default=8)
    parser.add_argument("--only", nargs="*", default=[*ALL, *OUTSIDE], choices=[*ALL, *OUTSIDE])
    parser.add_argument("--sensitivity", action="store_true")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "results" / "detect.json")
    asked = parser.parse_args()

    report: dict[str, Any] = {"brands": asked.brands, "weeks": asked.weeks, "real": {}}
    if "stormdesk" in asked.only:
        report["memory"] = memory(1000)
        print(report["memory"])
    if asked.real:
        series = nab.read_series(asked.real)
        print(
            "realTweets              standard  left out   low-FP  left out   false/week  strict hits   us/point"
        )
        for name in asked.only:
            table = report["real"][name] = on_real((ALL | OUTSIDE)[name], series)
            one, two = table["standard"], table["low_fp"]
            print(
                f"{name:23} {one['score']:8} {one['left_out']:9} {two['score']:8} {two['left_out']:9}"
                f" {two['false_per_week']:12} {two['strict_hits']:8}/{two['labels']}"
                f" {table['microseconds_per_point']:10}",
                flush=True,
            )
    for reading, make in (("generated", stream), ("second_reading", second_reading.stream)):
        tuning = [make(TUNED_ON + n, asked.weeks, World()) for n in range(asked.brands)]
        judging = [make(JUDGED_ON + n, asked.weeks, World()) for n in range(asked.brands)]
        print(
            f"\n{reading:14}     false/week   recall  median delay   viral  campaign  bots  spill-over  (in vain)"
        )
        report[reading] = {}
        report["learning" if reading == "generated" else "learning_second_reading"] = histories = {}
        for name in asked.only:
            if name in OUTSIDE:
                continue
            table = on_generated(ALL[name], tuning, judging)
            histories[name] = table.pop("learning")
            report[reading][name] = table
            for row, result in table.items():
                wrong = result["wrongly_alerted"]
                print(
                    f"{name:14} {row:10} {result['false_per_week']:6} {result['recall']:8}"
                    f" {result['median_delay']!s:>10}"
                    + "".join(
                        f"{wrong.get(kind, 0):9}" for kind in ("viral", "campaign", "bots", "spillover")
                    ),
                    flush=True,
                )
    if asked.sensitivity:
        report["sensitivity"] = sensitivity(asked.brands, asked.weeks)
        print(json.dumps(report["sensitivity"], indent=1))
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
