"""What each fault means for a post, and that no answer stops the listening."""

import asyncio
import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.hostile import endless, hostile, raw, reply
from stormdesk.networks import oauth, pace
from stormdesk.networks.base import NetworkError, Outgoing, Permanent, Retryable, Unauthorised, Unknown
from stormdesk.networks.reddit import NETWORK, words

PAYLOADS = Path(__file__).parents[1] / "payloads"
SECRET = {"access_token": "t0ken-secret"}
OK = b"HTTP/1.1 200 OK\r\n"
LONG = 10**400


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    pace.keep_in(pace.Memory())
    oauth.forget()


def against(routes, do, secret=SECRET):
    async def go():
        async with hostile(routes) as server:
            given = {"server": server.url, "client_id": "c", "handle": "us", "community": "tea"}
            try:
                return await do(given, secret), server.asked
            except Exception as error:
                return error, server.asked

    return asyncio.run(go())


def js(value, status=200, **headers):
    return reply(status, json.dumps(value).encode(), **headers)


def errors(*first, **more):
    return js({"json": {"errors": [list(first)], **more}})


@pytest.mark.parametrize(
    ("behaviour", "error", "after"),
    [
        (reply(500), Unknown, None),
        (reply(503, b"<html>all of our servers are busy"), Unknown, None),
        (raw(), Unknown, None),
        (raw(reset=True), Unknown, None),
        (raw(OK + b"content-length: 500\r\n\r\n{"), Unknown, None),
        (reply(200, b'{"json": {"errors": ['), Unknown, None),
        (reply(200, '{"json": "ответ"}'.encode("cp1251")), Unknown, None),
        (reply(200, b"[]"), Unknown, None),
        (js({"json": {"errors": []}}), Unknown, None),
        (js({"json": {"errors": [], "data": {"name": 5}}}), Unknown, None),
        (js({"json": {"errors": [], "data": {"name": "t1_x"}}}), Unknown, None),
        (js({"json": 7}), Unknown, None),
        (endless(OK + b"\r\n", b"x" * 65536), Unknown, None),
        (errors("RATELIMIT", "try again in 9 minutes", "ratelimit", ratelimit=17), Retryable, 17),
        (errors("RATELIMIT", "x", "ratelimit", ratelimit="soon"), Retryable, None),
        (errors("RATELIMIT", "x", "ratelimit", ratelimit=10**9), Retryable, None),
        (js({}, 429, x_ratelimit_reset="33", x_ratelimit_remaining="0.0"), Retryable, 33),
        (reply(429, b"whoa there, pardner!"), Retryable, None),
        (js({"message": "Unauthorized", "error": 401}, 401), Unauthorised, None),
        (js({"message": "t0ken-secret", "error": 403}, 403), Permanent, None),
        (errors("SUBREDDIT_NOTALLOWED", "you aren't allowed to post there.", "sr"), Permanent, None),
        (errors(), Permanent, None),
        (js({"json": {"errors": [7]}}), Permanent, None),
        (js({"json": {"errors": [["\u202ex", None]]}}), Permanent, None),
        (reply(302, location="http://169.254.169.254/"), Permanent, None),
        (reply(404, b"[]"), Permanent, None),
    ],
)
def test_what_a_fault_means_for_a_post(behaviour, error, after):
    done, asked = against(
        {"/api/submit": behaviour}, lambda s, k: NETWORK.publish(s, k, Outgoing("hello", "k"))
    )
    assert type(done) is error, done
    assert getattr(done, "after", None) == after
    assert len(asked) == 1
    assert done.message % done.facts == str(done)


def test_a_key_is_never_told():
    for behaviour in (js({"message": "t0ken-secret"}, 400), js({"message": "t0ken-secret"}, 401)):
        done, _ = against({"/api/submit": behaviour}, lambda s, k: NETWORK.publish(s, k, Outgoing("x", "k")))
        assert "t0ken-secret" not in str(done)


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (reply(500), Retryable),
        ([raw(OK + b"content-length: 500\r\n\r\n{")] * 2, Retryable),
        (reply(200, b"[]"), Retryable),
        (js({"kind": "Listing", "data": {"children": {}}}), Retryable),
        (js({"kind": "Listing"}), Retryable),
        (reply(200, b"[" * 100_000), Retryable),
        (endless(OK + b"\r\n", b"x" * 65536), Permanent),
        (reply(302, location="http://169.254.169.254/"), Permanent),
    ],
)
def test_what_a_fault_means_for_listening(behaviour, error):
    done, _ = against({"/r/tea/new": behaviour}, lambda s, k: NETWORK.hear("subreddit", s, k, {"at": 5}))
    assert type(done) is error, done


def test_nonsense_in_a_list_is_passed_over_and_a_time_to_come_hides_nothing():
    good = {"name": "t3_1", "created_utc": 1759694492.0, "title": "ok", "author": "anna"}
    values = [
        None, 7, {"kind": "t3"}, {"kind": "t3", "data": []}, {"kind": "t3", "data": good | {"name": "t1_1"}},
        {"kind": "t3", "data": good | {"name": "t3_../x"}}, {"kind": "t3", "data": good | {"created_utc": LONG}},
        {"kind": "t3", "data": good | {"created_utc": 1e300}}, {"kind": "t3", "data": good | {"title": ["x"]}},
        {"kind": "t9", "data": good}, {"kind": "t3", "data": good},
        {"kind": "t3", "data": good | {"name": "t3_2", "created_utc": 2**37}},
    ]  # fmt: skip
    page = {"kind": "Listing", "data": {"children": values, "after": None}}
    done, _ = against({"/r/tea/new": js(page)}, lambda s, k: NETWORK.hear("subreddit", s, k, {}))
    assert [i.native_id for i in done.items] == ["t3_1", "t3_2"]
    assert done.cursor["at"] <= datetime.now(UTC).timestamp()


def test_a_list_that_never_ends_is_left():
    page = {"kind": "Listing", "data": {"children": [{"kind": "t3", "data": {"name": "t3_1", "created_utc": 1e9}}], "after": "t3_1"}}  # fmt: skip
    done, asked = against({"/r/tea/new": js(page)}, lambda s, k: NETWORK.hear("subreddit", s, k, {"at": 5}))
    assert (len(done.items), len(asked)) == (1, 2)


def test_examples_of_the_documentation_are_read():
    inbox = [words.said(t) for v in words.children(_payload("inbox")) if (t := words.thing(v))]
    assert [(i.native_id, i.author.handle, i.kind) for i in inbox] == [
        ("t1_c1", "anna", "comment"), ("t4_m1", "boris", "direct"), ("t4_m0", "", "direct"),
    ]  # fmt: skip
    assert inbox[0].url == "https://www.reddit.com/r/tea/comments/p1/kettles/c1/"
    top, below = _payload("comments")
    post = words.said(words.thing(words.children(top)[0]))
    assert (post.text, post.media[0].url) == (
        "Kettles & co\n\nhttps://i.redd.it/x.jpg",
        "https://i.redd.it/x.jpg",
    )
    unread = []
    found = [words.said(t) for t in words.walk(words.children(below), unread)]
    assert [(i.native_id, i.deleted, i.text, i.in_reply_to) for i in found] == [
        ("t1_c0", True, "", "t3_p1"), ("t1_c1", False, "And mine?", "t1_c0"),
    ]  # fmt: skip
    assert found[1].edited_at is not None
    assert unread == ["c3", "c4"]


def _payload(name):
    return json.loads((PAYLOADS / f"{name}.json").read_text())


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
field = st.sampled_from(sorted(words.Thing.__struct_fields__))
data = st.dictionaries(field, anything, max_size=8).map(
    lambda d: {"name": "t1_a", "created_utc": 1.7e9, **d}
) | st.dictionaries(field, anything)
value = (
    st.fixed_dictionaries({"kind": st.sampled_from(["t1", "t3", "t4", "more", 5]), "data": data | anything})
    | anything
)


@settings(max_examples=150, deadline=None)
@given(st.lists(value, max_size=4))
def test_no_thing_stops_the_reading(values):
    for one in values:
        if (found := words.thing(one)) is not None:
            assert words.said(found).native_id
            words.is_it(Outgoing("x", "k"), found)
            words.version(found)
    list(words.walk(values, []))


@settings(max_examples=25, deadline=None)
@given(st.lists(value, max_size=4), anything)
def test_no_answer_and_no_cursor_stops_the_listening(values, cursor):
    listing = json.dumps({"kind": "Listing", "data": {"children": values, "after": cursor}})
    both = f"[{listing}, {listing}]"

    async def go():
        routes = {"/r/tea/new": reply(200, listing.encode()), "/comments/a": reply(200, both.encode())}
        routes |= {"/api/morechildren": reply(200, both.encode())}
        async with hostile(routes) as server:
            told = {"server": server.url, "community": "tea", "post": "t3_a"}
            for kind in ("subreddit", "thread"):
                with contextlib.suppress(NetworkError):
                    await NETWORK.hear(
                        kind, told, SECRET, cursor if isinstance(cursor, dict) else {"at": cursor}
                    )

    asyncio.run(go())
