"""The story of running drills."""

from datetime import datetime, timedelta

from stormdesk.core.jobs import Job
from stormdesk.learn.feeding import feed


def tell(now: datetime) -> int:
    """Say what is due on the practice network."""
    return feed(now=now)


JOBS = [Job("drills", every=timedelta(seconds=2), run=tell)]
