"""States of an account and what may be done with one."""

from __future__ import annotations

from enum import StrEnum


class AccountState(StrEnum):
    CONNECTED = "connected"
    FAILING = "failing"  # the network refuses us or does not answer
    DISCONNECTED = "disconnected"


class Use(StrEnum):
    """What a person may be granted on one account."""

    PUBLISH = "publish"
    REPLY = "reply"
