"""VK ID against an emulation of its two exchanges, built from id.vk.com's description of the API (see vkid)."""

import asyncio
import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks import kept
from stormdesk.networks.base import Outgoing, Permanent, Unauthorised
from stormdesk.networks.tests.served import js, served
from stormdesk.networks.vk import NETWORK, api
from stormdesk.networks.vk.tests import emulation
from stormdesk.networks.vk.tests.emulation import GROUP, WIDE

BACK = "https://desk.example/b/meadow/accounts/connected/vk/"


class VkId(emulation.Vk):
    """The API with keys that VK ID gives: an hour's, and long ones that are good once and for one device."""

    challenge, refresh, device, ended = "", "", "dev-1", 0

    def handle(self, request):
        if request.path == "/oauth2/auth":
            return self.exchange(request.fields)
        token = request.fields.get("access_token", "")
        if token.startswith("short-"):
            good = token == f"short-{self.ended}"
            request.fields["access_token"] = emulation.USER_KEY if good else "ended"
        return super().handle(request)

    def exchange(self, form):
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        known = form.get("client_id") == "5501" and form.get("device_id") == self.device
        if form.get("grant_type") == "authorization_code":
            right = (form.get("code"), form.get("redirect_uri"), form.get("state")) == ("c0de", BACK, "st")
            right = right and proof == self.challenge
        else:
            right = form.get("grant_type") == "refresh_token" and form.get("refresh_token") == self.refresh
        if not (known and right):
            return js({"error": "invalid_grant", "error_description": "refresh token is expired"}, 400)
        self.ended += 1
        self.refresh = f"long-{self.ended}"
        return js(
            {
                "access_token": f"short-{self.ended}", "refresh_token": self.refresh, "token_type": "Bearer",
                "expires_in": 3600, "user_id": 10, "state": form.get("state", ""), "scope": "wall groups photos",
            }
        )  # fmt: skip


@pytest.fixture(autouse=True)
def keeper(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    monkeypatch.setattr(api, "LIMITS", WIDE)
    monkeypatch.setattr(kept, "_keeper", found := kept.Memory())
    kept.forget()
    return found


def run(do):
    async def go():
        state = VkId()
        async with served(state.handle) as server:
            settings = {"server": server.url, "community": str(GROUP), "client_id": "5501"}
            return await do(state, settings)

    return asyncio.run(go())


async def signed_in(state, settings, **answer):
    entered = settings | {"group_token": emulation.GROUP_KEY, "client_secret": "protected"}
    begun = await NETWORK.begin_connecting(entered, BACK, "st")
    asked = {name: value[0] for name, value in parse_qs(urlsplit(begun.url).query).items()}
    assert (asked["code_challenge_method"], asked["scope"]) == ("s256", "wall groups photos")
    assert emulation.GROUP_KEY not in begun.url
    state.challenge = asked["code_challenge"]
    answer = {"code": "c0de", "state": "st", "device_id": state.device} | answer
    return await NETWORK.finish_connecting(entered, begun.keep, BACK, answer)


def test_a_person_signs_in_and_the_community_s_key_goes_with_it():
    async def go(state, settings):
        done = await signed_in(state, settings)
        assert done.secret["group_token"] == emulation.GROUP_KEY
        assert not set(done.settings) & {"group_token", "client_secret"}
        assert (await NETWORK.health(done.settings, done.secret)).missing == ()
        await NETWORK.publish(done.settings, done.secret, Outgoing("Мы знаем и чиним", "k"))
        return [post["text"] for post in state.posts.values()]

    assert run(go) == ["Мы знаем и чиним"]


def test_an_hour_later_the_key_is_renewed_once_and_its_successor_kept(keeper):
    async def go(state, settings):
        done = await signed_in(state, settings)
        keeper.put("1", done.secret)
        for _restart in range(3):
            kept.forget()
            keeper._secrets["1"]["access_until"] = "0"
            held = kept.named(keeper.look("1"), "1")
            assert (await NETWORK.health(done.settings, held)).ok
            assert keeper.look("1")["refresh_token"] == state.refresh
        assert state.ended == 4

    run(go)


def test_a_key_that_ended_early_is_renewed_and_the_post_stands_once(keeper):
    async def go(state, settings):
        done = await signed_in(state, settings)
        keeper.put("1", dict(done.secret) | {"access_token": "short-0"})
        held = kept.named(keeper.look("1"), "1")
        await NETWORK.publish(done.settings, held, Outgoing("Мы знаем", "k"))
        return len(state.posts)

    assert run(go) == 1


def test_what_vk_refuses_is_told():
    async def go(state, settings):
        with pytest.raises(Permanent) as caught:
            await signed_in(state, settings, device_id="")
        assert caught.value.code == "no_device"
        with pytest.raises(Permanent) as caught:
            await signed_in(state, settings, code="")
        assert caught.value.code == "declined"
        done = await signed_in(state, settings)
        state.refresh = "elsewhere"
        with pytest.raises(Unauthorised) as caught:
            await NETWORK.publish(
                done.settings, dict(done.secret) | {"access_until": "0"}, Outgoing("Мы знаем", "k")
            )
        assert "connect the account again" in str(caught.value)
        assert done.secret["refresh_token"] not in str(caught.value)

    run(go)


def test_a_pasted_key_needs_no_sign_in():
    assert NETWORK.signs_in({"client_id": "5501", "group_token": "g"})
    assert not NETWORK.signs_in({"client_id": "5501", "user_token": "u"})
    assert not NETWORK.signs_in({"group_token": "g"})
