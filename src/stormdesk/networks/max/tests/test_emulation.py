"""The client against an emulation of the bot API of MAX, built from its published schema (see emulation.py)."""

import asyncio
import json
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.hostile import endless, hostile, raw, reply
from stormdesk.networks.base import (
    Media,
    NetworkError,
    Outgoing,
    Permanent,
    Retryable,
    Unauthorised,
    Unknown,
)
from stormdesk.networks.max import NETWORK, listening, words
from stormdesk.networks.max.place import place
from stormdesk.networks.max.tests import emulation
from stormdesk.networks.max.tests.emulation import ANNA, BORIS, BOT, CHANNEL, CHAT, DIALOG
from stormdesk.networks.tests.served import served

PAYLOADS = Path(__file__).parents[1] / "payloads"
SECRET = {"token": emulation.TOKEN, "webhook_secret": "hook"}
SINCE = datetime.fromtimestamp(emulation.NOW / 1000, UTC)
JPEG = Media(content=b"jpeg", content_type="image/jpeg", name="kettle.jpg")
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


def against(do, state=None, chat=str(CHANNEL), **faults):
    """Run `do(settings, state)`; gives what came of it and the state."""
    state = state or emulation.Max()

    async def go():
        async with served(state.handle) as server:
            server.faults = {name: list(what) for name, what in faults.items()}
            try:
                return await do({"server": server.url, "chat": chat}, state), state
            except Exception as error:
                return error, state

    return asyncio.run(go())


def publish(outgoing, state=None, **more):
    return against(lambda s, _: NETWORK.publish(s, SECRET, outgoing), state, **more)


def texts(state):
    every = [*state.messages.values(), *(c for under in state.comments.values() for c in under.values())]
    return [one["body"]["text"] for one in every]


def test_a_post_stands_in_the_channel_once_with_its_place_and_the_networks_time():
    done, state = publish(Outgoing("Мы знаем о **чайнике**", "k"))
    assert (done.native_id, done.url, done.at) == (
        f"{CHANNEL}/mid.00000001",
        "https://max.ru/teapot/1",
        SINCE,
    )
    assert texts(state) == ["Мы знаем о **чайнике**"]
    for chat, code in (("", "no_chat"), ("@teapot", "no_chat"), ("-5", "gone")):
        done, state = publish(Outgoing("x", "k"), chat=chat)
        assert (type(done), done.code) == (Permanent, code)


def test_files_are_handed_over_and_one_that_is_not_ready_waits():
    video = Media(content=b"mp4", content_type="video/mp4", name="a.mp4")
    done, state = publish(Outgoing("Чайник", "k", media=(JPEG, video)))
    assert state.files == [b"jpeg", b"mp4"]
    assert len(state.messages["mid.00000001"]["body"]["attachments"]) == 2
    done, state = publish(Outgoing("Чайник", "k", media=(JPEG,)), emulation.Max(not_ready=1))
    assert (type(done), done.code, done.after) == (Retryable, "not_ready", 5)
    for fault in ("lost", "cut", b"HTTP/1.1 200 OK\r\n\r\n[]"):
        done, state = publish(Outgoing("Чайник", "k", media=(JPEG,)), upload=[fault])
        assert type(done) is Retryable
    for outgoing, code in (
        (Outgoing("x" * 4001, "k"), "too_long"),
        (Outgoing("x", "k", media=(JPEG,) * 13), "too_many"),
        (Outgoing(" ", "k"), "empty"),
        (Outgoing("x", "k", media=(Media(),)), "no_file"),
    ):
        done, state = publish(outgoing)
        assert (type(done), done.code) == (Permanent, code)
        assert state.messages == {}


def test_answers_stand_as_comments_under_posts_and_as_messages_in_chats():
    state = emulation.Max()
    post = state.say(CHANNEL, "Новая партия", None)["body"]["mid"]
    comment = state.comment(post, "Он горит", ANNA)["body"]["mid"]
    asked = state.say(CHAT, "А у нас?", BORIS)["body"]["mid"]
    under, _ = publish(Outgoing("Всем спасибо", "k1", in_reply_to=f"{CHANNEL}/{post}"), state)
    answer, _ = publish(Outgoing("Напишите нам", "k2", in_reply_to=f"{CHANNEL}/{post}/{comment}"), state)
    chat, _ = publish(Outgoing("Проверяем", "k3", in_reply_to=f"{CHAT}/{asked}"), state)
    assert place(under.native_id).message == place(answer.native_id).message == post
    assert state.comments[post][place(answer.native_id).comment]["link"]["message"]["mid"] == comment
    assert state.messages[place(chat.native_id).message]["link"]["message"]["mid"] == asked
    done, _ = publish(Outgoing("x", "k", in_reply_to=f"{CHANNEL}/{post}", media=(JPEG,)), state)
    assert done.code == "words_only"
    thread, _ = against(lambda s, _: NETWORK.thread(s, SECRET, f"{CHANNEL}/{post}"), state)
    assert [i.text for i in thread] == ["Новая партия", "Он горит", "Всем спасибо", "Напишите нам"]


def test_private_words_go_only_to_people_who_wrote_first():
    state = emulation.Max()
    first = state.say(DIALOG, "Мой чайник!", ANNA)["body"]["mid"]
    done, _ = publish(Outgoing("Извините", "k", in_reply_to=f"d{DIALOG}/{first}", visibility="direct"), state)
    assert done.native_id == f"d{DIALOG}/mid.00000002"
    assert publish(Outgoing("Извините", "k", to_handle=str(ANNA), visibility="direct"))[
        0
    ].native_id.startswith("d72/")
    for outgoing in (
        Outgoing("x", "k", to_handle=str(BORIS), visibility="direct"),
        Outgoing("x", "k", to_handle="anna_k", visibility="direct"),
        Outgoing("x", "k", in_reply_to=f"{CHAT}/mid.1", to_handle="anna_k", visibility="direct"),
    ):
        done, state = publish(outgoing)
        assert (type(done), done.code) == (Permanent, "writes_first")
        assert state.messages == {}


@pytest.mark.parametrize("fault", ["lost", "cut", "failed", b"HTTP/1.1 200 OK\r\n\r\n{}", "away"])
@pytest.mark.parametrize("where", ["post", "comment", "answer", "chat", "message"])
def test_after_an_unclear_answer_what_was_said_is_found(where, fault):
    state = emulation.Max()
    post = state.say(CHANNEL, "Новая партия", None)["body"]["mid"]
    comment = state.comment(post, "Он горит", ANNA)["body"]["mid"]
    asked = state.say(CHAT, "А у нас?", BORIS)["body"]["mid"]
    first = state.say(DIALOG, "Мой чайник!", ANNA)["body"]["mid"]
    text = "Мы отзываем  партию 7"
    outgoing = {
        "post": Outgoing(text, "k"),
        "comment": Outgoing(text, "k", in_reply_to=f"{CHANNEL}/{post}"),
        "answer": Outgoing(text, "k", in_reply_to=f"{CHANNEL}/{post}/{comment}"),
        "chat": Outgoing(text, "k", in_reply_to=f"{CHAT}/{asked}"),
        "message": Outgoing(text, "k", in_reply_to=f"d{DIALOG}/{first}", visibility="direct"),
    }[where]
    end = "comments" if where in ("comment", "answer") else "messages"

    async def go(settings, state):
        with pytest.raises(Unknown):
            await NETWORK.publish(settings, SECRET, outgoing)
        return await NETWORK.reconcile(settings, SECRET, outgoing, SINCE)

    found, state = against(go, state, **{end: [fault]})
    assert texts(state).count(text) == (0 if fault == "away" else 1)
    assert (found is None) == (fault == "away")


def test_equal_words_elsewhere_or_before_are_not_what_is_looked_for_and_too_many_cannot_tell():
    state = emulation.Max()
    post = state.say(CHANNEL, "Доброе утро", None)["body"]["mid"]
    state.comment(post, "Спасибо", ANNA)

    def find(outgoing, since=SINCE):
        return against(lambda s, _: NETWORK.reconcile(s, SECRET, outgoing, since), state)[0]

    assert find(Outgoing("Доброе утро", "k")).native_id == f"{CHANNEL}/{post}"
    assert find(Outgoing("Доброе утро", "k"), SINCE + timedelta(hours=1)) is None
    assert find(Outgoing("Спасибо", "k", in_reply_to=f"{CHANNEL}/{post}")) is None
    assert find(Outgoing("x", "k", to_handle=str(ANNA), visibility="direct")).code == "unknowable"
    for number in range(100):
        state.say(CHANNEL, f"post {number}", None)
    assert find(Outgoing("Доброе утро", "k")).code == "unknowable"


@pytest.mark.processes
def test_a_publisher_killed_before_the_answer_has_said_it_once_and_it_is_found():
    state = emulation.Max()
    code = (
        "import asyncio, sys; from stormdesk.networks.max import NETWORK; from stormdesk.networks.base import Outgoing;"
        f"asyncio.run(NETWORK.publish({{'server': sys.argv[1], 'chat': '{CHANNEL}'}}, {SECRET!r},"
        " Outgoing('Заявление', 'k')))"
    )

    async def go():
        async with served(state.handle) as server:
            server.faults = {"messages": ["hang"]}
            publisher = await asyncio.create_subprocess_exec(
                sys.executable, "-c", code, server.url, env={**os.environ, ALLOW_VARIABLE: "127.0.0.1"}
            )
            await asyncio.wait_for(server.hanging.wait(), 30)
            publisher.send_signal(signal.SIGKILL)
            await publisher.wait()
            here = {"server": server.url, "chat": str(CHANNEL)}
            return await NETWORK.reconcile(here, SECRET, Outgoing("Заявление", "k"), SINCE)

    assert asyncio.run(go()).native_id == f"{CHANNEL}/mid.00000001"
    assert texts(state) == ["Заявление"]


def test_what_the_bot_is_told_is_heard_and_own_words_are_not():
    state = emulation.Max()
    for message in (
        state.say(CHANNEL, "Сказал редактор", None),
        state.say(CHAT, "Сказал бот", BOT),
        state.say(CHAT, "Он горит", ANNA),
        state.say(DIALOG, "Верните деньги", ANNA),
        state.say(CHAT, None, BORIS, link={"type": "forward", "message": {"mid": "mid.x", "seq": 1, "text": "Чужое", "attachments": []}}),
    ):  # fmt: skip
        state.tell("message_created", message=message, user_locale="ru")
    state.tell("message_edited", message=state.say(CHAT, "Потух", ANNA))
    state.tell("message_removed", chat_id=CHAT, message_id="mid.00000003", user_id=ANNA)
    state.tell("bot_started", chat_id=DIALOG, user={})

    async def go(settings, state):
        first = await NETWORK.hear("updates", settings, SECRET, {"marker": 0})
        return first, await NETWORK.hear("updates", settings, SECRET, first.cursor)

    (first, second), _ = against(go, state)
    assert [(i.text, i.kind, i.visibility, bool(i.edited_at), i.deleted) for i in first.items] == [
        ("Он горит", "post", "public", False, False),
        ("Верните деньги", "direct", "direct", False, False),
        ("Чужое", "repost", "public", False, False),
        ("Потух", "post", "public", True, False),
        ("", "post", "public", False, True),
    ]
    assert first.items[4].native_id == first.items[0].native_id
    assert (second.items, second.cursor) == ([], {"marker": 8})


def test_a_stream_waits_for_what_happens_and_ends_with_a_reason():
    state = emulation.Max()

    async def go(settings, state):
        stream = NETWORK.stream("updates", settings, SECRET, {"marker": 0})
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.1)
        state.tell("message_created", message=state.say(CHAT, "сейчас", ANNA))
        batch = await asyncio.wait_for(waiting, 10)
        state.refuse["updates_"] = [(401, "verify.token")]
        with pytest.raises(Unauthorised):
            await asyncio.wait_for(anext(stream), 10)
        return [i.text for i in batch.items]

    assert against(go, state)[0] == ["сейчас"]


def test_comments_are_read_from_their_posts_once_changes_included():
    state = emulation.Max()
    post = state.say(CHANNEL, "Новая партия", None)["body"]["mid"]
    first = state.comment(post, "Он горит", ANNA)
    state.comment(post, "Разбираемся", None, first["body"]["mid"])

    async def go(settings, state):
        one = await NETWORK.hear("comments", settings, SECRET, {})
        state.comment(post, "и у меня", BORIS, first["body"]["mid"])
        first["body"]["text"] = "Он сгорел"
        two = await NETWORK.hear("comments", settings, SECRET, json.loads(json.dumps(one.cursor)))
        three = await NETWORK.hear("comments", settings, SECRET, two.cursor)
        return one, two, three

    (one, two, three), _ = against(go, state)
    assert [(i.text, i.kind, i.addressed) for i in one.items] == [("Он горит", "comment", True)]
    assert one.items[0].thread == one.items[0].in_reply_to == f"{CHANNEL}/{post}"
    assert sorted((i.text, bool(i.edited_at)) for i in two.items) == [
        ("Он сгорел", True),
        ("и у меня", False),
    ]
    assert {i.in_reply_to for i in two.items} == {f"{CHANNEL}/{post}", one.items[0].native_id}
    assert three.items == []


def test_changing_removing_and_own_posts():
    state = emulation.Max()
    state.say(CHANNEL, "старое", None, timestamp=emulation.NOW - 86_400_000)

    async def go(settings, state):
        post = await NETWORK.publish(settings, SECRET, Outgoing("A", "k1", media=(JPEG,)))
        comment = await NETWORK.publish(settings, SECRET, Outgoing("B", "k2", in_reply_to=post.native_id))
        for one in (post, comment):
            await NETWORK.edit(settings, SECRET, one.native_id, "C")
        own = await NETWORK.own_posts(settings, SECRET, SINCE - timedelta(hours=1))
        kept = len(state.messages[place(post.native_id).message]["body"]["attachments"])
        state.now += 27 * 3_600_000
        with pytest.raises(Permanent) as late:
            await NETWORK.edit(settings, SECRET, comment.native_id, "D")
        for one in (comment, post):
            await NETWORK.remove(settings, SECRET, one.native_id)
            await NETWORK.delete(settings, SECRET, one.native_id)
        return [(i.text, i.reach) for i in own], kept, late.value.code

    done, state = against(go, state)
    assert done == ([("C", 700)], 1, "refused")
    assert texts(state) == ["старое"]


def test_a_change_that_was_refused_with_success_is_said():
    state = emulation.Max()
    mid = state.say(CHAT, "Он горит", ANNA)["body"]["mid"]
    done, _ = against(lambda s, _: NETWORK.edit(s, SECRET, f"{CHAT}/{mid}", "Он не горит"), state)
    assert (type(done), done.code) == (Permanent, "refused")
    assert texts(state) == ["Он горит"]


def test_health_names_what_is_missing():
    def health(state=None, secret=SECRET, **more):
        return against(lambda s, _: NETWORK.health(s, secret), state, **more)[0]

    assert (health().ok, health().handle) == (True, "teapot_bot")
    assert health(chat="").ok
    poor = health(emulation.Max(permissions=("write",)))
    assert (poor.ok, poor.missing) == (False, ("read_all_messages", "edit", "delete"))
    for ill in (
        health(secret={}),
        health(secret={"token": "x y"}),
        health(secret={"token": "wrong"}),
        health(chat="@nobody"),
    ):
        assert not ill.ok
        assert ill.sentence % ill.facts


UNCLEAR = [
    reply(500), reply(503, b"<html>"), raw(), raw(reset=True), raw(OK + b"content-length: 500\r\n\r\n{"),
    reply(200, b'{"message": {"bod'), reply(200, '{"message": "ответ"}'.encode("cp1251")), reply(200, b"[]"),
    reply(200, b"{}"), reply(200, b'{"message": {"recipient": {}, "timestamp": 1}}'),
    reply(200, b'{"message": {"recipient": {"chat_id": 1}, "timestamp": 1, "body": {"mid": "../x"}}}'),
    endless(OK + b"\r\n", b"x" * 65536),
]  # fmt: skip


@pytest.mark.parametrize(
    ("behaviour", "error", "after"),
    [
        *[(behaviour, Unknown, None) for behaviour in UNCLEAR],
        (reply(429, b'{"code": "too.many.requests"}', retry_after="7"), Retryable, 7),
        (reply(401, b'{"code": "verify.token", "message": "Invalid f9LHodD0cOL5Te"}'), Unauthorised, None),
        (reply(403, b'{"code": "chat.denied", "message": "no"}'), Unauthorised, None),
        (reply(400, b'{"code": "proto.payload", "message": ["x"]}'), Permanent, None),
        (reply(404), Permanent, None),
        (reply(302, location="http://169.254.169.254/"), Permanent, None),
    ],
)
def test_what_a_fault_means_for_a_post(behaviour, error, after):
    async def go():
        async with hostile({"/messages": behaviour}) as server:
            try:
                await NETWORK.publish({"server": server.url, "chat": "-70"}, SECRET, Outgoing("x", "k"))
            except NetworkError as caught:
                return caught, server.asked

    done, asked = asyncio.run(go())
    assert type(done) is error
    assert getattr(done, "after", None) == after
    assert len(asked) == 1
    assert done.message % done.facts == str(done)
    assert emulation.TOKEN not in str(done) + asked[0].path + asked[0].query


def test_what_a_fault_means_for_listening():
    async def go(behaviour):
        async with hostile({"/updates": [behaviour] * 2}) as server:
            try:
                await NETWORK.hear("updates", {"server": server.url}, SECRET, {})
            except NetworkError as caught:
                return caught

    for behaviour in UNCLEAR[:-1]:
        assert type(asyncio.run(go(behaviour))) is Retryable
    assert type(asyncio.run(go(UNCLEAR[-1]))) is Permanent


def test_events_are_believed_only_with_the_secret():
    started, created = json.loads((PAYLOADS / "update.json").read_text())
    head = {"X-Max-Bot-Api-Secret": "hook"}

    def receive(thing, headers=head, secret=SECRET):
        return listening.receive(headers, json.dumps(thing).encode(), {}, secret).items

    assert receive(started) == []
    (item,) = receive(created)
    assert (item.native_id, item.author.handle, item.kind) == ("d70/mid.00000046", "anna_k", "direct")
    for headers, secret in (({}, SECRET), ({"x-max-bot-api-secret": "hoo"}, SECRET), (head, {})):
        with pytest.raises(Unauthorised):
            receive(created, headers, secret)
    for body in (b"", b"[]", b"{}", b"[" * 100_000, b" " * 2**21, b"\xff"):
        with pytest.raises(Permanent):
            listening.receive(head, body, {}, SECRET)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_BODY = st.fixed_dictionaries(
    {"mid": st.sampled_from(["mid.1", "..", "a/b"]) | st.text()}, optional={"text": st.text() | _JSON, "attachments": _JSON | st.lists(_JSON)}
)  # fmt: skip
_MESSAGE = st.fixed_dictionaries(
    {"recipient": st.fixed_dictionaries({"chat_id": st.integers()}, optional={"chat_type": st.text(), "post_id": st.text()}), "timestamp": st.integers()},
    optional={
        "body": _BODY,
        "sender": st.fixed_dictionaries({"user_id": st.integers()}, optional={"is_bot": st.booleans(), "first_name": _JSON}),
        "link": st.fixed_dictionaries({"type": st.sampled_from(["reply", "forward"]), "message": _BODY}),
        "stat": _JSON,
        "url": st.text(),
    },
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@example(
    "message_created",
    {"recipient": {"chat_id": 0}, "timestamp": 0, "body": {"mid": "..", "text": "0"}},
    0,
    "",
)
@example("message_removed", {}, 5, ".")
@given(
    st.sampled_from([*listening.TOLD, "message_removed"]),
    _MESSAGE | _JSON,
    _JSON | st.integers(),
    _JSON | st.text(),
)
def test_no_event_stops_the_listening(kind, message, number, mid):
    update = {
        "update_type": kind,
        "message": message,
        "timestamp": number,
        "chat_id": number,
        "message_id": mid,
    }
    for item in listening._read(update, CHANNEL):
        place(item.native_id)
    if found := words.message(message):
        words.said(found, CHANNEL, "mid.5")


@given(st.text(max_size=40) | st.from_regex(r"d?-?\d{1,20}/[\w.]{1,20}(/[\w.]{1,20})?", fullmatch=True))
def test_an_id_is_a_place_or_refused(native_id):
    try:
        where = place(native_id)
    except Permanent:
        return
    assert place(where.native_id) == where
