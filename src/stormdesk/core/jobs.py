"""What a stage says about its periodic work, and how a process says that it is alive.

A stage's `jobs.py` holds `JOBS = [Job("send due posts", every=timedelta(seconds=1), run=send_due_posts)]`; the worker and
the ingest process run them. Heartbeats are small files in the data folder, so that anyone may read them without a database.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

# Set when this process has been asked to stop; a job that listens for long looks at it and returns.
stopping = threading.Event()


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of periodic work. `run(now=…)` is called `every` so often, counted from the end of the last call.

    Each job has its own thread and database connection: a slow or failing one never holds up another. A job of the
    group "ingest" runs in the process that listens to networks, "worker" in the one that does everything else.
    """

    name: str
    every: timedelta
    run: Callable[..., object]
    group: Literal["worker", "ingest"] = "worker"


@dataclass(slots=True)
class JobState:
    """How one job has fared since its process started; times are ISO 8601, UTC."""

    runs: int = 0
    failures: int = 0
    failed_in_a_row: int = 0
    running_since: str = ""
    finished: str = ""
    error: str = ""


@dataclass(slots=True)
class Heartbeat:
    """What a process last said about itself."""

    name: str
    pid: int
    started: str
    at: str
    jobs: dict[str, JobState] = field(default_factory=dict)

    def age(self, now: datetime) -> timedelta:
        """How long ago the process last spoke."""
        return now - datetime.fromisoformat(self.at)

    def write(self, data: Path) -> None:
        """Replace the file `run/<name>.json` in the data folder; a reader never sees half of it."""
        folder = data / "run"
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / f"{self.name}.{os.getpid()}.new"
        new.write_text(json.dumps(asdict(self), ensure_ascii=False))
        new.replace(folder / f"{self.name}.json")


PROCESSES = ("web", "worker", "ingest")
# A process speaks every second; one that has been silent for this long is stuck or gone.
SILENT_AFTER = timedelta(seconds=15)


def heartbeats(data: Path) -> dict[str, Heartbeat]:
    """The last heartbeat of each process that has ever run on this data folder, by name."""
    found = {}
    for name in PROCESSES:
        try:
            said = json.loads((data / "run" / f"{name}.json").read_text())
            said["jobs"] = {job: JobState(**state) for job, state in said["jobs"].items()}
            found[name] = Heartbeat(**said)
        except (OSError, ValueError, TypeError, KeyError):
            continue
    return found


def silent(data: Path, now: datetime) -> list[str]:
    """The processes of the tree that are not alive right now; empty means all of them are."""
    beats = heartbeats(data)
    return [name for name in PROCESSES if name not in beats or beats[name].age(now) > SILENT_AFTER]
