"""Nudges."""

from datetime import datetime, timedelta

from stormdesk.coordinate.actions import nudge_owners
from stormdesk.core.jobs import Job


def nudges(now: datetime) -> int:
    """Remind owners of tasks that are nearly due or late."""
    return nudge_owners(now=now)


JOBS = [Job("nudges", every=timedelta(seconds=30), run=nudges)]
