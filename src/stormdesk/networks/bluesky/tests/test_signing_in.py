"""What hostile and faulty servers can do to a sign-in: nothing. The honest way: test_real_signing_in."""

import asyncio
import json

import jwt
import pytest
from jwt.algorithms import ECAlgorithm

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.hostile import hostile, raw, reply
from stormdesk.networks import kept
from stormdesk.networks.base import NetworkError, Permanent, Retryable, Unauthorised
from stormdesk.networks.bluesky import NETWORK, proof, signin

BACK = "https://desk.example/b/meadow/accounts/connected/bluesky/"
DID = "did:plc:" + "a" * 24
KEY = proof.new_key()


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    kept.forget()
    proof._nonces.clear()


def js(value, status=200, **headers):
    return reply(status, json.dumps(value).encode(), **headers)


def against(routes, do):
    """What came of `do(server)`, and what was asked."""

    async def go():
        async with hostile({}) as server:
            server.routes |= honest(server.url) | routes
            try:
                return await do(server.url), server.asked
            except NetworkError as error:
                return error, server.asked

    return asyncio.run(go())


RESOURCE, ISSUER = "/.well-known/oauth-protected-resource", "/.well-known/oauth-authorization-server"
RESOLVE = "/xrpc/com.atproto.identity.resolveHandle"


def honest(url):
    return {
        RESOLVE: js({"did": DID}),
        RESOURCE: js({"authorization_servers": [url]}),
        ISSUER: js(
            {
                "issuer": url,
                "authorization_endpoint": f"{url}/authorize",
                "token_endpoint": f"{url}/token",
                "pushed_authorization_request_endpoint": f"{url}/par",
            }
        ),
        "/par": js({"request_uri": "urn:x", "expires_in": 300}, 201),
    }


def begin(routes):
    return against(
        routes,
        lambda url: NETWORK.begin_connecting(
            {"server": url, "handle": "meadow.test", "client_key": KEY}, BACK, "st"
        ),
    )


def test_the_person_is_led_to_the_server_of_the_account():
    done, asked = begin({})
    assert "/authorize?client_id=https%3A%2F%2Fdesk.example" in done.url
    assert not any(key in done.url for key in (KEY, done.keep["verifier"]))
    assert asked[-1].path == "/par"
    shown = jwt.get_unverified_header(asked[-1].headers["dpop"])
    assert (shown["typ"], shown["alg"], "d" in shown["jwk"]) == ("dpop+jwt", "ES256", False)
    claims = jwt.decode(asked[-1].headers["dpop"], ECAlgorithm.from_jwk(shown["jwk"]), ["ES256"])
    assert (claims["htm"], claims["htu"].endswith("/par")) == ("POST", True)


def test_the_number_a_server_wants_to_see_is_shown_once_and_not_for_ever():
    wanted = js({"error": "use_dpop_nonce"}, 400, dpop_nonce="n-1")
    done, asked = begin({"/par": [wanted, js({"request_uri": "urn:x"}, 201)]})
    assert done.url
    nonces = [
        jwt.decode(a.headers["dpop"], options={"verify_signature": False}).get("nonce")
        for a in asked
        if a.path == "/par"
    ]
    assert nonces == [None, "n-1"]
    done, asked = begin({"/par": [wanted] * 5})
    assert type(done) is Unauthorised
    assert sum(a.path == "/par" for a in asked) == 2


@pytest.mark.parametrize(
    ("path", "behaviour"),
    [
        (RESOLVE, js({"did": "did:web:../../etc"})),
        (RESOLVE, js({"did": 5})),
        (RESOLVE, js([])),
        (RESOLVE, reply(200, b"[" * 100_000)),
        (RESOURCE, js({"authorization_servers": []})),
        (RESOURCE, js({"authorization_servers": ["javascript:alert(1)"]})),
        (RESOURCE, js({"authorization_servers": ["http://10.0.0.1"]})),
        (RESOURCE, js({"authorization_servers": [{"x": 1}, 2]})),
        (ISSUER, js({"issuer": "https://evil.example"})),
        (ISSUER, js({})),
        (ISSUER, raw()),
        ("/par", js({"request_uri": ""}, 201)),
        ("/par", js(["x"], 201)),
        ("/par", js({"error": "invalid_client", "error_description": "no"}, 401)),
        ("/par", reply(500)),
    ],
)
def test_nonsense_ends_with_a_sentence(path, behaviour):
    done, _ = begin({path: behaviour})
    assert isinstance(done, NetworkError)
    assert done.message % done.facts == str(done)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"error": "access_denied"},
        {"code": "c"},
        {"code": "c", "iss": "https://evil.example"},
    ],
)
def test_what_a_stranger_brings_back_connects_nothing(answer):
    async def go(url):
        begun = await NETWORK.begin_connecting(
            {"server": url, "handle": "meadow.test", "client_key": KEY}, BACK, "st"
        )
        return await NETWORK.finish_connecting({}, begun.keep, BACK, answer)

    done, asked = against({"/token": reply(500)}, go)
    assert type(done) is Permanent
    assert not any(a.path == "/token" for a in asked)


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (js({"error": "invalid_grant", "error_description": "used: c0de"}, 400), Unauthorised),
        (js({"access_token": "a", "refresh_token": "r", "sub": "did:plc:other"}), Permanent),
        (js({"sub": DID}), Retryable),
        (reply(500), Retryable),
        (raw(), Retryable),
    ],
)
def test_what_a_fault_at_the_exchange_means(behaviour, error):
    async def go(url):
        begun = await NETWORK.begin_connecting(
            {"server": url, "handle": "meadow.test", "client_key": KEY}, BACK, "st"
        )
        return await NETWORK.finish_connecting({}, begun.keep, BACK, {"code": "c0de", "iss": url})

    done, _ = against({"/token": behaviour}, go)
    assert type(done) is error
    assert "c0de" not in str(done)


def test_who_we_are_goes_with_every_exchange():
    _done, asked = begin({})
    told = dict(pair.split("=") for pair in asked[-1].body.decode().split("&"))
    claims = jwt.decode(told["client_assertion"], options={"verify_signature": False})
    assert claims["iss"] == claims["sub"] == BACK + signin.DOCUMENT
