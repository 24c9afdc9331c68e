"""The same on PostgreSQL, with its own programs."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stormdesk.cli import backup, restore
from stormdesk.core.errors import Refused

SERVER = os.environ.get("STORMDESK_TEST_POSTGRES_URL", "")
pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not SERVER, reason="no PostgreSQL: run through scripts/services"),
    pytest.mark.skipif(not shutil.which("pg_dump"), reason="PostgreSQL's client programs are not installed"),
]


@pytest.fixture
def query(monkeypatch: pytest.MonkeyPatch) -> Iterator:
    """A database of our own; `query("SELECT …")` asks it."""
    import psycopg

    name = f"backup_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    url = f"{SERVER.rpartition('/')[0]}/{name}"
    monkeypatch.setenv("DATABASE_URL", url)

    def ask(sql: str) -> list:
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    yield ask
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_database_comes_back_as_it_was_and_the_later_one_is_kept(query, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "vault.key").write_text("a key")
    query("CREATE TABLE entry (id serial PRIMARY KEY, text text)")
    query("INSERT INTO entry (text) SELECT 'запись ' || n FROM generate_series(1, 500) n")
    backup.write(data, tmp_path / "b.tar")

    query("DELETE FROM entry WHERE id > 3")
    query("CREATE TABLE later (id int)")
    with pytest.raises(Refused, match="--force"):
        restore.restore(data, tmp_path / "b.tar")
    assert query("SELECT count(*) FROM entry") == [(3,)]

    kept = restore.restore(data, tmp_path / "b.tar", force=True)

    assert query("SELECT count(*), max(text) FROM entry") == [(500, "запись 99")]
    assert query("SELECT count(*) FROM information_schema.tables WHERE table_name = 'later'") == [(0,)]
    assert kept is not None
    assert (kept / backup.POSTGRES).stat().st_size > 0
    assert (data / "vault.key").read_text() == "a key"
