"""States of a review, a preventive measure and a drill; the score of a drill."""

from __future__ import annotations

from enum import StrEnum


class MeasureState(StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class DrillState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"
