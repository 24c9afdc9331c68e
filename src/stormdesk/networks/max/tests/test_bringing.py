"""Having MAX bring what happens to our door, against the emulation (emulation.py), and maxapi as a second opinion."""

from datetime import UTC, datetime

import pytest
from maxapi.enums.update import UpdateType

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks.base import Permanent, Unauthorised
from stormdesk.networks.max import NETWORK, bringing
from stormdesk.networks.max.tests import emulation
from stormdesk.networks.max.tests.test_emulation import against
from stormdesk.networks.max.tests.test_independent import with_bot

DOOR = "https://desk.example/b/teapot/hook/7"
OTHER = "https://other.example/hook"
SECRET = {"token": emulation.TOKEN, "webhook_secret": "Ab-_9"}


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


def bring(state, url=DOOR, secret=SECRET):
    return against(lambda s, _: NETWORK.bring_to(s, secret, url), state)[0]


def brought(state, **faults):
    return against(lambda s, _: NETWORK.brought(s, SECRET, DOOR), state, **faults)[0]


def test_our_door_is_subscribed_beside_others_and_only_ours_is_ended():
    state = emulation.Max(subscriptions={OTHER: {"url": OTHER, "time": 0, "update_types": []}})
    assert brought(state).facts["host"] == "other.example"
    for _ in range(2):
        assert bring(state) is None
    assert brought(state).ok
    assert state.subscriptions[DOOR]["secret"] == "Ab-_9"
    for _ in range(2):
        assert against(lambda s, _: NETWORK.stop_bringing(s, SECRET, DOOR), state)[0] is None
    assert set(state.subscriptions) == {OTHER}


def test_what_max_would_refuse_is_refused_with_a_sentence():
    state = emulation.Max()
    assert bring(state, "http://desk.example/hook").code == "no_https"
    assert bring(state, secret=SECRET | {"webhook_secret": "hook"}).code == "no_secret"
    assert isinstance(bring(state, secret=SECRET | {"token": "x"}), Unauthorised)
    assert not state.subscriptions


def test_the_check_notices_that_max_ended_it():
    state = emulation.Max()
    bring(state)
    state.subscriptions.clear()
    found = brought(state)
    assert not found.ok
    assert "unclear" not in found.facts
    assert brought(state, subscriptions=["away"]).facts["unclear"]


def test_what_is_brought_is_answered_so_that_max_does_not_bring_it_again():
    headers, body = {"X-Max-Bot-Api-Secret": "Ab-_9"}, b'{"update_type": "bot_started", "timestamp": 1}'
    now = datetime(2026, 3, 1, tzinfo=UTC)
    assert NETWORK.receive(headers, body, {}, SECRET, {}, now).answer == "ok"
    with pytest.raises(Permanent):
        NETWORK.receive({}, body, {}, SECRET, {}, now)


def test_another_client_subscribes_and_reads_the_same_door():
    async def go(bot, state):
        kinds = [UpdateType(kind) for kind in bringing.KINDS if kind in set(UpdateType)]
        assert len(kinds) >= 3
        assert (await bot.subscribe_webhook(DOOR, update_types=kinds, secret="Ab-_9")).success
        assert [one.url for one in (await bot.get_subscriptions()).subscriptions] == [DOOR]
        assert (await bot.unsubscribe_webhook(DOOR)).success
        return state.subscriptions

    assert with_bot(go) == {}
