"""`python -m bench.understand --data DIR [--only NAME …] [--json FILE]`: every measure beside its floor and target."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from bench.understand import heads, made, speed
from bench.understand.rows import Measure, Row

MEASURES: dict[str, Measure] = {
    "speed": speed.light,
    "tweeteval": heads.tweeteval,
    "airline": heads.airline,
    "rusentitweet": heads.rusentitweet,
    "sentirueval": heads.sentirueval,
    "many": heads.many,
    "needs": heads.needs,
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
    options = parser.parse_args(arguments)
    print(f"{'measure':<46}{'how':<15}{'n':>7}{'value':>9}{'floor':>8}{'target':>8}  reached")
    found: list[Row] = []
    for name in options.only or MEASURES:
        for row in MEASURES[name](options.data):
            found.append(row)
            floor = "" if row.floor is None else f"{row.floor:g}"
            target = "" if row.target is None else f"{row.target:g}"
            print(
                f"{row.measure:<46}{row.how:<15}{row.count:>7}{row.value:>9.1f}{floor:>8}{target:>8}  {row.standing}",
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
