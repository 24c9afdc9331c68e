"""Telegram tells no bot how many messages are left: we count them for the chat and the bot, for every process."""

import asyncio
import itertools

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks import pace
from stormdesk.networks.base import Retryable
from stormdesk.networks.telegram import NETWORK, api
from stormdesk.networks.tests.served import Reply, served

TOKEN = {"token": "42:secret"}
DONE = b'{"ok": true, "result": {"message_id": 1}}'
SLOW = (
    b'{"ok": false, "error_code": 429, "description": "Too Many Requests: retry after 37", '
    b'"parameters": {"retry_after": 37}}'
)


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


def came(clock, do, answer=lambda asked: Reply(200, DONE)):
    """When each request came, and what ended `do(settings)`."""
    asked, ended = [], None

    def handle(request):
        asked.append(clock.now)
        return answer(asked)

    async def go():
        nonlocal ended
        async with served(handle) as server:
            try:
                await do({"server": server.url})
            except Retryable as error:
                ended = error

    asyncio.run(go())
    return asked, ended


def say(chats, method="sendMessage"):
    async def do(settings):
        for chat in chats:
            await api.act(settings, TOKEN, method, {"chat_id": chat, "text": "x"})

    return do


def test_a_chat_hears_one_message_a_second(clock):
    asked, ended = came(clock, say(["15"] * 4))
    assert ended is None
    assert all(later - earlier >= 1 for earlier, later in itertools.pairwise(asked))


def test_all_chats_together_hear_no_more_than_thirty_a_second(clock):
    asked, ended = came(clock, say(str(chat) for chat in range(1, 70)))
    assert (len(asked), ended) == (69, None)
    assert max(sum(1 for one in asked if start <= one < start + 1) for start in asked) <= api.ALL.count


def test_a_group_that_has_had_its_minute_waits_and_urgent_does_not(clock):
    asked, ended = came(clock, say(["-1001"] * 30))
    assert len(asked) == 19
    assert (ended.code, 30 < ended.after < 66) == ("paced", True)
    clock.slept.clear()
    with pace.priority(pace.Priority.URGENT):
        asked, ended = came(clock, say(["-1001"] * 30))
    assert (len(asked), ended, clock.slept) == (30, None, [])


def test_questions_are_no_messages(clock):
    async def do(settings):
        for _ in range(50):
            await api.ask(settings, TOKEN, "getChat", {"chat_id": "15"})

    assert (len(came(clock, do)[0]), clock.slept) == (50, [])


def test_who_is_told_to_wait_does_not_ask_again_before(clock):
    waits = []

    async def do(settings):
        for _ in range(2):
            try:
                await say(["15"])(settings)
            except Retryable as error:
                waits.append((error.code, error.after))
            clock.now += 2
        clock.now += 37
        await say(["15"])(settings)

    asked, ended = came(clock, do, lambda asked: Reply(429, SLOW) if len(asked) == 1 else Reply(200, DONE))
    assert (len(asked), ended) == (2, None)
    assert [code for code, _ in waits] == ["slow_down", "paced"]
    assert 35 <= waits[1][1] <= 38.5


def test_all_are_shown_and_counted():
    assert all(limit.requests for limit in NETWORK.limits)
