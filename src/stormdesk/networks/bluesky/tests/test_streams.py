"""Streams: both dialects of Jetstream (an emulation), the firehose's recorded frames, and what breaks them."""

import asyncio
import base64
import contextlib
import json
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.hostile import hostile, reply
from stormdesk.networks.base import Permanent, Retryable
from stormdesk.networks.bluesky import NETWORK, firehose, jetstream, keys
from stormdesk.networks.bluesky import session as sessions
from stormdesk.networks.bluesky.tests.jetstream_server import frame, jetstream_server

PAYLOADS = Path(__file__).parents[1] / "payloads"
FRAMES = [base64.b64decode(text) for text in json.loads((PAYLOADS / "subscribeRepos.json").read_text())]
ANNA = "did:plc:anna"


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


def post(text, **more):
    return {"$type": keys.POST, "text": text, "createdAt": "2026-03-01T12:00:00.000Z"} | more


async def listen(settings, cursor=None, items=10**6):
    """Everything until the stream ends or so many items came, the last cursor, and the error."""
    found, batches = [], []
    try:
        stream = NETWORK.stream("stream", settings, {}, cursor or {})
        async with asyncio.timeout(20), contextlib.aclosing(stream):
            async for batch in stream:
                found += batch.items
                batches.append(batch)
                if len(found) >= items:
                    return found, batches, None
    except Retryable as error:
        return found, batches, error
    return found, batches, None


@pytest.mark.parametrize("old", [False, True])
def test_posts_edits_and_removals_are_told_and_a_broken_stream_goes_on_from_its_cursor(old):
    async def story():
        async with jetstream_server(old) as server:
            server.rubbish = [
                "",
                "{nonsense",
                "[]",
                '{"$type":"message"}',
                '{"kind":"identity","did":"did:plc:x","time_us":1}',
            ]
            await server.say(ANNA, "create", "3aaaaaaaaaaaa", post("чай", langs=["ru-RU"]))
            await server.say(ANNA, "update", "3aaaaaaaaaaaa", post("кофе"))
            await server.say(ANNA, "create", "3aaaaaaaaaaab", {"$type": keys.POST, "text": 5})
            await server.say(ANNA, "delete", "3aaaaaaaaaaaa", None)
            start = server.events[0][0]
            server.end_after = [2]
            settings = {"address": server.url}
            first, batches, error = await listen(settings, {"us": start})
            assert isinstance(error, Retryable)
            cursor = batches[-1].cursor
            second, later, _ = await listen(settings, cursor, items=2)
            return first, second, later, server

    first, second, later, server = asyncio.run(story())
    told = [(i.native_id, i.text, bool(i.edited_at), i.deleted) for i in first]
    here = keys.uri(ANNA, "3aaaaaaaaaaaa")
    assert told == [(here, "чай", False, False), (here, "кофе", True, False)]
    # The cursor is inclusive, so the event that stood at it comes again and is dropped by whoever stores it.
    assert [(i.text, i.deleted) for i in second] == [("кофе", False), ("", True)]
    assert (first[0].language, first[0].kind) == ("ru", "post")
    assert later[-1].cursor == {"us": server.events[-1][0]}
    assert later[-1].behind is not None
    names = {"wantedCollections"} if server.url.endswith(jetstream.OLD) else {"collections", "kinds"}
    assert set(server.asked[0]) == names | {"cursor"}


def test_a_cursor_that_is_too_old_is_said_to_have_lost_something():
    async def story():
        async with jetstream_server() as server:
            for number in range(5):
                await server.say(ANNA, "create", f"3aaaaaaaaaaa{number + 2}", post(str(number)))
            server.keeps = 2
            return await listen({"address": server.url}, {"us": server.events[0][0]}, items=2)

    found, batches, _ = asyncio.run(story())
    assert [i.text for i in found] == ["3", "4"]
    assert any(batch.lost for batch in batches)


def test_what_the_stream_lost_is_searched_for_where_there_is_an_account():
    session = {"did": "did:plc:brand", "handle": "brand.test", "accessJwt": "a.b.c", "refreshJwt": "r.e.f"}
    at = "2026-03-01T12:00:00.000Z"
    view = {
        "uri": keys.uri(ANNA, "3aaaaaaaaaaaz"),
        "author": {"did": ANNA, "handle": "anna.test"},
        "indexedAt": at,
    }
    view["record"] = post("lost meanwhile")
    routes = {
        "/xrpc/com.atproto.server.createSession": reply(200, json.dumps(session).encode()),
        "/xrpc/app.bsky.feed.searchPosts": reply(200, json.dumps({"posts": [view]}).encode()),
    }

    async def story():
        sessions.forget()
        async with jetstream_server() as server, hostile(routes) as pds:
            for number in range(5):
                await server.say(ANNA, "create", f"3aaaaaaaaaaa{number + 2}", post(str(number)))
            server.keeps = 2
            settings = {"address": server.url, "server": pds.url, "handle": "brand.test", "query": "meadow"}
            stream = NETWORK.stream("stream", settings, {"app_password": "x"}, {"us": server.events[0][0]})
            found = []
            async with asyncio.timeout(10), contextlib.aclosing(stream):
                async for batch in stream:
                    found += [item.text for item in batch.items]
                    if "4" in found:
                        return found, pds.asked[-1].query

    found, asked = asyncio.run(story())
    assert found == ["lost meanwhile", "3", "4"]
    assert "q=meadow" in asked
    assert "since=" in asked


def test_an_end_that_is_told_is_a_reason_to_come_back():
    async def story():
        async with jetstream_server() as server:
            server.error_after = 1
            await server.say(ANNA, "create", "3aaaaaaaaaaaa", post("1"))
            await server.say(ANNA, "create", "3aaaaaaaaaaab", post("2"))
            return await listen({"address": server.url}, {"us": 1_700_000_000_000_000})

    found, _, error = asyncio.run(story())
    assert [i.text for i in found] == ["1"]
    assert error.facts["said"] == "ConsumerTooSlow"


def test_an_address_that_is_no_stream_is_said():
    async def story(code):
        async def refuse(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(
                f"HTTP/1.1 {code} X\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n".encode()
            )
            writer.close()

        async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async for _ in NETWORK.stream("stream", {"address": f"ws://127.0.0.1:{port}"}, {}, {}):
                pass

    for code, kind in ((404, Permanent), (302, Permanent), (429, Retryable), (503, Retryable)):
        with pytest.raises(kind):
            asyncio.run(story(code))


def test_what_the_real_firehose_said_is_read():
    read = [firehose.read(frame) for frame in FRAMES]
    numbers = [seq for seq, _, _ in read]
    assert numbers == sorted(numbers)
    assert all(numbers)
    items = [jetstream.incoming(event) for _, events, _ in read for event in events]
    said = [(item.text[-12:], item.kind, bool(item.edited_at), item.deleted) for item in items]
    assert said == [
        ("org/чек #чай", "post", False, False),
        ("Простите нас", "comment", False, False),
        ("Не прощу", "comment", False, False),
        ("Прощу", "post", True, False),
        ("", "post", False, True),
    ]
    assert items[0].media[0].description == "красный чайник"
    assert items[0].media[0].url.startswith("https://cdn.bsky.app/img/")
    assert items[0].language == "ru"
    assert items[1].in_reply_to == items[1].thread == items[0].native_id


def test_jetstream_and_the_firehose_say_the_same_of_the_same_event():
    for raw in FRAMES:
        for event in firehose.read(raw)[1]:
            record = json.loads(bytes(event.record)) if bytes(event.record) else None
            told = (event.us, event.did, event.operation, event.key, record)
            for old, understand in ((False, jetstream.read), (True, jetstream.read_old)):
                again = understand(frame(told, 1, old)).event
                assert jetstream.incoming(again) == jetstream.incoming(event)


@given(st.binary(max_size=300), st.integers(0, 10**6))
def test_no_frame_breaks_the_reading(noise, where):
    for reading in (jetstream.read, jetstream.read_old, firehose.read):
        reading(noise)
        reading(noise.decode("latin-1"))
    whole = FRAMES[where % len(FRAMES)]
    cut = where % len(whole)
    for broken in (whole[:cut], whole[:cut] + noise + whole[cut:], whole[:cut] + noise):
        for event in firehose.read(broken)[1]:
            jetstream.incoming(event)


def test_deep_and_huge_frames_are_passed_over():
    deep = b"\x82" * 50_000
    assert firehose.read(deep)[1] == []
    assert jetstream.read("[" * 100_000).event is None
    assert jetstream.read('{"$type":"message","payload":{"record":' + "[" * 100_000).event is None
    # A list that claims to have two billion entries.
    assert firehose.read(b"\xa1\x61\x74\x9a" + struct.pack(">I", 2**31))[1] == []


def test_a_post_from_the_future_is_not_believed():
    at = jetstream.microseconds(datetime(2026, 3, 1, 12, tzinfo=UTC))
    told = jetstream.read(
        frame((at, ANNA, "create", "3aaaaaaaaaaaa", post("x", createdAt="2999-01-01T00:00:00Z")), 1)
    )
    assert jetstream.incoming(told.event).published_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    told = jetstream.read(frame((at, ANNA, "create", "3aaaaaaaaaaaa", post("x", createdAt="gestern")), 1))
    assert jetstream.incoming(told.event).published_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
