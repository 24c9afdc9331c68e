"""VK counts the requests of a key in a second and tells nobody how many are left: we count, for every process."""

import asyncio
from types import SimpleNamespace

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks import pace
from stormdesk.networks.tests.served import served
from stormdesk.networks.vk import NETWORK, api
from stormdesk.networks.vk.tests import emulation


@pytest.fixture
def clock(monkeypatch):
    """Stands still but for what is slept; `slept` are the waits."""
    found = SimpleNamespace(now=1e9, slept=[])

    async def sleep(seconds):
        found.slept.append(seconds)
        found.now += seconds

    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    monkeypatch.setattr(pace, "_store", pace.Memory())
    monkeypatch.setattr(pace, "time", SimpleNamespace(time=lambda: found.now))
    monkeypatch.setattr(pace, "asyncio", SimpleNamespace(sleep=sleep))
    return found


def asked(clock, secret, times, priority=pace.Priority.SPEAKING):
    """When the requests of one key came of which so many were wanted at once."""
    came = []

    async def go():
        state = emulation.Vk()

        def handle(request):
            came.append(clock.now)
            return state.handle(request)

        async with served(handle) as server:
            settings = {"server": server.url, "community": str(emulation.GROUP)}
            with pace.priority(priority):
                for _ in range(times):
                    await api.ask(settings, secret, tuple(secret), "users.get", user_ids="1")

    asyncio.run(go())
    return came


def test_a_user_s_key_asks_no_more_than_vk_allows_and_everything_gets_its_turn(clock):
    came = asked(clock, {"user_token": emulation.USER_KEY}, 9)
    assert len(came) == 9
    for start in came:
        assert sum(1 for other in came if start <= other < start + 1) <= api.LIMITS[api.USER].count


def test_what_is_urgent_waits_for_nobody(clock):
    asked(clock, {"user_token": emulation.USER_KEY}, 8, pace.Priority.URGENT)
    assert clock.slept == []


def test_a_community_s_key_may_ask_more_often(clock):
    asked(clock, {"group_token": emulation.GROUP_KEY}, 12)
    assert clock.slept == []


def test_both_are_shown_and_counted():
    assert all(limit.requests for limit in NETWORK.limits)
