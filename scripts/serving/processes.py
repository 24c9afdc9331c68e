"""Starting, recording and ending server processes; nothing here outlives the run that started it."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

HOSTS = Path("/etc/hosts")


class Unavailable(Exception):
    """A service that cannot run here; the sentence says why and what would help."""


def log(sentence: str) -> None:
    print(f"services: {sentence}", file=sys.stderr, flush=True)


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(ready: Callable[[], bool], what: str, *, seconds: float = 30) -> None:
    """Wait for `ready()`; raises Unavailable after `seconds`."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise Unavailable(f"{what} did not answer within {seconds:.0f} s")
        time.sleep(0.1)


def end(pid: int, how: int = signal.SIGTERM) -> None:
    """End the process group of `pid`: ask, wait up to 10 s, then kill."""
    for sign, patience in ((how, 10.0), (signal.SIGKILL, 2.0)):
        try:
            os.killpg(pid, sign)
        except (ProcessLookupError, PermissionError):
            return
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                pass
            try:
                os.killpg(pid, 0)
            except (ProcessLookupError, PermissionError):
                return
            time.sleep(0.05)


class Processes:
    """The server processes of one run, with the folder for their state and logs."""

    def __init__(self, folder: Path, *, end_with_us: bool) -> None:
        self.folder = folder
        self.hosts: list[str] = []
        self.shared: dict[str, dict[str, str]] = {}
        """Variables of services that others lean on, by name, once they run."""
        self._end_with_us = end_with_us
        self._started: list[tuple[subprocess.Popen[bytes], int]] = []
        # Servers that drop root must still reach their files below this folder.
        folder.chmod(0o755)

    def start(
        self, name: str, *command: str, user: str | None = None, stop_with: int = signal.SIGTERM
    ) -> None:
        """Start a server in its own process group; its output goes to NAME.log in the folder."""

        def follow_us_down() -> None:
            if self._end_with_us and sys.platform == "linux":
                ctypes.CDLL(None).prctl(1, stop_with)  # PR_SET_PDEATHSIG: also when this script is killed

        with (self.folder / f"{name}.log").open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=follow_us_down,
                cwd="/",
                **as_user(user),
            )
        self._started.append((process, stop_with))

    def pids(self) -> list[int]:
        return [process.pid for process, _ in self._started]

    def stop(self) -> None:
        """End every process and remove the host names this run added."""
        for process, how in self._started:
            end(process.pid, how)
        self.forget_hosts(self.hosts)

    def name_host(self, address: str, name: str) -> None:
        """Let this machine find `name` at a loopback address until the run ends (needs root)."""
        line = f"{address} {name}"
        with _hosts() as lines:
            if line not in lines:  # a run that was killed may have left it
                lines.append(line)
        self.hosts.append(line)

    @staticmethod
    def forget_hosts(gone: list[str]) -> None:
        if gone:
            with _hosts() as lines:
                for line in gone:
                    if line in lines:
                        lines.remove(line)


@contextmanager
def _hosts() -> Iterator[list[str]]:
    # Written in place: in a container the file is a mount and cannot be replaced.
    with HOSTS.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        lines = file.read().splitlines()
        yield lines
        file.seek(0)
        file.write("\n".join(lines) + "\n")
        file.truncate()


def as_user(user: str | None) -> dict:
    """Arguments for subprocess that give up root for `user`; nothing when there is no user to become."""
    return {"user": user, "group": user, "extra_groups": []} if user else {}
