"""Listening, again and again; and, in the other process, seeing that it happens."""

from __future__ import annotations

from datetime import datetime, timedelta

from stormdesk.core.jobs import Job
from stormdesk.listen import actions, following


def hear(now: datetime) -> int:
    """Ask the sources that are due."""
    return actions.poll_sources(now)


def follow(now: datetime) -> int:
    """Follow the sources that have a stream."""
    return following.follow_streams(now)


def check(now: datetime) -> int:
    """Find sources that are failing or silent."""
    return actions.check_sources(now)


def look_at_doors(now: datetime) -> int:
    """See that networks still bring what they were told to."""
    return actions.look_at_doors(now)


def read_files(now: datetime) -> int:
    """Read files that people brought."""
    return actions.read_imports(now)


def learn(now: datetime) -> int:
    """Learn from what people said of the readings."""
    return actions.learn_from_people(now)


JOBS = [
    Job("listen: hear the sources", every=timedelta(seconds=1), run=hear, group="ingest"),
    Job("listen: follow the streams", every=timedelta(milliseconds=50), run=follow, group="ingest"),
    Job(
        "listen: see that messages are brought",
        every=timedelta(seconds=30),
        run=look_at_doors,
        group="ingest",
    ),
    Job("listen: read imported files", every=timedelta(seconds=2), run=read_files, group="ingest"),
    # Where the reader is loaded already.
    Job("listen: learn from people", every=timedelta(seconds=20), run=learn, group="ingest"),
    # In the worker, so that a dead listening process is noticed too.
    Job("listen: find silent sources", every=timedelta(seconds=15), run=check),
]
