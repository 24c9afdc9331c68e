"""What snac lacks, on a third party's emulation (mastodon-mock): streams, deletion, reports, threads, limits."""

import asyncio
import contextlib
import os
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from stormdesk.core import http
from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.faulty import Faults, Wire
from stormdesk.networks import pace
from stormdesk.networks.base import Outgoing, Retryable, Wrong
from stormdesk.networks.mastodon import NETWORK

pytestmark = [pytest.mark.server, pytest.mark.acceptance]
ADA, GRACE = {"access_token": "ada_token"}, {"access_token": "grace_token"}


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    pace.keep_in(pace.Memory())


def server() -> str:
    if "STORMDESK_TEST_MASTODON_MOCK_URL" not in os.environ:
        pytest.fail(
            "This test speaks to a server: run it as `scripts/services run --only mastodon_mock -- pytest -m server`."
        )
    return os.environ["STORMDESK_TEST_MASTODON_MOCK_URL"]


def word():
    return f"w{uuid.uuid4().hex[:10]}"


def say(secret, text, **more):
    return NETWORK.publish({"server": server()}, secret, Outgoing(text, str(uuid.uuid4()), **more))


async def fault(**rule):
    answer = await http.request("POST", f"{server()}/api/v1/_mock/faults", json=rule)
    assert answer.status in (200, 201), answer.body


async def faultless():
    await http.request("DELETE", f"{server()}/api/v1/_mock/faults")


async def listen(kind, settings, secret, cursor, enough, seconds=20):
    """What a stream says until `enough(items)`; it is opened again from its cursor whenever it breaks."""
    found = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not enough(found):
                stream = NETWORK.stream(kind, settings, secret, cursor)
                with contextlib.suppress(Retryable):
                    async with contextlib.aclosing(stream):
                        async for batch in stream:
                            found += batch.items
                            cursor = batch.cursor
                            if enough(found):
                                break
                await asyncio.sleep(0.05)
    assert enough(found), [item.text for item in found]
    return found


def test_a_stream_tells_of_posts_and_removals():
    async def story():
        settings, tag = {"server": server(), "tag": word()}, None
        tag = settings["tag"]
        before = await say(ADA, f"раньше #{tag}")
        listening = asyncio.create_task(
            listen("hashtag", settings, GRACE, {}, lambda found: any(item.deleted for item in found))
        )
        await asyncio.sleep(1)
        sent = await say(ADA, f"первый #{tag}")
        await NETWORK.edit({"server": server()}, ADA, sent.native_id, f"второй #{tag}")
        await asyncio.sleep(0.3)
        await NETWORK.delete({"server": server()}, ADA, sent.native_id)
        found = await listening
        assert found[0].native_id == before.native_id, "the gap is closed first"
        told = [(i.text, i.deleted) for i in found if i.native_id == sent.native_id]
        assert told[0] == (f"первый #{tag}", False)
        assert told[-1] == ("", True)
        # Edits it streams under a name that is not Mastodon's (status_update): test_hostile_server.py has the real one.

    asyncio.run(story())


def test_a_stream_on_a_faulty_wire_loses_nothing():
    async def story():
        port = int(server().rpartition(":")[2])
        tag = word()
        async with Wire("127.0.0.1", port, Faults(reset=0.4, truncate=0.4, delay=0.01, within=6000)) as wire:
            settings = {"server": f"http://127.0.0.1:{wire.port}", "tag": tag}
            first = await say(ADA, f"0 #{tag}")
            numbers = set(range(1, 13))

            def all_of_them(found):
                return {int(item.text.split()[0]) for item in found} >= numbers

            start = {"min_id": first.native_id}
            listening = asyncio.create_task(listen("hashtag", settings, GRACE, start, all_of_them, 40))
            for number in sorted(numbers):
                await say(ADA, f"{number} #{tag}")
                await asyncio.sleep(0.05)
            await listening
            assert wire.faults.seen["faults"] >= 1

    asyncio.run(story())


def test_a_thread_is_read_and_a_post_reported():
    async def story():
        here = {"server": server()}
        top = await say(ADA, f"верх {word()}")
        middle = await say(GRACE, "середина", in_reply_to=top.native_id)
        low = await say(ADA, "низ", in_reply_to=middle.native_id)
        around = await NETWORK.thread(here, ADA, middle.native_id)
        assert [item.native_id for item in around] == [top.native_id, low.native_id]
        assert await NETWORK.report(here, ADA, middle.native_id, Wrong.SPAM, "реклама")

    asyncio.run(story())


def test_too_many_requests_are_waited_for_as_the_server_says():
    async def story():
        try:
            await fault(match={"path": "/api/v1/statuses", "methods": ["POST"]}, effect={"type": "ratelimit"})
            with pytest.raises(Retryable) as first:
                await say(ADA, "x")
            with pytest.raises(Retryable) as second:
                await say(ADA, "x")
            return first.value, second.value
        finally:
            await faultless()

    first, second = asyncio.run(story())
    assert first.code == "slow_down"
    assert second.code == "paced", "the second was not even sent"
    assert second.after > 0


def test_after_an_answer_cut_short_the_post_is_found():
    async def story():
        here, text, since = (
            {"server": server()},
            f"Заявление {word()}",
            datetime.now(UTC) - timedelta(minutes=1),
        )
        post = Outgoing(text, str(uuid.uuid4()))
        sent = await NETWORK.publish(here, ADA, post)
        again = await NETWORK.publish(here, ADA, post)
        found = await NETWORK.reconcile(here, ADA, post, since)
        assert sent.native_id == again.native_id == found.native_id, "this server keeps the key"

    asyncio.run(story())
