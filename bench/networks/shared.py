"""Many brands on one public stream: what following it costs, beside one brand alone, the server in a process of its own."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import tempfile
import time
from multiprocessing.connection import Connection
from typing import Any

BEGAN_US = 1_700_000_000_000_000
KEPT = 0.01
"""Share of the posts that name one of the brands."""
REAL_RATE = 36
"""New posts a second on the whole network in its busy hours: 130,000 an hour in March 2026 by a public account of it."""
DID = "did:plc:bench"


def serve(pipe: Connection, events: int, brands: int) -> None:
    """The emulation of Jetstream with so many posts in it, until the other side hangs up."""
    from bench.networks.__main__ import frames
    from stormdesk.networks.bluesky import keys
    from stormdesk.networks.bluesky.tests.jetstream_server import jetstream_server

    async def run() -> None:
        chance = random.Random(3)
        async with jetstream_server() as server:
            texts = _texts(frames(events, random.Random(11)))
            for number in range(events):
                text = texts[number % len(texts)]
                if chance.random() < KEPT:
                    text = f"brand{chance.randrange(brands)} {text}"
                record = {"$type": keys.POST, "text": text, "createdAt": "2026-03-01T12:00:00Z"}
                await server.say(DID, "create", f"3{number:012}".translate(_KEYS), record, BEGAN_US + number)
            pipe.send((server.url, server.events[-1][0]))
            await asyncio.to_thread(pipe.recv)
            pipe.send(len(server.asked))

    asyncio.run(run())


_KEYS = str.maketrans("0189", "zyxw")


def _texts(made: list[str]) -> list[str]:
    records = (json.loads(frame)["payload"].get("record") for frame in made)
    return [record["text"] for record in records if record and record.get("text")]


def shared(events: int, brands: int) -> dict[str, Any]:
    """Follow the whole stream for `brands` brands, then for one; rates per second of this process's CPU time."""
    os.environ["STORMDESK_DATA"] = tempfile.mkdtemp(prefix="stormdesk-bench-")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stormdesk.config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    together, alone = _followed(events, brands, brands), _followed(events, 1, brands)
    return {
        "brands": brands,
        "events": events,
        "connections": together["connections"],
        "mentions": together["mentions"],
        "events_per_second_of_cpu": together["rate"],
        "one_brand_alone": alone["rate"],
        "times_one_brand": round(alone["rate"] / together["rate"], 2),
        "times_real_rate": round(together["rate"] / REAL_RATE),
        "begin_to_follow_s": together["begin"],
        "looks_cpu_share": together["idle"],
    }


def _followed(events: int, brands: int, named: int) -> dict[str, Any]:
    from stormdesk.core.clock import utcnow
    from stormdesk.listen.following import Follower
    from stormdesk.listen.models import Mention, Query, Source
    from stormdesk.people.models import Brand
    from stormdesk.understand import Text, read

    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=serve, args=(theirs, events, named), daemon=True)
    server.start()
    address, last = ours.recv()
    read([Text("0", "loaded before the clock runs")], "full")
    Source.objects.all().delete()
    now = utcnow()
    mark = f"{brands}-{os.getpid()}"
    made = Brand.objects.bulk_create(
        [Brand(name=f"Brand {n} {mark}", slug=f"b{n}-{mark}") for n in range(brands)]
    )
    Query.objects.bulk_create(
        [Query(brand=b, name="us", expression=f'brand{n} OR @brand{n} OR "brand {n}"', saved_at=now)
         for n, b in enumerate(made)]
    )  # fmt: skip
    settings = {"address": address, "appview": "http://127.0.0.1:9"}
    Source.objects.bulk_create(
        [Source(brand=b, network="bluesky", kind="stream", name="stream", settings=settings, added_at=now,
                cursor={"us": BEGAN_US}) for b in made]
    )  # fmt: skip
    follower = Follower()
    began = time.process_time()
    follower._look(utcnow())
    begin = time.process_time() - began
    while Source.objects.exclude(cursor={"us": last}).exists():
        follower.turn(utcnow(), 0.5)
    spent = time.process_time() - began - begin
    began, wall = time.process_time(), time.monotonic()
    while time.monotonic() - wall < 10:
        follower.turn(utcnow(), 0.5)
    idle = (time.process_time() - began) / (time.monotonic() - wall)
    follower.end()
    ours.send("enough")
    connections = ours.recv()
    server.join(10)
    return {
        "rate": round(events / spent),
        "begin": round(begin, 2),
        "idle": round(idle, 3),
        "connections": connections,
        "mentions": Mention.objects.filter(brand__slug__endswith=mark).count(),
    }
