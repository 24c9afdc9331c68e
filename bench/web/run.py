"""Start, idle memory and page times of a desk with many mentions, beside a trivial page in the same run.

    python bench/web/run.py [--mentions 100000] [--rounds 60] [--starts 3] [--out bench/results/web.json]

A desk of its own in a temporary folder: first start on an empty folder, later starts, memory of the idle process tree (PSS,
so that shared pages count once), then a file of made posts through `stormdesk import`, then pages over HTTP as a signed-in
person, taken in turns with `/healthz` by one reader. Packages are installed already: `make setup` is not in the first start.
"""

from __future__ import annotations

import argparse
import csv
import http.client
import json
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

STORMDESK = [sys.executable, "-m", "stormdesk.cli.main"]
IDLE_FOR = 15.0
TRIVIAL = "/healthz"
PAGES = {
    "list of 50": "/b/meadow/heard/",
    "list of 50, negative ones": "/b/meadow/heard/?mood=negative",
    "list of 50, a word and its forms": "/b/meadow/heard/?q=возврат",
    "Pulse": "/b/meadow/",
    "inbox": "/b/meadow/inbox/",
    "alerts": "/b/meadow/alerts/",
    "calendar": "/b/meadow/calendar/",
}
# Makes the owner and the brand and prints the cookie of a session: what a person does at a first run.
FIRST_RUN = """
import django; django.setup()
from django.conf import settings
from django.test import Client
from stormdesk.core.clock import utcnow
from stormdesk.flows.first_run import begin_brand, save_words
from stormdesk.people.actions import accept_invitation, owner_link
now = utcnow()
token = owner_link(now=now).strip("/").split("/")[-1]
anna = accept_invitation(token=token, now=now, name="Anna", email="anna@example.org", password="correct horse battery")
brand = begin_brand(by=anna, now=now, name="Meadow", language="en", time_zone="UTC")
save_words(brand=brand, by=anna, now=now, any_of=["meadow", "луговая"], never=[])
client = Client(); client.force_login(anna)
print(brand.slug, client.cookies[settings.SESSION_COOKIE_NAME].value)
"""
SAID = (
    "Meadow yoghurt smells odd, batch {n}", "love the new meadow kefir", "meadow, where is my refund for order {n}?",
    "Queue at the shop again, thanks meadow", "Луговая, верните деньги за заказ {n}", "Кефир «Луговая» как всегда хорош",
    "Оформили возврат в «Луговая», ждём {n} дней", "В «Луговая» опять очередь, безобразие",
)  # fmt: skip


class Desk:
    """One `stormdesk up` on a data folder, and how long it took to answer its first page."""

    def __init__(self, data: Path) -> None:
        began = time.perf_counter()
        self.said = tempfile.TemporaryFile("w+")  # noqa: SIM115  # as long as the process
        self.process = subprocess.Popen(
            [*STORMDESK, "up", "--port", "0", "--data", str(data)],
            stdout=subprocess.DEVNULL,
            stderr=self.said,
            env={**os.environ, "STORMDESK_LOG_LEVEL": "CRITICAL", "STORMDESK_PUBLIC_URL": ""},
        )
        self.port = self._port(data)
        connection = self.connect()
        connection.request("GET", TRIVIAL)
        status = connection.getresponse().status
        if status != 200:
            self.stop()
            raise SystemExit(f"{TRIVIAL} answered {status}; run `stormdesk up` to see why.")
        self.seconds = time.perf_counter() - began
        self.cpu = sum(cpu_seconds(pid) for pid in [self.process.pid, *children(self.process.pid)])

    def _port(self, data: Path) -> int:
        """Where it listens: it writes that into its lock, whatever language and level it speaks to people in."""
        lock = data / "run" / "up.lock"
        while self.process.poll() is None:
            told = lock.read_text().strip() if lock.exists() else ""
            if found := re.fullmatch(rf"http://127\.0\.0\.1:(\d+), {self.process.pid}", told):
                return int(found[1])
            time.sleep(0.005)
        self.said.seek(0)
        raise SystemExit(f"The desk did not start: {self.said.read().strip()[-2000:]}")

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def memory(self) -> dict[str, float]:
        """PSS of the parent and its children, in MB."""
        found = {}
        for pid in [self.process.pid, *children(self.process.pid)]:
            name = "parent" if pid == self.process.pid else command(pid)
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            found[name] = round(int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1]) / 1000, 1)  # type: ignore[index]
        return {**found, "sum": round(sum(found.values()), 1)}

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)


def cpu_seconds(pid: int) -> float:
    """CPU that a process and its ended children have used: what a busy machine does not lengthen."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command(pid: int) -> str:
    """The name of a process of the tree: the argument behind `stormdesk.jobs.process`."""
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return words[words.index("stormdesk.jobs.process") + 1] if "stormdesk.jobs.process" in words else str(pid)


@contextmanager
def desk(data: Path) -> Iterator[Desk]:
    running = Desk(data)
    try:
        yield running
    finally:
        running.stop()


def write_posts(file: Path, number: int) -> None:
    """Made posts over the last four weeks, half of them Russian; the same on every run but for the present hour."""
    chance = random.Random(1107)
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    with file.open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(["id", "time", "author", "text"])
        for n in range(number):
            at = end - timedelta(seconds=chance.randrange(28 * 86400))
            text = chance.choice(SAID).format(n=chance.randrange(100_000))
            rows.writerow([f"p{n}", at.isoformat(), f"person{chance.randrange(number // 3 + 1)}", text])


def percentiles(values: list[float]) -> dict[str, float]:
    """Milliseconds below which half, and nineteen of twenty, of the answers came."""
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    return {"p50_ms": round(1000 * cuts[9], 1), "p95_ms": round(1000 * cuts[18], 1)}


def page_times(running: Desk, cookie: str, rounds: int) -> dict[str, dict[str, Any]]:
    """Each page and the trivial one in turns, so that whatever else the machine does falls on all of them alike; then
    each page alone, for the CPU it costs the web process."""
    connection = running.connect()

    def get(path: str) -> float:
        began = time.perf_counter()
        connection.request("GET", quote(path, safe="/?=&"), headers={"Cookie": f"stormdesk_session={cookie}"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}, so its time means nothing.")
        return time.perf_counter() - began

    paths = {"trivial": TRIVIAL, **PAGES}
    for path in [*paths.values()] * 3:  # warms templates and caches
        get(path)
    taken: dict[str, list[float]] = {name: [] for name in paths}
    for _ in range(rounds):
        for name, path in paths.items():
            taken[name].append(get(path))
    web = next(pid for pid in children(running.process.pid) if command(pid) == "web")
    cpu = {}
    for name, path in paths.items():
        before = cpu_seconds(web)
        for _ in range(rounds):
            get(path)
        cpu[name] = round(1000 * (cpu_seconds(web) - before) / rounds, 1)
    trivial = statistics.median(taken["trivial"])
    return {
        name: {
            **percentiles(times),
            "times_trivial": round(statistics.median(times) / trivial, 1),
            "cpu_ms": cpu[name],
        }
        for name, times in taken.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mentions", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "results" / "web.json")
    asked = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="stormdesk-bench-"))
    environment = os.environ | {
        "STORMDESK_DATA": str(work / "var"),
        "DJANGO_SETTINGS_MODULE": "stormdesk.config.settings",
        "STORMDESK_LOG_LEVEL": "CRITICAL",
    }
    try:
        with desk(work / "var") as running:
            first, first_cpu = running.seconds, running.cpu
        made = subprocess.run(
            [sys.executable, "-c", FIRST_RUN], env=environment, check=True, capture_output=True, text=True
        )
        cookie = made.stdout.split()[-1]
        with desk(work / "var"):
            pass  # the start that notices the owner
        later, later_cpu = [], []
        for _ in range(asked.starts):
            with desk(work / "var") as running:
                later.append(running.seconds)
                later_cpu.append(running.cpu)
        with desk(work / "var") as running:
            time.sleep(IDLE_FOR)
            memory = running.memory()
        write_posts(work / "posts.csv", asked.mentions)
        imported = subprocess.run(
            [*STORMDESK, "import", str(work / "posts.csv"), "--brand", "Meadow"],
            env=environment, check=True, capture_output=True, text=True,
        )  # fmt: skip
        told = json.loads(imported.stdout.splitlines()[-1])
        with desk(work / "var") as running:
            time.sleep(IDLE_FOR)  # the first jobs after an import are no idle machine
            pages = page_times(running, cookie, asked.rounds)
            loaded = running.memory()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    result = {
        "database": "sqlite",
        "load_average": round(os.getloadavg()[0], 1),
        "first_start_s": round(first, 2),
        "first_start_cpu_s": round(first_cpu, 2),
        "later_start_s": round(statistics.median(later), 2),
        "later_start_cpu_s": round(statistics.median(later_cpu), 2),
        "idle_memory_mb": memory,
        "memory_after_pages_mb": loaded,
        "imported": told,
        "pages": pages,
    }
    asked.out.parent.mkdir(exist_ok=True)
    asked.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
