"""The emulation checked from outside: maxapi, a client library of others, speaks to the same server."""

import asyncio

import pytest
from maxapi import Bot
from maxapi.client.default import DefaultConnectionProperties
from maxapi.enums.message_link_type import MessageLinkType
from maxapi.exceptions.max import InvalidToken, MaxApiError
from maxapi.types.message import NewMessageLink
from maxapi.types.updates import MessageCreated, MessageEdited, MessageRemoved

from stormdesk.networks.max.tests import emulation
from stormdesk.networks.max.tests.emulation import ANNA, BORIS, CHANNEL, CHAT, DIALOG
from stormdesk.networks.tests.served import served


def with_bot(do, token=emulation.TOKEN):
    state = emulation.Max()

    async def go():
        async with served(state.handle) as server:
            bot = Bot(token, default_connection=DefaultConnectionProperties())
            bot.set_api_url(server.url)
            try:
                return await do(bot, state)
            finally:
                await bot.close_session()

    return asyncio.run(go())


def test_another_client_does_everything_ours_does():
    async def go(bot, state):
        assert (await bot.get_me()).username == "teapot_bot"
        assert (await bot.get_chat_by_id(CHANNEL)).title == "Чайник"
        member = await bot.get_me_from_chat(CHANNEL)
        assert "write" in {str(right) for right in member.permissions}
        post = (await bot.send_message(chat_id=CHANNEL, text="Привет 🔥")).message
        assert (post.body.text, post.recipient.chat_id, post.sender) == ("Привет 🔥", CHANNEL, None)
        asked = state.say(CHAT, "А у нас?", BORIS)["body"]["mid"]
        link = NewMessageLink(type=MessageLinkType.REPLY, mid=asked)
        answer = (await bot.send_message(chat_id=CHAT, text="Проверяем", link=link)).message
        assert answer.link.message.mid == asked
        assert (await bot.edit_message(post.body.mid, text="Исправлено")).success
        listed = await bot.get_messages(chat_id=CHANNEL)
        assert [m.body.text for m in listed.messages] == ["Исправлено"]
        state.comment(post.body.mid, "Он горит", ANNA)
        comment = (await bot.send_comment(post.body.mid, text="Разбираемся")).message
        under = await bot.get_comments(post.body.mid)
        assert [c.body.text for c in under.messages] == ["Разбираемся", "Он горит"]
        assert (await bot.edit_comment(post.body.mid, comment.body.mid, text="Разобрались")).success
        assert (await bot.delete_comment(post.body.mid, comment.body.mid)).success
        assert (await bot.delete_message(post.body.mid)).success
        private = (await bot.send_message(user_id=ANNA, text="Здравствуйте")).message
        assert private.recipient.chat_id == DIALOG
        state.tell("message_created", message=state.say(CHAT, "да", ANNA))
        updates = await bot.get_updates(marker=0, timeout=0)
        assert updates["marker"] == 1
        MessageCreated.model_validate(updates["updates"][0])

    with_bot(go)


def test_another_client_understands_every_refusal():
    async def go(bot, state):
        with pytest.raises(MaxApiError) as unknown:
            await bot.send_message(user_id=BORIS, text="x")
        assert unknown.value.code == 403
        with pytest.raises(MaxApiError) as gone:
            await bot.delete_message("mid.99")
        assert gone.value.code == 404

    with_bot(go)

    async def strange(bot, state):
        with pytest.raises(InvalidToken):
            await bot.get_me()

    with_bot(strange, token="wrong")


def test_the_other_library_reads_our_events():
    state = emulation.Max()
    state.tell("message_created", message=state.say(CHAT, "да", ANNA))
    state.tell("message_edited", message=state.say(CHAT, "нет", ANNA))
    state.tell("message_removed", chat_id=CHAT, message_id="mid.1", user_id=ANNA)
    for kind, event in zip((MessageCreated, MessageEdited, MessageRemoved), state.events, strict=True):
        kind.model_validate(event)
