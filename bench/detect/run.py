"""All detectors side by side on the real series and on generated streams.

    python bench/detect/run.py --real DIR [--brands 100] [--weeks 8] [--only NAME …] [--out FILE]
    python bench/detect/run.py --add sensitivity thousand [--out FILE]

Real: five series of realTweets (NAB), strictly causal, one fixed threshold for all series, six hours between alarms,
the threshold chosen on these series; "left out" chooses it on four and judges on the fifth. Generated: the threshold
is chosen on one set of seeds to keep the false alarms, and judged on another; twice, since the parameters were read by
two hands (`generator.py`, `second_reading.py`). Beside them: does our scorer say what NAB's says (`published.py`), how
figures move with the world, and a thousand brands at once (`thousand.py`); these two are added to the file that is there.
Half-space trees take a hundred microseconds a point, so they are run on the real series only.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import generated
import nab
import published
import thousand
from outside import OUTSIDE
from real import on_real

from stormdesk.detect.detectors import ALL

SLOW = ("river_half_space_trees",)
ADDED = ("sensitivity", "thousand")
MOVED_BRANDS = 12
"""For the table of sensitivity: on each reading, for each of twenty-one worlds."""


def real(folder: Path, names: list[str]) -> dict[str, Any]:
    """The table of the real series, said as it grows."""
    series = nab.read_series(folder)
    print(
        "realTweets              standard  left out   low-FP  left out   false/week  strict hits   us/point"
    )
    table = {}
    for name in names:
        result = table[name] = on_real((ALL | OUTSIDE)[name], series)
        one, two = result["standard"], result["low_fp"]
        print(
            f"{name:23} {one['score']:8} {one['left_out']:9} {two['score']:8} {two['left_out']:9}"
            f" {two['false_per_week']:12} {two['strict_hits']:8}/{two['labels']}"
            f" {result['microseconds_per_point']:10}",
            flush=True,
        )
    return table


def told(table: dict[str, dict[str, Any]], reading: str) -> None:
    """One line per detector and budget."""
    print(
        f"\n{reading:23}            false/week   recall  median delay   viral  campaign  bots  spill-over  (in vain)"
    )
    for name, forms in table.items():
        for form, result in forms.items():
            if form != "learning":
                wrong = result["wrongly_alerted"]
                print(
                    f"{name:23} {form:10} {result['false_per_week']:6} ± {result['false_give_or_take']:5}"
                    f" {result['recall']:8} {result['median_delay']!s:>10}"
                    + "".join(
                        f"{wrong.get(kind, 0):9}" for kind in ("viral", "campaign", "bots", "spillover")
                    ),
                    flush=True,
                )


def compared(real_series: Path | None, brands: int, weeks: float, names: list[str]) -> dict[str, Any]:
    """The tables of all these detectors in one run."""
    report: dict[str, Any] = {
        "brands": brands,
        "weeks": weeks,
        "tuned_on": generated.TUNED_ON,
        "judged_on": generated.JUDGED_ON,
    }
    if real_series:
        report["published"] = published.agreement(published.check(nab.read_series(real_series)))
        print(f"published scores that are ours, too: {report['published']}", flush=True)
        report["real"] = real(real_series, names)
    kinds = {name: (ALL | OUTSIDE)[name] for name in names if name not in SLOW}
    for reading in generated.READINGS:
        report[reading] = generated.on_generated(kinds, reading, brands, weeks)
        told(report[reading], reading)
    return report


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--real", type=Path, help="folder with Twitter_volume_*.csv.gz and NAB's labels")
    parser.add_argument("--brands", type=int, default=100, help="to tune on, and as many to judge on")
    parser.add_argument("--weeks", type=float, default=8)
    parser.add_argument("--only", nargs="*", default=[*ALL, *OUTSIDE], choices=[*ALL, *OUTSIDE])
    parser.add_argument("--add", nargs="+", choices=ADDED, help="only this, into the file of --out")
    parser.add_argument("--all", action="store_true", help="the tables, and then what --add adds")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "results" / "detect.json")
    asked = parser.parse_args()

    if asked.add:
        report: dict[str, Any] = json.loads(asked.out.read_text("utf-8"))
    else:
        report = compared(asked.real, asked.brands, asked.weeks, asked.only)
    for name in ADDED if asked.all else asked.add or ():
        report[name] = (
            thousand.measured(1000, 8) if name == "thousand" else generated.sensitivity(MOVED_BRANDS, 8)
        )
        print(json.dumps(report[name], indent=1), flush=True)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
