"""What goes in and out of the API, as OpenAPI describes it. Times are ISO 8601, UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema


class Problem(Schema):
    """An error: one sentence for people."""

    detail: str


class BrandOut(Schema):
    slug: str
    name: str
    time_zone: str
    is_drill: bool


class MentionOut(Schema):
    id: int
    network: str
    native_id: str
    url: str
    author: str = Field(alias="author_handle")
    text: str = Field(description="personal data masked for people without the right to export")
    published_at: datetime
    heard_at: datetime
    language: str
    mood: str
    negative: float
    needs_reply: float
    urgency: int
    scam: float
    waits: bool
    about: str
    narrative: int | None = Field(None, alias="narrative_id")


class MentionPage(Schema):
    """`older` goes into `before` of the next call; empty: there is no older page."""

    mentions: list[MentionOut]
    older: str


class CorrectionIn(Schema):
    field: Literal["mood", "needs_reply", "complaint", "scam", "urgency"]
    value: str


class AlertOut(Schema):
    id: int
    level: str
    kind: str
    state: str
    since: datetime
    noticed_at: datetime
    last_at: datetime
    sentence: str
    facts: dict[str, Any]
    crisis: int | None


class Why(Schema):
    why: str


class Reason(Schema):
    reason: str


class CrisisOut(Schema):
    id: int
    title: str
    type: str
    severity: int
    state: str
    lead: str
    reason: str
    declared_at: datetime
    contained_at: datetime | None
    resolved_at: datetime | None


class CrisisIn(Schema):
    title: str
    reason: str
    type: str
    severity: int = 2
    lead: str = Field("", description="e-mail of the lead; empty: you")
    alert: int | None = None
    measures: list[Literal["pause", "lock", "tasks", "call", "statement"]] = [
        "pause",
        "lock",
        "tasks",
        "call",
        "statement",
    ]


class StateIn(Schema):
    to: str
    reason: str
    give_rights_back: bool = False


class NoteIn(Schema):
    text: str
    decision: bool = False


class PauseIn(Schema):
    reason: str
    scope: Literal["everything", "brand", "network", "account"] = "brand"
    network: str = ""
    account: int | None = None
    review_at: datetime | None = None


class PauseOut(Schema):
    """`in_force_at` is empty while posts that were already on the wire are not settled; they stand in `on_the_wire`."""

    id: int
    scope: str
    network: str
    account: int | None = Field(None, alias="account_id")
    reason: str
    started_by: str
    started_at: datetime
    in_force_at: datetime | None
    review_at: datetime
    on_the_wire: list[int]


class LockdownOut(Schema):
    reason: str
    started_by: str
    started_at: datetime
    keeps: list[str]


class PostOut(Schema):
    id: int
    account: str
    kind: str
    state: str
    text: str
    due_at: datetime | None
    hold_reason: str
    hold_detail: str
    sent_at: datetime | None
    native_id: str
    url: str
    failure: str


class PostIn(Schema):
    account: int
    text: str
    due_at: datetime | None = None
    language: str = ""


class EditIn(Schema):
    text: str


class ApprovalIn(Schema):
    yes: bool
    comment: str = ""


class ScheduleIn(Schema):
    due_at: datetime


class ReleaseIn(Schema):
    decision: Literal["send", "move", "drop"]
    due_at: datetime | None = None


class StatementOut(Schema):
    id: int
    number: int
    kind: str
    title: str
    state: str
    language: str
    text: str
    short_text: str
    promise_at: datetime | None
    published_at: datetime | None
    missing: list[str] = Field(description="what approval still needs, in words")


class StatementIn(Schema):
    crisis: int
    title: str
    text: str
    short_text: str = ""
    kind: str = "update"
    language: str = ""
    promise_at: datetime | None = None


class PublishIn(Schema):
    accounts: list[int]


class EntryOut(Schema):
    sequence: int
    at: datetime
    kind: str
    by_name: str
    sentence: str
    subject: str
    crisis: int | None
    facts: dict[str, Any]
    hash: str
