"""A clock that stands still but for what is waited, so that no test sits out Telegram's limits."""

from types import SimpleNamespace

import pytest

from stormdesk.networks import pace


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """`now`, and `slept`: the waits."""
    found = SimpleNamespace(now=1e9, slept=[])

    async def sleep(seconds):
        found.slept.append(seconds)
        found.now += seconds

    monkeypatch.setattr(pace, "_store", pace.Memory())
    monkeypatch.setattr(pace, "time", SimpleNamespace(time=lambda: found.now))
    monkeypatch.setattr(pace, "asyncio", SimpleNamespace(sleep=sleep))
    return found
