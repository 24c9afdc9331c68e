"""Private messages, against an emulation built from the lexicons (see chat); one test asks it through the real server."""

import asyncio
import uuid
from datetime import timedelta

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks.base import Media, Outgoing, Permanent, Unauthorised, Unknown
from stormdesk.networks.bluesky import NETWORK
from stormdesk.networks.bluesky import session as sessions
from stormdesk.networks.bluesky.tests.chat import ANNA, BORIS, NOW, US, Chat
from stormdesk.networks.bluesky.tests.people import sign_up, xrpc
from stormdesk.networks.tests.served import served

SECRET = {"app_password": "app-pass-word"}


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "localhost,127.0.0.1")
    sessions.forget()


def against(do, state, faults=None):
    """Run `do(settings)`; what came of it."""

    async def go():
        async with served(state.handle) as server:
            server.faults = {name: list(what) for name, what in (faults or {}).items()}
            try:
                return await do({"server": server.url, "handle": "us.test"})
            except Exception as error:
                return error

    sessions.forget()
    return asyncio.run(go())


def hear(state, cursor=None):
    return against(lambda s: NETWORK.hear("messages", s, SECRET, cursor or {}), state)


def send(outgoing, state, **more):
    return against(lambda s: NETWORK.publish(s, SECRET, outgoing), state, **more)


def to_anna(text, **more):
    return Outgoing(text, "k", visibility="direct", to_handle="anna.test", **more)


def test_what_others_write_is_heard_once_and_own_words_are_not():
    state = Chat()
    convo = state.convo(ANNA)
    state.say(ANNA, convo, "Где мои деньги?")
    state.say(US, convo, "Разбираемся")
    first = hear(state)
    (item,) = first.items
    assert (item.text, item.author.handle, item.kind, item.addressed) == (
        "Где мои деньги?", "anna.test", "direct", True,
    )  # fmt: skip
    assert (item.native_id, item.thread) == (f"dm/{convo}/m2", f"dm/{convo}")
    assert hear(state, first.cursor).items == []
    state.say(BORIS, state.convo(BORIS), "И мои")
    later = hear(state, first.cursor)
    assert [i.text for i in later.items] == ["И мои"]
    assert hear(state, later.cursor).items == []


def test_many_are_read_to_the_last_and_what_is_deleted_stops_nothing():
    state = Chat()
    convo = state.convo(ANNA)
    state.say(ANNA, convo, "раз")
    cursor = hear(state).cursor
    for number in range(250):
        state.say(ANNA, convo, f"{number}")
    state.messages[convo].append({"id": "x", "rev": state.rev(), "sender": {"did": ANNA}, "sentAt": "…"})
    heard = hear(state, cursor)
    assert [item.text for item in heard.items] == [str(number) for number in range(250)]
    assert not heard.lost


def test_more_than_can_be_read_is_told_as_lost(monkeypatch):
    monkeypatch.setattr("stormdesk.networks.bluesky.messages.PAGES", 2)
    state = Chat()
    convo = state.convo(ANNA)
    state.say(ANNA, convo, "раз")
    cursor = hear(state).cursor
    for number in range(250):
        state.say(ANNA, convo, f"{number}")
    heard = hear(state, cursor)
    assert (len(heard.items), heard.lost) == (200, True)


def test_a_message_is_sent_answered_and_taken_back():
    state = Chat()
    sent = send(to_anna("Пишите сюда: https://kettle.example/a"), state)
    convo = state.convo(ANNA)
    assert sent.native_id == f"dm/{convo}/m2"
    below = send(Outgoing("И ещё", "k", visibility="direct", in_reply_to=sent.native_id), state)
    assert [m["text"] for m in state.messages[convo]][-1] == "И ещё"
    moved = Outgoing(
        "Лично",
        "k",
        visibility="direct",
        in_reply_to=f"at://{ANNA}/app.bsky.feed.post/3k",
        to_handle="anna.test",
    )
    assert send(moved, state).native_id.startswith(f"dm/{convo}/")
    against(lambda s: NETWORK.delete(s, SECRET, below.native_id), state)
    assert "И ещё" not in [m["text"] for m in state.messages[convo]]


@pytest.mark.parametrize("fault", ["lost", "cut", "failed"])
def test_when_the_answer_is_lost_it_is_found_and_stands_there_once(fault):
    state = Chat()
    state.say(US, state.convo(ANNA), "другое")
    out = to_anna("Вернём деньги завтра")
    assert type(send(out, state, faults={"chat.bsky.convo.sendMessage": [fault]})) is Unknown
    found = against(lambda s: NETWORK.reconcile(s, SECRET, out, NOW), state)
    assert [m["id"] for m in state.messages[state.convo(ANNA)] if m["text"] == out.text] == [
        found.native_id.split("/")[2]
    ]
    later = NOW + timedelta(hours=1)
    assert against(lambda s: NETWORK.reconcile(s, SECRET, out, later), state) is None


def test_who_takes_no_messages_is_told_as_such():
    state = Chat(refuse={ANNA: "NotFollowedBySender"})
    done = send(to_anna("Здравствуйте"), state)
    assert (type(done), done.code) == (Permanent, "writes_first")
    assert "ask them in public" in str(done)


def test_an_app_password_without_access_is_told_before_anything_is_asked():
    state = Chat(scope="com.atproto.appPass")
    for done in (send(to_anna("Здравствуйте"), state), hear(state)):
        assert (type(done), done.code) == (Unauthorised, "scope")
    assert not any(name.startswith("chat.") for name in state.asked)
    health = against(lambda s: NETWORK.health(s, SECRET), state)
    assert (health.ok, health.missing) == (True, ("chat",))


@pytest.mark.parametrize(
    "outgoing",
    [
        to_anna("  "),
        to_anna("я" * 1001),
        to_anna("x", media=(Media(content=b"x", content_type="image/png"),)),
        Outgoing("x", "k", visibility="direct"),
    ],
)
def test_what_cannot_be_sent_is_refused_here(outgoing):
    state = Chat()
    assert type(send(outgoing, state)) is Permanent
    assert not any(name.startswith("chat.") for name in state.asked)


@pytest.mark.server
@pytest.mark.acceptance
def test_the_real_account_server_asks_the_service_for_us():
    async def go():
        person = await sign_up("chat", messages=False)
        given = await xrpc(
            "com.atproto.server.createAppPassword", {"name": "with chat", "privileged": True}, person.access
        )
        state = Chat(us=person.did)
        async with served(state.handle) as server:
            port = server.url.rpartition(":")[2]
            settings = person.settings | {"chat": f"did:web:localhost%3A{port}#bsky_chat"}
            with pytest.raises(Unauthorised) as caught:
                await NETWORK.hear("messages", settings, person.secret, {})
            assert caught.value.code == "scope"
            secret = {"app_password": given["password"]}
            convo = state.convo(ANNA)
            state.say(ANNA, convo, "Где мои деньги?")
            batch = await NETWORK.hear("messages", settings, secret, {})
            assert [item.text for item in batch.items] == ["Где мои деньги?"]
            out = Outgoing(
                "Вернём", str(uuid.uuid4()), visibility="direct", in_reply_to=batch.items[0].native_id
            )
            sent = await NETWORK.publish(settings, secret, out)
            assert sent.native_id.startswith(f"dm/{convo}/")
            assert any(name == "chat.bsky.convo.sendMessage" for name in state.asked)

    asyncio.run(go())
