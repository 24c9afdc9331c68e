"""Posts read per second of one core's time, and memory."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from threadpoolctl import threadpool_limits

from bench.understand.heads import WAYS
from bench.understand.rows import Row
from stormdesk.understand import Text, read
from stormdesk.understand.training import sources

_MEMORY = """
import resource, sys
def used():
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1000
from stormdesk.understand import Text, read
said = [used()]
for way in sys.argv[1:]:
    read([Text("1", "one post", brand="One")] * 600, path=way)
    said.append(used())
print(*said)
"""


def ways(data: Path) -> list[Row]:
    """Rates on tweets of both languages; the full path reads fewer of them."""
    texts = [
        e.text for pair in zip(sources.rusentitweet(data), sources.semeval(data), strict=False) for e in pair
    ]
    posts = [Text(str(i), text) for i, text in enumerate(texts[:10_000])]
    result = []
    with threadpool_limits(1):
        for way, count, marks in (
            ("light", 10_000, (1000, 3000, False, 6000)),
            ("full", 3_000, (300, 500, False, 1000)),
        ):
            if way not in WAYS:
                continue
            read(posts[:600], path=way)
            started = time.process_time()
            read(posts[:count], path=way)
            rate = count / (time.process_time() - started)
            result.append(Row(f"posts per second and core, {way}", "measured", count, rate, *marks))
    said = subprocess.run(
        [sys.executable, "-c", _MEMORY, *WAYS], capture_output=True, text=True, check=True
    ).stdout.split()
    for name, value in zip(("imported", *(f"after reading, {way}" for way in WAYS)), said, strict=True):
        result.append(Row(f"memory of a process, MB, {name}", "measured", 1, float(value)))
    return result


def stream(_: Path) -> list[Row]:
    """`stormdesk understand` on a long stream: its memory must not grow with it."""
    program = (
        "import json, subprocess, sys, resource\n"
        "count = int(sys.argv[1])\n"
        "child = subprocess.Popen([sys.executable, '-m', 'stormdesk.cli.main', 'understand', '--path', 'light'], stdin=subprocess.PIPE, "
        "stdout=subprocess.DEVNULL)\n"
        "for i in range(count):\n"
        "    child.stdin.write(json.dumps({'id': i, 'text': f'заказ {i} не пришёл, где он? order {i % 97}'}).encode() + b'\\n')\n"
        "child.stdin.close()\n"
        "assert child.wait() == 0\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000)\n"
    )
    result = []
    for count in (30_000, 90_000):
        peak = subprocess.run(
            [sys.executable, "-c", program, str(count)], capture_output=True, text=True, check=True
        ).stdout
        result.append(
            Row(f"stormdesk understand, peak MB after {count:,} posts", "measured", count, float(peak))
        )
    return result
