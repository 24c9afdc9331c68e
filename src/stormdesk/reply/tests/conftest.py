"""People who write to the brand, and those who answer."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest


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
