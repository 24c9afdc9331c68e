"""G4: every mention once, none acknowledged is lost, though the listening process is killed at any moment.

A real process hears a practice source of 20,000 posts, with edits, deletions and copies among them; it is killed by
SIGKILL twenty times, at random; what the database holds at the end is compared with the source, number by number.
STORMDESK_TEST_MENTIONS changes the number (measured runs use 50,000); DATABASE_URL the database.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stormdesk.networks.practice import FileStore, Post

MENTIONS = int(os.environ.get("STORMDESK_TEST_MENTIONS", "20000"))
KILLS = 20
BEGAN = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)

# The listening process does exactly what its job does. It is forked from one that has everything imported, since a
# start takes longer than the hearing; a fork has its own connection and dies like any other process.
LISTEN_AND_KILL = """
import os, random, signal, time
import django; django.setup()
from django.db import connections
from stormdesk.core.clock import utcnow
from stormdesk.listen.actions import poll_sources
from stormdesk.listen.models import Source

def listen():
    while Source.objects.get().cursor.get("revision", 0) < {last}:
        poll_sources(utcnow())

chance, killed = random.Random(11), 0
while killed < {kills}:
    connections.close_all()
    listener = os.fork()
    if not listener:
        listen()
        os._exit(0)
    time.sleep(chance.uniform(0.05, {longest}))
    os.kill(listener, signal.SIGKILL)
    if os.waitstatus_to_exitcode(os.waitpid(listener, 0)[1]) == 0:
        break
    killed += 1
    # As time does after a kill, only faster: the claim of the dead process runs out.
    Source.objects.update(claimed_until=None)
listen()
print(killed)
"""
SET_UP = """
import django; django.setup()
from stormdesk.core.clock import utcnow
from stormdesk.listen.models import Source
from stormdesk.people.models import Brand
brand = Brand.objects.create(name="Meadow", slug="meadow")
Source.objects.create(brand=brand, network="practice", kind="search", name="Practice", poll_every=1, due_at=utcnow(),
                      added_at=utcnow(), settings={{"handle": "meadow", "path": {path!r}}})
"""
TELL = """
import json, django; django.setup()
from django.db import connection
from django.db.models import Count, Sum
from stormdesk.listen import queries
from stormdesk.listen.models import Mention, MentionVersion, MinuteCount, Narrative
from stormdesk.people.models import Brand
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM listen_search")
    searchable = cursor.fetchone()[0]
print(json.dumps({{
    "texts": dict(Mention.objects.values_list("native_id", "text")),
    "deleted": sorted(Mention.objects.filter(deleted_at__isnull=False).values_list("native_id", flat=True)),
    "versions": MentionVersion.objects.count(),
    "searchable": searchable,
    "minutes": {{m.isoformat(): [n, a, g] for m, n, a, g in
                MinuteCount.objects.values_list("minute", "mentions", "authors", "duplicates")}},
    "copies": Mention.objects.exclude(copy_of="").count(),
    "narratives": Narrative.objects.aggregate(n=Sum("mentions"))["n"],
    "told": Mention.objects.filter(narrative__isnull=False).count(),
    "found": queries.search(Brand.objects.get(), "swollen").count(),
}}))
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a fresh installation: its own data folder, its own database on the given server."""
    environment = {**os.environ, "STORMDESK_DATA": str(tmp_path / "data"), "STORMDESK_LOG_LEVEL": "CRITICAL",
                   "DJANGO_SETTINGS_MODULE": "stormdesk.config.settings"}  # fmt: skip
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        yield environment
        return
    import psycopg

    name = f"killed_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    try:
        yield {**environment, "DATABASE_URL": url.rpartition("/")[0] + f"/{name}"}
    finally:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _python(place: dict[str, str], code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], env=place, check=True, capture_output=True, text=True, timeout=300
    ).stdout


async def _fill(store: FileStore, chance: random.Random) -> None:
    """Posts by 300 people within two hours, a tenth of them copies; then edits and deletions."""
    rows = []
    for number in range(MENTIONS):
        text = (
            "Swollen lids in the shop on Lenin street, batch 1107, why is Meadow silent?"
            if number % 10 == 0
            else f"{chance.choice(WORDS)} {chance.choice(WORDS)} number {chance.randrange(10**9)} {chance.choice(WORDS)}"
        )
        at = BEGAN + timedelta(seconds=number * 7200 / MENTIONS)
        rows.append(Post(f"k{number}", f"person{chance.randrange(300)}", text, at, followers=10))
    await asyncio.to_thread(_append, store, rows)
    for number in range(0, MENTIONS, 50):
        await store.change(f"p{number + 1}", f"edited {number} of Meadow", BEGAN + timedelta(hours=3))
    for number in range(7, MENTIONS, 500):
        await store.change(f"p{number + 1}", None, BEGAN + timedelta(hours=3))


WORDS = [
    "yoghurt",
    "kefir",
    "milk",
    "lid",
    "shop",
    "refund",
    "taste",
    "fresh",
    "delivery",
    "truck",
    "depot",
    "label",
]


def _append(store: FileStore, posts: list[Post]) -> None:
    """As `FileStore.append`, in one transaction: fifty thousand of them would take longer than the test."""
    from contextlib import closing
    from dataclasses import asdict, replace

    with closing(store._open()) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for revision, post in enumerate(posts, 1):
            row = asdict(replace(post, native_id=f"p{revision}", revision=revision))
            row["at"] = row["at"].isoformat()
            names = ", ".join(row)
            connection.execute(
                f"INSERT INTO post ({names}) VALUES ({', '.join(':' + name for name in row)})", row
            )
        connection.execute("COMMIT")


@pytest.mark.processes
def test_every_mention_is_stored_once_though_the_listener_is_killed(place, tmp_path):
    import json

    chance = random.Random(11)
    store = FileStore(tmp_path / "practice.sqlite3")
    asyncio.run(_fill(store, chance))
    posts = asyncio.run(store.since(0, 10 * MENTIONS))
    last = max(post.revision for post in posts)
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "-v0"],
        env=place,
        check=True,
        capture_output=True,
        timeout=300,
    )
    _python(place, SET_UP.format(path=str(store.path)))

    killed = int(_python(place, LISTEN_AND_KILL.format(last=last, kills=KILLS, longest=MENTIONS / 20_000)))
    told = json.loads(_python(place, TELL.format()))

    # The heard words of a deleted post stay; one that was deleted before it was heard is not known.
    kept = {post.native_id: post.text for post in posts if not post.deleted}
    heard_before_deletion = set(told["texts"]) - set(kept)
    assert {key: text for key, text in told["texts"].items() if key in kept} == kept
    assert heard_before_deletion <= {post.native_id for post in posts if post.deleted}
    assert told["searchable"] == len(told["texts"])
    assert told["deleted"] == sorted(heard_before_deletion)
    mentions: Counter[str] = Counter()
    authors: dict[str, set[str]] = defaultdict(set)
    for post in posts:
        if post.native_id in told["texts"]:
            minute = post.at.replace(second=0, microsecond=0).isoformat()
            mentions[minute] += 1
            authors[minute].add(post.author)
    assert {minute: row[0] for minute, row in told["minutes"].items()} == dict(mentions)
    assert {minute: row[1] for minute, row in told["minutes"].items()} == {
        m: len(a) for m, a in authors.items()
    }
    assert sum(row[2] for row in told["minutes"].values()) == told["copies"]
    assert told["narratives"] == told["told"]
    assert told["found"] == sum("swollen" in text.casefold() for text in told["texts"].values())
    assert killed >= KILLS // 2, "the machine heard everything before it could be killed often enough"
