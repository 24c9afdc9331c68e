"""Levels and states of alerts, and every decision of noticing as a pure function.

storms: what belongs to one storm.  criteria: what the brand calls a crisis.  lookout: the watch, step by step.
severity: how severe it is, with its parts.  course: where it is going.  backtest: what a definition would have done.
"""

from stormdesk.detect.rules.storms import (
    CLOSES_AFTER,
    LATE,
    ORDER,
    OVER_AFTER,
    POSTS,
    STEP,
    STILL_UNUSUAL,
    WAITING,
    AlertState,
    ConcernState,
    KnownKind,
    Level,
    Span,
    TrialState,
    closed_buckets,
    higher,
    newly_told,
    relapse,
)

__all__ = [
    "CLOSES_AFTER",
    "LATE",
    "ORDER",
    "OVER_AFTER",
    "POSTS",
    "STEP",
    "STILL_UNUSUAL",
    "WAITING",
    "AlertState",
    "ConcernState",
    "KnownKind",
    "Level",
    "Span",
    "TrialState",
    "closed_buckets",
    "higher",
    "newly_told",
    "relapse",
]
