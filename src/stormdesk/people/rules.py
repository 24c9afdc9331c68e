"""Roles, rights, and which role may do what. Data, so that the page of rights and the tests read the same table."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person is to a brand. A person may have several roles."""

    OWNER = "owner"
    LEAD = "lead"
    APPROVER = "approver"
    PUBLISHER = "publisher"
    RESPONDER = "responder"
    ANALYST = "analyst"
    VIEWER = "viewer"


class Right(StrEnum):
    """What one may do with a brand. Every view, API call and action names one of these."""

    SEE = "see"  # read every page of the brand
    EXPORT = "export"  # take mentions, reviews and journals out of the product
    CORRECT = "correct"  # correct what was understood; raise a concern
    ALERTS = "alerts"  # acknowledge, silence, dismiss alerts
    PAUSE = "pause"  # stop publishing: anyone who works here may pull the brake
    RESUME = "resume"  # let publishing go on
    CRISIS = "crisis"  # declare a crisis, change its state, severity and roles
    LOCK = "lock"  # lockdown and its undoing
    TASKS = "tasks"  # make, take and finish tasks; write on the timeline
    DRAFT = "draft"  # write posts and statements
    APPROVE = "approve"  # approve other people's texts
    PUBLISH = "publish"  # schedule and send approved texts
    REPLY = "reply"  # answer people
    POLICY = "policy"  # change the brand's rules
    ACCOUNTS = "accounts"  # connect accounts and their secrets
    SETTINGS = "settings"  # sources, queries, definitions, on call
    PEOPLE = "people"  # invite people and give roles
    REVIEW = "review"  # write reviews, start drills


_ANYONE = {Right.SEE}
_WORKS_HERE = _ANYONE | {Right.CORRECT, Right.TASKS, Right.PAUSE}

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.LEAD: frozenset(Right) - {Right.PEOPLE},
    Role.APPROVER: frozenset(
        _WORKS_HERE | {Right.APPROVE, Right.DRAFT, Right.ALERTS, Right.EXPORT, Right.REVIEW}
    ),
    Role.PUBLISHER: frozenset(_WORKS_HERE | {Right.DRAFT, Right.PUBLISH, Right.REPLY, Right.ALERTS}),
    Role.RESPONDER: frozenset(_WORKS_HERE | {Right.REPLY, Right.ALERTS, Right.DRAFT}),
    Role.ANALYST: frozenset(_WORKS_HERE | {Right.ALERTS, Right.EXPORT, Right.SETTINGS, Right.REVIEW}),
    Role.VIEWER: frozenset(_ANYONE),
}


def rights_of(roles: set[Role]) -> frozenset[Right]:
    """Everything that any of these roles may do."""
    return frozenset().union(*(RIGHTS[role] for role in roles))
