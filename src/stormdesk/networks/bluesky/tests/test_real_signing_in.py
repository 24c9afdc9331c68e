"""Signing in at Bluesky's own account server in a box: pushed requests, bound keys, renewals that rotate."""

import asyncio
import uuid

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks import kept
from stormdesk.networks.base import Outgoing, Permanent, Unauthorised
from stormdesk.networks.bluesky import NETWORK, proof, signin
from stormdesk.networks.bluesky import session as sessions
from stormdesk.networks.bluesky.tests.browser import Browser
from stormdesk.networks.bluesky.tests.people import sign_up

pytestmark = [pytest.mark.server, pytest.mark.acceptance]
BACK = "http://127.0.0.1:8000/b/meadow/accounts/connected/bluesky/"


@pytest.fixture(autouse=True)
def keeper(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "localhost,127.0.0.1")
    found = kept.Memory()
    monkeypatch.setattr(kept, "_keeper", found)
    sessions.forget()
    kept.forget()
    return found


async def signed_in(keeper):
    person = await sign_up("signer")
    begun = await NETWORK.begin_connecting(person.settings, BACK, "state-1")
    answer = await asyncio.to_thread(Browser().allow, begun.url, person.handle, person.did)
    assert answer["state"] == "state-1"
    done = await NETWORK.finish_connecting(person.settings, begun.keep, BACK, answer)
    keeper.put("1", done.secret)
    return person, done


def test_an_account_is_connected_without_a_password_and_works(keeper):
    async def go():
        person, done = await signed_in(keeper)
        assert "app_password" not in done.secret
        health = await NETWORK.health(done.settings, done.secret)
        assert (health.ok, health.handle, health.missing) == (True, person.handle, ())
        word = f"w{uuid.uuid4().hex[:10]}"
        sent = await NETWORK.publish(done.settings, done.secret, Outgoing(word, str(uuid.uuid4())))
        assert person.did in sent.native_id
        await NETWORK.hear("notifications", done.settings, done.secret, {})
        await NETWORK.delete(done.settings, done.secret, sent.native_id)

    asyncio.run(go())


def test_a_renewal_rotates_the_key_which_is_kept_and_survives_a_restart(keeper):
    async def go():
        _person, done = await signed_in(keeper)
        first = kept.named(done.secret, "1")
        seen = [first["refresh_token"]]
        for _restart in range(3):
            held = kept.named(keeper.look("1"), "1")
            ended = held | {"access_until": "0"}
            keeper._secrets["1"]["access_until"] = "0"
            kept.forget()
            proof._nonces.clear()
            assert (await NETWORK.health(done.settings, ended)).ok
            seen.append(keeper.look("1")["refresh_token"])
        assert len(set(seen)) == 4
        # An account server ends the whole sign-in when an old key comes again: what is stored must be the newest.
        assert (await NETWORK.health(done.settings, first)).ok

    asyncio.run(go())


def test_a_short_key_the_server_no_longer_takes_is_renewed_in_the_middle(keeper):
    async def go():
        _person, done = await signed_in(keeper)
        keeper._secrets["1"] |= {"access_token": "ended.early.sig"}
        secret = kept.named(keeper.look("1"), "1")
        sent = await NETWORK.publish(done.settings, secret, Outgoing("once", str(uuid.uuid4())))
        assert sent.native_id

    asyncio.run(go())


def test_a_key_used_up_elsewhere_ends_the_sign_in_with_a_sentence(keeper):
    async def go():
        _person, done = await signed_in(keeper)
        stolen = dict(done.secret) | {"access_until": "0"}
        await signin.fresh(done.settings, stolen, "")
        kept.forget()
        with pytest.raises(Unauthorised):
            await signin.fresh(done.settings, stolen, "")

    asyncio.run(go())


def test_who_says_no_or_signs_in_as_somebody_else_is_not_connected(keeper):
    async def go():
        person, other = await sign_up("no"), await sign_up("other")
        begun = await NETWORK.begin_connecting(person.settings, BACK, "s")
        answer = await asyncio.to_thread(
            lambda: Browser().allow(begun.url, person.handle, person.did, yes=False)
        )
        with pytest.raises(Permanent) as caught:
            await NETWORK.finish_connecting(person.settings, begun.keep, BACK, answer)
        assert caught.value.code == "declined"
        begun = await NETWORK.begin_connecting(person.settings, BACK, "s")
        answer = await asyncio.to_thread(Browser().allow, begun.url, other.handle, other.did)
        with pytest.raises(Permanent) as caught:
            await NETWORK.finish_connecting(person.settings, begun.keep, BACK, answer)
        assert caught.value.code == "other_account"
        with pytest.raises(Permanent) as caught:
            await NETWORK.finish_connecting(
                person.settings, begun.keep, BACK, answer | {"iss": "https://evil.example"}
            )
        assert caught.value.code == "other_server"

    asyncio.run(go())
