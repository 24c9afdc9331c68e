"""Synapse, a Matrix homeserver, in a virtual environment of its own that is kept between runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from serving.debian import CACHE
from serving.processes import Processes, Unavailable, free_port, log, wait_until

PACKAGE = "matrix-synapse==1.163.2"
SECRET = "test-only"
SETTINGS = """
server_name: desk.test
listeners: [{{port: {port}, type: http, tls: false, bind_addresses: [127.0.0.1], resources: [{{names: [client], compress: false}}]}}]
database: {{name: sqlite3, args: {{database: {folder}/homeserver.db}}}}
log_config: {folder}/log.yaml
media_store_path: {folder}/media
signing_key_path: {folder}/signing.key
registration_shared_secret: {secret}
macaroon_secret_key: {secret}
form_secret: {secret}
report_stats: false
trusted_key_servers: []
presence: {{enabled: false}}
"""
LOGGING = "version: 1\nhandlers: {c: {class: logging.StreamHandler}}\nroot: {level: WARNING, handlers: [c]}\n"


def start(processes: Processes) -> dict[str, str]:
    """Start it; accounts are made by tests through its shared registration secret."""
    python = _installed() / "bin" / "python"
    folder, port = processes.folder / "synapse", free_port()
    folder.mkdir()
    (folder / "log.yaml").write_text(LOGGING)
    (folder / "homeserver.yaml").write_text(SETTINGS.format(port=port, folder=folder, secret=SECRET))
    run = [str(python), "-m", "synapse.app.homeserver", "--config-path", str(folder / "homeserver.yaml")]
    made = subprocess.run([*run, "--generate-keys"], cwd=folder, capture_output=True, text=True, check=False)
    if made.returncode:
        raise Unavailable(
            f"Synapse cannot run here: {(made.stderr.strip().splitlines() or ['no message'])[-1]}"
        )
    processes.start("synapse", *run)
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: _answers(f"{url}/_matrix/client/versions"), url, seconds=60)
    return {"STORMDESK_TEST_MATRIX_URL": url, "STORMDESK_TEST_MATRIX_SECRET": SECRET}


def _installed() -> Path:
    home = CACHE / PACKAGE.replace("==", "-")
    if home.exists():
        return home
    log("installing Synapse (once, about half a minute)")
    work = CACHE / f"{PACKAGE.replace('==', '-')}.{os.getpid()}"
    CACHE.mkdir(parents=True, exist_ok=True)
    for command in (
        [sys.executable, "-m", "venv", str(work)],
        [str(work / "bin" / "pip"), "install", "-qq", "--no-input", "--no-compile", PACKAGE],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(work, ignore_errors=True)
            raise Unavailable(
                f"Synapse could not be installed: {(done.stderr.strip().splitlines() or ['?'])[-1]}"
            )
    try:
        work.rename(home)  # only programs beside python would notice; `python -m` does not
    except OSError:  # another run was faster
        shutil.rmtree(work, ignore_errors=True)
    return home


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
