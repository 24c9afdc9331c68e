"""The counted steps of a crisis against what is usual, and numbers as words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from stormdesk.declare.models import Crisis
from stormdesk.detect import queries as detect
from stormdesk.listen.queries import Completeness, completeness, minutes
from stormdesk.watch.rules import STEP, Step

LEAD_IN = timedelta(hours=2)
"""What came before it began belongs to the picture: calm is what the storm is compared with."""
AFTERMATH = timedelta(hours=2)


@dataclass(frozen=True)
class Series:
    """Five-minute steps from two hours before the crisis to `end`; `upper` is the edge of what is usual for each."""

    start: datetime
    end: datetime
    steps: list[Step]
    negative: list[int]
    lower: list[float | None]
    upper: list[float | None]
    heard: Completeness


def series_of(crisis: Crisis, now: datetime) -> Series:
    """What was heard during the crisis; a resolved one is followed for two more hours. Only whole steps."""
    start = _whole(crisis.began_at - LEAD_IN)
    last = now if crisis.resolved_at is None else min(now, crisis.resolved_at + AFTERMATH)
    end = max(_whole(last), start + STEP)
    scores = {row.at: row for row in detect.scores(crisis.brand, start, end)}
    steps, negative, lower, upper = [], [], [], []
    for minute in minutes(crisis.brand, start, end, step=STEP):
        score = scores.get(minute.at)
        known = score is not None and score.expected is not None
        steps.append(
            Step(
                minute.at,
                minute.mentions,
                score.expected if score and known else None,
                minute.heard,
                minute.duplicates,
            )
        )
        negative.append(minute.negative)
        lower.append((score.lower or 0.0) if score and known else None)
        upper.append(score.upper if score and known else None)
    return Series(start, end, steps, negative, lower, upper, completeness(crisis.brand, start, end))


def _whole(moment: datetime) -> datetime:
    seconds = int(STEP.total_seconds())
    return datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, moment.tzinfo)


def percent(share: float) -> str:
    """0.31 as 31% or 31 %, without its sign."""
    return _("%(n)s%%") % {"n": round(abs(share) * 100)}


def spell(minutes_: float) -> str:
    """92 minutes as 1 h 32 min."""
    whole = round(minutes_)
    if whole < 60:
        return _("%(n)s min") % {"n": whole}
    hours, rest = divmod(whole, 60)
    text = _("%(n)s h") % {"n": hours}
    return f"{text} {_('%(n)s min') % {'n': rest}}" if rest else text
