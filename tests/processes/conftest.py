"""A desk of its own for tests whose processes are killed: a data folder and a fresh database on the engine under test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Callable[..., dict]]:
    """`desk(file, *arguments)` runs a script on a migrated database and returns the JSON of its last line."""
    environment = {**os.environ, "STORMDESK_DATA": str(tmp_path / "data"), "STORMDESK_LOG_LEVEL": "CRITICAL"}
    url = environment.get("DATABASE_URL", "")
    name = f"desk_{uuid.uuid4().hex[:12]}"
    if url:
        _sql(url, f'CREATE DATABASE "{name}"')
        environment["DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    environment["DJANGO_SETTINGS_MODULE"] = "stormdesk.config.settings"
    (tmp_path / "data").mkdir()
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=environment, check=True)

    def run(file: str, *arguments: str, seconds: float = 240) -> dict:
        done = subprocess.run(
            [sys.executable, file, *arguments],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(done.stdout.strip().splitlines()[-1])

    yield run
    if url:
        _sql(url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _sql(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
