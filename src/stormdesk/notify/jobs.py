"""Calls and escalations."""

from datetime import datetime, timedelta

from stormdesk.core.jobs import Job
from stormdesk.notify.actions import escalate_due
from stormdesk.notify.auditing import audit_calls
from stormdesk.notify.sending import send_due


def send_calls(now: datetime) -> int:
    """Send the messages that are due."""
    return send_due(now=now)


def escalate(now: datetime) -> int:
    """Call the next step of what nobody has acknowledged."""
    return escalate_due(now=now)


def audit(now: datetime) -> int:
    """See from the other process that calls were really made."""
    return audit_calls(now=now)


JOBS = [
    Job("calls", every=timedelta(seconds=2), run=send_calls),
    Job("escalation", every=timedelta(seconds=5), run=escalate),
    # In the process that listens: what checks the worker must not die with it.
    Job("calls audit", every=timedelta(seconds=30), run=audit, group="ingest"),
]
