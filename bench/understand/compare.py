"""`python -m bench.understand.compare --data DIR [--only NAME …] [--json FILE]`: ours beside what is usually installed.

Every comparison runs both on the same posts in the same process. A package that is not installed is a row that says so:
presidio-analyzer, lingua-language-detector, datasketch and rapidfuzz belong to nobody's installation of the product.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

from bench.understand import compare_handles, compare_language, compare_narratives, compare_personal
from bench.understand.rows import Row

MEASURES: dict[str, Callable[[Path], Iterable[Row]]] = {
    "personal": compare_personal.rows,
    "handles": compare_handles.rows,
    "language": compare_language.rows,
    "told": compare_narratives.told,
    "intents": compare_narratives.intents,
    "copies": compare_narratives.copies,
    "memory": compare_narratives.memory,
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.understand.compare", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="directory with the labelled sets")
    parser.add_argument("--only", nargs="*", choices=MEASURES, help="measure only these")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    options = parser.parse_args(arguments)
    print(f"{'measure':<58}{'how':<28}{'n':>8}{'value':>10}{'floor':>7}{'target':>8}  reached")
    found: list[Row] = []
    for name in options.only or MEASURES:
        for row in MEASURES[name](options.data):
            found.append(row)
            value = "" if math.isnan(row.value) else f"{row.value:.1f}"
            floor = "" if row.floor is None else f"{row.floor:g}"
            target = "" if row.target is None else f"{row.target:g}"
            print(
                f"{row.measure:<58}{row.how:<28}{row.count:>8}{value:>10}{floor:>7}{target:>8}  {row.standing}",
                flush=True,
            )
    if options.json:
        rows = [{**asdict(row), "value": None if math.isnan(row.value) else row.value} for row in found]
        options.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
