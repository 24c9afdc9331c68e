"""`python -m bench.understand --data DIR [--full] [--only NAME …] [--json FILE]`: every measure beside its floor and target.

`--full` crosses the full path too, for which the networks are trained anew without each fold: about fifteen minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from bench.understand import crossed, heads, made, speed, taught
from bench.understand.rows import Measure, Row

MEASURES: dict[str, Measure] = {
    "speed": speed.ways,
    "stream": speed.stream,
    "tweeteval": heads.tweeteval,
    "airline": heads.airline,
    "taught": taught.labels,
    "rusentitweet": crossed.rusentitweet,
    "sentirueval": heads.sentirueval,
    "toward": crossed.toward,
    "many": heads.many,
    "needs": crossed.needs,
    "industries": crossed.industries,
    "language": heads.language,
    "personal": made.personal,
    "copies": made.copies,
    "handles": made.handles,
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.understand", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="directory with the labelled sets, one folder each"
    )
    parser.add_argument("--only", nargs="*", choices=MEASURES, help="measure only these")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    parser.add_argument("--full", action="store_true", help="cross the full path too: about fifteen minutes")
    parser.add_argument(
        "--vectors", type=Path, help="keep the encoder's numbers in this .npz file between runs"
    )
    options = parser.parse_args(arguments)
    crossed.FULL, crossed.VECTORS = options.full, options.vectors
    print(
        f"{'measure':<62}{'how':<15}{'n':>7}{'value':>9}{'floor':>7}{'target':>7}{'beyond':>7}  {'reached':<8}beside"
    )
    found: list[Row] = []
    for name in options.only or MEASURES:
        for row in MEASURES[name](options.data):
            found.append(row)
            marks = "".join(
                f"{'' if mark is None else format(mark, 'g'):>7}"
                for mark in (row.floor, row.target, row.beyond)
            )
            print(
                f"{row.measure:<62}{row.how:<15}{row.count:>7}{row.value:>9.1f}{marks}  {row.standing:<8}{row.usual}",
                flush=True,
            )
    if options.json:
        options.json.write_text(
            json.dumps(
                [{**asdict(row), "reached": row.standing} for row in found], ensure_ascii=False, indent=1
            )
            + "\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
