"""Kinds, levels and states of alerts."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    ATTENTION = "attention"
    CRISIS = "crisis"
    BLIND = "blind"  # we cannot hear: a silent or failing source


class AlertState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    DISMISSED = "dismissed"  # not a crisis, because …
    DECLARED = "declared"  # became a crisis
    CLOSED = "closed"  # the storm passed by itself


class ConcernState(StrEnum):
    RAISED = "raised"
    REACT = "react"
    NO_REACTION = "no_reaction"
