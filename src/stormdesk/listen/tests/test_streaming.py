"""Following streams: stored once with their cursor, through breaks, faults and a slow desk (G4, G5).

The network is the Bluesky client against an emulation of Jetstream, behind a wire that can be made faulty.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest

from stormdesk.core.clock import utcnow
from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.faulty import Faults, Wire, in_background
from stormdesk.listen.actions import health, poll_sources, save_query
from stormdesk.listen.following import follower as streaming
from stormdesk.listen.models import Gap, Mention, Source
from stormdesk.networks.bluesky import keys
from stormdesk.networks.bluesky.tests.jetstream_server import jetstream_server

pytestmark = pytest.mark.django_db
ANNA = "did:plc:anna"


def key(number: int) -> str:
    return f"3aaaaaaaa{number:04}".replace("0", "z").replace("1", "y").replace("8", "x").replace("9", "w")


def post(text: str) -> dict:
    return {"$type": keys.POST, "text": text, "createdAt": "2026-03-01T12:00:00Z"}


class Network:
    """Jetstream with a faulty wire before it, in a thread of its own."""

    def __init__(self, run, server, wire) -> None:
        self.run, self.server, self.wire = run, server, wire
        self.faults = wire.faults

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self.wire.port}"

    def say(self, *numbers: int, text: str = "Meadow", operation: str = "create") -> None:
        async def all_of_them():
            for number in numbers:
                record = None if operation == "delete" else post(f"{text} {number}")
                await self.server.say(ANNA, operation, key(number), record)

        self.run(all_of_them())


@pytest.fixture
def network(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    monkeypatch.setattr(streaming, "PATIENCE", 0.02)
    monkeypatch.setattr(streaming, "QUIETLY", 0.1)
    monkeypatch.setattr(streaming, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(streaming, "backoff", lambda attempt, **_: 0.02)
    with in_background() as run:
        stack = []

        async def start():
            server = jetstream_server()
            stack.append(server)
            it = await server.__aenter__()
            wire = Wire("127.0.0.1", it.port, Faults())
            stack.append(wire)
            await wire.__aenter__()
            return it, wire

        it, wire = run(start())
        yield Network(run, it, wire)


@pytest.fixture
def stream(brand, owner, network):
    save_query(
        brand=brand, by=owner, now=utcnow(), name="us", kind="brand", expression="Meadow", languages=[]
    )
    # Names are asked of an address where nobody is: they stay numbers, and nothing is lost by that.
    settings = {"address": network.address, "appview": "http://127.0.0.1:9"}
    return Source.objects.create(
        brand=brand, network="bluesky", kind="stream", name="All of Bluesky", settings=settings,
        cursor={"us": 1_700_000_000_000_000}, added_at=utcnow(), due_at=utcnow() + timedelta(hours=1),
    )  # fmt: skip


@pytest.fixture
def follower():
    it = streaming.Follower()
    yield it
    it.end()


def follow(follower, until, seconds=20.0):
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        follower.turn(utcnow(), 0.05)
        if until():
            return
    pytest.fail("the stream did not get that far in time")


def heard() -> set[str]:
    return set(Mention.objects.values_list("native_id", flat=True))


def uris(*numbers: int) -> set[str]:
    return {keys.uri(ANNA, key(number)) for number in numbers}


def test_what_somebody_listens_for_is_stored_with_edits_removals_cursor_and_lag(network, stream, follower):
    network.say(1, 2)
    network.say(3, text="weather")
    network.say(1, text="edited Meadow", operation="update")
    network.say(2, operation="delete")
    follow(follower, lambda: Mention.objects.filter(deleted_at__isnull=False).exists())
    assert heard() == uris(1, 2)
    assert Mention.objects.get(native_id__in=uris(1)).text == "edited Meadow 1"
    stream.refresh_from_db()
    assert stream.cursor == {"us": network.server.events[-1][0]}
    assert stream.behind is not None
    assert stream.behind < 60
    assert stream.answered_at
    # While it is followed, nobody asks it as a list.
    Source.objects.update(due_at=utcnow())
    assert poll_sources(utcnow()) == 0


def test_breaks_resets_and_cut_frames_lose_nothing_and_double_nothing(network, stream, follower):
    network.faults.reset, network.faults.truncate, network.faults.refuse = 0.5, 1.0, 0.1
    network.faults.delay, network.faults.within = 0.002, 8_000
    for start in range(0, 200, 20):
        network.say(*range(start, start + 20))
        follower.turn(utcnow(), 0.05)
    follow(follower, lambda: len(heard()) >= 200, 60)
    assert heard() == uris(*range(200))
    assert network.faults.seen["faults"] >= 10
    assert Source.objects.get().state == "ok"


def test_a_desk_that_dies_goes_on_from_what_it_stored(network, stream):
    network.say(*range(30))
    first = streaming.Follower()
    follow(first, lambda: len(heard()) >= 1)
    first.reader.end()  # dies: nothing is stored or let go any more
    network.say(*range(30, 60))
    second = streaming.Follower()
    follow_before = heard()
    second.turn(utcnow(), 0.1)
    assert heard() == follow_before, "another process holds the claim"
    Source.objects.update(claimed_until=utcnow() - timedelta(seconds=1))
    follow(second, lambda: len(heard()) >= 60)
    assert heard() == uris(*range(60))
    second.end()
    assert Source.objects.get().claimed_until is None


def test_a_stream_that_is_refused_is_asked_as_a_list_meanwhile(network, stream, follower, monkeypatch):
    monkeypatch.setattr("stormdesk.networks.bluesky.client.LOOK", 0.5)
    network.say(1)
    Source.objects.update(settings={**stream.settings, "address": network.address + "/nowhere"})

    async def gone(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 X\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    server = network.run(asyncio.start_server(gone, "127.0.0.1", 0))
    refused = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    Source.objects.update(settings={**stream.settings, "address": refused})
    follow(follower, lambda: bool(follower.refused))
    stream.refresh_from_db()
    assert stream.claimed_until is None
    Source.objects.update(settings=stream.settings | {"address": network.address}, due_at=utcnow())
    assert poll_sources(utcnow()) == 1


def test_an_unreachable_network_is_told_after_some_tries_and_is_well_again_when_it_comes_back(
    network, stream, follower
):
    network.faults.refuse = 1.0
    refused = follower.refused
    follow(follower, lambda: Source.objects.get().failures >= 2)
    for _ in range(3):
        refused.clear()
        follower.turn(utcnow(), 0.2)
    follow(follower, lambda: refused.clear() or Source.objects.get().state == "failing")
    network.faults.refuse = 0.0
    network.say(1)
    follow(follower, lambda: refused.clear() or heard() == uris(1))
    assert Source.objects.get().state == "ok"
    assert Gap.objects.get().heard_later


def test_a_cursor_the_network_no_longer_knows_is_a_gap_and_not_a_silence(network, stream, follower):
    network.say(*range(5))
    Source.objects.update(answered_at=utcnow() - timedelta(days=2))
    network.server.keeps = 2
    follow(follower, lambda: len(heard()) == 2)
    gap = Gap.objects.get()
    assert gap.ends_at
    assert not gap.heard_later
    assert "no longer had" in gap.why


def test_a_stream_is_opened_anew_when_somebody_changes_it_and_let_go_when_it_is_off(
    network, stream, follower
):
    network.say(1)
    follow(follower, lambda: heard() == uris(1))
    connections = network.faults.seen["connections"]
    Source.objects.update(settings={**stream.settings, "note": "changed"})
    follow(follower, lambda: network.faults.seen["connections"] > connections)
    Source.objects.update(state="off")
    follow(follower, lambda: not follower.followed)
    assert Source.objects.get().claimed_until is None


def test_a_quiet_open_stream_still_answers(network, stream, follower, monkeypatch):
    monkeypatch.setattr(streaming, "BEAT", timedelta(0))
    follow(follower, lambda: Source.objects.get().answered_at)
    first = Source.objects.get().answered_at
    follow(follower, lambda: Source.objects.get().answered_at > first)
    assert health.told(Source.objects.get()) == ""


def test_a_slow_desk_holds_the_network_up_instead_of_filling_its_memory(network, stream, follower):
    follower.turn(utcnow(), 0.2)
    for start in range(0, 3000, 100):
        network.say(*range(start, start + 100), text="weather " * 30)
    time.sleep(0.5)  # nobody stores: the bounded queue and the connection's buffers are all there is
    assert follower.reader._told.qsize() <= 64
    follow(follower, lambda: Source.objects.get().cursor["us"] == network.server.events[-1][0], 40)
