"""The outbox's loops. Two senders, so that one slow network does not hold up the others."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

from stormdesk.core.jobs import Job
from stormdesk.publish import outbox


def _send_first(now: datetime) -> int:
    return outbox.run_once(now, worker(1))


def _send_second(now: datetime) -> int:
    return outbox.run_once(now, worker(2))


def worker(number: int) -> str:
    """A name that no other publisher has: claims carry it."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{number}"


JOBS = [
    Job("send due posts (1)", every=timedelta(seconds=0.5), run=_send_first),
    Job("send due posts (2)", every=timedelta(seconds=0.7), run=_send_second),
    Job("confirm pauses", every=timedelta(seconds=0.1), run=outbox.confirm_pauses),
    Job("find dead claims", every=timedelta(seconds=1), run=outbox.bury),
    Job("ask networks about unknown posts", every=timedelta(seconds=3), run=outbox.reconcile_once),
    Job("delete posts from networks", every=timedelta(seconds=1), run=outbox.delete_once),
]
