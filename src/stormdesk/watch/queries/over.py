"""Is it over? A word, its reasons, and whether to stand down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stormdesk.declare.models import Crisis
from stormdesk.listen.models import Narrative
from stormdesk.listen.queries import narratives
from stormdesk.reply.queries import waiting
from stormdesk.watch.queries.series import percent, series_of, spell
from stormdesk.watch.rules import Phase, Standing, standing
from stormdesk.watch.words import PHASE_WORDS

NEW = timedelta(hours=2)
"""A story that began so lately is new."""
TOLD_BY = 5
"""So many posts make a story: fewer are chance."""


@dataclass(frozen=True, slots=True)
class Over:
    """Where the storm stands: a word, a reason in a sentence or two, and whether to stand down."""

    phase: Phase
    word: str
    reason: str
    over: bool
    left: float | None = None
    half_life: timedelta | None = None


def is_it_over(crisis: Crisis, *, now: datetime) -> Over:
    """By what is left of the excess, how fast it goes, who waits for an answer, and what new story is told."""
    series = series_of(crisis, now)
    people = waiting(crisis.brand, now=now).count
    new = new_narratives(crisis, now)
    found = standing(series.steps, series.upper, waiting=people, new=len(new))
    return Over(
        found.phase,
        str(PHASE_WORDS[found.phase]),
        _reason(found, people, new),
        found.phase == Phase.OVER,
        found.left,
        timedelta(minutes=found.half_life) if found.half_life else None,
    )


def new_narratives(crisis: Crisis, now: datetime) -> list[Narrative]:
    """Stories that began in the last two hours, after the crisis itself, and are told by several."""
    since = max(now - NEW, crisis.began_at)
    return [
        row for row in narratives(crisis.brand, since) if row.first_at >= since and row.mentions >= TOLD_BY
    ]


def _reason(found: Standing, people: int, new: list[Narrative]) -> str:
    if found.phase == Phase.UNKNOWN:
        return _("Too little is heard, or there is too little history to say what is usual.")
    if found.phase == Phase.OVER:
        return _("As usual for an hour, nobody waits, no new story. You can stand down.")
    said = []
    if found.phase == Phase.GROWING:
        said.append(_("The excess over what is usual is growing."))
    elif found.phase == Phase.PEAK:
        said.append(_("It no longer grows and does not fall yet."))
    elif found.phase == Phase.FADING and found.left is not None:
        said.append(_("%(share)s of the excess is left.") % {"share": percent(found.left)})
        if found.half_life:
            said.append(_("Half of it goes every %(time)s.") % {"time": spell(found.half_life)})
    elif found.phase == Phase.QUIET:
        said.append(_("As usual for an hour."))
    if people:
        said.append(
            ngettext("%(n)s person waits for an answer.", "%(n)s people wait for an answer.", people)
            % {"n": people}
        )
    if new:
        said.append(_("New story: %(label)s.") % {"label": new[0].label})
    return " ".join(said)
