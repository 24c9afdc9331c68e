"""The client against an emulation of the Bot API, built from its documentation (see emulation.py)."""

import asyncio
import contextlib
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks.base import Media, Outgoing, Permanent, Retryable, Unauthorised, Unknown
from stormdesk.networks.telegram import NETWORK
from stormdesk.networks.telegram.tests import emulation
from stormdesk.networks.telegram.tests.emulation import ANNA, BORIS, CHANNEL, DISCUSSION, NEW_GROUP, OLD_GROUP
from stormdesk.networks.tests.served import served

SECRET = {"token": emulation.TOKEN}
SINCE = datetime.fromtimestamp(emulation.NOW, UTC)
JPEG = Media(content=b"\xff\xd8\xff\xe0jpeg", content_type="image/jpeg", name="kettle.jpg")
ANNA_CHAT = {"id": ANNA, "type": "private", "first_name": "Анна", "username": "anna_k"}
ANNA_USER = {"id": ANNA, "is_bot": False, "first_name": "Анна", "username": "anna_k"}
GROUP_CHAT = {"id": DISCUSSION, "type": "supergroup", "title": "Teapot: comments"}
CHANNEL_CHAT = {"id": CHANNEL, "type": "channel", "title": "Teapot", "username": "teapot_news"}


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


def against(do, state=None, chat="@teapot_news", **faults):
    """Run `do(settings, state)`; gives what came of it, the state and the server."""
    state = state or emulation.Telegram()

    async def go():
        async with served(state.handle) as server:
            server.faults = {name: list(what) for name, what in faults.items()}
            settings = {"server": server.url, "pages": server.url, "chat": chat, "handle": "kettle_bot"}
            try:
                done = await do(settings, state)
            except Exception as error:
                done = error
            return done, state, server

    return asyncio.run(go())


def publish(outgoing, state=None, **more):
    return against(lambda s, _: NETWORK.publish(s, SECRET, outgoing), state, **more)


def texts(state, chat=CHANNEL):
    return [m.get("text", m.get("caption", "")) for (where, _), m in state.messages.items() if where == chat]


def test_a_post_stands_in_the_channel_once_with_its_place_and_the_networks_time():
    for chat in ("@teapot_news", "teapot_news", str(CHANNEL)):
        done, state, _ = publish(Outgoing("Мы знаем о чайнике 🔥", "k"), chat=chat)
        assert (done.native_id, done.url) == (f"{CHANNEL}/1", "https://t.me/teapot_news/1")
        assert done.at == SINCE
        assert texts(state) == ["Мы знаем о чайнике 🔥"]


def test_words_are_sent_as_they_are_and_counted_as_telegram_counts():
    odd = "*not bold* <b>plain</b> [x](y)"
    assert texts(publish(Outgoing(odd, "k"))[1]) == [odd]
    assert NETWORK.count("🔥") == 2
    assert NETWORK.count("Привет") == 6
    assert publish(Outgoing("🔥" * 2048, "k"))[0].native_id
    for text, media in (("🔥" * 2048 + "!", ()), ("x" * 1025, (JPEG,))):
        done, _, server = publish(Outgoing(text, "k", media=media))
        assert (type(done), done.code) == (Permanent, "too_long")
        assert server.asked == []


def test_a_picture_and_an_album_carry_the_caption_and_stand_as_one_post():
    _, state, _ = publish(Outgoing("Чайник", "k", media=(JPEG,)))
    assert state.files == {"kettle.jpg": JPEG.content}
    assert texts(state) == ["Чайник"]
    video = Media(content=b"mp4", content_type="video/mp4", name="a.mp4")

    async def there_and_gone(settings, state):
        sent = await NETWORK.publish(settings, SECRET, Outgoing("Альбом", "k", media=(JPEG, video)))
        before = texts(state)
        await NETWORK.edit(settings, SECRET, sent.native_id, "Альбом, исправлено")
        after = texts(state)
        await NETWORK.delete(settings, SECRET, sent.native_id)
        return sent, before, after

    (sent, before, after), state, _ = against(there_and_gone)
    assert sent.native_id == f"{CHANNEL}/1,2"
    assert (before, after) == (["Альбом", ""], ["Альбом, исправлено", ""])
    assert state.messages == {}


@pytest.mark.parametrize(
    ("media", "code"),
    [
        ((Media(content_type="image/png"),), "no_file"),
        ((JPEG, Media(content=b"x", content_type="application/pdf")), "mixed"),
        ((Media(content=b"x" * (10**7 + 1), content_type="image/png"),), "too_large"),
        ((JPEG,) * 11, "too_many"),
    ],
)
def test_what_telegram_would_refuse_is_refused_before_anything_is_sent(media, code):
    done, _, server = publish(Outgoing("x", "k", media=media))
    assert (type(done), done.code) == (Permanent, code)
    assert server.asked == []


def test_private_words_go_only_to_people_who_wrote_first():
    state = emulation.Telegram()
    state.tell("message", chat=ANNA_CHAT, **{"from": ANNA_USER}, text="Мой чайник!")
    done, state, _ = publish(
        Outgoing("Извините", "k", in_reply_to=f"{ANNA}/1", to_handle="anna_k", visibility="direct"), state
    )
    assert (done.native_id, done.url) == (f"{ANNA}/2", "")
    assert publish(Outgoing("x", "k", to_handle=str(ANNA), visibility="direct"))[0].native_id == f"{ANNA}/1"
    for outgoing in (
        Outgoing("x", "k", to_handle="anna_k", visibility="direct"),
        Outgoing("x", "k", in_reply_to=f"{DISCUSSION}/5", to_handle="anna_k", visibility="direct"),
        Outgoing("x", "k", to_handle=str(BORIS), visibility="direct"),
        Outgoing("x", "k", to_handle="999", visibility="direct"),
    ):
        done, state, _ = publish(outgoing)
        assert (type(done), done.code) == (Permanent, "writes_first")
        assert state.messages == {}


def test_an_answer_to_a_message_that_is_gone_is_not_said_to_nobody():
    done, state, _ = publish(Outgoing("x", "k", in_reply_to=f"{DISCUSSION}/5"))
    assert (type(done), done.code) == (Permanent, "gone")
    assert state.messages == {}


def test_a_group_that_moved_is_followed_once_and_said():
    done, state, server = publish(Outgoing("Привет", "k"), chat=str(OLD_GROUP))
    assert done.native_id == f"{NEW_GROUP}/1"
    assert texts(state, NEW_GROUP) == ["Привет"]
    assert len(server.asked) == 2


def test_too_many_messages_to_a_group_wait_as_long_as_telegram_says():
    state = emulation.Telegram()
    for _ in range(20):
        publish(Outgoing("x", "k"), state, chat=str(DISCUSSION))
    done, _, _ = publish(Outgoing("x", "k"), state, chat=str(DISCUSSION))
    assert (type(done), done.after) == (Retryable, 37)


@pytest.mark.parametrize("fault", ["lost", "cut", "failed", b"HTTP/1.1 200 OK\r\n\r\n{}", "away"])
def test_after_an_unclear_answer_the_page_of_the_channel_tells_and_nothing_is_sent_twice(fault):
    outgoing = Outgoing(
        "Мы отзываем партию 7 — «Чайник»\n\nПодробности: https://teapot.example/a?b=1&c=2", "k"
    )

    async def go(settings, state):
        with pytest.raises(Unknown):
            await NETWORK.publish(settings, SECRET, outgoing)
        return await NETWORK.reconcile(settings, SECRET, outgoing, SINCE)

    done, state, _ = against(go, sendMessage=[fault])
    if fault == "away":
        assert (type(done), done.code) == (Unknown, "unknowable")
        assert state.messages == {}
    else:
        assert done.native_id == f"{CHANNEL}/1"
        assert texts(state) == [outgoing.text]


def test_where_telegram_cannot_tell_a_person_is_asked_and_it_never_says_not_there():
    cases = [
        (emulation.Telegram(public=False), str(CHANNEL), Outgoing("x", "k")),
        (emulation.Telegram(), str(DISCUSSION), Outgoing("x", "k")),
        (emulation.Telegram(), "@teapot_news", Outgoing("x", "k", to_handle="700", visibility="direct")),
        (emulation.Telegram(), "@teapot_news", Outgoing("x", "k", in_reply_to=f"{DISCUSSION}/5")),
        (emulation.Telegram(), "@teapot_news", Outgoing("", "k", media=(JPEG,))),
        (emulation.Telegram(), "", Outgoing("x", "k")),
    ]
    for state, chat, outgoing in cases:
        done, _, _ = against(
            lambda s, _, o=outgoing: NETWORK.reconcile(s, SECRET, o, SINCE), state, chat=chat
        )
        assert (type(done), done.code) == (Unknown, "unknowable")


def test_equal_words_said_long_before_are_not_the_post_that_is_looked_for():
    state = emulation.Telegram()
    publish(Outgoing("Доброе утро", "k1"), state)
    later = SINCE + timedelta(hours=1)
    done, _, _ = against(
        lambda s, _: NETWORK.reconcile(s, SECRET, Outgoing("Доброе утро", "k2"), later), state
    )
    assert done.code == "unknowable"


@pytest.mark.processes
def test_a_publisher_killed_before_the_answer_has_said_it_once_and_it_is_found():
    state = emulation.Telegram()
    code = (
        "import asyncio, sys; from stormdesk.networks.telegram import NETWORK; from stormdesk.networks.base import Outgoing;"
        f"asyncio.run(NETWORK.publish({{'server': sys.argv[1], 'chat': '@teapot_news'}}, {SECRET!r},"
        " Outgoing('Заявление', 'k')))"
    )

    async def go():
        async with served(state.handle) as server:
            server.faults = {"sendMessage": ["hang"]}
            publisher = await asyncio.create_subprocess_exec(
                sys.executable, "-c", code, server.url, env={**os.environ, ALLOW_VARIABLE: "127.0.0.1"}
            )
            await asyncio.wait_for(server.hanging.wait(), 30)
            publisher.send_signal(signal.SIGKILL)
            await publisher.wait()
            settings = {"server": server.url, "pages": server.url, "chat": "@teapot_news"}
            return await NETWORK.reconcile(settings, SECRET, Outgoing("Заявление", "k"), SINCE)

    assert asyncio.run(go()).native_id == f"{CHANNEL}/1"
    assert texts(state) == ["Заявление"]


def test_comments_mentions_edits_and_private_messages_are_heard_and_own_words_are_not():
    state = emulation.Telegram()
    copy = {
        "message_id": 900,
        "date": emulation.NOW,
        "chat": GROUP_CHAT,
        "from": {"id": 777000, "is_bot": False, "first_name": "Telegram"},
        "sender_chat": CHANNEL_CHAT,
        "is_automatic_forward": True,
        "forward_origin": {"type": "channel", "chat": CHANNEL_CHAT, "message_id": 41, "date": emulation.NOW},
        "text": "Новая партия",
    }
    person = {"from": ANNA_USER}
    state.tell("channel_post", chat=CHANNEL_CHAT, sender_chat=CHANNEL_CHAT, text="Сказал редактор")
    state.tell("message", **copy)
    state.tell(
        "message", chat=GROUP_CHAT, **person, reply_to_message=copy, message_thread_id=900, text="Он горит"
    )
    state.tell(
        "message",
        chat=GROUP_CHAT,
        **person,
        text="🔥🔥 @Kettle_Bot где ответ?",
        entities=[{"type": "mention", "offset": 5, "length": 11}],
    )
    state.tell("message", chat=GROUP_CHAT, **person, new_chat_members=[ANNA_USER])
    picture = {
        "photo": [{"file_id": "f", "file_unique_id": "f", "width": 1, "height": 1}],
        "media_group_id": "7",
    }
    state.tell("message", chat=GROUP_CHAT, **person, **picture, caption="Вот он")
    state.tell("message", chat=GROUP_CHAT, **person, **picture)
    state.tell("edited_message", chat=GROUP_CHAT, **person, text="Потух", edit_date=emulation.NOW + 60)
    state.tell("message", chat=ANNA_CHAT, **person, text="Верните деньги")
    state.tell("business_message", chat=ANNA_CHAT, **person, business_connection_id="bc1", text="Алло?")
    state.tell(
        "business_message", chat=ANNA_CHAT, **{"from": {"id": 9, "first_name": "Owner"}},
        business_connection_id="bc1", text="Ответ владельца",
    )  # fmt: skip
    state.updates.append(
        {
            "update_id": 9000,
            "deleted_business_messages": {
                "business_connection_id": "bc1",
                "chat": ANNA_CHAT,
                "message_ids": [8],
            },
        }
    )

    async def go(settings, state):
        first = await NETWORK.hear("updates", settings, SECRET, {})
        return first, await NETWORK.hear("updates", settings, SECRET, first.cursor)

    (first, second), state, _ = against(go, state)
    heard = [(i.text, i.kind, i.visibility, i.addressed, bool(i.edited_at), i.deleted) for i in first.items]
    assert heard == [
        ("Он горит", "comment", "public", True, False, False),
        ("🔥🔥 @Kettle_Bot где ответ?", "post", "public", True, False, False),
        ("Вот он", "post", "public", False, False, False),
        ("Потух", "post", "public", False, True, False),
        ("Верните деньги", "direct", "direct", True, False, False),
        ("Алло?", "direct", "direct", True, False, False),
        ("", "direct", "direct", False, False, True),
    ]
    comment = first.items[0]
    assert (comment.in_reply_to, comment.thread) == (f"{CHANNEL}/41", f"{DISCUSSION}/900")
    assert comment.url.startswith("https://t.me/c/1000000002/")
    assert first.items[5].native_id.endswith("/bc1")
    assert (second.items, second.cursor) == ([], first.cursor)
    assert state.updates == [], "asked on from the cursor, Telegram forgets what is stored here"


def test_what_is_not_stored_yet_is_told_again():
    state = emulation.Telegram()
    for number in range(150):
        state.tell("message", chat=ANNA_CHAT, **{"from": ANNA_USER}, text=f"message {number}")

    async def go(settings, state):
        first = await NETWORK.hear("updates", settings, SECRET, {})
        again = await NETWORK.hear("updates", settings, SECRET, {})
        rest = await NETWORK.hear("updates", settings, SECRET, first.cursor)
        return first, again, rest

    (first, again, rest), _, _ = against(go, state)
    assert [i.native_id for i in first.items] == [i.native_id for i in again.items]
    assert (first.more, rest.more) == (True, False)
    assert [i.text for i in first.items + rest.items] == [f"message {n}" for n in range(150)]


def test_a_stream_waits_for_what_happens_and_ends_with_a_reason():
    state = emulation.Telegram()
    state.tell("message", chat=ANNA_CHAT, **{"from": ANNA_USER}, text="до")

    async def go(settings, state):
        stream = NETWORK.stream("updates", settings, SECRET, {})
        gap = await anext(stream)
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        state.tell("message", chat=ANNA_CHAT, **{"from": ANNA_USER}, text="сейчас")
        now = await asyncio.wait_for(waiting, 10)
        state.webhook = "https://other.example/hook"
        with pytest.raises(Permanent) as ended:
            await asyncio.wait_for(anext(stream), 10)
        return [i.text for batch in (gap, now) for i in batch.items], ended.value.code

    assert against(go, state)[0] == (["до", "сейчас"], "webhook")


def test_a_channel_is_heard_by_its_page_without_gaps_changes_included():
    state = emulation.Telegram()

    def post(text):
        state.tell("channel_post", chat=CHANNEL_CHAT, text=text)

    async def go(settings, state):
        heard, cursor = [], {}

        async def hear():
            nonlocal cursor
            more = True
            while more:
                batch = await NETWORK.hear(
                    "channel", settings | {"channel": "https://t.me/teapot_news"}, {}, cursor
                )
                heard.extend(batch.items)
                cursor, more = batch.cursor, batch.more

        post("post 1")
        await hear()
        for number in range(2, 56):
            post(f"post {number}")
        await hear()
        state.messages[CHANNEL, 55]["text"] = "post 55, changed"
        await hear()
        await hear()
        return heard

    heard, _, _ = against(go, state)
    assert [i.text for i in heard] == [f"post {n}" for n in range(1, 56)] + ["post 55, changed"]
    assert heard[-1].edited_at
    assert heard[0].native_id == f"{CHANNEL}/1"
    assert (heard[0].reach, heard[0].author.followers) == (4620, 1200)

    state = emulation.Telegram(turns=False)
    heard, _, _ = against(go, state)
    assert len(heard) == 22, "a page that does not turn gives its newest posts and comes to an end"


def test_own_posts_are_read_from_the_page():
    state = emulation.Telegram()
    for number in range(45):
        state.now = emulation.NOW + number
        publish(Outgoing(f"post {number}", "k"), state)
    done, _, _ = against(lambda s, _: NETWORK.own_posts(s, SECRET, SINCE + timedelta(seconds=3)), state)
    assert [i.text for i in done] == [f"post {n}" for n in range(3, 45)]
    done, _, _ = against(
        lambda s, _: NETWORK.own_posts(s, SECRET, SINCE), emulation.Telegram(public=False), chat=str(CHANNEL)
    )
    assert (type(done), done.code) == (Permanent, "no_page")


def test_editing_and_deleting_what_is_gone_or_too_old():
    state = emulation.Telegram()
    publish(Outgoing("x", "k"), state, chat=str(DISCUSSION))

    async def go(settings, state):
        where = f"{DISCUSSION}/1"
        await NETWORK.edit(settings, SECRET, where, "y")
        await NETWORK.edit(settings, SECRET, where, "y")
        state.now += 3 * 86_400
        state.rights[DISCUSSION] = None
        with pytest.raises(Permanent) as old:
            await NETWORK.delete(settings, SECRET, where)
        state.rights[DISCUSSION] = {"can_delete_messages": True}
        await NETWORK.delete(settings, SECRET, where)
        await NETWORK.remove(settings, SECRET, where)
        with pytest.raises(Permanent) as gone:
            await NETWORK.edit(settings, SECRET, where, "z")
        with pytest.raises(Permanent) as odd:
            await NETWORK.delete(settings, SECRET, "../../getMe")
        return old.value.code, gone.value.code, odd.value.code

    done, state, _ = against(go, state)
    assert done == ("too_old", "gone", "no_message")
    assert state.messages == {}


def test_health_names_what_is_missing():
    def health(state=None, secret=SECRET, **more):
        return against(lambda s, _: NETWORK.health(s, secret), state, **more)[0]

    assert health() == health(chat=str(CHANNEL))
    assert (health().ok, health().handle) == (True, "kettle_bot")
    assert health(chat="").ok
    poor = health(emulation.Telegram(rights={CHANNEL: {"can_post_messages": True}, DISCUSSION: None}))
    assert not poor.ok
    assert poor.missing == (
        "can_edit_messages",
        "can_delete_messages",
        "can_delete_messages (comments)",
        "can_read_all_group_messages",
    )
    assert poor.sentence % poor.facts
    for wrong in ({"token": "1:x"}, {"token": ""}, {}, {"token": "a/../b"}):
        ill = health(secret=wrong)
        assert not ill.ok
        assert ill.sentence % ill.facts
    assert not health(chat="@nobody").ok


def test_a_bot_without_the_right_is_told_to_be_made_an_administrator():
    done, state, _ = publish(Outgoing("x", "k"), emulation.Telegram(rights={CHANNEL: None}))
    assert type(done) is Unauthorised
    assert state.messages == {}
    with contextlib.suppress(Unauthorised):
        raise done
    assert emulation.TOKEN not in str(done)
