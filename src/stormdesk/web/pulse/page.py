"""The whole page: all brands of a person in the order of need, and the one thing to do now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from stormdesk.detect.rules import AlertState
from stormdesk.people.models import Brand
from stormdesk.web.events import latest
from stormdesk.web.pulse.front import Front, front, small_picture
from stormdesk.web.pulse.standing import Standing, standing
from stormdesk.web.templatetags.stormdesk import duration

# Brands with a picture of their own; a hundred brands stay one page.
CARDS = 6


@dataclass(frozen=True)
class NextStep:
    """The one thing to do now."""

    sentence: str
    button: str
    path: str


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
            sentence = (
                _("the drill of %(brand)s runs. What waits for you is in its crisis room.")
                if at.brand.is_drill
                else _("%(brand)s is in a crisis. What waits for you is in the crisis room.")
            )
            return NextStep(
                sentence % {"brand": at.brand.name},
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


ORDER = {"crisis": 0, "attn": 1, "watch": 2, "quiet": 3, "ok": 4}


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
    zone = timezone.get_current_timezone_name()  # its pictures are drawn in it
    key = (seen, brand.pk, get_language(), zone, latest(), int(now.timestamp()) // 5)
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
