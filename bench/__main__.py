"""`python -m bench [NAME …] [--data DIR] [--full]` runs the benches and writes bench/results/NAME.json, then the report.

`python -m bench report` only writes docs/measures.md from the results. Without --full each bench runs in a quick form that
shows that nothing broke; figures to quote come from --full on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import report

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"


@dataclass(frozen=True)
class Bench:
    """One folder of bench/: how it is run, quickly and fully, and what it needs."""

    name: str
    command: tuple[str, ...]
    quick: tuple[str, ...] = ()
    full: tuple[str, ...] = ()
    out: str = "--out"  # the option that names the result file
    data: tuple[str, str] | None = None  # option, and folder inside --data
    needs_data: bool = False

    def arguments(self, full: bool, data: Path | None) -> list[str]:
        """The command line, the result file included."""
        given = [
            *self.command,
            *(self.full if full else self.quick),
            self.out,
            str(RESULTS / f"{self.name}.json"),
        ]
        if self.data and data:
            given += [self.data[0], str(data / self.data[1])]
        return given

    @property
    def result(self) -> Path:
        """Where the report looks for the result."""
        return RESULTS / f"{self.name}.json"

    @property
    def there(self) -> bool:
        """Whether its code stands."""
        return any((ROOT / "bench" / self.name / file).exists() for file in ("run.py", "__main__.py"))


def script(name: str) -> tuple[str, ...]:
    return (f"bench/{name}/run.py",)


BENCHES = (
    Bench(
        "understand",
        ("-m", "bench.understand"),
        quick=("--only", "speed", "language", "personal", "handles"),
        out="--json",
        data=("--data", "nlp"),
        needs_data=True,
    ),
    Bench(
        "detect",
        script("detect"),
        quick=("--brands", "4", "--weeks", "3", "--only", "stormdesk", "static_ratio"),
        full=("--all",),
        data=("--real", "detect/realTweets"),
    ),
    Bench("ingest", ("-m", "bench.ingest"), quick=("--posts", "8000"), full=("--posts", "50000")),
    Bench("networks", ("-m", "bench.networks"), quick=("--events", "4000")),
    Bench("pause", script("pause"), quick=("--pauses", "40")),
    Bench(
        "web", script("web"), quick=("--mentions", "20000", "--rounds", "20"), full=("--mentions", "1000000")
    ),
)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these; report: only the report")
    parser.add_argument("--data", type=Path, help="folder with the public sets: nlp/…, detect/realTweets")
    parser.add_argument("--full", action="store_true", help="as long as it takes")
    asked = parser.parse_args(arguments)
    known = {bench.name: bench for bench in BENCHES}
    if unknown := sorted(set(asked.names) - set(known) - {"report"}):
        parser.error(f"there is no bench called {', '.join(unknown)}; there are: {', '.join(known)}, report")
    failed = []
    if asked.names != ["report"]:
        for bench in BENCHES:
            wanted = not asked.names or bench.name in asked.names
            if wanted and not run(bench, asked.full, asked.data):
                failed.append(bench.name)
    report.write()
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def run(bench: Bench, full: bool, data: Path | None) -> bool:
    """Run one bench and note how; what is not there or lacks its data is said and left out. False: it failed."""
    if not bench.there:
        print(f"{bench.name}: not there yet, left out", file=sys.stderr)
        return True
    if bench.needs_data and data is None:
        print(
            f"{bench.name}: needs the public sets, left out; name their folder with --data", file=sys.stderr
        )
        return True
    RESULTS.mkdir(exist_ok=True)
    print(f"== {bench.name}", file=sys.stderr)
    began = time.monotonic()
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    code = subprocess.run(
        [sys.executable, *bench.arguments(full, data)], cwd=ROOT, env=environment
    ).returncode
    if code == 0:
        note(bench, full, time.monotonic() - began)
    return code == 0


def note(bench: Bench, full: bool, seconds: float) -> None:
    """Keep beside the result how it came about."""
    file = RESULTS / "runs.json"
    runs = json.loads(file.read_text("utf-8")) if file.exists() else {}
    runs[bench.name] = {
        "form": "full" if full else "quick",
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "seconds": round(seconds),
        "python": platform.python_version(),
        "cores": len(os.sched_getaffinity(0)),
        "load_average": round(os.getloadavg()[0], 1),
    }
    file.write_text(json.dumps(dict(sorted(runs.items())), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
