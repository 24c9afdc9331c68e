"""Two federating servers with the Mastodon client API (snac2), over plain HTTP on loopback addresses, port 80."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from serving.debian import unpack
from serving.processes import Processes, Unavailable, wait_until

PEOPLE = ("alice", "brand", "troll")
# Debian 12 has it in its backports only; later releases carry it themselves.
SUITES = {"bookworm": "bookworm-backports"}
SLOTS = 20


def start(processes: Processes) -> dict[str, str]:
    """Start both. Mentions break on host names with a port, hence port 80 and names of their own, hence root."""
    if os.getuid() != 0:
        raise Unavailable("it needs port 80 and names in /etc/hosts, so it needs root")
    program = unpack("snac2", suites=SUITES) / "usr/bin/snac"
    first = _free_pair()
    passwords = processes.folder / "snac.passwords"
    lines, variables = [], {"STORMDESK_TEST_SNAC_PASSWORDS": str(passwords)}
    for number, variable in ((first, "STORMDESK_TEST_SNAC_URL"), (first + 1, "STORMDESK_TEST_SNAC_URL2")):
        host, address = f"fedi{number}.test", f"127.0.0.{20 + number}"
        processes.name_host(address, host)
        lines += _prepare(program, processes.folder / host, host, address)
        # It can sit on a SIGTERM for long, and there is nothing to save.
        processes.start(host, str(program), "httpd", str(processes.folder / host), stop_with=signal.SIGKILL)
        variables[variable] = f"http://{host}"
    passwords.write_text("\n".join(lines) + "\n")
    for variable in ("STORMDESK_TEST_SNAC_URL", "STORMDESK_TEST_SNAC_URL2"):
        wait_until(lambda url=variables[variable]: _answers(f"{url}/api/v1/instance"), variables[variable])
    return variables


def _prepare(program: Path, folder: Path, host: str, address: str) -> list[str]:
    """Set up one server and its people; returns lines of `name@host password`."""
    answers = f"{address}\n80\n{host}\n\nadmin@mail.test\n"
    made = subprocess.run(
        [program, "init", folder], input=answers, capture_output=True, text=True, check=False
    )
    settings = folder / "server.json"
    if made.returncode or not settings.exists():
        raise Unavailable(f"snac cannot run here: {(made.stderr.strip().splitlines() or ['no message'])[-1]}")
    chosen = json.loads(settings.read_text()) | {"protocol": "http", "queue_retry_minutes": 1}
    settings.write_text(json.dumps(chosen, indent=4))
    lines = []
    for name in PEOPLE:
        added = subprocess.run(
            [program, "adduser", folder, name], capture_output=True, text=True, check=False
        )
        said = next(
            (line for line in (added.stdout + added.stderr).splitlines() if "password is" in line), ""
        )
        if not said:
            raise Unavailable(f"snac did not accept the user {name}")
        lines.append(f"{name}@{host} {said.split()[-1]}")
    return lines


def _free_pair() -> int:
    """The first of two neighbouring numbers whose addresses nobody serves, so that two runs do not collide."""
    for first in range(1, 2 * SLOTS, 2):
        try:
            for number in (first, first + 1):
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind((f"127.0.0.{20 + number}", 80))
            return first
        except OSError:
            continue
    raise Unavailable("port 80 of every loopback address it may use is taken")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status < 500
    except (OSError, urllib.error.URLError):
        return False
