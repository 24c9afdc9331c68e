"""How a pause and a claim get past each other in order, and past everybody else in time (G1, G10)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

from stormdesk.pause.models import Gate

LOOK_EVERY = 0.001
LONGEST_WAIT = 20.0


def hold_gate(brand_id: int) -> None:
    """Inside the transaction that takes a post: no pause can begin until that transaction ends.

    PostgreSQL locks the brand's gate row FOR SHARE, so publishers do not hinder each other but a beginning pause
    waits for all of them; a plain read would let a pause commit between the look and the claim. On SQLite every
    transaction is IMMEDIATE, which is the same promise.
    """
    if connection.vendor != "postgresql":
        return
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pause_gate WHERE brand_id = %s FOR SHARE", [brand_id])
            if cursor.fetchone():
                return
        Gate.objects.get_or_create(brand_id=brand_id)


@contextmanager
def urgent() -> Iterator[None]:
    """A transaction that does not queue politely behind a flood of writes.

    SQLite's own wait for its one write lock sleeps up to 100 ms between looks, so somebody who writes batch after
    batch gets the lock nearly every time. Whoever pauses, claims or confirms looks every millisecond instead.
    Raises OperationalError when the database stays locked for 20 s, as any transaction does.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    block = transaction.atomic()
    _patience(0)
    try:
        began = time.monotonic()
        while True:
            try:
                block.__enter__()
                break
            except OperationalError as error:
                if "locked" not in str(error) or time.monotonic() - began > LONGEST_WAIT:
                    raise
                time.sleep(LOOK_EVERY)
    finally:
        _patience(LONGEST_WAIT)
    with _rest_of(block):
        yield


@contextmanager
def _rest_of(block: transaction.Atomic) -> Iterator[None]:
    """The end of a block that has been entered: committed, or rolled back with what was raised in it."""
    try:
        yield
    except BaseException as error:
        block.__exit__(type(error), error, error.__traceback__)
        raise
    block.__exit__(None, None, None)


def _patience(seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
