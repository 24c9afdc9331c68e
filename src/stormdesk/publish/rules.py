"""States of a post and of a statement, and who must approve what."""

from __future__ import annotations

from enum import StrEnum


class PostKind(StrEnum):
    POST = "post"
    STATEMENT = "statement"
    REPLY = "reply"


class PostState(StrEnum):
    """draft → review → approved → scheduled → sending → sent | failed | unknown | held; or dropped."""

    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"  # it may have gone out: the network is asked before anything is repeated (G2)
    HELD = "held"  # waits for a person: a pause, too late (G3), or a policy finding
    DROPPED = "dropped"
    DELETED = "deleted"  # was sent, then deleted on the network


class HoldReason(StrEnum):
    PAUSE = "pause"
    LATE = "late"
    POLICY = "policy"
    CHANGED = "changed"  # the text is not the one that was approved
    LOCKDOWN = "lockdown"
    ACCOUNT = "account"  # the account is not connected


class StatementKind(StrEnum):
    FIRST = "first"
    UPDATE = "update"
    DETAILED = "detailed"
    OFFICIAL = "official"
    CLOSING = "closing"


class StatementState(StrEnum):
    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class FactState(StrEnum):
    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"
    REFUTED = "refuted"
