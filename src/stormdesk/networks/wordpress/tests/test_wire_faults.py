"""A real site behind a wire that delays, resets, swallows answers and cuts them short: said once, heard whole."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from stormdesk.core.tests.faulty import Faults, Wire
from stormdesk.networks.base import Outgoing, Retryable, Unknown
from stormdesk.networks.wordpress import NETWORK
from stormdesk.networks.wordpress.tests.site import address, allow, member, word

pytestmark = [pytest.mark.server, pytest.mark.acceptance]
STORM = {"reset": 0.15, "truncate": 0.15, "swallow": 0.15, "refuse": 0.1, "delay": 0.01}
SAID = 8


@pytest.fixture(autouse=True)
def brand(monkeypatch):
    allow(monkeypatch)
    return member("brand")


async def insist(ask):
    """Ask until there is an answer, as the house does with everything that surely did not happen."""
    for _ in range(200):
        try:
            return await ask()
        except Retryable:
            await asyncio.sleep(0.02)
    raise AssertionError("no answer in two hundred tries")


async def get_out(settings, secret, outgoing):
    """The outbox's way: what may have happened is asked about twice before it is said again."""
    began = datetime.now(UTC)
    while True:
        try:
            return await insist(lambda: NETWORK.publish(settings, secret, outgoing))
        except Unknown:
            for _ in range(2):
                await asyncio.sleep(0.3)
                if found := await insist(lambda: NETWORK.reconcile(settings, secret, outgoing, began)):
                    return found


@pytest.mark.parametrize("answers", [False, True], ids=["posts", "answers"])
def test_everything_is_said_once_and_heard_once(brand, answers):
    async def story():
        mark = word()
        post = await NETWORK.publish(brand.settings, brand.secret, Outgoing(f"Вести {mark}", word()))
        to = post.native_id if answers else None
        there = urlsplit(address())
        faults = Faults(**STORM)
        async with Wire(there.hostname, there.port, faults) as wire:
            shaken = brand.settings | {"site": f"http://127.0.0.1:{wire.port}"}
            cursor = (await NETWORK.hear("elsewhere", brand.settings, {}, {})).cursor
            said = [Outgoing(f"{n} {mark}: a < b, «да»...", word(), in_reply_to=to) for n in range(SAID)]
            sent = [await get_out(shaken, brand.secret, outgoing) for outgoing in said]
            heard = []
            if answers:
                for _ in range(3):
                    batch = await insist(lambda: NETWORK.hear("elsewhere", shaken, {}, cursor))  # noqa: B023
                    cursor, heard = batch.cursor, heard + [i for i in batch.items if mark in i.text]
        assert faults.seen["faults"] >= SAID / 2
        own = await NETWORK.own_posts(brand.settings, brand.secret, datetime(2020, 1, 1, tzinfo=UTC))
        stands = [p for p in own if mark in p.text and p.native_id != post.native_id]
        assert Counter(p.text.split()[0] for p in stands) == {str(n): 1 for n in range(SAID)}
        assert {p.native_id for p in stands} == {s.native_id for s in sent}
        if answers:
            assert Counter(i.native_id for i in heard) == {s.native_id: 1 for s in sent}

    asyncio.run(story())
