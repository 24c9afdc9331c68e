"""G4 on one connection shared by several brands: each hears its own once, though the listener is killed at any moment.

A real process follows an emulation of Jetstream for five brands and is killed by SIGKILL six times, while
posts are said; what each brand has at the end is compared with what was said. DATABASE_URL chooses the database.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest

BRANDS, POSTS, KILLS = ("Rivet", "Tulip", "Quartz", "Ember", "Willow"), 900, 6


@pytest.mark.processes
def test_brands_on_one_stream_hear_all_of_theirs_though_the_listener_is_killed(desk):
    told = desk(str(Path(__file__)))
    assert told["heard"] == told["said"]
    assert told["twice"] == 0
    assert told["kills"] == KILLS
    assert told["died_while_hearing"] >= 3


def run() -> dict[str, object]:
    """Say, listen, kill; in a process of its own with a database of its own."""
    import django

    django.setup()
    from django.db import connections

    from stormdesk.core.clock import utcnow
    from stormdesk.core.http import ALLOW_VARIABLE
    from stormdesk.core.tests.faulty import in_background
    from stormdesk.listen.actions import save_query
    from stormdesk.listen.following import Follower
    from stormdesk.listen.models import Mention, Source
    from stormdesk.networks.bluesky import keys
    from stormdesk.networks.bluesky.tests.jetstream_server import jetstream_server
    from stormdesk.people.models import Brand
    from stormdesk.understand import Text, read

    read([Text("0", "what a fork finds loaded already")], "full")
    os.environ[ALLOW_VARIABLE] = "127.0.0.1"
    chance = random.Random(5)
    said: dict[str, set[str]] = {name: set() for name in BRANDS}
    with in_background() as going:
        serving = jetstream_server()
        server = going(serving.__aenter__())
        for name in BRANDS:
            brand = Brand.objects.create(name=name, slug=name.lower())
            save_query(
                brand=brand, by=None, now=utcnow(), name="us", kind="brand", expression=name, languages=[]
            )
            Source.objects.create(
                brand=brand, network="bluesky", kind="stream", name=name, added_at=utcnow(),
                settings={"address": server.url, "appview": "http://127.0.0.1:9"}, cursor={"us": 1_700_000_000_000_000},
            )  # fmt: skip

        async def say(numbers: range) -> None:
            for number in numbers:
                name = chance.choice((*BRANDS, "weather", "weather"))
                key = f"3{number:012}".translate(str.maketrans("0189", "zyxw"))
                at = "2026-03-01T12:00:00Z"
                record = {"$type": keys.POST, "text": f"{name} {number}", "createdAt": at}
                await server.say("did:plc:anna", "create", key, record)
                if name in said:
                    said[name].add(keys.uri("did:plc:anna", key))

        def listen(seconds: float) -> None:
            follower = Follower()
            ends = time.monotonic() + seconds
            while time.monotonic() < ends:
                follower.turn(utcnow(), 0.05)

        died = 0
        step = POSTS // KILLS
        for kill in range(KILLS):
            going(say(range(kill * step, (kill + 1) * step)))
            before = Mention.objects.count()
            connections.close_all()
            listener = os.fork()
            if not listener:
                listen(60)
                os._exit(0)
            patience = time.monotonic() + 10
            while Mention.objects.count() == before and time.monotonic() < patience:
                time.sleep(0.002)
            time.sleep(chance.choice((0.0, 0.01, 0.1)))  # some between one brand's storing and the next one's
            os.kill(listener, signal.SIGKILL)
            os.waitpid(listener, 0)
            died += before < Mention.objects.count()
            Source.objects.update(claimed_until=None)  # as time does after a kill, only faster
        ends, all_said = time.monotonic() + 60, sum(map(len, said.values()))
        follower = Follower()
        while Mention.objects.count() < all_said and time.monotonic() < ends:
            follower.turn(utcnow(), 0.1)
        follower.end()
    heard = {
        name: sorted(Mention.objects.filter(brand__name=name).values_list("native_id", flat=True))
        for name in BRANDS
    }
    return {
        "heard": heard,
        "said": {name: sorted(ids) for name, ids in said.items()},
        "twice": sum(len(ids) - len(set(ids)) for ids in heard.values()),
        "kills": KILLS,
        "died_while_hearing": died,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run()) + "\n")
    sys.stdout.flush()
    os._exit(0)  # the emulation's thread still serves
