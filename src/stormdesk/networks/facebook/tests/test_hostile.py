"""What each fault means for a post, and that no answer and no call stops the listening."""

import asyncio
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.hostile import endless, hostile, raw, reply
from stormdesk.networks import pace
from stormdesk.networks.base import NetworkError, Outgoing, Permanent, Retryable, Unauthorised, Unknown
from stormdesk.networks.facebook import NETWORK, speaking, webhooks, words
from stormdesk.networks.facebook.graph import VERSION
from stormdesk.networks.instagram import NETWORK as INSTAGRAM

PAYLOADS = Path(__file__).parents[1] / "payloads"
SECRET = {"access_token": "EAAsecret", "client_secret": "s3cret"}
OK = b"HTTP/1.1 200 OK\r\n"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    pace.keep_in(pace.Memory())


def against(routes, do):
    async def go():
        async with hostile({f"/{VERSION}/{path}": what for path, what in routes.items()}) as server:
            try:
                return await do({"server": server.url, "page_id": "1000"}, SECRET), server.asked
            except Exception as error:
                return error, server.asked

    return asyncio.run(go())


def js(value, status=200, **headers):
    return reply(status, json.dumps(value).encode(), **headers)


def no(code, message="x", status=400, **more):
    return js({"error": {"code": code, "message": message, **more}}, status)


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (reply(500), Unknown),
        (no(2, status=503), Unknown),
        (no(2), Unknown),
        (no(100, is_transient=True), Unknown),
        (raw(), Unknown),
        (raw(reset=True), Unknown),
        (raw(OK + b"content-length: 500\r\n\r\n{"), Unknown),
        (reply(200, b'{"id": "1000_'), Unknown),
        (reply(200, '{"id": "ответ"}'.encode("cp1251")), Unknown),
        (reply(200, b"[]"), Unknown),
        (reply(200), Unknown),
        (js({"id": 5}), Unknown),
        (js({"success": True}), Unknown),
        (endless(OK + b"\r\n", b"x" * 65536), Unknown),
        (js({"error": {"code": 4}}, 400, x_app_usage="[" * 5000), Retryable),
        (no(80_001), Retryable),
        (reply(429), Retryable),
        (no(190, "EAAsecret"), Unauthorised),
        (no(200, "EAAsecret s3cret"), Unauthorised),
        (no(100, "EAAsecret"), Permanent),
        (no("x", ["y"]), Permanent),
        (no(True), Permanent),
        (js({"error": "x"}, 400), Permanent),
        (reply(302, location="http://169.254.169.254/"), Permanent),
    ],
)
def test_what_a_fault_means_for_a_post(behaviour, error):
    done, asked = against(
        {"1000/feed": behaviour}, lambda s, k: NETWORK.publish(s, k, Outgoing("hello", "k"))
    )
    assert type(done) is error, done
    assert len(asked) == 1
    assert done.message % done.facts == str(done)
    assert "EAAsecret" not in str(done)
    assert "s3cret" not in str(done)


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (reply(500), Retryable),
        (no(1, status=500), Retryable),
        ([raw(OK + b"content-length: 500\r\n\r\n{")] * 2, Retryable),
        (reply(200, b"[]"), Retryable),
        (js({"data": {}}), Retryable),
        (reply(200, b"[" * 100_000), Retryable),
        (endless(OK + b"\r\n", b"x" * 65536), Permanent),
    ],
)
def test_what_a_fault_means_for_listening(behaviour, error):
    done, _ = against({"1000/feed": behaviour}, lambda s, k: NETWORK.hear("posts", s, k, {}))
    assert type(done) is error, done


def test_how_long_meta_asks_to_wait_is_obeyed():
    usage = json.dumps({"1000": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 7}]})
    busy = js({"error": {"code": 32, "message": "x"}}, 400, x_business_use_case_usage=usage)
    done, _ = against({"1000/feed": busy}, lambda s, k: NETWORK.hear("posts", s, k, {}))
    assert (type(done), done.after) == (Retryable, 420.0)


def test_examples_of_the_documentation_are_read():
    page = json.loads((PAYLOADS / "feed.json").read_text())
    first, second = (words.posted(words.post(v)) for v in page["data"])
    assert (first.text, first.media[0].url) == ("We know", "https://scontent.example/p.jpg")
    assert second.text == "Kettles updated their cover photo."
    comments = [words.commented(words.comment(v), "1000_501") for v in page["data"][0]["comments"]["data"]]
    assert [(i.native_id, i.in_reply_to, i.author.name) for i in comments] == [
        ("501_9", "501_8", "Anna"), ("501_8", "1000_501", ""),
    ]  # fmt: skip
    assert comments[1].media[0].url == "https://scontent.example/c.jpg"


def test_calls_of_the_documentation_are_read():
    calls = json.loads((PAYLOADS / "webhooks.json").read_text())
    own = {"1000", "17841400000000000"}
    found = [i for call in calls for i in webhooks.parse(json.dumps(call).encode(), own)]
    assert [(i.network, i.native_id, i.text, i.deleted) for i in found] == [
        ("facebook", "501_9", "And mine?", False),
        ("facebook", "501_9", "", True),
        ("facebook", "m/2000/m_1", "Where is my money?", False),
        ("instagram", "comment/17800000000000008/17800000000000009", "@kettles?", False),
    ]
    assert len({i.published_at.year for i in found}) == 1
    body = json.dumps(calls[0]).encode()
    good = "sha256=" + hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert webhooks.genuine(body, good, "s3cret")
    assert not webhooks.genuine(body + b" ", good, "s3cret")
    assert not webhooks.genuine(body, "sha256=ё", "s3cret")
    assert not webhooks.genuine(body, good, "")
    asked = {"hub.mode": "subscribe", "hub.verify_token": "v", "hub.challenge": "42"}
    assert webhooks.challenge(asked, "v") == "42"
    assert webhooks.challenge(asked, "w") is None
    assert webhooks.challenge(asked | {"hub.verify_token": ""}, "") is None


def test_a_call_is_checked_read_once_and_meant_for_one_network():
    calls = json.loads((PAYLOADS / "webhooks.json").read_text())
    told = {"page_id": "1000", "account_id": "17841400000000000"}
    secret = SECRET | {"verify_token": "word"}

    def signed(body, **more):
        good = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
        return {"X-Hub-Signature-256": f"sha256={good}"} | more

    def take(network, body, cursor, headers=None):
        headers = signed(body) if headers is None else headers
        return network.receive(headers, body, told, secret, cursor, NOW)

    here, heard = {}, []
    for call in [*calls, *calls]:
        done = take(NETWORK, json.dumps(call).encode(), here)
        here = done.batch.cursor
        heard += [i.native_id for i in done.batch.items]
    assert heard == ["501_9", "501_9", "m/2000/m_1"]
    done = take(INSTAGRAM, json.dumps(calls[-1]).encode(), {})
    assert [i.author.handle for i in done.batch.items] == ["boris"]
    body = json.dumps(calls[0]).encode()
    for headers in ({}, signed(b"other"), {"x-hub-signature-256": "sha256="}):
        with pytest.raises(Unauthorised):
            take(NETWORK, body, {}, headers)
    with pytest.raises(Permanent):
        take(NETWORK, b"[]", {})
    query = b"hub.mode=subscribe&hub.challenge=42&hub.verify_token=word"
    assert take(NETWORK, query, {}, {}).answer == "42"
    with pytest.raises(Unauthorised):
        take(NETWORK, query + b"s", {}, {})


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
times = st.sampled_from(
    ["2026-03-01T12:00:00+0000", "0001-01-01T00:00:00+2359", "9999-12-31T23:59:59-2359", "x"]
)


def made(names, **kept):
    some = st.dictionaries(st.sampled_from(names), anything)
    return st.tuples(some, st.fixed_dictionaries(kept)).map(lambda both: both[0] | both[1]) | anything


NAMES = [
    "message",
    "story",
    "from",
    "parent",
    "permalink_url",
    "full_picture",
    "parent_id",
    "attachment",
    "is_hidden",
    "comments",
]
things = made(NAMES, id=st.sampled_from(["1000_1", "../x"]), created_time=times)
CALL = [
    *NAMES,
    "item",
    "verb",
    "comment_id",
    "post_id",
    "created_time",
    "id",
    "media",
    "text",
    "sender",
    "timestamp",
    "mid",
]
changes = (
    st.fixed_dictionaries(
        {
            "field": st.sampled_from(["feed", "comments", "x"]),
            "value": made(
                CALL,
                item=st.sampled_from(["comment", "post"]),
                comment_id=st.just("1"),
                post_id=st.just("2"),
                created_time=st.just(1772366400),
            ),
        }
    )
    | anything
)
calls = (
    st.fixed_dictionaries(
        {
            "object": st.sampled_from(["page", "instagram"]) | anything,
            "entry": st.lists(
                st.fixed_dictionaries(
                    {
                        "time": st.just(1772366400) | anything,
                        "changes": st.lists(changes, max_size=2),
                        "messaging": st.lists(made(CALL), max_size=2),
                    }
                ),
                max_size=2,
            ),
        }
    )
    | anything
)


@settings(max_examples=150, deadline=None)
@given(things, calls)
def test_no_entry_and_no_call_stops_the_reading(thing, call):
    if (found := words.post(thing)) is not None:
        assert words.posted(found).native_id
    if (found := words.comment(thing)) is not None:
        assert words.commented(found, "1_2").native_id
    speaking._scheduled(thing)
    webhooks.parse(json.dumps(call).encode(), {"1"})
    webhooks.parse(repr(call).encode("utf-8", "replace"), {"1"})


@settings(max_examples=25, deadline=None)
@given(st.lists(things, max_size=3), anything, anything)
def test_no_answer_and_no_cursor_stops_the_listening(things, paging, cursor):
    page = js({"data": things, "paging": paging})
    routes = {"1000/feed": page, "1000/tagged": page, "1000/conversations": page, "1000_1/comments": page}
    for kind in ("posts", "comments", "messages"):
        for here in (cursor if isinstance(cursor, dict) else {}, {"at": cursor, "seen": cursor}, {"at": 5}):
            done, _ = against(routes, lambda s, k, kind=kind, here=here: NETWORK.hear(kind, s, k, here))
            if isinstance(done, Exception) and not isinstance(done, NetworkError):
                raise done
