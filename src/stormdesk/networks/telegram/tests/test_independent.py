"""The emulation checked from outside: aiogram, a client library of others, speaks to the same server, and its model
of the Bot API judges what our client asks."""

import asyncio
import json

import aiogram.methods
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import BufferedInputFile, InputMediaPhoto, ReplyParameters, Update

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks.base import Media, NetworkError, Outgoing
from stormdesk.networks.telegram import NETWORK
from stormdesk.networks.telegram.tests import emulation
from stormdesk.networks.telegram.tests.emulation import ANNA, BORIS, CHANNEL, DISCUSSION, NEW_GROUP, OLD_GROUP
from stormdesk.networks.telegram.tests.test_emulation import ANNA_CHAT, ANNA_USER, CHANNEL_CHAT, GROUP_CHAT
from stormdesk.networks.tests.served import served

SECRET = {"token": emulation.TOKEN}
METHODS = {
    method.__api_method__: method
    for method in vars(aiogram.methods).values()
    if isinstance(method, type) and hasattr(method, "__api_method__")
}


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


def with_bot(do, state=None, token=emulation.TOKEN):
    state = state or emulation.Telegram()

    async def go():
        async with served(state.handle) as server:
            session = AiohttpSession(api=TelegramAPIServer.from_base(server.url))
            async with Bot(token, session=session) as bot:
                return await do(bot, state)

    return asyncio.run(go())


def test_another_client_does_everything_ours_does():
    async def go(bot, state):
        assert (await bot.get_me()).username == "kettle_bot"
        assert (await bot.get_chat(CHANNEL)).linked_chat_id == DISCUSSION
        assert (await bot.get_chat_member(CHANNEL, bot.id)).can_post_messages
        sent = await bot.send_message("@teapot_news", "Привет 🔥")
        assert (sent.chat.id, sent.text, sent.chat.username) == (CHANNEL, "Привет 🔥", "teapot_news")
        answer = await bot.send_message(
            CHANNEL, "Ответ", reply_parameters=ReplyParameters(message_id=sent.message_id)
        )
        await bot.edit_message_text("Исправлено", chat_id=CHANNEL, message_id=answer.message_id)
        picture = await bot.send_photo(CHANNEL, BufferedInputFile(b"jpeg", "kettle.jpg"), caption="Чайник")
        assert (picture.caption, state.files["kettle.jpg"]) == ("Чайник", b"jpeg")
        await bot.edit_message_caption(chat_id=CHANNEL, message_id=picture.message_id, caption="Новый")
        album = await bot.send_media_group(
            CHANNEL,
            [
                InputMediaPhoto(media=BufferedInputFile(b"1", "1.jpg"), caption="Альбом"),
                InputMediaPhoto(media=BufferedInputFile(b"2", "2.jpg")),
            ],
        )
        await bot.delete_messages(CHANNEL, [one.message_id for one in album])
        assert await bot.delete_message(CHANNEL, picture.message_id)
        state.tell("message", chat=ANNA_CHAT, **{"from": ANNA_USER}, text="Алло?")
        updates = await bot.get_updates(allowed_updates=["message"], timeout=1)
        assert [u.message.text for u in updates] == ["Алло?"]
        assert await bot.get_updates(offset=updates[-1].update_id + 1) == []
        return sorted(m["text"] for m in state.messages.values() if m["chat"]["id"] == CHANNEL)

    assert with_bot(go) == ["Исправлено", "Привет 🔥"]


def test_another_client_understands_every_refusal():
    async def go(bot, state):
        with pytest.raises(TelegramBadRequest):
            await bot.send_message(CHANNEL, "x" * 4097)
        with pytest.raises(TelegramBadRequest):
            await bot.send_message(CHANNEL, "x", reply_parameters=ReplyParameters(message_id=99))
        with pytest.raises(TelegramForbiddenError):
            await bot.send_message(BORIS, "x")
        with pytest.raises(TelegramMigrateToChat) as moved:
            await bot.send_message(OLD_GROUP, "x")
        assert moved.value.migrate_to_chat_id == NEW_GROUP
        for _ in range(20):
            await bot.send_message(DISCUSSION, "x")
        with pytest.raises(TelegramRetryAfter) as wait:
            await bot.send_message(DISCUSSION, "x")
        assert wait.value.retry_after == 37
        state.webhook = "https://other.example/hook"
        with pytest.raises(TelegramConflictError):
            await bot.get_updates()

    with_bot(go)

    async def strange(bot, state):
        with pytest.raises(TelegramUnauthorizedError):
            await bot.get_me()

    with_bot(strange, token="4839574812:wrong")


def test_the_other_librarys_model_accepts_everything_we_ask_and_everything_we_are_told():
    state = emulation.Telegram()
    jpeg = Media(content=b"jpeg", content_type="image/jpeg", name="a.jpg")
    tellings = [
        state.tell("message", chat=ANNA_CHAT, **{"from": ANNA_USER}, text="Мой чайник!"),
        state.tell("channel_post", chat=CHANNEL_CHAT, sender_chat=CHANNEL_CHAT, text="пост"),
        state.tell("edited_message", chat=GROUP_CHAT, **{"from": ANNA_USER}, text="да", edit_date=emulation.NOW),
        state.tell(
            "business_message", chat=ANNA_CHAT, **{"from": ANNA_USER}, business_connection_id="bc", text="Алло"
        ),
    ]  # fmt: skip
    for update in tellings:
        Update.model_validate(update)

    async def go():
        async with served(state.handle) as server:
            settings = {"server": server.url, "pages": server.url, "chat": "@teapot_news"}

            async def say(text, **more):
                return await NETWORK.publish(settings, SECRET, Outgoing(text, "k", **more))

            kinds = ("video/mp4", "image/gif", "application/pdf")
            files = [(jpeg,), (jpeg, jpeg), *[(Media(content=b"x", content_type=kind),) for kind in kinds]]
            sent = [await say("слова", media=media) for media in files]
            sent.append(await say("текст", in_reply_to=sent[0].native_id))
            await say("лично", in_reply_to=f"{ANNA}/1", visibility="direct")
            await say("по делу", in_reply_to=f"{ANNA}/4/bc", visibility="direct")
            for one in sent:
                await NETWORK.edit(settings, SECRET, one.native_id, "новые слова")
                await NETWORK.delete(settings, SECRET, one.native_id)
            await NETWORK.delete(settings, SECRET, f"{ANNA}/4/bc")
            await NETWORK.hear("updates", settings, SECRET, {"offset": 5})
            assert (await NETWORK.health(settings, SECRET)).ok
            door = "https://desk.example/hook"
            await NETWORK.bring_to(settings, SECRET | {"webhook_secret": "Ab-_9"}, door)
            await NETWORK.stop_bringing(settings, SECRET, door)
            try:
                await NETWORK.reconcile(
                    settings, SECRET, Outgoing("x", "k", in_reply_to=f"{CHANNEL}/1"), sent[0].at
                )
            except NetworkError:
                pass
            return server.asked

    asked = [request for request in asyncio.run(go()) if request.path.startswith("/bot")]
    used = set()
    for request in asked:
        name = request.path.rpartition("/")[2]
        method = METHODS[name]
        fields = {
            key: json.loads(value) if isinstance(value, str) and value[:1] in ("[", "{") else value
            for key, value in request.fields.items()
        }
        method.model_validate(fields)
        assert set(fields) <= set(method.model_fields), name
        used.add(name)
    assert used == set(emulation.METHODS)
