"""What each fault means for a post in two steps, and that no answer stops the listening. Refusals: facebook/tests."""

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.hostile import endless, hostile, raw, reply
from stormdesk.networks import pace
from stormdesk.networks.base import Media, NetworkError, Outgoing, Permanent, Retryable, Unauthorised, Unknown
from stormdesk.networks.facebook.graph import VERSION
from stormdesk.networks.instagram import NETWORK, speaking, words

PAYLOADS = Path(__file__).parents[1] / "payloads"
SECRET = {"access_token": "EAAsecret"}
OK = b"HTTP/1.1 200 OK\r\n"
JPEG = Media(content=b"\xff\xd8jpeg", content_type="image/jpeg", name="a.jpg")
OUT = Outgoing("hello", "k", media=(JPEG,))


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    monkeypatch.setattr(speaking, "PAUSE", 0.0)


def against(routes, do):
    async def go():
        async with hostile({f"/{VERSION}/{path}": what for path, what in routes.items()}) as server:
            told = {
                "server": server.url,
                "page_id": "1000",
                "account_id": "1784",
                "handle": "kettles",
                "tag": "x",
            }
            try:
                return await do(told, SECRET), server.asked
            except Exception as error:
                return error, server.asked

    pace.keep_in(pace.Memory())
    return asyncio.run(go())


def js(value, status=200):
    return reply(status, json.dumps(value).encode())


WAY = {
    "1000/photos": js({"id": "9"}),
    "9": js({"images": [{"source": "https://scontent.example/9.jpg"}]}),
    "1784/media": js({"id": "17900"}),
    "17900": js({"status_code": "FINISHED"}),
    "1784/media_publish": js({"id": "17800"}),
}
BROKEN = [
    reply(500), raw(reset=True), raw(OK + b"content-length: 500\r\n\r\n{"), reply(200, b"[]"), reply(200), js({"id": 5}),
    reply(200, '{"id": "ответ"}'.encode("cp1251")), js({"error": {"code": 2}}, 400),
]  # fmt: skip


@pytest.mark.parametrize("behaviour", [*BROKEN, endless(OK + b"\r\n", b"x" * 65536)])
def test_before_the_last_step_nothing_is_out_and_after_it_maybe(behaviour):
    for step, error in (
        ("1000/photos", Retryable),
        ("1784/media", Retryable),
        ("1784/media_publish", Unknown),
    ):
        done, asked = against(WAY | {step: behaviour}, lambda s, k: NETWORK.publish(s, k, OUT))
        assert type(done) is error, (step, done)
        assert [a.path.rpartition("/")[2] for a in asked].count("media_publish") == (
            step == "1784/media_publish"
        )
        assert "EAAsecret" not in str(done)


@pytest.mark.parametrize(
    ("step", "behaviour", "error"),
    [
        ("9", js({"images": "x"}), Retryable),
        ("9", js({"images": [{"source": "http://127.0.0.1/"}, 5]}), Retryable),
        ("9", js({"images": [{"source": ["x"]}]}), Retryable),
        ("17900", js({"status_code": "ERROR"}), Permanent),
        ("17900", js({"status_code": "EXPIRED"}), Permanent),
        ("17900", js({"status_code": {"x": 1}}), Retryable),
        ("1784/media_publish", js({"error": {"code": 190}}, 401), Unauthorised),
        ("1784/media_publish", js({"error": {"code": 9007, "error_subcode": 2207027}}, 400), Permanent),
        ("1784/media_publish", reply(302, location="http://169.254.169.254/"), Permanent),
    ],
)
def test_what_else_may_go_wrong_on_the_way(step, behaviour, error):
    done, _ = against(WAY | {step: behaviour}, lambda s, k: NETWORK.publish(s, k, OUT))
    assert type(done) is error, done


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (reply(500), Retryable),
        (reply(200, b"[]"), Retryable),
        (js({"data": {}}), Retryable),
        (reply(200, b"[" * 100_000), Retryable),
        (endless(OK + b"\r\n", b"x" * 65536), Permanent),
    ],
)
def test_what_a_fault_means_for_listening(behaviour, error):
    for path, kind in (("1784/media", "comments"), ("1784/tags", "tags"), ("ig_hashtag_search", "hashtag")):
        done, _ = against({path: behaviour}, lambda s, k, kind=kind: NETWORK.hear(kind, s, k, {}))
        assert type(done) is error, (kind, done)


def test_examples_of_the_documentation_are_read():
    (value,) = json.loads((PAYLOADS / "media.json").read_text())["data"]
    post = words.post(value)
    assert words.posted(post).url == "https://www.instagram.com/p/abc/"
    found = [
        c for v in post.comments["data"] if (one := words.comment(v)) for c in (one, *words.answers(one))
    ]
    assert [
        (i.native_id, i.in_reply_to, i.author.handle) for i in (words.commented(c, post.id) for c in found)
    ] == [
        ("comment/17870913679156914", "media/17895695668004550", "anna"),
        ("comment/17870913679156914/17870913679156915", "comment/17870913679156914", "kettles"),
        ("comment/17870913679156913", "media/17895695668004550", ""),
    ]
    tagged = [
        words.posted(words.post(v)) for v in json.loads((PAYLOADS / "hashtag.json").read_text())["data"]
    ]
    assert [(i.text, i.author.id, len(i.media)) for i in tagged] == [
        ("It exploded #kettle", "", 0),
        ("", "", 1),
    ]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
times = st.sampled_from(
    ["2026-03-01T12:00:00+0000", "0001-01-01T00:00:00+2359", "9999-12-31T23:59:59-2359", "x"]
)
NAMES = [
    "text",
    "username",
    "from",
    "parent_id",
    "replies",
    "caption",
    "permalink",
    "media_url",
    "comments",
    "hidden",
]


def made(**kept):
    some = st.dictionaries(st.sampled_from(NAMES), anything)
    return st.tuples(some, st.fixed_dictionaries(kept)).map(lambda both: both[0] | both[1]) | anything


comments = made(id=st.sampled_from(["178", "../x", "²"]), timestamp=times)
nested = st.fixed_dictionaries({"data": st.lists(comments, max_size=2), "paging": anything})
things = made(id=st.just("178"), timestamp=times, comments=nested, replies=nested) | comments


@settings(max_examples=150, deadline=None)
@given(things)
def test_no_entry_stops_the_reading(thing):
    if (found := words.post(thing)) is not None:
        assert words.posted(found).native_id
    if (found := words.comment(thing)) is not None:
        assert all(words.commented(c, "178").native_id for c in (found, *words.answers(found)))


@settings(max_examples=25, deadline=None)
@given(st.lists(things, max_size=3), anything, anything)
def test_no_answer_and_no_cursor_stops_the_listening(things, paging, cursor):
    page = js({"data": things, "paging": paging})
    routes = {
        "1784/media": page,
        "1784/tags": page,
        "178/comments": page,
        "ig_hashtag_search": page,
        "178/recent_media": page,
    }
    for kind in ("comments", "tags", "hashtag"):
        for here in (
            cursor if isinstance(cursor, dict) else {},
            {"at": cursor, "seen": cursor, "tag": "178"},
            {"at": 5},
        ):
            done, _ = against(routes, lambda s, k, kind=kind, here=here: NETWORK.hear(kind, s, k, here))
            if isinstance(done, Exception) and not isinstance(done, NetworkError):
                raise done
