"""A server in a thread beside the test, and a crisis to show."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import uvicorn
from django.db import connection, connections
from django.db.backends.signals import connection_created
from django.utils.timezone import now as utcnow

from stormdesk.web import events


def _read_past_locks(connection, **_):
    # Tests on SQLite share one database in memory, where readers block writers of a table without waiting their turn;
    # a database in a file, as in real life, does not need this.
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA read_uncommitted = 1")


@pytest.fixture
def serve(transactional_db) -> Iterator[Callable]:
    """`with serve(application) as address:` runs an ASGI application until the block ends."""
    connection_created.connect(_read_past_locks)
    _read_past_locks(connection)

    @contextmanager
    def serving(application) -> Iterator[str]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = uvicorn.Server(
            uvicorn.Config(
                application, port=port, lifespan="off", log_level="error", timeout_graceful_shutdown=1
            )
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(10)
            # The threads that read events outlive the test, its database does not.
            together = threading.Barrier(2)
            for closing in [
                events._threads.submit(lambda: (together.wait(5), connections.close_all())) for _ in range(2)
            ]:
                closing.result()

    yield serving
    connection_created.disconnect(_read_past_locks)


@pytest.fixture
def crisis(brand, owner):
    """Declared two hours ago."""
    from stormdesk.declare.models import Crisis

    at = utcnow() - timedelta(hours=2)
    return Crisis.objects.create(
        brand=brand, title="Faulty batch", type="faulty_product", severity=2, lead=owner, reason="lids",
        declared_by=owner, declared_at=at, began_at=at,
    )  # fmt: skip
