"""What Pulse says of each brand: its state in words, the last hours, what waits, what goes out next, who is on call."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from stormdesk.core.charts import Mark, Svg, series_chart, sparkline
from stormdesk.declare.models import Crisis
from stormdesk.declare.queries import open_crisis
from stormdesk.detect import queries as detect
from stormdesk.detect.models import Alert
from stormdesk.detect.rules import AlertState, Level
from stormdesk.listen import queries as listen
from stormdesk.listen.models import Narrative, Source
from stormdesk.listen.rules import SourceState
from stormdesk.notify.models import Shift
from stormdesk.notify.queries import shift_now
from stormdesk.people.models import Brand
from stormdesk.publish import queries as publish
from stormdesk.publish.models import Post
from stormdesk.reply.queries import waiting
from stormdesk.web.events import latest
from stormdesk.web.templatetags.stormdesk import duration

HOURS = timedelta(hours=6)
STEP = timedelta(minutes=10)
# Brands with a picture of their own; a hundred brands stay one page.
CARDS = 6
FULLY_HEARD = 0.9
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
class Ears:
    """The sources of a brand, and how many of them speak."""

    sources: list[Source] = field(default_factory=list)

    @property
    def active(self) -> list[Source]:
        return [source for source in self.sources if source.state != SourceState.OFF]

    @property
    def speaking(self) -> int:
        return sum(source.state == SourceState.OK for source in self.active)

    @property
    def deaf(self) -> list[Source]:
        return [source for source in self.active if source.state != SourceState.OK]


@dataclass
class Standing:
    """One brand on Pulse; `picture` only for the few that are drawn."""

    brand: Brand
    crisis: Crisis | None
    alerts: list[Alert]
    ears: Ears
    hour: detect.LastHour
    waiting: int
    waiting_since: datetime | None
    picture: Svg | None = None

    @property
    def kind(self) -> str:
        """The shape of the state: crisis, attn, quiet (cannot say it is calm) or ok."""
        if self.crisis:
            return "crisis"
        if self.storms:
            return "attn"
        if not self.ears.active or self.hour.heard < FULLY_HEARD or self.ears.deaf:
            return "quiet"
        return "ok"

    @property
    def storms(self) -> list[Alert]:
        return [alert for alert in self.alerts if alert.level != Level.BLIND]

    @property
    def words(self) -> str:
        """The state in a few words, after the brand's name."""
        if self.crisis:
            return _("crisis: %(title)s") % {"title": self.crisis.title}
        if self.storms:
            return _("needs attention")
        if not self.ears.active:
            return _("listens to nothing yet")
        if self.kind == "quiet":
            return _("partly deaf")
        return _("as usual") if self.hour.low is not None else _("learning what is usual")

    @property
    def sentence(self) -> str:
        """What a chart cannot say: the alert's own sentence, or that calm cannot be claimed."""
        if self.storms:
            return detect.sentence_of(self.storms[0])
        if not self.ears.active:
            return _("Nothing is heard, so nothing can be noticed. Add a source and words to listen for.")
        if self.ears.deaf:
            names = ", ".join(source.name for source in self.ears.deaf[:3])
            return _("%(sources)s cannot be heard. Calm cannot be claimed.") % {"sources": names}
        if self.hour.heard < FULLY_HEARD:
            return _("Part of the last hour was not heard. Calm cannot be claimed.")
        return ""

    @property
    def margin(self) -> int | None:
        """How far the share of negative may be off, in percentage points (95 %, binomial); None below ten mentions."""
        share, count = self.hour.negative_share, self.hour.mentions
        if share is None or count < 10:
            return None
        return max(1, math.ceil(196 * math.sqrt(max(share * (1 - share), 0.01) / count)))


@dataclass(frozen=True)
class NextStep:
    """The one thing to do now."""

    sentence: str
    button: str
    path: str


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


def standing(brand: Brand, now: datetime) -> Standing:
    """The brand's state, without its picture."""
    queue = waiting(brand, now=now)
    return Standing(
        brand=brand,
        crisis=open_crisis(brand),
        alerts=detect.open_alerts(brand),
        ears=Ears(listen.sources_of(brand)),
        hour=detect.last_hour(brand, now),
        waiting=queue.count,
        waiting_since=queue.oldest,
    )


def front(at: Standing, now: datetime) -> Front:
    """Everything about the brand that is open."""
    brand, zone = at.brand, ZoneInfo(at.brand.time_zone)
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


def next_step(standings: list[Standing], front_page: Front, now: datetime) -> NextStep | None:
    """The most urgent thing among all brands: an alert nobody took, a crisis, a deaf source, posts that wait."""
    for at in standings:
        for alert in at.storms:
            if alert.state == AlertState.OPEN and (path := _path("alert", at.brand, alert.pk)):
                facts = {"brand": at.brand.name, "time": duration(now - alert.noticed_at)}
                return NextStep(
                    _("decide on the alert of %(brand)s. It has waited %(time)s.") % facts,
                    _("Open the alert"),
                    path,
                )
    for at in standings:
        if at.crisis and (path := _path("crisis_room", at.brand)):
            return NextStep(
                _("%(brand)s is in a crisis. What waits for you is in the crisis room.")
                % {"brand": at.brand.name},
                _("Open the crisis room"),
                path,
            )
    brand = front_page.standing.brand
    if not front_page.standing.ears.active and (path := _path("sources", brand)):
        return NextStep(
            _("choose where %(brand)s is listened for.") % {"brand": brand.name}, _("Add a source"), path
        )
    for at in standings:
        if at.ears.deaf and (path := _path("sources", at.brand)):
            facts = {"source": at.ears.deaf[0].name, "brand": at.brand.name}
            return NextStep(
                _("repair %(source)s of %(brand)s; until then part of what is said is not heard.") % facts,
                _("Open the sources"),
                path,
            )
    if front_page.held and (path := _path("resume_review", brand)):
        return NextStep(
            _("posts are held and wait for a decision: %(count)s.") % {"count": front_page.held},
            _("Review them"),
            path,
        )
    return None


def _path(name: str, brand: Brand, *more: object) -> str:
    try:
        return reverse(name, args=[brand.slug, *more])
    except NoReverseMatch:
        return ""


ORDER = {"crisis": 0, "attn": 1, "quiet": 2, "ok": 3}


def headline(standings: list[Standing]) -> str:
    """The title of the page: how many brands need somebody."""
    in_crisis = sum(at.kind == "crisis" for at in standings)
    needing = sum(at.kind == "attn" for at in standings)
    deaf = sum(at.kind == "quiet" for at in standings)
    if in_crisis:
        return ngettext("%(n)s brand is in a crisis", "%(n)s brands are in a crisis", in_crisis) % {
            "n": in_crisis
        }
    if needing:
        return ngettext("%(n)s brand needs you", "%(n)s brands need you", needing) % {"n": needing}
    if deaf:
        return ngettext("%(n)s brand is not fully heard", "%(n)s brands are not fully heard", deaf) % {
            "n": deaf
        }
    return _("All is as usual")


_kept: dict[tuple, dict[str, Any]] = {}
_keeping = Lock()


def shared_page(brands: list[Brand], brand: Brand, now: datetime) -> dict[str, Any]:
    """The page for a browser that refreshes itself. In a storm every open page asks at once; all who see the same brands
    get one answer, made anew as soon as anything was announced, and after five seconds in any case."""
    seen = tuple(sorted(each.pk for each in brands))
    key = (seen, brand.pk, get_language(), latest(), int(now.timestamp()) // 5)
    with _keeping:
        if key not in _kept:
            if len(_kept) > 20:
                _kept.clear()
            _kept[key] = page(brands, brand, now)
        return _kept[key]


def page(brands: list[Brand], brand: Brand, now: datetime) -> dict[str, Any]:
    """Everything the template shows: the brand that is open in full, the neediest others small, the rest as rows."""
    standings = sorted(
        (standing(each, now) for each in brands),
        key=lambda at: (ORDER[at.kind], at.brand.is_drill, at.brand.name),
    )
    here = next((at for at in standings if at.brand == brand), None) or standing(brand, now)
    others = [at for at in standings if at.brand != brand]
    for at in others[:CARDS]:
        at.picture = small_picture(at, now)
    open_page = front(here, now)
    return {
        "standings": standings,
        "front": open_page,
        "others": others[:CARDS],
        "rest": others[CARDS:],
        "alerts": [alert for at in [here, *others] for alert in at.alerts],
        "headline": headline(standings),
        "next": next_step(standings, open_page, now),
    }
