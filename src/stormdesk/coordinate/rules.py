"""States of a task and when to nudge its owner."""

from __future__ import annotations

from enum import StrEnum


class TaskState(StrEnum):
    OPEN = "open"
    DOING = "doing"
    DONE = "done"
    DROPPED = "dropped"


class TaskKind(StrEnum):
    RESEARCH = "research"
    WRITING = "writing"
    ANSWERING = "answering"
    APPROVAL = "approval"
    PROMISE = "promise"  # the next word promised to the public
    TELLING = "telling"  # somebody must be told
    OTHER = "other"
