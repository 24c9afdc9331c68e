"""A practice network and posts for the tests of this stage."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from stormdesk.networks.practice import FileStore


@pytest.fixture
def practice(tmp_path):
    """The practice network's memory: `practice.said()` is every post on it."""

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


@pytest.fixture
def author(person):
    """Gleb writes the posts."""
    return person("publisher", "Gleb Titov")


@pytest.fixture
def boris(person):
    """Boris approves."""
    return person("approver", "Boris Levin")


@pytest.fixture
def scheduled(brand, author, boris, account, now):
    """`scheduled("text", minutes=5)` → an approved post that is due in five minutes."""
    from stormdesk.publish import actions

    def make(text: str = "Breakfast in five minutes", minutes: float = 5, on=None, **fields):
        post = actions.draft_post(brand=brand, by=author, now=now, account=on or account, text=text, **fields)
        actions.send_for_review(post=post, by=author, now=now)
        actions.approve_post(post=post, by=boris, yes=True, now=now)
        return actions.schedule_post(post=post, due_at=now + timedelta(minutes=minutes), by=author, now=now)

    return make
