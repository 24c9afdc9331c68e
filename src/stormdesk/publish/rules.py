"""States of a post and of a statement, who must approve what, and when a due post may be taken. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


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


EDITABLE = (
    PostState.DRAFT,
    PostState.REVIEW,
    PostState.APPROVED,
    PostState.SCHEDULED,
    PostState.HELD,
    PostState.FAILED,
)
DECIDABLE = (PostState.HELD, PostState.FAILED)
"""States in which a person says what becomes of a post that did not go out."""

TOLERANCE = timedelta(minutes=15)
"""Later than this, a post waits for a person (G3)."""
PATIENCE = timedelta(seconds=30)
"""How long a publisher may hold a post; after that the claim is dead. Longer than any request of the clients."""
MARGIN = timedelta(seconds=1)
"""A request is ended this long before the end of the claim."""
ASK_EVERY = timedelta(seconds=20)
ASK_TWICE = 2
"""A network that says this often, `ASK_EVERY` apart, that it has no such post is believed."""


def obeys_pause(kind: str) -> bool:
    """A pause stops what was scheduled. Statements and replies are sent by a person's decision in this very hour."""
    return kind == PostKind.POST


def digest(
    text: str,
    *,
    media: Iterable[Mapping[str, Any]] = (),
    account: int | None = None,
    audience: Iterable[str] = (),
) -> str:
    """SHA-256 over everything that approvers see: text, pictures, account and audience."""
    seen = {"text": text, "media": list(media), "account": account, "audience": list(audience)}
    return hashlib.sha256(json.dumps(seen, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class ApprovalRule:
    """How many other people must say yes, and whether the crisis lead must be behind the text."""

    people: int
    lead: bool = False


ORDINARY = ApprovalRule(1)
BY_SEVERITY = {1: ApprovalRule(1), 2: ApprovalRule(2), 3: ApprovalRule(2, lead=True)}
CLOCK = {1: timedelta(hours=2), 2: timedelta(minutes=45), 3: timedelta(minutes=20)}
"""The fast lane: how long an approval may take, by severity."""


@dataclass(frozen=True)
class Word:
    """One person's word on one text."""

    by: int
    yes: bool
    text_hash: str


@dataclass(frozen=True)
class Standing:
    """What approvals still lack. `people`: how many more must say yes; `lead`: theirs is one of them."""

    given: int
    needed: int
    lead: bool
    refused: bool

    @property
    def people(self) -> int:
        return max(self.needed - self.given, 1 if self.lead else 0)

    @property
    def complete(self) -> bool:
        return self.people == 0 and not self.refused


def may_approve(user: int, *, author: int, edited_by: int) -> bool:
    """Nobody approves their own text, nor an edit they made last."""
    return user not in (author, edited_by)


def standing(
    rule: ApprovalRule,
    words: Iterable[Word],
    *,
    text_hash: str,
    author: int,
    edited_by: int,
    lead: int | None,
) -> Standing:
    """Which approvals count: each person's last word, on exactly this text, by somebody who may approve it.

    A lead who wrote the text stands behind it already; others then make up the number.
    """
    last: dict[int, bool] = {}
    for word in words:
        if word.text_hash == text_hash and may_approve(word.by, author=author, edited_by=edited_by):
            last[word.by] = word.yes
    yes = {user for user, said in last.items() if said}
    lead_missing = rule.lead and lead is not None and lead not in yes | {author, edited_by}
    return Standing(len(yes), rule.people, lead_missing, not all(last.values()))


@dataclass(frozen=True)
class Due:
    """A post whose time has come, as the claim sees it under the gate."""

    due_at: datetime
    tolerance: timedelta
    text_hash: str
    approved_hash: str
    connected: bool
    allowed: bool
    blocked: bool
    paused: bool


def verdict(due: Due, now: datetime) -> HoldReason | None:
    """None: take it. Otherwise why it waits for a person. A pause comes first: it is what people look for."""
    if due.paused:
        return HoldReason.PAUSE
    if due.text_hash != due.approved_hash:
        return HoldReason.CHANGED
    if now - due.due_at > due.tolerance:
        return HoldReason.LATE
    if not due.allowed:
        return HoldReason.LOCKDOWN
    if not due.connected:
        return HoldReason.ACCOUNT
    if due.blocked:
        return HoldReason.POLICY
    return None


def retry(
    attempts: int, after: float | None, *, due_at: datetime, tolerance: timedelta, now: datetime
) -> datetime | None:
    """When to try again something that surely did not happen; None if that would be too late to do unasked."""
    wait = after if after is not None else min(300.0, 5.0 * 2.0 ** min(attempts, 10))
    moment = now + timedelta(seconds=max(wait, 1.0))
    return moment if moment <= due_at + tolerance else None
