"""What tests of listening may ask for: a source, and batches of what somebody said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stormdesk.listen import actions
from stormdesk.listen.models import Source
from stormdesk.networks.base import Author, Batch, Incoming


@pytest.fixture
def source(brand, now):
    """A practice source that keeps everything, listening for a day."""
    return Source.objects.create(
        brand=brand, network="practice", kind="notifications", name="Practice", settings={"handle": "meadow"},
        added_at=now - timedelta(days=1), answered_at=now, heard_at=now, poll_every=60, due_at=now,
    )  # fmt: skip


@pytest.fixture
def said(now):
    """`said("1", "text", "anna", minutes=3)` → what anna said three minutes ago."""

    def make(native_id: str, text: str, author: str = "anna", *, minutes: float = 5, **more) -> Incoming:
        return Incoming(
            "practice", native_id, text, now - timedelta(minutes=minutes), Author(author, author, "", 10), **more
        )  # fmt: skip

    return make


@pytest.fixture
def hear(source, now):
    """`hear(item, item, …)` → what became of them, stored through `source` now."""

    def store(*items: Incoming, at=None, through: Source | None = None, cursor=None):
        return actions.ingest(
            source=through or source, batch=Batch(list(items), cursor or {"n": 1}), now=at or now
        )

    return store
