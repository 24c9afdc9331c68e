"""The brand that is open: its chart, narratives, what goes out next and who is on call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stormdesk.core.charts import Mark, Svg, series_chart, sparkline
from stormdesk.detect import queries as detect
from stormdesk.listen import queries as listen
from stormdesk.listen.models import Narrative
from stormdesk.notify.models import Shift
from stormdesk.notify.queries import shift_now
from stormdesk.people.models import Brand
from stormdesk.publish import queries as publish
from stormdesk.publish.models import Post
from stormdesk.web.pulse.standing import Standing

HOURS = timedelta(hours=6)
STEP = timedelta(minutes=10)
# Growth is counted post by post, so a very large narrative goes without its small picture.
DRAWN_UP_TO = 5000


@dataclass(frozen=True)
class Story:
    """A narrative told in these hours; `letter` when it began in them and stands on the chart."""

    narrative: Narrative
    letter: str
    spark: Svg | None

    @property
    def negative_share(self) -> float | None:
        return self.narrative.negative / self.narrative.mentions if self.narrative.mentions else None


@dataclass(frozen=True)
class Goes:
    """A post that goes out by itself, and whether that may be unwise now."""

    post: Post
    soon: bool


@dataclass(frozen=True)
class Front:
    """The brand that is open: everything about it."""

    standing: Standing
    wide: Svg
    narrow: Svg
    stories: list[Story]
    counts: dict[str, int]
    heard_share: float
    gaps: list[Any]
    goes: list[Goes]
    shift: Shift | None
    held: int

    @property
    def copies_share(self) -> float | None:
        return self.counts["duplicates"] / self.counts["mentions"] if self.counts["mentions"] else None


def front(at: Standing, now: datetime) -> Front:
    """Everything about the brand that is open."""
    brand, zone = at.brand, timezone.get_current_timezone()
    picture = detect.series_for_chart(brand, now - HOURS, now, STEP)
    stories = _stories(brand, now)
    marks = [
        Mark(story.narrative.first_at, story.letter, ours=False, told=story.narrative.label)
        for story in stories
        if story.letter
    ]
    language = (get_language() or "en")[:2]
    drawn: dict[str, Any] = {
        "title": _("%(brand)s: mentions per hour, the last 6 hours") % {"brand": brand.name},
        "description": _in_words(at),
        "band": picture.band,
        "negative": picture.negative,
        "marks": marks,
        "gaps": picture.gaps,
        "window": (now - HOURS, now),
        "zone": zone,
        "language": language,
        "unit": _("/h"),
    }
    soon = now + timedelta(hours=1)
    return Front(
        standing=at,
        wide=series_chart(picture.points, size="wide", **drawn),
        narrow=series_chart(picture.points, size="narrow", **drawn),
        stories=stories,
        counts=listen.counts(brand, now - timedelta(hours=1), now),
        heard_share=picture.heard.share,
        gaps=picture.heard.gaps,
        goes=[
            Goes(post, bool(at.storms or at.crisis) and post.due_at is not None and post.due_at < soon)
            for post in publish.next_posts(brand, 3)
        ],
        shift=shift_now(brand, now),
        held=len(publish.held(brand)),
    )


def small_picture(at: Standing, now: datetime) -> Svg:
    """The last hours of another brand, in one strip."""
    picture = detect.series_for_chart(at.brand, now - HOURS, now, STEP)
    return series_chart(
        picture.points,
        title=_("%(brand)s: mentions per hour, the last 6 hours") % {"brand": at.brand.name},
        description=_in_words(at),
        band=picture.band,
        gaps=picture.gaps,
        window=(now - HOURS, now),
        size="row",
    )


def _in_words(at: Standing) -> str:
    if at.hour.low is None or at.hour.high is None:
        return _("%(count)s in the last hour") % {"count": at.hour.mentions}
    facts = {"count": at.hour.mentions, "low": round(at.hour.low), "high": round(at.hour.high)}
    return _("%(count)s in the last hour, %(low)s to %(high)s usual") % facts


def _stories(brand: Brand, now: datetime) -> list[Story]:
    found = list(listen.narratives(brand, now - HOURS, most=5))
    begun = sorted((n for n in found if n.first_at >= now - HOURS), key=lambda n: n.first_at)
    letters = {narrative.pk: "ABCDE"[place] for place, narrative in enumerate(begun)}
    stories = []
    for narrative in found:
        spark = None
        if 3 <= narrative.mentions <= DRAWN_UP_TO:
            grown = [count for _at, count in listen.growth(narrative, steps=16)]
            spark = sparkline(grown, title=_("Growth: %(label)s") % {"label": narrative.label})
        stories.append(Story(narrative, letters.get(narrative.pk, ""), spark))
    return stories
