"""The parent of the tree: starts the processes, starts again what dies, ends them all. Knows no Django, so it stays small."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from stormdesk.core.errors import StormdeskError
from stormdesk.core.jobs import PROCESSES, heartbeats
from stormdesk.jobs import place, prepare
from stormdesk.jobs.words import gettext as _
from stormdesk.jobs.words import say

LOOK_EVERY = 0.1
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 30.0
# One that lived this long was well; its next death is a new story.
WELL_AFTER = 60.0
# So many deaths before the first page could be served: it will not come up by trying.
ATTEMPTS = 5
# Longer than a process gives its own work (see process.PATIENCE).
PATIENCE = 10.0


class CannotStart(StormdeskError):
    """A process of the tree does not come up, and trying again would not help.

    Without words when the process has already said on standard error what a person must do.
    """


class Child:
    """One process of the tree and when to start it again."""

    def __init__(
        self, name: str, environment: dict[str, str], listening: socket.socket | None = None
    ) -> None:
        self.name = name
        self._environment = environment
        self._listening = listening
        self._pause = FIRST_PAUSE
        self._start_at = 0.0
        self.deaths = 0
        self.start()

    def start(self) -> None:
        descriptor = [] if self._listening is None else [self._listening.fileno()]
        self._started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stormdesk.jobs.process", self.name, *map(str, descriptor)],
            env=self._environment,
            stdin=subprocess.PIPE,  # never written to: it closes when this process is gone, which the child sees
            pass_fds=descriptor,
            process_group=0,  # a Ctrl-C in the terminal is for us; we stop the children in order
        )

    def tend(self) -> None:
        """Start the process again if it has died and its pause is over. Raises CannotStart."""
        code = self.process.poll()
        if code is None:
            return
        now = time.monotonic()
        if not self._start_at:
            if code == 2:  # it has said itself what a person must do
                raise CannotStart("")
            self.deaths += 1
            if now - self._started > WELL_AFTER:
                self._pause = FIRST_PAUSE
            say(
                _("The process “{name}” has ended ({how}); starting it again.").format(
                    name=self.name, how=_how(code)
                )
            )
            self._start_at = now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        if now >= self._start_at:
            self._start_at = 0.0
            if self.process.stdin:
                self.process.stdin.close()
            self.start()


def up(*, host: str, port: int, data: Path) -> int:
    """Run the whole product until Ctrl-C or SIGTERM; returns the exit code. Raises StormdeskError.

    `data` is absolute. Port 0 takes any free one.
    """
    place.claim_folder(data)
    with place.lock(data) as locked, place.listen(host, port) as listening:
        port = listening.getsockname()[1]
        environment = os.environ | {
            "STORMDESK_DATA": str(data),
            "STORMDESK_HOST": host,
            "STORMDESK_PORT": str(port),
        }
        if sys.stderr.isatty():
            environment.setdefault("STORMDESK_LOG_FORMAT", "text")
        address = _address(host, port)
        place.sign(locked, f"{address}, {os.getpid()}")
        stop = threading.Event()
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, lambda *_: stop.set())
        link = _prepare(data, environment)
        children: list[Child] = []
        try:
            for name in PROCESSES:
                children.append(Child(name, environment, listening if name == "web" else None))
            _supervise(children, data, address, link, stop)
        finally:
            _end(children)
    return 0


def _prepare(data: Path, environment: dict[str, str]) -> str | None:
    """Have the database made ready if needed; returns the path of the owner's link while there is no owner."""
    if not prepare.needed(data):
        return None
    say(_("Preparing the database in {folder} …").format(folder=data))
    process = subprocess.Popen(
        [sys.executable, "-m", "stormdesk.jobs.process", "prepare"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    with process:
        answer = process.stdout.read() if process.stdout else ""
        code = process.wait()
    if code == 2:
        raise CannotStart("")
    if code:
        raise CannotStart(_("The database could not be prepared; the reason stands above."))
    return json.loads(answer.splitlines()[-1])["owner_link"]


def _supervise(
    children: list[Child], data: Path, address: str, link: str | None, stop: threading.Event
) -> None:
    web, ready = children[0], False
    while not stop.is_set():
        for child in children:
            child.tend()
        if not ready:
            beat = heartbeats(data).get("web")
            ready = beat is not None and beat.pid == web.process.pid
            if ready:
                _greet(address, link)
            elif web.deaths >= ATTEMPTS:
                raise CannotStart(_("The web process does not come up; the reason stands above."))
        stop.wait(LOOK_EVERY)


def _greet(address: str, link: str | None) -> None:
    say(_("Stormdesk is running: {address}").format(address=address))
    if link:
        say(_("Become its owner here (the link works once): {link}").format(link=address + link))
    say(_("Ctrl-C stops it."))


def _end(children: list[Child]) -> None:
    """Ask every process to finish what it does, then end what is left."""

    def at_once(*_: object) -> None:  # a second Ctrl-C
        for child in children:
            child.process.kill()

    signal.signal(signal.SIGINT, at_once)
    for child in children:
        child.process.terminate()
    deadline = time.monotonic() + PATIENCE
    for child in children:
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()


def _address(host: str, port: int) -> str:
    if public := os.environ.get("STORMDESK_PUBLIC_URL"):
        return public.rstrip("/")
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


def _how(code: int) -> str:
    if code >= 0:
        return _("exit code {code}").format(code=code)
    return _("killed by signal {number}").format(number=-code)
