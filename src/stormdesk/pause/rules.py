"""Which posts a pause covers and when people are asked about it again."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class Scope(StrEnum):
    EVERYTHING = "everything"  # every brand
    BRAND = "brand"
    NETWORK = "network"
    ACCOUNT = "account"


REVIEW_AFTER = timedelta(hours=4)
REMIND_EVERY = timedelta(hours=4)


def covers(
    scope: str, *, network: str, account: int, paused_network: str, paused_account: int | None
) -> bool:
    """Whether a pause of this scope, at the same brand, covers a post to this network and account."""
    if scope == Scope.NETWORK:
        return network == paused_network
    if scope == Scope.ACCOUNT:
        return account == paused_account
    return True


def reminder_due(review_at: datetime, reminded_at: datetime | None, now: datetime) -> bool:
    """People are asked at `review_at`, and every four hours after that for as long as the pause lasts."""
    if now < review_at:
        return False
    return reminded_at is None or reminded_at < review_at or now - reminded_at >= REMIND_EVERY
