"""What tests of every room may ask for. The database is that of DATABASE_URL, the data folder that of STORMDESK_DATA."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

_counter = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--acceptance", action="store_true", help="also what needs servers that take long to install"
    )
    parser.addoption("--stories-in", metavar="LANGUAGE", help="tell stories in this language alone (en, ru)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what was not asked for; pytest's summary counts it as deselected."""
    wanted = config.getoption("--stories-in")

    def asked(item: pytest.Item) -> bool:
        if item.get_closest_marker("acceptance") and not config.getoption("--acceptance"):
            return False
        spoken = getattr(getattr(item, "callspec", None), "params", {}).get("language")
        return not (wanted and spoken and item.get_closest_marker("story") and spoken != wanted)

    left_out = [item for item in items if not asked(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if asked(item)]


@pytest.fixture(scope="session", autouse=True)
def _emptying_lifts_the_journal_guard():
    """Emptying the test database is the one deletion of journal entries that is meant: the guard steps aside for it."""
    from importlib import import_module

    from django.db import connection
    from django.db.backends.base.operations import BaseDatabaseOperations

    guard = import_module("stormdesk.journal.migrations.0002_append_only")
    flush = BaseDatabaseOperations.execute_sql_flush

    def emptied(self, sql_list):
        with self.connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                for verb in ("update", "delete"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS journal_no_{verb}")
                flush(self, sql_list)
                for statement in guard.SQLITE:
                    cursor.execute(statement)
            else:
                cursor.execute("ALTER TABLE journal_entry DISABLE TRIGGER USER")
                flush(self, sql_list)
                cursor.execute("ALTER TABLE journal_entry ENABLE TRIGGER USER")

    BaseDatabaseOperations.execute_sql_flush = emptied
    yield
    BaseDatabaseOperations.execute_sql_flush = flush


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords():
    """A slow hash is right for people and wastes minutes in tests."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _begins_in_english():
    """A page of an earlier test may have left its language behind."""
    from django.utils import translation

    translation.activate("en")


@pytest.fixture
def now() -> datetime:
    """A Tuesday morning on which nothing has happened yet."""
    return datetime(2026, 11, 17, 10, 0, tzinfo=UTC)


@pytest.fixture
def make_person(db) -> Callable:
    """`make_person("Anna", {brand: "lead"})` → a user who signs in with the password "correct horse battery"."""
    from stormdesk.people.models import Membership, User

    def make(name: str = "Anna Orlova", roles: dict | None = None, **fields):
        email = f"person{next(_counter)}@example.org"
        user = User.objects.create_user(email, "correct horse battery", name=name, **fields)
        for brand, role in (roles or {}).items():
            Membership.objects.create(user=user, brand=brand, role=role)
        return user

    return make


@pytest.fixture
def make_brand(db) -> Callable:
    """`make_brand("Meadow")` → a brand with its departments and nobody in it."""
    from stormdesk.people.actions import begin_brand

    return lambda name="Meadow", **fields: begin_brand(name, **fields)


@pytest.fixture
def brand(make_brand):
    return make_brand("Meadow")


@pytest.fixture
def owner(make_person, brand):
    """Anna leads PR and owns the brand's desk."""
    return make_person("Anna Orlova", {brand: "owner"})


@pytest.fixture
def person(make_person, brand) -> Callable:
    """`person("approver", "Boris Levin")` → somebody with that role at `brand`."""

    def make(role: str, name: str = ""):
        return make_person(name or role.title(), {brand: role})

    return make


@pytest.fixture
def client_of() -> Callable:
    """`client_of(user)` → a browser in which that person is signed in."""

    def make(user, language: str = "en"):
        client = Client(headers={"accept-language": language})
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make


@pytest.fixture
def practice(tmp_path):
    """The practice network's memory: `practice.said()` is every post on it."""

    from stormdesk.networks.practice import FileStore

    class Practice(FileStore):
        def said(self) -> list:
            return asyncio.run(self.since(0, 10_000))

    return Practice(tmp_path / "practice.sqlite3")


@pytest.fixture
def account(brand, owner, now, practice):
    from stormdesk.accounts.actions import connect_account

    return connect_account(
        brand=brand,
        by=owner,
        now=now,
        network="practice",
        handle="meadow",
        settings_={"handle": "meadow", "path": str(practice.path)},
    )
