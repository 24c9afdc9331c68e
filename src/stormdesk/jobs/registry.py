"""Finds the periodic work of every stage."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings

from stormdesk.core.jobs import Job


def jobs(group: str) -> list[Job]:
    """All jobs of a group ("worker" or "ingest"), in the order of the stages; names are unique."""
    found: dict[str, Job] = {}
    for stage in [*settings.STAGES, "web"]:
        module = f"stormdesk.{stage}.jobs"
        # Asked first, so that a mistake inside an existing file is not taken for its absence.
        if find_spec(module) is None:
            continue
        for job in import_module(module).JOBS:
            if job.name in found:
                raise ValueError(f"two jobs are called {job.name!r}; the second stands in {module}")
            found[job.name] = job
    return [job for job in found.values() if job.group == group]
