"""A third party's emulation of Mastodon with streaming and faults on demand (PyPI mastodon-mock), beside the real snac."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request

from serving.debian import CACHE
from serving.processes import Processes, Unavailable, free_port, wait_until

PACKAGE = "mastodon-mock==0.6.1"


def start(processes: Processes) -> dict[str, str]:
    """Start it with its own demonstration people, kept in memory."""
    home = CACHE / PACKAGE
    if not home.exists():
        work = CACHE / f"mastodon-mock-{os.getpid()}"
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        done = subprocess.run(
            [*pip, "--no-compile", "--target", str(work), PACKAGE],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            shutil.rmtree(work, ignore_errors=True)
            raise Unavailable(
                f"{PACKAGE} cannot be installed: {(done.stderr.strip().splitlines() or ['?'])[-1]}"
            )
        try:
            work.rename(home)
        except OSError:  # another run installed it in the meantime
            shutil.rmtree(work, ignore_errors=True)
    port = free_port()
    command = [sys.executable, "-m", "mastodon_mock", "serve", "--in-memory", "--demo", "--host", "127.0.0.1"]
    processes.start(
        "mastodon_mock",
        "env",
        f"PYTHONPATH={home}",
        *command,
        "--port",
        str(port),
        "--log-level",
        "warning",
    )
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: _answers(f"{url}/api/v1/instance"), "mastodon-mock", seconds=60)
    return {"STORMDESK_TEST_MASTODON_MOCK_URL": url}


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False
