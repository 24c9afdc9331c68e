"""Reading the whole of Bluesky: decode and match beside the bare decoder, coming back after a break, requests an hour;
and many brands on one stream: what following, matching and storing for all of them costs beside one brand alone.

    python -m bench.networks [--events 20000] [--brands 1000] --out FILE

Events are frames of the real network in a box (networks/bluesky/payloads), in Jetstream's documented shape, their words
changed so that no two are alike. Everything runs in one process on one core; rates are per second of CPU time.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import random
import statistics
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from bench.ingest.__main__ import OPENERS, THINGS
from bench.networks.shared import REAL_RATE, shared
from stormdesk import networks
from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.hostile import hostile, reply
from stormdesk.listen.matching import Matcher, parse
from stormdesk.networks import bluesky
from stormdesk.networks.bluesky import firehose, jetstream
from stormdesk.networks.bluesky.tests.jetstream_server import frame, jetstream_server

PAYLOADS = Path(bluesky.__file__).parent / "payloads" / "subscribeRepos.json"
POLL_EVERY = 60
BREAKS = 20


def frames(count: int, chance: random.Random) -> list[str]:
    """Frames as Jetstream sends them: real events, each with words of its own."""
    recorded = [
        e for text in json.loads(PAYLOADS.read_text()) for e in firehose.read(base64.b64decode(text))[1]
    ]
    made = []
    for number in range(count):
        event = recorded[number % len(recorded)]
        record = json.loads(bytes(event.record)) if bytes(event.record) else None
        if record:
            words = [chance.choice(OPENERS), chance.choice(THINGS), chance.choice(THINGS)]
            record["text"] = f"{' '.join(words)} {chance.randrange(10**6)} {record['text']}"
        made.append(frame((event.us + number, event.did, event.operation, event.key, record), number))
    return made


def per_second(of: list[str], do: Callable[[str], object]) -> int:
    """How many of these one second of CPU time handles; the best of three."""
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        for one in of:
            do(one)
        best = max(best, len(of) / (time.process_time() - began))
    return round(best)


def reading(events: int, brands: int) -> dict[str, object]:
    chance = random.Random(11)
    made = frames(events, chance)
    matcher = Matcher(
        {n: parse(f'"brand {n}" OR brand{n} OR "{chance.choice(THINGS)} of brand{n}"') for n in range(brands)}
    )
    bare = msgspec.json.Decoder()

    def whole(text: str) -> object:
        event = jetstream.read(text).event
        item = jetstream.incoming(event) if event else None
        return matcher.match(item.text) if item else None

    rates = {
        "bare_decoder": per_second(made, bare.decode),
        "read": per_second(made, jetstream.read),
        "read_and_clean": per_second(made, lambda t: jetstream.incoming(jetstream.read(t).event)),  # type: ignore[arg-type]
        "read_clean_and_match": per_second(made, whole),
    }
    cars = [base64.b64decode(text) for text in json.loads(PAYLOADS.read_text())][4:]
    rates["firehose_frames_read"] = per_second([c for c in cars for _ in range(events // 20)], firehose.read)  # type: ignore[misc]
    return {
        "events": events,
        "brands": brands,
        "bytes_an_event": round(statistics.mean(map(len, made))),
        "per_second_of_cpu": rates,
        "times_bare_decoder": round(rates["bare_decoder"] / rates["read_clean_and_match"], 1),
        "times_real_rate": round(rates["read_clean_and_match"] / REAL_RATE),
    }


async def over_the_wire(events: int) -> dict[str, float]:
    """The same events through a WebSocket on this machine, server included, in wall time."""
    async with jetstream_server() as server:
        for made in frames(events, random.Random(11)):
            payload = json.loads(made)["payload"]
            await server.say(payload["did"], payload["operation"], payload["rkey"], payload.get("record"))
        began, got = time.perf_counter(), 0
        settings = {"address": server.url}
        async with aclosing(
            bluesky.NETWORK.stream("stream", settings, {}, {"us": 1_700_000_000_000_000})
        ) as stream:
            async for batch in stream:
                got += len(batch.items)
                if got >= events:
                    break
        return {"events_per_second_with_server": round(got / (time.perf_counter() - began))}


async def breaks() -> dict[str, float]:
    """From the end of a connection to the first event of the next, without the pause before it (0.5 to 1 s)."""
    times = []
    async with jetstream_server() as server:
        await server.say(
            "did:plc:a", "create", "3aaaaaaaaaaaa", {"text": "x", "createdAt": "2026-03-01T12:00:00Z"}
        )
        for _ in range(BREAKS):
            began = time.perf_counter()
            cursor = {"us": server.events[0][0]}
            async with aclosing(
                bluesky.NETWORK.stream("stream", {"address": server.url}, {}, cursor)
            ) as stream:
                async for batch in stream:
                    if batch.items:
                        break
            times.append(1000 * (time.perf_counter() - began))
    return {"p50_ms": round(statistics.median(times), 1), "max_ms": round(max(times), 1)}


async def requests_an_hour() -> dict[str, int]:
    """Questions one source asks in an hour at its usual rhythm, counted on a server where nothing is new."""
    session = json.dumps(
        {"did": "did:plc:a", "handle": "a.test", "accessJwt": "a.b.c", "refreshJwt": "r"}
    ).encode()
    nothing = b'{"posts": [], "notifications": [], "feed": [], "statuses": [], "thread": {}}'
    found = {}
    for name, kinds in {
        "bluesky": ("notifications", "search", "account"),
        "mastodon": ("notifications", "search"),
    }.items():
        network = networks.get(name)
        for kind in kinds:
            body = b"[]" if name == "mastodon" and kind != "search" else nothing

            class Routes(dict):
                def __missing__(self, path: str, body: bytes = body) -> object:
                    return reply(200, session if path.endswith("createSession") else body)

            async with hostile(Routes()) as server:
                settings = {"server": server.url, "handle": "a.test", "query": "tea", "actor": "a.test"}
                secret = {"app_password": urlsplit(server.url).netloc, "access_token": "t"}
                await network.hear(kind, settings, secret, {})
                first = len(server.asked)
                await network.hear(kind, settings, secret, {})
                found[f"{name} {kind}"] = (len(server.asked) - first) * 3600 // POLL_EVERY
    return found | {"bluesky stream": 0}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--brands", type=int, default=1_000)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    os.environ[ALLOW_VARIABLE] = "127.0.0.1"
    result = reading(asked.events, asked.brands)
    result["wire"] = asyncio.run(over_the_wire(asked.events))
    result["back_after_a_break"] = asyncio.run(breaks())
    result["requests_an_hour"] = asyncio.run(requests_an_hour())
    result["shared_stream"] = shared(asked.events, asked.brands)
    asked.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
