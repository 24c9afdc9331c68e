"""A backup holds one moment of everything, and a restore loses nothing that was there before."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tarfile
import threading
from contextlib import closing
from pathlib import Path

import pytest

from stormdesk.cli import backup, restore
from stormdesk.core.errors import BadInput, Refused, StormdeskError
from stormdesk.jobs import place


@pytest.fixture(autouse=True)
def sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An installation with money-like rows: whoever sees half a transaction sees a sum other than zero."""
    folder = tmp_path / "data"
    (folder / "media" / "posts").mkdir(parents=True)
    (folder / "run").mkdir()
    (folder / "media" / "posts" / "батч.png").write_bytes(b"\x89PNG picture")
    (folder / "vault.key").write_text("a key")
    (folder / "secret.key").write_text("another")
    with closing(sqlite3.connect(folder / "stormdesk.sqlite3")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, amount INTEGER, text TEXT)")
        database.executemany(
            "INSERT INTO entry (amount, text) VALUES (?, ?)",
            [(0, "нечётное молоко" * 50) for _ in range(3000)],
        )
        database.commit()
    return folder


def rows(folder: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(folder / "stormdesk.sqlite3")) as database:
        return database.execute("SELECT count(*), sum(amount) FROM entry").fetchone()


def test_everything_comes_back_into_an_empty_folder(data: Path, tmp_path: Path) -> None:
    backup.write(data, tmp_path / "b.tar.gz")
    other = tmp_path / "other"
    assert restore.restore(other, tmp_path / "b.tar.gz") is None
    assert rows(other) == rows(data)
    assert (other / "media" / "posts" / "батч.png").read_bytes() == b"\x89PNG picture"
    assert (other / "vault.key").read_text() == "a key"
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o077 == 0
    assert {path.name for path in tmp_path.iterdir()} == {"data", "other", "b.tar.gz"}


def test_a_backup_taken_while_others_write_holds_whole_transactions(data: Path, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(data / "stormdesk.sqlite3", timeout=20)) as database:
            while not stop.is_set():
                with database:
                    database.execute("INSERT INTO entry (amount) VALUES (-7)")
                    database.execute("INSERT INTO entry (amount) VALUES (7)")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            backup.write(data, tmp_path / f"{number}.tar")
            restore.restore(tmp_path / f"restored{number}", tmp_path / f"{number}.tar")
            assert rows(tmp_path / f"restored{number}")[1] == 0
    finally:
        stop.set()
        writer.join()
    assert rows(tmp_path / "restored4")[0] > 3000


def test_what_is_there_is_kept_unless_forced_and_beside_when_forced(data: Path, tmp_path: Path) -> None:
    backup.write(data, tmp_path / "b.tar")
    with closing(sqlite3.connect(data / "stormdesk.sqlite3")) as database, database:
        database.execute("DELETE FROM entry WHERE id > 10")
    with pytest.raises(Refused, match="--force"):
        restore.restore(data, tmp_path / "b.tar")
    assert rows(data)[0] == 10

    kept = restore.restore(data, tmp_path / "b.tar", force=True)

    assert rows(data)[0] == 3000
    assert kept is not None
    assert rows(kept)[0] == 10
    assert (kept / "vault.key").read_text() == "a key"
    assert not [path for path in data.iterdir() if path.name.startswith(".restore")]


def test_a_running_installation_is_not_restored_over(data: Path, tmp_path: Path) -> None:
    backup.write(data, tmp_path / "b.tar")
    with place.lock(data), pytest.raises(place.NoPlace, match="already running"):
        restore.restore(data, tmp_path / "b.tar", force=True)


@pytest.mark.parametrize("name", ["b.tar", "b.tar.gz"])
@pytest.mark.parametrize("part", [0.0, 0.3, 0.7, 0.99])
def test_a_backup_that_is_cut_short_or_damaged_is_refused_before_anything_changes(
    data: Path, tmp_path: Path, name: str, part: float
) -> None:
    file = tmp_path / name
    backup.write(data, file)
    content = file.read_bytes()
    at = int(len(content) * part)
    for broken in (content[:at], content[:at] + bytes(200) + content[at + 200 :]):
        file.write_bytes(broken)
        # A flaw in the padding of a tar changes nothing; whatever is accepted must be whole.
        with contextlib.suppress(BadInput):
            restore.restore(data, file, force=True)
        assert rows(data) == (3000, 0)
        assert (data / "vault.key").read_text() == "a key"


def test_nothing_is_written_outside_the_folder(data: Path, tmp_path: Path) -> None:
    import json

    evil = tmp_path / "evil.tar"
    payload = tmp_path / "payload"
    payload.write_text("gotcha")
    for name in ("../escaped", "/tmp/stormdesk-escaped", "media/../../escaped", "run/up.lock", "conf/x"):
        manifest = {
            "format": 1,
            "version": "0",
            "files": {name: backup.digest(payload), "stormdesk.sqlite3": "x"},
        }
        (tmp_path / "m").write_text(json.dumps(manifest))
        with tarfile.open(evil, "w") as archive:
            archive.add(tmp_path / "m", backup.MANIFEST)
            member = archive.gettarinfo(payload)
            member.name = name
            with payload.open("rb") as content:
                archive.addfile(member, content)
        with pytest.raises(BadInput):
            restore.restore(data, evil, force=True)
        assert not (tmp_path / "escaped").exists()
        assert not Path("/tmp/stormdesk-escaped").exists()
    assert rows(data)[0] == 3000


def test_a_backup_of_a_newer_release_names_both_versions(data: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(backup, "FORMAT", 2)
    backup.write(data, tmp_path / "b.tar")
    monkeypatch.setattr(backup, "FORMAT", 1)
    with pytest.raises(BadInput, match="newer"):
        restore.restore(tmp_path / "other", tmp_path / "b.tar")


def test_an_existing_file_is_not_overwritten_and_a_damaged_database_not_backed_up(
    data: Path, tmp_path: Path
) -> None:
    (tmp_path / "b.tar").write_text("last week")
    with pytest.raises(BadInput, match="exists"):
        backup.write(data, tmp_path / "b.tar")
    assert (tmp_path / "b.tar").read_text() == "last week"

    content = bytearray((data / "stormdesk.sqlite3").read_bytes())
    content[4096 * 3 : 4096 * 40] = bytes(4096 * 37)
    (data / "stormdesk.sqlite3").write_bytes(content)
    with pytest.raises((StormdeskError, sqlite3.DatabaseError)):
        backup.write(data, tmp_path / "c.tar")
    assert {path.name for path in tmp_path.iterdir()} == {"data", "b.tar"}


def test_the_kind_of_database_must_fit(data: Path, tmp_path: Path, monkeypatch) -> None:
    backup.write(data, tmp_path / "b.tar")
    monkeypatch.setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")
    with pytest.raises(BadInput, match="SQLite"):
        restore.restore(tmp_path / "other", tmp_path / "b.tar")


def test_without_postgres_programs_the_sentence_says_what_to_install(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StormdeskError, match="postgresql-client"):
        backup.write(tmp_path, tmp_path / "b.tar")
    assert os.listdir(tmp_path) == []
