"""The story of running drills, and the colleagues played in them."""

from datetime import datetime, timedelta

from stormdesk.core.jobs import Job
from stormdesk.learn.feeding import feed, play_colleagues


def tell(now: datetime) -> int:
    """Say what is due on the practice network."""
    return feed(now=now)


def play(now: datetime) -> int:
    """Let played colleagues answer."""
    return play_colleagues(now=now)


JOBS = [
    Job("drills", every=timedelta(seconds=2), run=tell),
    Job("drills: played colleagues", every=timedelta(seconds=5), run=play),
]
