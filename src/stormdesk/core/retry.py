"""When to try again: growing pauses with jitter, unless the other side names its own."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 24 * 3600.0
"""Seconds; a server that asks for more is asked again after a day, so that a lie cannot silence us for ever."""


def backoff(
    attempt: int, *, base: float = 1.0, cap: float = 300.0, chance: Callable[[], float] = random.random
) -> float:
    """Seconds to wait before attempt number `attempt` + 1, counted from 0.

    Half of the doubling pause is fixed, half is chance: many clients that failed together do not come back
    together, and none hammers at once.
    """
    pause = min(cap, base * 2.0 ** min(attempt, 32))
    return pause * (0.5 + chance() / 2)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds the answer asks us to wait, between 0 and a day; None if it says nothing that can be understood.

    Reads `Retry-After` as seconds or as a date (RFC 9110 10.2.3), else `X-RateLimit-Reset` as an ISO date
    (Mastodon) or epoch seconds, else `RateLimit-Reset` as seconds or epoch seconds (AT Protocol). Header names
    must be lower case or the mapping case-insensitive.
    """
    for name in ("retry-after", "x-ratelimit-reset", "ratelimit-reset"):
        seconds = _seconds(headers.get(name, "").strip(), now)
        if seconds is not None:
            return min(max(seconds, 0.0), LONGEST_WAIT)
    return None


def _seconds(value: str, now: datetime) -> float | None:
    if not value or len(value) > 64:
        return None
    try:
        number = float(value)
    except ValueError:
        moment = _moment(value)
        return (moment - now).total_seconds() if moment else None
    if not math.isfinite(number):
        return None
    # A number as large as a date of this century is a moment, not a duration.
    return number - now.timestamp() if number > 1_000_000_000 else number


def _moment(value: str) -> datetime | None:
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = parse(value)
        except (ValueError, TypeError, OverflowError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
