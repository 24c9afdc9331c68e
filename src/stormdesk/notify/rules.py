"""Whom to call, in which order, and when to stop."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class ChannelKind(StrEnum):
    EMAIL = "email"
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
REPEAT_LAST_STEP = timedelta(minutes=10)
REPEATS_MOST = 6


def retry_at(attempts: int, now: datetime) -> datetime | None:
    """When to try a message again after so many failed attempts: 10 s, 30 s, 90 s, 270 s; then None: give up."""
    return None if attempts >= ATTEMPTS_MOST else now + timedelta(seconds=10 * 3 ** (attempts - 1))


def next_step_at(step: int, delays: list[int], started_at: datetime, now: datetime) -> datetime | None:
    """When the step after `step` called ones is due. `delays`: minutes after the start, one per step.

    After the last step everybody is called again every ten minutes, six times: a nudge must end.
    """
    if step < len(delays):
        return max(started_at + timedelta(minutes=delays[step]), now)
    return now + REPEAT_LAST_STEP if step < len(delays) + REPEATS_MOST else None
