"""The urgent transaction ends as any other does: committed, or rolled back with what was raised in it."""

from __future__ import annotations

import os

import pytest
from django.db import connection

from stormdesk.pause.gate import urgent
from stormdesk.pause.models import Gate
from stormdesk.people.models import Brand


def fail_halfway(brand: Brand) -> None:
    with urgent():
        Gate.objects.create(brand=brand)
        raise RuntimeError("halfway")


@pytest.mark.skipif(
    bool(os.environ.get("DATABASE_URL")), reason="only SQLite has a lock to look at every millisecond"
)
@pytest.mark.django_db(transaction=True)
def test_urgent_commits_rolls_back_and_nests():
    brand = Brand.objects.create(name="Meadow", slug="meadow")
    with pytest.raises(RuntimeError, match="halfway"):
        fail_halfway(brand)
    assert not connection.in_atomic_block
    assert not Gate.objects.exists()
    with urgent(), urgent():
        Gate.objects.create(brand=brand)
    assert not connection.in_atomic_block
    assert Gate.objects.get().brand == brand
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone() == (20_000,)
