"""What each fault and each error of VK means for a post, and that no answer or event stops the listening."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.hostile import endless, hostile, raw, reply
from stormdesk.networks.base import (
    RECEIVE,
    NetworkError,
    Outgoing,
    Permanent,
    Retryable,
    Unauthorised,
    Unknown,
)
from stormdesk.networks.vk import NETWORK, api, events, words
from stormdesk.networks.vk.place import Place, place
from stormdesk.networks.vk.tests.emulation import WIDE

PAYLOADS = Path(__file__).parents[1] / "payloads"
KEY = "vk1.a.very-secret"
SECRET = {"user_token": KEY, "group_token": KEY, "callback_secret": "hook"}
ACCOUNT = {"community": "500", "confirmation": "a1b2c3"}
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    monkeypatch.setattr(api, "LIMITS", WIDE)  # how VK's limits are kept: test_limits
    monkeypatch.setattr(api, "WAITS", ())


def against(routes, do):
    async def go():
        async with hostile(routes) as server:
            try:
                return await do(ACCOUNT | {"server": server.url}), server.asked
            except Exception as error:
                return error, server.asked

    return asyncio.run(go())


def js(value, status=200):
    return reply(status, json.dumps(value).encode())


def no(code, words="Something"):
    return js({"error": {"error_code": code, "error_msg": words, "request_params": []}})


UNCLEAR = [
    reply(500),
    reply(502, b"<html>bad gateway"),
    raw(),
    raw(reset=True),
    raw(OK + b"content-length: 500\r\n\r\n{"),
    reply(200, b'{"response": {"post'),
    reply(200, '{"response": "ответ"}'.encode("cp1251")),
    reply(200, b"[]"),
    js({}),
    js({"response": {}}),
    js({"response": {"post_id": "5"}}),
    js({"response": {"post_id": True}}),
    js({"response": [5]}),
    js({"error": "no"}),
    js({"error": {"error_code": "5"}}),
    endless(OK + b"\r\n", b"x" * 65536),
]


@pytest.mark.parametrize(
    ("behaviour", "error", "after"),
    [
        *[(behaviour, Unknown, None) for behaviour in UNCLEAR],
        *[(no(code), Unknown, None) for code in (1, 10, 13, 36)],
        (no(6, "Too many requests per second"), Retryable, 1),
        (no(9), Retryable, 60),
        (no(29), Retryable, 3600),
        (reply(429, retry_after="5"), Retryable, 5),
        *[(no(code), Unauthorised, None) for code in (5, 7, 15, 17, 27, 28, 214)],
        (no(5, f"User authorization failed: {KEY} is wrong"), Unauthorised, None),
        (no(14, "Captcha needed"), Permanent, None),
        (no(100, "One of the parameters specified was missing or invalid"), Permanent, None),
        (no(10**12), Permanent, None),
        (reply(302, location="http://169.254.169.254/"), Permanent, None),
    ],
)
def test_what_a_fault_means_for_a_post(behaviour, error, after):
    done, asked = against(
        {"/method/wall.post": behaviour}, lambda s: NETWORK.publish(s, SECRET, Outgoing("hello", "k"))
    )
    assert type(done) is error
    assert getattr(done, "after", None) == after
    assert len(asked) == 1
    assert done.message % done.facts == str(done)
    assert KEY not in str(done)
    assert KEY not in asked[0].path + asked[0].query


def test_a_refused_connection_surely_sent_nothing():
    async def go():
        async with hostile({}) as server:
            pass
        await NETWORK.publish(ACCOUNT | {"server": server.url}, SECRET, Outgoing("x", "k"))

    with pytest.raises(Retryable):
        asyncio.run(go())


@pytest.mark.parametrize("kind", [source.kind for source in NETWORK.sources if source.kind != RECEIVE])
def test_what_a_fault_means_for_listening(kind):
    method = {
        "search": "newsfeed.search",
        "events": "groups.getLongPollServer",
        "mentions": "newsfeed.getMentions",
        "wall": "wall.get",
        "comments": "wall.get",
    }[kind]
    cases = [
        *[(behaviour, Retryable) for behaviour in UNCLEAR[:-1]],
        (UNCLEAR[-1], Permanent),
        (no(10), Retryable),
        (no(6), Retryable),
        (no(5), Unauthorised),
        (no(14), Permanent),
    ]
    for behaviour, error in cases:
        done, _ = against({f"/method/{method}": [behaviour] * 2}, lambda s: NETWORK.hear(kind, s, SECRET, {}))
        assert type(done) is error


def test_the_long_poll_may_answer_nonsense_or_lead_to_a_private_address(monkeypatch):
    line = {"key": "k", "ts": "1"}

    def wait(behaviour):
        async def go():
            async with hostile({"/lp": [behaviour] * 2}) as server:
                server.routes["/method/groups.getLongPollServer"] = js(
                    {"response": line | {"server": f"{server.url}/lp"}}
                )
                try:
                    return await NETWORK.hear("events", ACCOUNT | {"server": server.url}, SECRET, {})
                except NetworkError as error:
                    return error

        return asyncio.run(go())

    for behaviour in (
        reply(200, b"["),
        js([]),
        js({"ts": "2"}),
        js({"updates": []}),
        js({"ts": True, "updates": []}),
    ):
        assert type(wait(behaviour)) is Retryable
    assert wait(
        js({"ts": 9, "updates": [None, 5, {"type": 5}, {"type": "wall_reply_new", "object": []}]})
    ).cursor == {"ts": "9"}
    for answer, cursor, lost in (
        ({"failed": 1, "ts": 30}, {"ts": "30"}, True),
        ({"failed": 2}, {"ts": "1"}, False),
        ({"failed": 3}, {"ts": ""}, True),
    ):
        heard = wait(js(answer))
        assert (heard.cursor, heard.lost) == (cursor, lost)
    done, _ = against(
        {
            "/method/groups.getLongPollServer": js(
                {"response": line | {"server": "http://169.254.169.254/lp"}}
            )
        },
        lambda s: NETWORK.hear("events", s, SECRET, {}),
    )
    assert (type(done), done.code) == (Permanent, "private")


def test_nonsense_among_the_results_is_passed_over():
    good = {"id": 1, "owner_id": 7, "from_id": 7, "date": 1_700_000_000, "text": "чайник"}
    page = [
        None,
        5,
        {},
        good | {"date": "x"},
        good | {"id": 2, "date": 2**60},
        good | {"attachments": [None, {"type": 5}]},
    ]
    who = {"profiles": [None, {"id": "7"}, {"id": 7, "screen_name": 5, "first_name": None}], "groups": "no"}
    batch, _ = against(
        {"/method/newsfeed.search": js({"response": {"items": page} | who})},
        lambda s: NETWORK.hear("search", s, SECRET, {}),
    )
    assert [(i.native_id, i.author.handle) for i in batch.items] == [("wall7_1", "id7")]


def test_examples_of_the_documentation_are_read():
    update = json.loads((PAYLOADS / "long_poll.json").read_text())["updates"][0]
    assert events.read(update) is None, "the community's own post"
    said = events.read(update | {"group_id": 1})
    assert (said.native_id, said.text) == ("wall-123456_28", "Post text")
    comment, message, chat, like = [
        events.read(e) for e in json.loads((PAYLOADS / "callback.json").read_text())
    ]
    assert (comment.native_id, comment.in_reply_to, comment.addressed) == (
        "wall-500_5_r8",
        "wall-500_5",
        True,
    )
    assert comment.published_at == datetime.fromtimestamp(1607801025, UTC)
    assert (message.native_id, message.kind, message.author.handle) == ("im100_32", "direct", "id100")
    assert (chat, like) == (None, None)


def test_events_are_believed_only_with_the_secret_and_each_taken_once():
    event = json.loads((PAYLOADS / "callback.json").read_text())[0] | {"secret": "hook"}

    def receive(thing, secret=SECRET, seen=()):
        return events.receive(json.dumps(thing).encode(), ACCOUNT, secret, seen)

    taken = receive(event)
    assert (taken.answer, len(taken.batch.items)) == ("ok", 1)
    assert taken.batch.cursor == {"event_id": event["event_id"]}
    again = receive(event, seen={event["event_id"]})
    assert (again.answer, again.batch.items) == ("ok", [])
    confirmed = receive({"type": "confirmation", "group_id": 500, "secret": "hook"})
    assert (confirmed.answer, confirmed.batch.items) == ("a1b2c3", [])
    for wrong in (event | {"secret": "hoo"}, event | {"secret": None}, event | {"group_id": 501}):
        with pytest.raises(Unauthorised):
            receive(wrong)
    with pytest.raises(Unauthorised):
        receive(event, {})
    for body in (b"", b"[]", b"{}", b"[" * 100_000, b" " * 2**21, b"\xff"):
        with pytest.raises(Permanent):
            events.receive(body, ACCOUNT, SECRET)


def test_mentions_are_read_by_name_and_known_as_ours():
    assert words.plain("Эй, [id1|Павел], [club500|Чайник]!") == "Эй, Павел, Чайник!"
    assert words.plain("[id1|[id2|x]]") == "[id1|x]"
    assert words.speaks_to("[club500|Чайник] горит", 500)
    assert words.speaks_to("[public500|Чайник] горит", 500)
    assert not words.speaks_to("[id500|Анна] и [club501|Другой]", 500)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = {
    "id": st.integers(),
    "owner_id": st.integers(),
    "post_owner_id": st.integers(),
    "from_id": st.integers(),
    "peer_id": st.integers(),
    "date": st.integers(),
    "text": st.text(),
    "post_id": st.integers(),
    "post_type": st.sampled_from(["post", "reply", "suggest"]),
    "edited": st.integers(),
    "views": st.fixed_dictionaries({"count": st.integers()}),
    "copy_history": st.lists(_JSON, max_size=2),
    "attachments": st.lists(
        st.fixed_dictionaries({"type": st.sampled_from(["photo", "link", "video"])}, optional={"photo": _JSON, "link": _JSON})
        | _JSON,
        max_size=3,
    ),
    "parents_stack": st.lists(st.integers(), max_size=2),
    "reply_to_comment": st.integers(),
    "thread": _JSON,
    "message": _JSON,
}  # fmt: skip
_THING = st.fixed_dictionaries({}, optional=_FIELDS) | st.fixed_dictionaries(_FIELDS)
_KINDS = [
    "message_new", "message_edit", "wall_post_new", "wall_repost", "confirmation",
    *[f"{what}_{how}" for what in events._UNDER for how in ("new", "edit", "restore", "delete")],
]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(_KINDS) | st.text(), _THING | _JSON, st.integers() | _JSON)
def test_no_event_stops_the_listening(kind, thing, group):
    event = {"type": kind, "object": thing, "group_id": group, "secret": "hook", "event_id": "1"}
    events.read(event)
    try:
        events.receive(json.dumps(event).encode(), ACCOUNT, SECRET)
    except NetworkError:
        pass


@settings(max_examples=200, deadline=None)
@given(_THING | _JSON, _JSON)
def test_nothing_vk_lists_stops_the_listening(thing, response):
    if post := words.convert(thing, words.Post):
        words.said_in_post(post, {}, 500)
        words.attached(post.attachments)
    if comment := words.convert(thing, words.Comment):
        words.said_in_comment(comment, Place("wall", -1, 2), {}, 500)
    if message := words.convert(thing, words.Message):
        words.said_in_message(message, {})
    words.people(response if isinstance(response, dict) else {"profiles": response, "groups": response})


@given(
    st.text(max_size=40)
    | st.from_regex(r"(wall|topic|photo|im)-?\d{1,20}_(r|c)?\d{1,20}(_r?\d{1,20})?", fullmatch=True)
)
def test_an_id_is_a_place_or_refused(native_id):
    try:
        where = place(native_id)
    except Permanent:
        return
    assert place(where.native_id) == where
