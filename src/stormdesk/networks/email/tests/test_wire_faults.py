"""A real mailbox and a real SMTP server behind wires that delay, reset, swallow and cut short."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.faulty import Faults, Wire
from stormdesk.networks.base import Outgoing, Retryable, Unknown
from stormdesk.networks.email import NETWORK, listening, speaking, wire
from stormdesk.networks.email.tests.post_office import letter, office

pytestmark = pytest.mark.server
STORM = {"reset": 0.15, "truncate": 0.15, "swallow": 0.1, "refuse": 0.1, "delay": 0.001, "within": 600}
SAID, HEARD = 8, 12


@pytest.fixture(autouse=True)
def _here(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    monkeypatch.setattr(wire, "SILENCE", 2.0)
    monkeypatch.setattr(speaking, "SETTLED", timedelta(0))  # this office delivers before it answers
    monkeypatch.setattr(listening, "AT_ONCE", 5)


async def insist(ask):
    for _ in range(200):
        try:
            return await ask()
        except Retryable:
            await asyncio.sleep(0.02)
    raise AssertionError("no answer in two hundred tries")


def test_every_letter_goes_out_once_and_is_heard_once():
    async def story():
        async with office() as post:
            sends, reads = Faults(**STORM), Faults(**STORM)
            there = post.settings["smtp_port"], post.settings["imap_port"]
            async with Wire("127.0.0.1", there[0], sends) as out, Wire("127.0.0.1", there[1], reads) as back:
                shaken = post.settings | {"smtp_port": out.port, "imap_port": back.port}
                for n in range(SAID):
                    outgoing = Outgoing(f"Ответ {n}", f"key-{post.folder}-{n}", to_handle="olga@mail.test")
                    began, sent = datetime.now(UTC), None
                    # The wire seldom breaks in the one moment that matters most, so the server does it.
                    post.behaves = "well" if n % 3 else "falls silent"
                    while sent is None:
                        try:
                            sent = await insist(lambda o=outgoing: NETWORK.publish(shaken, post.secret, o))
                        except Unknown:
                            await asyncio.sleep(0.5)
                            sent = await insist(
                                lambda o=outgoing, b=began: NETWORK.reconcile(shaken, post.secret, o, b)
                            )
                for n in range(HEARD):
                    post.deliver(letter(f"Письмо {n}"))
                cursor, heard, more = {}, [], True
                while more:
                    batch = await insist(lambda c=cursor: NETWORK.hear("letters", shaken, post.secret, c))
                    cursor, more = batch.cursor, batch.more
                    heard += [i.text.split("\n\n")[1] for i in batch.items]
            assert sends.seen["faults"] + reads.seen["faults"] >= SAID
            gone = Counter(arrived.get_content().strip() for _, arrived in post.sent)
            assert gone == {f"Ответ {n}": 1 for n in range(SAID)}
            assert heard == [f"Письмо {n}" for n in range(HEARD)]

    asyncio.run(story())
