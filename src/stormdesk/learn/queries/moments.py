"""Moments of a drill: its story's seconds, and what the team is allowed of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from stormdesk.journal.models import Entry
from stormdesk.learn import drills
from stormdesk.learn.models import Drill

LEAST = timedelta(minutes=2)
"""However fast a drill runs, nobody reads and writes faster."""


def allowed(drill: Drill, seconds: int) -> timedelta:
    """So long a team may take: it shrinks with the drill's speed, to no less than two minutes. Nothing stays nothing."""
    return max(LEAST, timedelta(seconds=seconds / drill.speed)) if seconds else timedelta()


def story_second(drill: Drill, now: datetime) -> int:
    """How far the story has come at `now`, in its own seconds; the quiet day is over when a drill begins."""
    start = drills.truth(drill.language, drill.name).starts_at_seconds
    end = min(now, drill.ended_at) if drill.ended_at else now
    return start + int((end - drill.story_start).total_seconds() * drill.speed)


def moment_of(drill: Drill, offset: int) -> datetime:
    """When a second of the story is: the quiet day lies in the past at its own pace, the storm runs at the drill's."""
    start = drills.truth(drill.language, drill.name).starts_at_seconds
    after = offset - start
    return drill.story_start + timedelta(seconds=after / drill.speed if after > 0 else after)


def first_statement_at(drill: Drill) -> datetime | None:
    """When the team first said something officially."""
    row = (
        Entry.objects.filter(brand=drill.brand, kind="statement.published")
        .order_by("at")
        .values_list("at", flat=True)
    )
    return row.first()
