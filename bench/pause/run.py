"""Pause pressed → in force: how long it takes in calm, under publishers, and under publishers and a flood of writes.

    python bench/pause/run.py [--pauses 150] [--out bench/results/pause.json]

Runs on a database of its own: SQLite in a temporary folder, or the one DATABASE_URL names (it must be empty). Real
processes: two publishers on the practice network, and a writer that stores batches as ingest does. The pause is
pressed as the page presses it, and confirmed by the publishers and the worker's loop, not by the one who measures.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

BATCH = 200


def prepare() -> None:
    """A desk of its own, migrated, before Django reads its settings."""
    os.environ["STORMDESK_DATA"] = tempfile.mkdtemp(prefix="stormdesk-bench-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "stormdesk.config.settings"
    os.environ["STORMDESK_LOG_LEVEL"] = "CRITICAL"
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], check=True)
    import django

    django.setup()


@contextmanager
def children(*works):
    """Processes that repeat their work until the block ends."""
    from django.db import connections

    connections.close_all()
    pids = []
    for work in works:
        pid = os.fork()
        if not pid:
            parent = os.getppid()
            try:
                while os.getppid() == parent:
                    work()
            finally:
                os._exit(0)
        pids.append(pid)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def publish() -> None:
    from stormdesk.core.clock import utcnow
    from stormdesk.publish import outbox

    if not outbox.run_once(utcnow(), f"bench {os.getpid()}", limit=4):
        time.sleep(0.05)


def confirm() -> None:
    """The worker's loop that confirms pauses, at its own pace."""
    from stormdesk.core.clock import utcnow
    from stormdesk.publish import jobs, outbox

    outbox.confirm_pauses(utcnow())
    time.sleep(next(job.every for job in jobs.JOBS if job.name == "confirm pauses").total_seconds())


def flood() -> None:
    """One batch as ingest stores it: read first, then everything in one transaction."""
    from django.db import transaction

    from stormdesk.core.clock import utcnow
    from stormdesk.journal.models import LiveEvent
    from stormdesk.understand import Text, read

    read([Text(str(n), f"The yoghurt {n} tastes of nothing, where is my refund?") for n in range(BATCH)])
    rows = [LiveEvent(topic="mentions", ref="x" * 50, at=utcnow()) for _ in range(BATCH)]
    with transaction.atomic():
        LiveEvent.objects.bulk_create(rows)


class Desk:
    """A brand with an account, a person who pauses, and posts that are always due."""

    def __init__(self) -> None:
        from stormdesk.accounts.actions import connect_account
        from stormdesk.core.clock import utcnow
        from stormdesk.people.models import Brand, Membership, User

        name = uuid.uuid4().hex[:8]
        self.brand = Brand.objects.create(name="Meadow", slug=f"meadow-{name}")
        self.anna = User.objects.create(email=f"{name}@example.org", name="Anna", password="!")
        Membership.objects.create(user=self.anna, brand=self.brand, role="owner")
        path = Path(os.environ["STORMDESK_DATA"]) / "practice.sqlite3"
        self.account = connect_account(
            brand=self.brand, by=self.anna, now=utcnow(), network="practice", handle="meadow",
            settings_={"handle": "meadow", "path": str(path), "faults": {"latency": 0.005}},
        )  # fmt: skip

    def due(self, number: int) -> None:
        from stormdesk.core.clock import utcnow
        from stormdesk.publish.models import Post
        from stormdesk.publish.queries import hash_of

        now = utcnow()
        posts = [
            Post(
                brand=self.brand, account=self.account, text=f"Post {uuid.uuid4().hex[:8]}", state="scheduled",
                due_at=now, author=self.anna, edited_by=self.anna, scheduled_by=self.anna, made_at=now,
                changed_at=now, key=uuid.uuid4(),
            )
            for _ in range(number)
        ]  # fmt: skip
        for post in posts:
            post.approved_hash = hash_of(post)
        Post.objects.bulk_create(posts)

    def press(self) -> tuple[float, float]:
        """Milliseconds until the switch holds (nothing new is taken), and until the page says “in force”."""
        from stormdesk.core.clock import utcnow
        from stormdesk.pause.actions import end_pause, start_pause

        self.due(2)
        time.sleep(0.02)
        began = time.perf_counter()
        pause = start_pause(brand=self.brand, by=self.anna, now=utcnow(), reason="bench")
        holds = time.perf_counter() - began
        while pause.in_force_at is None:
            time.sleep(0.002)
            pause.refresh_from_db(fields=["in_force_at"])
        in_force = time.perf_counter() - began
        end_pause(pause=pause, by=self.anna, now=utcnow())
        return 1000 * holds, 1000 * in_force


def percentiles(values: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {
        "p50": round(cuts[49], 1),
        "p90": round(cuts[89], 1),
        "p99": round(cuts[98], 1),
        "max": round(max(values), 1),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--pauses", type=int, default=150)
    arguments.add_argument(
        "--out", type=Path, default=Path(__file__).parent.parent / "results" / "pause.json"
    )
    chosen = arguments.parse_args()
    prepare()
    from django.db import connection

    from stormdesk.journal.models import LiveEvent

    loads = {
        "calm": (confirm,),
        "publishers": (confirm, publish, publish),
        "flood": (confirm, publish, publish, flood),
    }
    result: dict = {
        "database": connection.vendor,
        "pauses": chosen.pauses,
        "load_average": os.getloadavg()[0],
    }
    for name, works in loads.items():
        desk = Desk()
        rows, began = LiveEvent.objects.count(), time.perf_counter()
        with children(*works):
            pairs = [desk.press() for _ in range(chosen.pauses)]
        seconds = time.perf_counter() - began
        result[name] = {
            "holds_after_ms": percentiles([holds for holds, _ in pairs]),
            "in_force_after_ms": percentiles([in_force for _, in_force in pairs]),
            "rows_written_per_s": round((LiveEvent.objects.count() - rows) / seconds),
        }
    for name in ("publishers", "flood"):
        result[name]["times_calm"] = round(
            result[name]["in_force_after_ms"]["p50"] / result["calm"]["in_force_after_ms"]["p50"], 2
        )
    chosen.out.parent.mkdir(exist_ok=True)
    chosen.out.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
