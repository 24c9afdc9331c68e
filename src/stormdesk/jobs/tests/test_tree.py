"""The process tree, with real processes: it comes up, repairs itself, goes down, and says why when it cannot."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from stormdesk.core.jobs import PROCESSES, heartbeats

pytestmark = pytest.mark.processes
PATIENCE = 120


def until(what: Callable[[], Found | None], seconds: float = PATIENCE) -> Found:
    deadline = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        time.sleep(0.05)
    return value


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


Found = TypeVar("Found")


def clean_environment() -> dict[str, str]:
    return {
        k: v for k, v in os.environ.items() if not k.startswith(("STORMDESK_", "DATABASE_URL", "LC_", "LANG"))
    }


def on_server(statement: str) -> None:
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(statement)


def another_database(name: str) -> str:
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A data folder and the name of a PostgreSQL database with all tables, to copy from: making them takes seconds."""
    data, name = tmp_path_factory.mktemp("prepared"), f"tree_template_{os.getpid()}"
    variables = clean_environment() | {"STORMDESK_DATA": str(data)}
    on_postgres = "DATABASE_URL" in os.environ
    if on_postgres:
        on_server(f"CREATE DATABASE {name}")
        variables["DATABASE_URL"] = another_database(name)
    migrate = [sys.executable, "-m", "stormdesk.cli.main", "manage", "migrate", "-v", "0"]
    subprocess.run(migrate, env=variables, check=True)
    yield data, name
    if on_postgres:
        on_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def environment(tmp_path: Path, prepared: tuple[Path, str]) -> Iterator[dict[str, str]]:
    """What `stormdesk up` is started with: a fresh database of the kind that this run of the tests is about."""
    template, template_name = prepared
    shutil.copytree(template, tmp_path / "data")
    if "DATABASE_URL" not in os.environ:
        yield clean_environment()
        return
    name = f"tree_{os.getpid()}_{time.monotonic_ns()}"
    on_server(f"CREATE DATABASE {name} TEMPLATE {template_name}")
    yield clean_environment() | {"DATABASE_URL": another_database(name)}
    on_server(f"DROP DATABASE {name} WITH (FORCE)")


class Desk:
    """A running `stormdesk up`."""

    def __init__(self, data: Path, environment: dict[str, str], *arguments: str) -> None:
        self.data = data
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "stormdesk.cli.main",
                "up",
                "--port",
                "0",
                "--data",
                str(data),
                *arguments,
            ],
            env=environment,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.said.append(line.rstrip())

    @property
    def words(self) -> str:
        return "\n".join(self.said)

    def address(self) -> str:
        found = until(
            lambda: (
                re.search(r"http://127\.0\.0\.1:\d+(?=$|\n)", self.words) or self.process.poll() is not None
            )
        )
        assert isinstance(found, re.Match), self.words
        return found[0]

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(self.address(), timeout=20)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def pids(self) -> dict[str, int]:
        """The living processes by name, once all of them speak."""

        def all_of_them() -> dict[str, int] | None:
            found = {name: beat.pid for name, beat in heartbeats(self.data).items() if alive(beat.pid)}
            return found if set(found) == set(PROCESSES) else None

        return until(all_of_them)


@pytest.fixture
def start(tmp_path: Path, environment: dict[str, str]) -> Iterator[Callable[..., Desk]]:
    desks: list[Desk] = []

    def begin(*arguments: str, **variables: str) -> Desk:
        desks.append(Desk(tmp_path / "data", environment | variables, *arguments))
        return desks[-1]

    yield begin
    for desk in desks:
        if desk.process.poll() is None:
            desk.process.send_signal(signal.SIGTERM)
            desk.process.wait(PATIENCE)


def test_first_start_gives_the_owner_a_link_and_ctrl_c_leaves_nothing_behind(start, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "data")
    desk = start()
    address = desk.address()
    assert desk.answers()
    assert f"the link works once): {address}/" in desk.words
    pids = desk.pids()

    desk.process.send_signal(signal.SIGINT)

    assert desk.process.wait(PATIENCE) == 0
    assert not [name for name, pid in pids.items() if alive(pid)]
    assert "Traceback" not in desk.words


def test_every_killed_process_is_replaced_and_the_address_stays(start) -> None:
    desk = start()
    address = desk.address()
    before = desk.pids()

    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    after = until(lambda: (now := desk.pids()) and not set(now.values()) & set(before.values()) and now)
    assert set(after) == set(before)
    assert desk.answers()
    assert desk.address() == address
    assert desk.process.poll() is None


def test_no_visitor_is_turned_away_while_web_starts_again(start) -> None:
    desk = start()
    desk.address()
    os.kill(desk.pids()["web"], signal.SIGKILL)
    assert desk.answers()


def test_children_of_a_killed_parent_end_by_themselves(start) -> None:
    desk = start()
    desk.address()
    pids = desk.pids()

    desk.process.kill()

    until(lambda: not [pid for pid in pids.values() if alive(pid)])


def test_a_later_start_does_not_look_at_the_database_again_once_there_is_an_owner(start, environment) -> None:
    desk = start()
    desk.address()
    make_owner = "from stormdesk.people.models import User; User.objects.create_user('anna@example.org', 'long enough 12')"
    subprocess.run(
        [sys.executable, "-m", "stormdesk.cli.main", "manage", "shell", "-v", "0", "-c", make_owner],
        env=environment | {"STORMDESK_DATA": str(desk.data)},
        check=True,
    )
    for preparing in (True, False):  # once more, to find that there is an owner now
        desk.process.send_signal(signal.SIGTERM)
        desk.process.wait(PATIENCE)
        desk = start()
        desk.address()
        assert ("Preparing" in desk.words) is preparing
        assert "works once" not in desk.words


def test_a_taken_port_is_one_sentence_in_the_language_of_the_terminal(start) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        desk = start("--port", str(port), LANG="ru_RU.UTF-8")
        assert desk.process.wait(PATIENCE) == 2
    until(lambda: desk.said)
    assert len(desk.said) == 1
    assert f"Порт {port}" in desk.words


def test_a_second_one_on_the_same_data_folder_is_refused_and_the_first_goes_on(start) -> None:
    first = start()
    first.address()
    second = start()
    assert second.process.wait(PATIENCE) == 2
    until(lambda: second.said)
    assert "already running" in second.words
    assert str(first.process.pid) in second.words
    assert first.answers()


def test_a_data_folder_that_is_a_file_is_one_sentence(start, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "data")
    (tmp_path / "data").write_text("not a folder")
    desk = start()
    assert desk.process.wait(PATIENCE) == 2
    until(lambda: desk.said)
    assert len(desk.said) == 1
    assert "--data" in desk.words


def test_a_setting_that_cannot_be_used_is_named(start) -> None:
    desk = start(STORMDESK_DEBUG="perhaps")
    assert desk.process.wait(PATIENCE) == 2
    until(lambda: "STORMDESK_DEBUG" in desk.words)
    assert "Traceback" not in desk.words


def test_a_database_that_is_gone_or_damaged_is_one_sentence(start, tmp_path: Path, environment) -> None:
    if "DATABASE_URL" in environment:
        desk = start(DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing")
        expected = "DATABASE_URL"
    else:
        (tmp_path / "data" / "stormdesk.sqlite3").write_text("this was a database once" * 1000)
        desk = start()
        expected = "damaged"
    assert desk.process.wait(PATIENCE) == 2
    until(lambda: expected in desk.words)
    assert "Traceback" not in desk.words
