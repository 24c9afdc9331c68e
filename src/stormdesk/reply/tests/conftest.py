"""A practice network, people who write to the brand, and those who answer."""

from __future__ import annotations

import asyncio
import itertools
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
def vera(person):
    """Vera answers customers."""
    return person("responder", "Vera Sokolova")


@pytest.fixture
def max_(person):
    """Max answers customers too."""
    return person("responder", "Max Kern")


_numbers = itertools.count(1)


@pytest.fixture
def wrote(brand, now):
    """`wrote("Where do I call?", urgency=3)` → a mention that waits for an answer."""
    from stormdesk.listen.models import Mention

    def write(text: str = "Where do I call?", *, handle: str = "oksana", minutes: float = 5, **fields):
        at = fields.pop("brand", brand)
        fields = {
            "network": "practice",
            "native_id": f"post-{next(_numbers)}",
            "author_name": handle.title(),
            "published_at": now - timedelta(minutes=minutes),
            "heard_at": now,
            "waits": True,
            "needs_reply": 0.9,
            "language": "en",
            **fields,
        }
        return Mention.objects.create(brand=at, author_handle=handle, text=text, **fields)

    return write


@pytest.fixture
def conversation(account, wrote, now):
    """Oksana asked something and waits."""
    from stormdesk.reply.actions import open_conversations
    from stormdesk.reply.models import Conversation

    wrote()
    open_conversations(now=now)
    return Conversation.objects.select_related("brand", "account").get()


@pytest.fixture
def fresh():
    """`fresh(conversation)` → as another page reads it from the database."""
    from stormdesk.reply.queries import get_conversation

    return lambda conversation: get_conversation(conversation.brand, conversation.pk)
