"""Where an installation stands on its machine: the data folder, its lock, the port."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import socket
from pathlib import Path
from typing import IO

from stormdesk.core.errors import StormdeskError
from stormdesk.jobs.words import gettext as _

# Below this, SQLite's own journal may not fit any more.
LEAST_FREE = 20 * 1024 * 1024


class NoPlace(StormdeskError):
    """The data folder or the port cannot be used; the sentence says why and what to do."""


def data_folder(given: str | None = None) -> Path:
    """The data folder: as given, else STORMDESK_DATA, else `var` in the present folder; set for all that follows."""
    data = Path(given or os.environ.get("STORMDESK_DATA") or "var").expanduser().resolve()
    os.environ["STORMDESK_DATA"] = str(data)
    return data


def claim_folder(data: Path) -> None:
    """Make the data folder and see that it can be written. Raises NoPlace."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data / "run").mkdir(exist_ok=True)
        probe = data / "run" / f"probe.{os.getpid()}"
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoPlace(_full(data)) from None
        raise NoPlace(
            _(
                "The data folder {folder} cannot be written ({reason}): choose another with --data, or change its owner."
            ).format(folder=data, reason=os.strerror(error.errno or errno.EIO))
        ) from None
    if shutil.disk_usage(data).free < LEAST_FREE:
        raise NoPlace(_full(data))


def _full(data: Path) -> str:
    return _("The disk of the data folder {folder} is full: free some space, then start again.").format(
        folder=data
    )


def lock(data: Path) -> IO[str]:
    """Hold the data folder for this process while the returned file stays open. Raises NoPlace when another does."""
    file = (data / "run" / "up.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        who = file.read().strip()
        file.close()
        raise NoPlace(
            _("Stormdesk is already running on the data folder {folder} ({who}): stop it first.").format(
                folder=data, who=who
            )
        ) from None
    return file


def sign(locked: IO[str], words: str) -> None:
    """Write into the lock who holds it, for the sentence that others will read."""
    locked.seek(0)
    locked.truncate()
    locked.write(words)
    locked.flush()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket that children may inherit. Port 0 takes any free one. Raises NoPlace."""
    if not 0 <= port <= 65535:
        raise NoPlace(
            _("There is no port {port}: choose one from 1024 to 65535 with --port.").format(port=port)
        )
    try:
        family, _kind, _proto, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(1024)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            sentence = _(
                "Port {port} of {host} is taken by another program: stop it, or choose another port with --port."
            )
        elif error.errno == errno.EACCES:
            sentence = _(
                "Port {port} may be opened only by the administrator: choose one above 1023 with --port."
            )
        else:
            sentence = _(
                "This machine cannot listen on {host}, port {port} ({reason}): correct --host or --port."
            )
        raise NoPlace(sentence.format(host=host, port=port, reason=error.strerror)) from None
    sock.set_inheritable(True)
    return sock
