"""The reaction to a crisis and to what was done: series, marks, effects, and their picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from stormdesk.core.charts import Mark as ChartMark
from stormdesk.core.charts import Size, Svg, reaction_chart
from stormdesk.declare.models import Crisis
from stormdesk.detect import queries as detect
from stormdesk.journal.queries import timeline
from stormdesk.watch import rules
from stormdesk.watch.queries.series import Series, percent, series_of
from stormdesk.watch.rules import STEP, Change, Effect, Verdict

NOTICED_BY_THE_PUBLIC = ("statement.published", "post.sent", "post.deleted")
"""Kinds of entries that can change what people say. A pause or a declaration is seen by nobody outside."""
_MOST_MARKS = 5_000
_BUCKETS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
_MOST_BUCKETS = 200
_ENOUGH_FOR_A_SHARE = 20


@dataclass(frozen=True, slots=True)
class Mark:
    """A numbered entry of the timeline."""

    number: int
    at: datetime
    kind: str
    sentence: str
    ours: bool


@dataclass(frozen=True, slots=True)
class ToldEffect:
    """The effect of one action, or of several that came together, and its sentence."""

    marks: list[Mark]
    effect: Effect
    sentence: str

    @property
    def label(self) -> str:
        """4, or 4 to 6 as 4–6."""
        first, last = self.marks[0].number, self.marks[-1].number
        return str(first) if first == last else f"{first}–{last}"


@dataclass(frozen=True, slots=True)
class Bucket:
    """One point of the picture: what was heard in `Reaction.step` from `at` on; None where nothing could be heard."""

    at: datetime
    mentions: int | None
    negative: int | None
    copies: int | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Reaction:
    """Everything the reaction card, the executive's page and a review show. Shares are 0 to 1."""

    brand_name: str
    start: datetime
    end: datetime
    step: timedelta
    buckets: list[Bucket]
    marks: list[Mark]
    effects: list[ToldEffect]
    last_hour: int
    usual_low: float | None
    usual_high: float | None
    heard_share: float
    negative_share: float | None
    negative_peak: float | None
    peak: Bucket | None
    completeness: float
    gaps: list[tuple[datetime, datetime]] = field(default_factory=list)

    @property
    def told(self) -> list[ToldEffect]:
        """The newest three effects, newest first: what the card says in words."""
        return self.effects[::-1][:3]

    @property
    def unit(self) -> str:
        """What one point of the picture counts."""
        if self.step < timedelta(hours=1):
            return _("Mentions per quarter hour")
        hours = self.step // timedelta(hours=1)
        return ngettext("Mentions per hour", "Mentions per %(n)s hours", hours) % {"n": hours}

    @cached_property
    def wide(self) -> Svg:
        """The picture for a column of a desk."""
        return self.chart("tall")

    @cached_property
    def column(self) -> Svg:
        """The picture for the room's right column on a screen of usual width, where the wide one would be shrunk."""
        return self.chart((424, 250))

    @cached_property
    def narrow(self) -> Svg:
        """The picture for a phone."""
        return self.chart("narrow")

    @cached_property
    def standalone(self) -> Svg:
        """The picture for a PDF or a message: its colours are inside it."""
        return self.chart("wide", standalone=True)

    def chart(self, size: Size, *, standalone: bool = False, marked: bool = True) -> Svg:
        """The picture in any size of `core.charts`; on a phone only what the public could notice is marked."""
        half = self.step / 2
        language = (get_language() or "en")[:2]
        marks = self.marks if size != "narrow" else [m for m in self.marks if m.kind in NOTICED_BY_THE_PUBLIC]
        return reaction_chart(
            [(b.at + half, b.mentions) for b in self.buckets],
            title=self.unit,
            description=self.described(),
            band=[
                (b.at + half, b.low, b.high) for b in self.buckets if b.low is not None and b.high is not None
            ],
            negative=[(b.at + half, b.negative) for b in self.buckets],
            marks=[
                ChartMark(mark.at, str(mark.number), mark.ours, mark.sentence)
                for mark in (marks if marked else ())
            ],
            gaps=self.gaps,
            without=self._course() if marked else (),
            window=(self.start, self.end),
            size=size,
            zone=timezone.get_current_timezone(),
            language=language,
            standalone=standalone,
        )

    def described(self) -> str:
        """The picture in a sentence, for those who do not see it."""
        if self.peak is None:
            return _("Nothing was heard.")
        return _("Peak %(peak)s at %(time)s; %(last)s in the last hour.") % {
            "peak": self.peak.mentions,
            "time": timezone.localtime(self.peak.at).strftime("%H:%M"),
            "last": self.last_hour,
        }

    def _course(self) -> list[tuple[datetime, float, float, float]]:
        last = next((row for row in reversed(self.effects) if row.effect.course), None)
        if last is None or self.step > timedelta(minutes=15):
            return []
        scale = self.step / STEP
        return [(row.at, row.low * scale, row.middle * scale, row.high * scale) for row in last.effect.course]


def reaction(crisis: Crisis, *, now: datetime) -> Reaction:
    """The reaction from two hours before the crisis began until now, or until two hours after it was resolved."""
    series = series_of(crisis, now)
    marks = [
        Mark(row.number, row.at, row.kind, row.sentence, row.group != "outside")
        for row in reversed(timeline(crisis.brand, crisis=crisis.pk, limit=_MOST_MARKS))
        if row.number is not None
    ]
    step = next(
        (step for step in _BUCKETS if (series.end - series.start) / step <= _MOST_BUCKETS), _BUCKETS[-1]
    )
    buckets = _buckets(series, step)
    hour = detect.last_hour(crisis.brand, series.end)
    heard = [bucket for bucket in buckets if bucket.mentions is not None]
    return Reaction(
        brand_name=crisis.brand.name,
        start=series.start,
        end=series.end,
        step=step,
        buckets=buckets,
        marks=marks,
        effects=_effects(series, marks),
        last_hour=hour.mentions,
        usual_low=hour.low,
        usual_high=hour.high,
        heard_share=hour.heard,
        negative_share=hour.negative_share,
        negative_peak=_negative_peak(series),
        peak=max(heard, key=lambda bucket: bucket.mentions or 0, default=None),
        completeness=series.heard.share,
        gaps=[(gap.starts_at, gap.ends_at) for gap in series.heard.gaps],
    )


def _buckets(series: Series, step: timedelta) -> list[Bucket]:
    """Whole buckets; the newest one is left out until it is over, because half a bucket would look like a fall."""
    size = step // STEP
    found = []
    for first in range(0, len(series.steps) - size + 1, size):
        part = range(first, first + size)
        steps = [series.steps[place] for place in part]
        deaf = all(one.heard == 0 for one in steps)
        usual = [one.usual for one in steps if one.usual is not None]
        low = high = None
        if len(usual) == size:
            middle = sum(usual)
            # independent steps: the spread of a sum grows with the square root of their number
            down = _root((usual[i] - (series.lower[p] or 0)) for i, p in enumerate(part))
            up = _root(((series.upper[p] or 0) - usual[i]) for i, p in enumerate(part))
            low, high = max(0.0, middle - down), middle + up
        found.append(
            Bucket(
                steps[0].at,
                None if deaf else int(sum(one.mentions for one in steps)),
                None if deaf else sum(series.negative[place] for place in part),
                None if deaf else int(sum(one.copies for one in steps)),
                low,
                high,
            )
        )
    return found


def _root(edges) -> float:
    return math.sqrt(sum(max(0.0, edge) ** 2 for edge in edges))


def _negative_peak(series: Series) -> float | None:
    """The greatest share of negative within an hour in which enough was said for a share."""
    size = timedelta(hours=1) // STEP
    shares = []
    for first in range(0, max(1, len(series.steps) - size + 1)):
        mentions = sum(step.mentions for step in series.steps[first : first + size])
        if mentions >= _ENOUGH_FOR_A_SHARE:
            shares.append(sum(series.negative[first : first + size]) / mentions)
    return max(shares, default=None)


def _effects(series: Series, marks: Sequence[Mark]) -> list[ToldEffect]:
    groups: list[list[Mark]] = []
    for mark in marks:
        if mark.kind not in NOTICED_BY_THE_PUBLIC:
            continue
        if groups and mark.at - groups[-1][-1].at < rules.TOGETHER:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    found = []
    for place, group in enumerate(groups):
        until = groups[place + 1][0].at if place + 1 < len(groups) else series.end
        effect = rules.effect(series.steps, group[0].at, until)
        found.append(ToldEffect(group, effect, sentence_of(effect)))
    return found


def sentence_of(effect: Effect) -> str:
    """What is known about an action, in one sentence of the active language."""
    if effect.verdict != Verdict.TOLD or effect.change is None:
        return {
            Verdict.EARLY: _("Too early to tell: %(n)s of 20 minutes have passed.") % {"n": effect.minutes},
            Verdict.GAPS: _("Cannot be told: too little was heard before or after."),
            Verdict.CALM: _("There was nothing unusual to compare with."),
            Verdict.RISING: _(
                "Cannot be told: it was still rising steeply, and how far it would have risen nobody knows."
            ),
        }.get(effect.verdict, _("Cannot be told: there is no history that says what is usual."))
    sentence = _change(effect.change)
    if effect.without_copies:
        sentence += " " + _("Leaving out suspected copies: %(change)s.") % {
            "change": _range(effect.without_copies)
        }
    return sentence


def _facts(change: Change) -> dict[str, str]:
    near, far = sorted((change.low, change.high), key=abs)
    return {"share": percent(change.middle), "low": percent(near), "high": percent(far)}


def _change(change: Change) -> str:
    facts = _facts(change)
    if change.high < 0:
        return _("%(share)s fewer mentions than without it, range %(low)s to %(high)s.") % facts
    if change.low > 0:
        return _("%(share)s more mentions than without it, range %(low)s to %(high)s.") % facts
    return _("No clear change: between %(fewer)s fewer and %(more)s more mentions than without it.") % {
        "fewer": percent(change.low),
        "more": percent(change.high),
    }


def _range(change: Change) -> str:
    facts = _facts(change)
    if change.high < 0:
        return _("%(share)s fewer, range %(low)s to %(high)s") % facts
    if change.low > 0:
        return _("%(share)s more, range %(low)s to %(high)s") % facts
    return _("no clear change")
