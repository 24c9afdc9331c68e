"""Having Meta bring what happens to our door, of a page and of Instagram, against the emulation (emulation.py)."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks import facebook, instagram, pace
from stormdesk.networks.base import NetworkError, Permanent, Unauthorised
from stormdesk.networks.facebook.tests import emulation
from stormdesk.networks.facebook.tests.emulation import GRAM, PAGE, PAGE_KEY, GraphSite
from stormdesk.networks.tests.served import served

DOOR, OTHER = "https://desk.example/b/teapot/hook/7", "https://other.example/hook"
SECRET = {"access_token": PAGE_KEY, "client_secret": emulation.SECRET, "verify_token": "Ab-_9"}
both = pytest.mark.parametrize("network", [facebook.NETWORK, instagram.NETWORK], ids=["page", "instagram"])


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    pace.keep_in(pace.Memory())


def door(network):
    """Our own door, as Meta finds it: the source answers what `receive` tells it to."""

    def answer(query):
        now = datetime(2026, 3, 1, tzinfo=UTC)
        settings = {"page_id": PAGE, "account_id": GRAM}
        try:
            return network.receive({}, urlencode(query).encode(), settings, SECRET, {}, now).answer
        except NetworkError as error:
            return str(error)

    return answer


def site(network, **more):
    return GraphSite(answers=door(network), **more)


def against(state, do, faults=None, secret=SECRET, **more):
    async def go():
        async with served(state.handle) as server:
            server.faults = faults or {}
            settings = {
                "server": server.url,
                "client_id": emulation.CLIENT,
                "page_id": PAGE,
                "account_id": GRAM,
            }
            return await do(settings | more, secret)

    return asyncio.run(go())


def bring(network, state, **more):
    return against(state, lambda s, k: network.bring_to(s, k, DOOR), **more)


def brought(network, state, **more):
    return against(state, lambda s, k: network.brought(s, k, DOOR), **more)


@both
def test_application_and_page_agree_and_the_question_is_answered_at_our_door(network):
    state, about = site(network), "page" if network is facebook.NETWORK else "instagram"
    assert not brought(network, state).ok
    for _ in range(2):
        bring(network, state)
    assert (set(state.doors), state.doors[about]["callback_url"]) == ({about}, DOOR)
    assert state.joined == "feed,messages"
    assert brought(network, state).ok
    state.joined = ""
    assert not brought(network, state).ok
    for _ in range(2):
        against(state, lambda s, k: network.stop_bringing(s, k, DOOR))
    assert not state.doors


@both
def test_the_door_of_another_program_is_left_alone(network):
    about = "page" if network is facebook.NETWORK else "instagram"
    state = site(network, doors={about: {"object": about, "callback_url": OTHER, "active": True}})
    with pytest.raises(Permanent) as caught:
        bring(network, state)
    assert caught.value.code == "elsewhere"
    against(state, lambda s, k: network.stop_bringing(s, k, DOOR))
    assert state.doors[about]["callback_url"] == OTHER
    assert brought(network, state).facts["host"] == "other.example"


@both
def test_what_stands_in_the_way_is_said(network):
    with pytest.raises(Permanent) as caught:
        bring(network, GraphSite())
    assert caught.value.code == "door"
    with pytest.raises(Permanent) as caught:
        bring(network, site(network), client_id="")
    assert caught.value.code == "no_app"
    with pytest.raises(Permanent) as caught:
        bring(network, site(network), secret=SECRET | {"verify_token": ""})
    assert caught.value.code == "no_secret"
    lacking = site(network)
    lacking.rights.remove("pages_manage_metadata")
    with pytest.raises(Unauthorised) as refused:
        bring(network, lacking)
    assert refused.value.facts["right"] == "pages_manage_metadata"
    assert brought(network, site(network), faults={"subscriptions": ["away"]}).facts["unclear"]
