"""Which posts a pause covers."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    EVERYTHING = "everything"  # every brand
    BRAND = "brand"
    NETWORK = "network"
    ACCOUNT = "account"


def covers(
    scope: str, *, network: str, account: int, paused_network: str, paused_account: int | None
) -> bool:
    """Whether a pause of this scope, at the same brand, covers a post to this network and account."""
    if scope == Scope.NETWORK:
        return network == paused_network
    if scope == Scope.ACCOUNT:
        return account == paused_account
    return True
