"""MAX tells no bot how many requests of a second are left: we count them, for every process."""

import asyncio
from types import SimpleNamespace

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks import pace
from stormdesk.networks.max import NETWORK, api
from stormdesk.networks.tests.served import Reply, served


@pytest.mark.parametrize(
    ("priority", "waits"), [(pace.Priority.LISTENING, True), (pace.Priority.URGENT, False)]
)
def test_a_bot_asks_no_more_than_max_allows_and_urgent_waits_for_nobody(monkeypatch, priority, waits):
    clock = SimpleNamespace(now=1e9, slept=[])
    came = []

    async def sleep(seconds):
        clock.slept.append(seconds)
        clock.now += seconds

    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    monkeypatch.setattr(pace, "_store", pace.Memory())
    monkeypatch.setattr(pace, "time", SimpleNamespace(time=lambda: clock.now))
    monkeypatch.setattr(pace, "asyncio", SimpleNamespace(sleep=sleep))

    def handle(request):
        came.append(clock.now)
        return Reply(200, b"{}")

    async def go():
        async with served(handle) as server:
            with pace.priority(priority):
                for _ in range(50):
                    await api.ask({"server": server.url}, {"token": "secret"}, "/me")

    asyncio.run(go())
    assert len(came) == 50
    assert bool(clock.slept) is waits
    if waits:
        most = max(sum(1 for one in came if start <= one < start + 1) for start in came)
        assert most <= api.LIMIT.count * 0.75


def test_it_is_shown_and_counted():
    assert all(limit.requests for limit in NETWORK.limits)
