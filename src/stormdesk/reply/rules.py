"""States of a conversation, its order in the queue and its clock."""

from __future__ import annotations

from enum import StrEnum


class ConversationState(StrEnum):
    WAITING = "waiting"
    ANSWERED = "answered"
    PRIVATE = "private"  # moved to direct messages; the public half is still open
    CLOSED = "closed"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"
