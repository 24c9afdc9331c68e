"""Types, states and roles of a crisis, and which change of state is allowed."""

from __future__ import annotations

from enum import StrEnum


class CrisisType(StrEnum):
    EMPLOYEE_CONDUCT = "employee_conduct"
    FAULTY_PRODUCT = "faulty_product"
    INDUSTRY_SPILLOVER = "industry_spillover"
    ACCOUNT_TAKEOVER = "account_takeover"
    INSENSITIVE_POST = "insensitive_post"
    RUMOUR = "rumour"
    DATA_LEAK = "data_leak"
    OUTAGE = "outage"
    EXECUTIVE = "executive"
    DISASTER = "disaster"


class CrisisState(StrEnum):
    SUSPECTED = "suspected"
    ACTIVE = "active"
    CONTAINED = "contained"
    RESOLVED = "resolved"
    REVIEWED = "reviewed"


class CrisisRole(StrEnum):
    LEAD = "lead"
    DEPUTY = "deputy"
    LEGAL = "legal"
    SPOKESPERSON = "spokesperson"
    SCRIBE = "scribe"
    MEMBER = "member"


class MeasureKind(StrEnum):
    """What declaring does at once (C2)."""

    PAUSE = "pause"
    LOCK = "lock"
    TASKS = "tasks"
    CALL = "call"
    STATEMENT = "statement"


class MeasureState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


OPEN_STATES = (CrisisState.SUSPECTED, CrisisState.ACTIVE, CrisisState.CONTAINED)

NEXT_STATES: dict[CrisisState, tuple[CrisisState, ...]] = {
    CrisisState.SUSPECTED: (CrisisState.ACTIVE, CrisisState.RESOLVED),
    CrisisState.ACTIVE: (CrisisState.CONTAINED, CrisisState.RESOLVED),
    CrisisState.CONTAINED: (CrisisState.ACTIVE, CrisisState.RESOLVED),
    CrisisState.RESOLVED: (CrisisState.ACTIVE, CrisisState.REVIEWED),
    CrisisState.REVIEWED: (),
}
