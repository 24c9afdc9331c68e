"""Posts for the tests of this stage."""

from __future__ import annotations

from datetime import timedelta

import pytest


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
