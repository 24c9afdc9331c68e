"""OK's Bot API in emulation: heard once, answered once, faults told apart."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.hostile import endless, hostile, raw, reply
from stormdesk.networks.base import Media, Outgoing, Permanent, Retryable, Unauthorised, Unknown
from stormdesk.networks.ok import NETWORK, words
from stormdesk.networks.ok.tests.emulation import GROUP, KEY, odnoklassniki

SECRET = {"access_token": KEY}
BEFORE = {"since": 1, "chats": {}}
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


def story(tell):
    async def go():
        async with odnoklassniki() as ok:
            await tell(ok, {"server": ok.url})

    asyncio.run(go())


async def heard(settings, cursor):
    items, more = [], True
    while more:
        batch = await NETWORK.hear("messages", settings, SECRET, cursor)
        items, cursor, more = items + batch.items, batch.cursor, batch.more
    return items, json.loads(json.dumps(cursor))


def test_messages_are_heard_once_and_answered_where_they_stand():
    async def tell(ok, settings):
        ok.write("chat:C1", "Верните деньги", "user:77")
        ok.write("chat:C1", "Здравствуйте", GROUP, "Acme")
        items, cursor = await heard(settings, BEFORE)
        assert [(i.text, i.author.handle, i.author.name, i.thread) for i in items] == [
            ("Верните деньги", "77", "Ольга", "chat:C1")
        ]
        assert (items[0].kind, items[0].visibility, items[0].addressed) == ("direct", "direct", True)
        assert (await heard(settings, cursor))[0] == []
        ok.write(
            "chat:C1",
            "Ау",
            "user:77",
            attachments=[{"type": "SHARE", "payload": {"url": "https://ya.ru/"}}, {}],
        )
        (second,), cursor = await heard(settings, cursor)
        assert second.media[0].url == "https://ya.ru/"
        for outgoing in (
            Outgoing("Вернём", "k1", in_reply_to=second.native_id, visibility="direct"),
            Outgoing("Уже вернули", "k2", to_handle="77", visibility="direct"),
        ):
            sent = await NETWORK.publish(settings, SECRET, outgoing)
            assert sent.native_id.startswith("chat:C1/mid:")
        assert [m["message"]["text"] for m in ok.chats["chat:C1"]][-2:] == ["Вернём", "Уже вернули"]
        own = await NETWORK.own_posts(settings, SECRET, LONG_AGO)
        assert [o.text for o in own] == ["Здравствуйте", "Вернём", "Уже вернули"]
        assert (await heard(settings, cursor))[0] == []

    story(tell)


def test_a_rush_of_conversations_and_long_ones_lose_nothing():
    async def tell(ok, settings):
        for n in range(130):
            ok.write(f"chat:C{n}", f"{n}", f"user:{n}")
        for n in range(120):
            ok.write("chat:C5", f"long {n}", "user:5")
        for m in ok.chats["chat:C5"][40:60]:
            m["timestamp"] = ok.chats["chat:C5"][40]["timestamp"]
        items, cursor = await heard(settings, BEFORE)
        assert len({i.native_id for i in items}) == len(items) == 250
        assert (await heard(settings, cursor))[0] == []

    story(tell)


def test_after_a_lost_answer_the_conversation_is_read_and_the_message_is_there_once():
    async def tell(ok, settings):
        first = ok.write("chat:C1", "Верните деньги", "user:77")
        began = datetime.fromtimestamp(first["timestamp"] / 1000, UTC)
        ok.lose_answers = 1
        outgoing = Outgoing("Вернём  завтра", "k", in_reply_to="chat:C1/mid:1")
        with pytest.raises(Unknown):
            await NETWORK.publish(settings, SECRET, outgoing)
        found = await NETWORK.reconcile(settings, SECRET, outgoing, began)
        assert found.native_id.startswith("chat:C1/mid:")
        never = Outgoing("Другое", "k", in_reply_to="chat:C1/mid:1")
        assert await NETWORK.reconcile(settings, SECRET, never, began) is None
        # Somebody else with the same words is not us.
        ok.write("chat:C1", "Другое", "user:77")
        assert await NETWORK.reconcile(settings, SECRET, never, began) is None

    story(tell)


def test_refusals_are_told_apart_and_keys_stay_secret():
    async def tell(ok, settings):
        assert (await NETWORK.health(settings, SECRET)).handle == "Acme"
        wrong = await NETWORK.health(settings, {"access_token": "wrong-key"})
        assert not wrong.ok
        assert "wrong-key" not in wrong.sentence % wrong.facts
        with pytest.raises(Unauthorised):
            await NETWORK.publish(
                settings, {"access_token": "x"}, Outgoing("x", "k", in_reply_to="chat:C1/m")
            )
        for outgoing, code in (
            (Outgoing("x", "k", to_handle="99"), "not_first"),
            (Outgoing("x", "k", in_reply_to="nonsense"), "gone"),
            (Outgoing("x", "k", in_reply_to="chat:C1/../../info"), "refused"),
            (Outgoing("x", "k", in_reply_to="chat:C1/m", media=(Media(content=b"x"),)), "no_media"),
        ):
            with pytest.raises(Permanent) as caught:
                await NETWORK.publish(settings, SECRET, outgoing)
            assert caught.value.code == code

    story(tell)


def js(value):
    return reply(200, json.dumps(value).encode())


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (reply(500), Unknown),
        (raw(reset=True), Unknown),
        (raw(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"), Unknown),
        (reply(200, b"{"), Unknown),
        (reply(200, b"[]"), Unknown),
        (endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536), Unknown),
        (js({"error_code": 1, "error_msg": "UNKNOWN"}), Unknown),
        (js({"error_code": 2, "error_msg": f"SERVICE {KEY}"}), Unknown),
        (js({"error_code": 8, "error_msg": "FLOOD_BLOCKED"}), Retryable),
        (js({"error_code": 11, "error_msg": "LIMIT_REACHED"}), Retryable),
        (js({"error_code": 102, "error_msg": "PARAM_SESSION_EXPIRED"}), Unauthorised),
        (js({"error_code": 10, "error_msg": "PERMISSION_DENIED"}), Permanent),
        (js({"error_code": ["x"], "error_msg": 5}), Permanent),
        (reply(429), Retryable),
        (reply(401), Unauthorised),
    ],
)
def test_what_a_fault_means_for_a_message(behaviour, error):
    async def go():
        async with hostile({"/graph/me/messages/chat:C1": behaviour}) as server:
            await NETWORK.publish({"server": server.url}, SECRET, Outgoing("x", "k", in_reply_to="chat:C1/m"))

    with pytest.raises(error) as caught:
        asyncio.run(go())
    assert type(caught.value) is error
    assert KEY not in str(caught.value)
    assert caught.value.message % caught.value.facts == str(caught.value)


@pytest.mark.parametrize(
    "behaviour", [reply(500), reply(200, b"{"), js([]), js({"error_code": 2, "error_msg": "x"})]
)
def test_listening_asks_again(behaviour):
    async def go():
        async with hostile({"/graph/me/chats": behaviour}) as server:
            await NETWORK.hear("messages", {"server": server.url}, SECRET, BEFORE)

    with pytest.raises(Retryable):
        asyncio.run(go())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
EXAMPLE = {
    "sender": {"name": "John Smith", "user_id": "user:123456789012"},
    "recipient": {"chat_id": "chat:C3ecb9d02a600"},
    "message": {"text": "text", "seq": 98211023614189660, "mid": "mid:C3ecb9d02a600.15cea67d78d2059"},
    "timestamp": 1498581292941,
}


@given(st.sampled_from(["sender", "message", "timestamp", "user_id", "mid", "text", "attachments"]), JSON)
def test_any_field_may_be_anything(name, value):
    nested = {"user_id": "sender", "mid": "message", "text": "message", "attachments": "message"}.get(name)
    given_ = EXAMPLE | ({nested: EXAMPLE[nested] | {name: value}} if nested else {name: value})
    found = words.message(given_)
    if found:
        assert words.said("chat:C1", found).native_id.startswith("chat:C1/")
    words.chat({"chat_id": value, "lastEventTime": value, name: value})
