"""One process of the tree: `python -m stormdesk.jobs.process prepare | web SOCKET | worker | ingest`.

Exit code 2, with a sentence on standard error, means that a person must act and starting again would not help.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from stormdesk.core.clock import utcnow
from stormdesk.core.jobs import Heartbeat, stopping
from stormdesk.jobs import trouble
from stormdesk.jobs.words import say

log = logging.getLogger("stormdesk.jobs")
EVERY = 1.0
# How long work under way may take to end; a job that is cut off there is one that was killed: its claim runs out.
PATIENCE = 8.0


def main(name: str, *arguments: str) -> int:
    """Run the named process until it is told to stop or its parent is gone."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stormdesk.config.settings")
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    threading.Thread(target=_follow_parent, daemon=True).start()
    data = Path(os.environ["STORMDESK_DATA"])
    try:
        if name == "prepare":
            return _prepare(data)
        if name == "web":
            return _web(data, int(arguments[0]))
        return _work(data, name)
    except Exception as error:
        if words := trouble.sentence(error):
            say(words)
            return 2
        raise


def _follow_parent() -> None:
    """End when the parent does, even when it was killed: only it holds the other end of our standard input."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    stopping.set()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE)
    os._exit(1)


def _prepare(data: Path) -> int:
    import django

    django.setup()
    from stormdesk.jobs.prepare import prepare

    sys.stdout.write(json.dumps(prepare(data)) + "\n")
    return 0


def _web(data: Path, descriptor: int) -> int:
    import uvicorn

    application = import_module("stormdesk.config.asgi").application
    listening = socket.socket(fileno=descriptor)
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=3,
        )
    )
    _beat(data, "web", ready=lambda: server.started)
    server.run(sockets=[listening])
    return 0


def _work(data: Path, group: str) -> int:
    import django

    django.setup()
    from stormdesk.jobs import loops, registry

    beat = _beat(data, group)
    running = loops.start(registry.jobs(group), beat.jobs)
    stopping.wait()
    deadline = time.monotonic() + PATIENCE
    for loop in running:
        loop.join(max(0.0, deadline - time.monotonic()))
    if late := [loop.name for loop in running if loop.is_alive()]:
        log.warning("cut off while still running: %s", ", ".join(late))
    return 0


def _beat(data: Path, name: str, *, ready: Callable[[], bool] = lambda: True) -> Heartbeat:
    """Say every second that this process is alive, from the moment it is ready."""
    now = utcnow().isoformat()
    beat = Heartbeat(name=name, pid=os.getpid(), started=now, at=now)

    def speak() -> None:
        while not ready():
            time.sleep(0.02)
        while True:
            beat.at = utcnow().isoformat()
            try:
                beat.write(data)
            except OSError as error:
                log.error("heartbeat not written: %s", trouble.sentence(error) or error)
            time.sleep(EVERY)

    threading.Thread(target=speak, daemon=True).start()
    return beat


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
