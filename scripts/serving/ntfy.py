"""An ntfy push server, on a free loopback port."""

from __future__ import annotations

import urllib.error
import urllib.request

from serving.debian import unpack
from serving.processes import Processes, free_port, wait_until

# Debian 13 is the first to have it; its program runs on Debian 12 too.
SUITES = {"bookworm": "trixie"}


def start(processes: Processes) -> dict[str, str]:
    """Start it with a memory of its own, which tests read messages back from."""
    program = unpack("ntfy", suites=SUITES) / "usr/bin/ntfy"
    url = f"http://127.0.0.1:{free_port()}"
    processes.start(
        "ntfy", str(program), "serve", "--config", "/dev/null", "--listen-http", url.removeprefix("http://"),
        "--base-url", url, "--cache-file", str(processes.folder / "ntfy.db"),
    )  # fmt: skip
    wait_until(lambda: _answers(f"{url}/v1/health"), url)
    return {"STORMDESK_TEST_NTFY_URL": url}


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
