"""G1: no scheduled post leaves while a pause that covers it is in force.

Run as a program, this file is the desk under test: four publishers, one of them killed again and again, and a person
who pauses and resumes 500 times.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

PAUSES = 500
PUBLISHERS = 4
PATIENCE = timedelta(seconds=0.5)


@pytest.mark.processes
def test_nothing_is_sent_under_a_pause_in_force(desk) -> None:
    seen = desk(__file__, "run", seconds=1200)
    assert seen["pauses"] >= PAUSES
    assert seen["kills"] >= 10
    assert seen["sent"] > PAUSES / 2, "the publishers must have been busy, or the test shows nothing"
    assert seen["under_pause"] == []
    assert seen["doubled"] == []


@pytest.mark.processes
def test_without_the_lock_postgresql_leaks_and_with_it_does_not(desk) -> None:
    """The leak is reproduced once, so that the test above is known to look in the right place."""
    if not os.environ.get("DATABASE_URL"):
        pytest.skip("SQLite runs one writing transaction at a time; the leak needs two")
    assert desk(__file__, "leak") == {"plain read": True, "for share": False}


# ── the desk under test ──


def connected(brand, by, now, folder: Path, **settings):
    """An account on the practice network, whose posts are kept in a file of this folder."""
    from stormdesk.accounts.actions import connect_account

    return connect_account(
        brand=brand,
        by=by,
        now=now,
        network="practice",
        handle="meadow",
        settings_={"handle": "meadow", "path": str(folder / "practice.sqlite3"), **settings},
    )


def due_posts(brand, account, by, now, number: int) -> list:
    """Approved posts that are due."""
    import uuid

    from stormdesk.publish.models import Post
    from stormdesk.publish.queries import hash_of

    posts = [
        Post(
            brand=brand, account=account, text=f"Post {uuid.uuid4().hex[:8]}", state="scheduled", due_at=now,
            author=by, edited_by=by, scheduled_by=by, made_at=now, changed_at=now, key=uuid.uuid4(),
        )
        for _ in range(number)
    ]  # fmt: skip
    for post in posts:
        post.approved_hash = hash_of(post)
    return Post.objects.bulk_create(posts)


def post_is_sending(post) -> bool:
    post.refresh_from_db()
    return post.state == "sending"


def publisher(number: int) -> None:
    """A publisher like those of the worker, only hastier."""
    from stormdesk.core.clock import utcnow
    from stormdesk.publish import outbox

    parent = os.getppid()
    while os.getppid() == parent:
        if not outbox.run_once(utcnow(), f"publisher {number} {os.getpid()}", patience=PATIENCE, limit=2):
            outbox.reconcile_once(utcnow(), every=timedelta(seconds=0.5))
            time.sleep(0.03)


def fork(number: int) -> int:
    """A child process with its own connections that does nothing but publish."""
    from django.db import connections

    connections.close_all()
    if pid := os.fork():
        return pid
    try:
        publisher(number)
    finally:
        os._exit(1)


def leak() -> None:
    """Two sessions: a claim that has not committed, and a pause. A plain read lets the pause believe that it is alone."""
    import django

    django.setup()
    from django.db import connections, transaction

    from stormdesk.core.clock import utcnow
    from stormdesk.pause import queries
    from stormdesk.pause.actions import end_pause, start_pause
    from stormdesk.pause.models import Gate
    from stormdesk.people.models import Brand, Membership, User
    from stormdesk.publish import outbox
    from stormdesk.publish.models import Post

    now = utcnow()
    brand = Brand.objects.create(name="Meadow", slug="meadow")
    anna = User.objects.create(email="anna@example.org", name="Anna", password="!")
    Membership.objects.create(user=anna, brand=brand, role="owner")
    Gate.objects.create(brand=brand)
    account = connected(brand, anna, now, Path.cwd())
    leaked = {}
    for look in ("plain read", "for share"):
        (post,) = due_posts(brand, account, anna, now, 1)
        done, pauses = threading.Event(), []

        def press(done: threading.Event = done, pauses: list = pauses) -> None:
            pauses.append(start_pause(brand=brand, by=anna, now=now, reason="batch 1107"))
            outbox.confirm_pauses(now)
            done.set()
            connections.close_all()

        with transaction.atomic():
            if look == "for share":
                queries.hold_gate(brand.pk)
            assert queries.covering(brand.pk, account.network, account.pk) is None
            Post.objects.filter(pk=post.pk, state="scheduled").update(
                state="sending", claimed_by="a", claimed_at=now, deadline=now + PATIENCE
            )
            thread = threading.Thread(target=press)
            thread.start()
            done.wait(1.5)
        thread.join()
        pauses[0].refresh_from_db()
        leaked[look] = pauses[0].in_force_at is not None and post_is_sending(post)
        end_pause(pause=pauses[0], by=anna, now=now)
        Post.objects.filter(pk=post.pk).update(state="sent")
    json.dump(leaked, sys.stdout)


def run(pauses: int = PAUSES) -> None:
    import django

    django.setup()
    from stormdesk.core.clock import utcnow
    from stormdesk.networks.practice import FileStore
    from stormdesk.pause.actions import end_pause, start_pause
    from stormdesk.people.models import Brand, Membership, User
    from stormdesk.publish import outbox
    from stormdesk.publish.models import Post

    chance = random.Random(1107)
    brand = Brand.objects.create(name="Meadow", slug="meadow")
    anna = User.objects.create(email="anna@example.org", name="Anna", password="!")
    Membership.objects.create(user=anna, brand=brand, role="owner")
    account = connected(brand, anna, utcnow(), Path.cwd(), faults={"latency": 0.004, "latency_after": 0.002})
    children = [fork(number) for number in range(PUBLISHERS)]
    next_kill, kills, windows, waits = time.monotonic() + 0.5, 0, [], []
    try:
        for _ in range(pauses):
            due_posts(brand, account, anna, utcnow(), 2)
            time.sleep(chance.uniform(0.01, 0.04))
            pressed = time.monotonic()
            pause = start_pause(brand=brand, by=anna, now=utcnow(), reason="batch 1107")
            if time.monotonic() > next_kill:
                # Always the same chair: whoever sits on it dies in the middle of whatever it does.
                os.kill(children[0], signal.SIGKILL)
                os.waitpid(children[0], 0)
                children[0] = fork(0)
                kills += 1
                next_kill = time.monotonic() + chance.uniform(1, 3)
            while pause.in_force_at is None:
                outbox.bury(utcnow())
                outbox.confirm_pauses(utcnow())
                pause.refresh_from_db()
                time.sleep(0.01)
            waits.append(time.monotonic() - pressed)
            began = utcnow()
            due_posts(brand, account, anna, utcnow(), 1)
            time.sleep(chance.uniform(0, 0.02))
            ended = utcnow()
            end_pause(pause=pause, by=anna, now=utcnow())
            windows.append((began, ended))
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    said = FileStore("practice.sqlite3")._since(0, 1_000_000)
    under = [p.key for p in said for began, ended in windows if began <= p.at <= ended]
    keys = [post.key for post in said]
    waits.sort()
    json.dump(
        {
            "pauses": len(windows),
            "kills": kills,
            "sent": len(said),
            "held": Post.objects.filter(state="held").count(),
            "under_pause": under,
            "doubled": sorted({key for key in keys if keys.count(key) > 1}),
            "in_force_after_ms": {
                share: round(1000 * waits[min(len(waits) - 1, int(len(waits) * share / 100))])
                for share in (50, 90, 99, 100)
            },
        },
        sys.stdout,
    )


if __name__ == "__main__":
    leak() if sys.argv[1] == "leak" else run(*map(int, sys.argv[2:]))
