"""Whom to call, in which order, and when to stop."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum


class ChannelKind(StrEnum):
    """A way to reach a person; how each is spoken to stands in `channels/`."""

    EMAIL = "email"
    TELEGRAM = "telegram"
    SLACK = "slack"
    MATRIX = "matrix"
    NTFY = "ntfy"
    WEBHOOK = "webhook"


class CallState(StrEnum):
    """One message to one person through one channel."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"  # somebody acknowledged first


ATTEMPTS_MOST = 5
CLAIM = timedelta(seconds=60)
UNREACHABLE = ".invalid"
"""How an address ends that is no address: of somebody who is played in a drill."""
LATE = timedelta(minutes=2)
"""How late a call may be before the auditor makes it; a busy worker needs seconds."""
REPEAT_LAST_STEP = timedelta(minutes=10)
REPEATS_MOST = 6


def retry_at(attempts: int, now: datetime, after: float | None = None) -> datetime | None:
    """When to try a message again after so many failed attempts: 10 s, 30 s, 90 s, 270 s; then None: give up.

    `after`: seconds the service asked us to wait, if it did.
    """
    if attempts >= ATTEMPTS_MOST:
        return None
    return now + timedelta(seconds=max(10 * 3 ** (attempts - 1), after or 0))


def quiet_ends(begins: time, ends: time, local: datetime) -> datetime | None:
    """When the quiet hours that `local` lies in are over; None outside of them.

    They may run over midnight. `local` must be aware and in the person's own time zone; equal times mean no quiet.
    """
    clock = local.time()
    if begins <= ends:
        inside = begins <= clock < ends
    else:
        inside = clock >= begins or clock < ends
    if not inside:
        return None
    over = local.replace(hour=ends.hour, minute=ends.minute, second=0, microsecond=0)
    return over if over > local else over + timedelta(days=1)


def next_step_at(step: int, delays: list[int], started_at: datetime, now: datetime) -> datetime | None:
    """When the step after `step` called ones is due. `delays`: minutes after the start, one per step.

    After the last step everybody is called again every ten minutes, six times: a nudge must end.
    """
    if step < len(delays):
        return max(started_at + timedelta(minutes=delays[step]), now)
    return now + REPEAT_LAST_STEP if step < len(delays) + REPEATS_MOST else None
