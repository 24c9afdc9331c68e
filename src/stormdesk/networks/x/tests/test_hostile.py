"""What each fault means for a post, and that no answer stops the listening."""

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.hostile import endless, hostile, raw, reply
from stormdesk.networks import exchange, oauth, pace
from stormdesk.networks.base import NetworkError, Outgoing, Permanent, Retryable, Unauthorised, Unknown
from stormdesk.networks.x import NETWORK, words

PAYLOADS = Path(__file__).parents[1] / "payloads"
SECRET = {"access_token": "t0ken-secret"}
OK = b"HTTP/1.1 201 OK\r\n"


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    pace.keep_in(pace.Memory())
    oauth.forget()


def against(routes, do):
    async def go():
        async with hostile({f"/2{path}": what for path, what in routes.items()}) as server:
            given = {"server": server.url, "account_id": "100", "handle": "us", "query": "x", "post": "1"}
            try:
                return await do(given, SECRET), server.asked
            except Exception as error:
                return error, server.asked

    return asyncio.run(go())


def js(value, status=200, **headers):
    return reply(status, json.dumps(value).encode(), **headers)


def no(status, detail="x", kind="about:blank", **headers):
    return js({"title": "x", "detail": detail, "type": kind}, status, **headers)


@pytest.mark.parametrize(
    ("behaviour", "error", "after"),
    [
        (reply(500), Unknown, None),
        (no(503), Unknown, None),
        (raw(), Unknown, None),
        (raw(reset=True), Unknown, None),
        (raw(OK + b"content-length: 500\r\n\r\n{"), Unknown, None),
        (reply(201, b'{"data": {"id": "'), Unknown, None),
        (reply(201, '{"data": "ответ"}'.encode("cp1251")), Unknown, None),
        (reply(201, b"[]"), Unknown, None),
        (reply(201), Unknown, None),
        (js({"data": {"id": 5}}, 201), Unknown, None),
        (js({"data": {"id": "../x"}}, 201), Unknown, None),
        (js({"data": {"id": "²"}}, 201), Unknown, None),
        (js({"errors": [{"title": "x"}]}, 201), Unknown, None),
        (endless(OK + b"\r\n", b"x" * 65536), Unknown, None),
        (no(429), Retryable, 900.0),
        (no(429, x_rate_limit_reset="soon"), Retryable, 900.0),
        (no(429, x_rate_limit_reset="nan"), Retryable, 900.0),
        (no(429, x_rate_limit_reset="1"), Retryable, 1.0),
        (no(429, x_rate_limit_reset="9e99"), Retryable, 86_400.0),
        (no(429, kind="https://api.x.com/2/problems/usage-capped"), Permanent, None),
        (no(402, kind="https://api.x.com/2/problems/credits"), Permanent, None),
        (no(401, "t0ken-secret"), Unauthorised, None),
        (no(403, "t0ken-secret"), Permanent, None),
        (no(403, ["x"], {"y": 1}), Permanent, None),
        (reply(403, b"<html>"), Permanent, None),
        (js({"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, 429), Retryable, 900.0),
        (js({"errors": "x"}, 400), Permanent, None),
        (reply(302, location="http://169.254.169.254/"), Permanent, None),
    ],
)
def test_what_a_fault_means_for_a_post(behaviour, error, after):
    done, asked = against({"/tweets": behaviour}, lambda s, k: NETWORK.publish(s, k, Outgoing("hello", "k")))
    assert type(done) is error, done
    assert getattr(done, "after", None) == after
    assert len(asked) == 1
    assert done.message % done.facts == str(done)
    assert "t0ken-secret" not in str(done)


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (reply(500), Retryable),
        ([raw(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{")] * 2, Retryable),
        (reply(200, b"[]"), Retryable),
        (reply(200, b"{}"), Retryable),
        (js({"data": {}, "meta": {}}), Retryable),
        (reply(200, b"[" * 100_000), Retryable),
        (endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536), Permanent),
    ],
)
def test_what_a_fault_means_for_listening(behaviour, error):
    for path, kind in (("/tweets/search/recent", "search"), ("/dm_events", "messages")):
        again = list(behaviour) if isinstance(behaviour, list) else behaviour
        done, _ = against({path: again}, lambda s, k, kind=kind: NETWORK.hear(kind, s, k, {}))
        assert type(done) is error, (kind, done)


def test_examples_of_the_documentation_are_read():
    page = json.loads((PAYLOADS / "search.json").read_text())
    first, second = (words.said(words.post(v), words.Beside(page), "100") for v in page["data"])
    assert first.text == "It exploded & burned https://kettle.example/"
    assert (first.author.followers, first.reach, first.addressed) == (583423, 123, True)
    assert [(m.url, m.description) for m in first.media] == [
        ("https://pbs.twimg.com/media/x.jpg", "A burnt kettle")
    ]
    assert (second.text, second.kind, second.language) == (
        "A long one that is cut and goes on here",
        "comment",
        None,
    )
    assert (second.in_reply_to, second.author.id) == ("1880028106020515801", "2244994946")
    page = json.loads((PAYLOADS / "dm_events.json").read_text())
    found = [words.written(m, words.Beside(page)) for v in page["data"] if (m := words.message(v))]
    assert [(i.native_id, i.author.handle) for i in found] == [
        ("dm/100-2244994945/1585321444547837956", "anna")
    ]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
times = st.sampled_from(
    ["2026-03-01T12:00:00.000Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "x", 5]
)


def made(shape, **kept):
    some = st.dictionaries(st.sampled_from(sorted(shape.__struct_fields__)), anything)
    return st.tuples(some, st.fixed_dictionaries(kept)).map(lambda both: both[0] | both[1]) | anything


entities = (
    st.fixed_dictionaries(
        {
            "urls": st.lists(made(words.Link), max_size=2),
            "mentions": st.lists(made(words.Mention), max_size=2),
        }
    )
    | anything
)
posts = made(words.Post, id=st.sampled_from(["1", "99", "x"]), created_at=times) | made(
    words.Post, id=st.just("7"), created_at=st.just("2026-03-01T12:00:00Z"), entities=entities
)
messages = made(
    words.Message,
    id=st.sampled_from(["1", "99", "²"]),
    created_at=times,
    event_type=st.just("MessageCreate"),
    dm_conversation_id=st.just("1-2"),
)
beside = (
    st.fixed_dictionaries(
        {
            "users": st.lists(made(words.User, id=st.just("1")), max_size=2),
            "media": st.lists(made(words.Picture), max_size=2),
        }
    )
    | anything
)


@settings(max_examples=150, deadline=None)
@given(posts, messages, beside)
def test_no_entry_stops_the_reading(post, message, beside):
    around = words.Beside({"includes": beside})
    if (found := words.post(post)) is not None:
        assert words.said(found, around, "1").native_id
        words.comparable(words.plain(found))
    if (letter := words.message(message)) is not None:
        assert words.written(letter, around).native_id


@settings(max_examples=25, deadline=None)
@given(st.lists(posts, max_size=3), st.lists(messages, max_size=3), beside, anything, anything)
def test_no_answer_and_no_cursor_stops_the_listening(posts, messages, beside, token, cursor):
    routes = {
        "/tweets/search/recent": js({"data": posts, "includes": beside, "meta": {"next_token": token}}),
        "/dm_events": js({"data": messages, "includes": beside, "meta": token}),
    }
    for kind in ("search", "messages"):
        for here in (
            cursor if isinstance(cursor, dict) else {},
            dict.fromkeys(("since", "until", "newest"), cursor),
            {"since": "5"},
        ):
            done, _ = against(routes, lambda s, k, kind=kind, here=here: NETWORK.hear(kind, s, k, here))
            if isinstance(done, Exception) and not isinstance(done, NetworkError):
                raise done


def test_numbers_too_large_for_a_float_are_nonsense():
    assert exchange.shaped({"id": "1", "created_at": 10**400}, words.Post) is None
