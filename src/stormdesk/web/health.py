"""Whether this installation can do its work: asked by load balancers, `stormdesk doctor` and people."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from stormdesk.core import jobs


def checks(now: datetime) -> dict[str, dict]:
    """The checks by name, each with `ok` and, when it is not, what is wrong."""
    found: dict[str, dict] = {}
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        found["database"] = {"ok": True}
        found["migrations"] = {"ok": not waiting, "waiting": len(waiting)}
    except DatabaseError as error:
        # The class alone: messages of database drivers can carry addresses and user names.
        found["database"] = {"ok": False, "problem": type(error).__name__}
    for name in jobs.PROCESSES:
        found[name] = {"ok": name not in jobs.silent(settings.DATA, now)}
    return found
