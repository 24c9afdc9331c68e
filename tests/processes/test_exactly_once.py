"""G2: each approved post goes out exactly once, as approved; G3: nothing overdue fires by itself.

Run as a program, this file is the desk under test: publishers that are killed before, during and after the request, on
a network that keeps no keys: whoever sends twice is seen twice. Some answers are lost after the post was accepted, and
some requests fail with 500 without having been accepted.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
import time
import uuid
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

KILLED, LOST, FAILED, LATE = 140, 35, 25, 20
PATIENCE = timedelta(seconds=0.6)
ASK_EVERY = timedelta(seconds=0.15)


@pytest.mark.processes
def test_every_post_goes_out_exactly_once_whenever_its_publisher_dies(desk) -> None:
    seen = desk(__file__, seconds=1200)
    assert seen["sent"] == KILLED + LOST + FAILED >= 200
    assert seen["on_network"] == {"1": KILLED + LOST + FAILED}, "each exactly once"
    assert seen["as_approved"]
    assert all(seen["killed"].get(step, 0) >= 5 for step in ("before", "during", "after")), seen["killed"]
    assert seen["overdue_sent"] == 0
    assert seen["overdue_held"] == LATE


# ── the desk under test ──


def forgetful(settings):
    """The practice network without idempotency: every request that gets through makes another post."""
    from stormdesk.networks.practice import FileStore

    class Forgetful(FileStore):
        async def append(self, post):
            return await asyncio.to_thread(self._append, replace(post, key=f"{post.key}#{uuid.uuid4().hex}"))

        async def find(self, key):
            return await asyncio.to_thread(self._one, "substr(key, 1, 36) = ?", key)

    return Forgetful(settings["path"])


def accepted(path: Path) -> list[str]:
    """Keys of the posts that the network took, repeated if it took one twice."""
    with closing(sqlite3.connect(path, timeout=20)) as connection:
        return [key[:36] for (key,) in connection.execute("SELECT key FROM post")]


def publish_alone(name: str) -> int:
    """A child process that runs the outbox once."""
    from django.db import connections

    from stormdesk.core.clock import utcnow
    from stormdesk.publish import outbox

    connections.close_all()
    if pid := os.fork():
        return pid
    try:
        outbox.run_once(utcnow(), f"{name} {os.getpid()}", patience=PATIENCE, limit=1)
    finally:
        os._exit(0)


def main() -> None:
    import django

    django.setup()
    from stormdesk.accounts.actions import connect_account
    from stormdesk.accounts.models import Account
    from stormdesk.core.clock import utcnow
    from stormdesk.networks.practice import NETWORK
    from stormdesk.people.models import Brand, Membership, User
    from stormdesk.publish import outbox
    from stormdesk.publish.models import Post
    from stormdesk.publish.queries import hash_of

    NETWORK.open_store = forgetful
    chance = random.Random(1107)
    path = Path.cwd() / "practice.sqlite3"
    asyncio.run(forgetful({"path": path}).since(0, 1))
    brand = Brand.objects.create(name="Meadow", slug="meadow")
    anna = User.objects.create(email="anna@example.org", name="Anna", password="!")
    Membership.objects.create(user=anna, brand=brand, role="owner")

    def account(handle: str, **faults) -> Account:
        return connect_account(
            brand=brand, by=anna, now=utcnow(), network="practice", handle=handle,
            settings_={"handle": handle, "path": str(path), "faults": faults},
        )  # fmt: skip

    def post(on: Account, due_at) -> Post:
        made = Post(
            brand=brand, account=on, text=f"Approved {uuid.uuid4().hex[:8]}", state="scheduled", due_at=due_at,
            author=anna, edited_by=anna, scheduled_by=anna, made_at=due_at, changed_at=due_at, key=uuid.uuid4(),
        )  # fmt: skip
        made.approved_hash = hash_of(made)
        made.save()
        return made

    def step_of(sent: Post) -> str:
        sent.refresh_from_db()
        if sent.state == "scheduled":
            return "before"
        if sent.state == "sending":
            return "after" if str(sent.key) in accepted(path) else "during"
        return "finished"

    def settle(posts: list[Post]) -> None:
        keys = [each.pk for each in posts]
        until = time.monotonic() + 60
        while Post.objects.filter(pk__in=keys).exclude(state="sent").exists() and time.monotonic() < until:
            outbox.bury(utcnow())
            outbox.reconcile_once(utcnow(), every=ASK_EVERY)
            outbox.run_once(utcnow(), "survivor", patience=timedelta(seconds=10))
            time.sleep(0.05)

    slow = account("slow", latency=0.03, latency_after=0.05)
    killed: Counter[str] = Counter()
    all_posts, batch = [], []
    longest = 0.15
    for number in range(KILLED):
        # The newest stands first in the queue, before those whose publisher died without taking them.
        batch.append(post(slow, utcnow() - timedelta(seconds=number)))
        child = publish_alone(f"victim {number}")
        if number % 2:
            # Half of them die at a random moment, half once the network has the post or is about to get it.
            time.sleep(chance.uniform(0, longest))
        else:
            began, taken = time.monotonic(), number % 4 == 0
            while time.monotonic() - began < 1:
                batch[-1].refresh_from_db()
                if batch[-1].state != "scheduled" and (not taken or str(batch[-1].key) in accepted(path)):
                    break
                time.sleep(0.002)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        killed[step_of(batch[-1])] += 1
        if len(batch) == 20:
            settle(batch)
            all_posts += batch
            batch = []
    lost = account("lost", fail_after_accept=True)
    failing = account("failing", status=500)
    batch += [post(lost, utcnow()) for _ in range(LOST)] + [post(failing, utcnow()) for _ in range(FAILED)]
    outbox.run_once(utcnow(), "survivor", limit=LOST + FAILED + 20)
    for each in (lost, failing):
        Account.objects.filter(pk=each.pk).update(settings={**each.settings, "faults": {}})
    settle(batch)
    all_posts += batch

    # The machine slept for a day: what should have gone out meanwhile waits for a person.
    overdue = [post(failing, utcnow() + timedelta(hours=1)) for _ in range(LATE)]
    outbox.run_once(utcnow() + timedelta(days=1), "woken", limit=100)
    on_network = Counter(accepted(path))
    with closing(sqlite3.connect(path)) as connection:
        texts = {key[:36]: text for key, text in connection.execute("SELECT key, text FROM post")}
    json.dump(
        {
            "sent": Post.objects.filter(pk__in=[each.pk for each in all_posts], state="sent").count(),
            "on_network": dict(Counter(on_network[str(each.key)] for each in all_posts)),
            "as_approved": all(texts.get(str(each.key)) == each.text for each in all_posts),
            "killed": dict(killed),
            "overdue_sent": sum(on_network[str(each.key)] for each in overdue),
            "overdue_held": Post.objects.filter(
                pk__in=[each.pk for each in overdue], state="held", hold_reason="late"
            ).count(),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
