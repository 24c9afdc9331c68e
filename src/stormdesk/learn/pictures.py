"""Rows of a review with their small pictures: response times, and what each action changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from stormdesk.core.charts import Svg, interval, took
from stormdesk.learn.queries import Speed
from stormdesk.learn.words import SPEED_WORDS, VERDICT_WORDS
from stormdesk.watch.queries import ToldEffect


@dataclass(frozen=True)
class SpeedRow:
    """One response time: what, counted from what, and what teams aim at. `late` is told in words by its picture too."""

    word: str | Promise
    since: str | Promise
    took: timedelta | None
    aim: timedelta | None
    late: bool
    picture: Svg | None


def speed_rows(speeds: list[Speed], *, standalone: bool) -> list[SpeedRow]:
    """The clock of the response as a page or a document shows it."""
    rows = []
    for speed in speeds:
        word, since, aim = SPEED_WORDS[speed.name]
        late = bool(aim and speed.took is not None and speed.took > aim)
        picture = None
        if aim and speed.took is not None:
            title = _("later than teams aim at") if late else _("within what teams aim at")
            picture = took(speed.took, aim, title=title, standalone=standalone)
        rows.append(SpeedRow(word, since, speed.took, aim, late, picture))
    return rows


@dataclass(frozen=True)
class EffectRow:
    """What one action, or several that came together, changed."""

    numbers: list[int]
    said: str
    sentence: str
    verdict: str | Promise
    picture: Svg | None


def effect_rows(effects: list[ToldEffect], *, standalone: bool) -> list[EffectRow]:
    """Each action with its estimate and range."""
    return [_effect_row(row, standalone) for row in effects]


def _effect_row(row: ToldEffect, standalone: bool) -> EffectRow:
    change = row.effect.change
    verdict, picture = VERDICT_WORDS["untold"], None
    if change:
        verdict = VERDICT_WORDS["helped" if change.high < 0 else "harmed" if change.low > 0 else "unclear"]
        low, middle, high = (max(-0.6, min(0.2, value)) for value in (change.low, change.middle, change.high))
        picture = interval(low, middle, high, title=row.sentence, standalone=standalone)
    return EffectRow(
        [mark.number for mark in row.marks], row.marks[0].sentence, row.sentence, verdict, picture
    )
