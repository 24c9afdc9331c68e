"""Whom to call, in which order, and when to stop."""

from __future__ import annotations

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
