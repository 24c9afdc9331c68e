"""What the shell of every page shows: brand, strip, counts."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from stormdesk.core.clock import utcnow
from stormdesk.declare.models import Crisis
from stormdesk.declare.rules import OPEN_STATES
from stormdesk.people import access
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right

# The rail: groups of (URL name, icon, shown on the phone's bottom bar). Names and counts are in shell.html.
RAIL = (
    (
        ("pulse", "activity", True),
        ("alerts", "bell", False),
        ("crisis_room", "siren", True),
        ("inbox", "inbox", True),
    ),
    (
        ("statements", "file-text", False),
        ("calendar", "calendar-days", True),
        ("heard", "audio-lines", False),
    ),
    (
        ("policy", "scroll-text", False),
        ("accounts", "key-round", False),
        ("reviews", "clipboard-check", False),
        ("drills", "target", False),
        ("settings", "settings", False),
    ),
)


@dataclass(frozen=True)
class Strip:
    """The line on top of every page: is there a crisis, does anything go out."""

    crisis: Crisis | None = None
    promise_at: datetime | None = None
    paused_since: datetime | None = None
    review_at: datetime | None = None
    held: int = 0
    next_at: datetime | None = None


def shell(request: HttpRequest) -> dict:
    """Template variables of web/base.html: brand, brands, strip, counts, rail, theme, favicon, now, may_pause.

    A page without a brand of its own shows the strip of the brand last opened. People without a time zone of their own
    read the brand's; it is activated here, so that every time on the page is told in it.
    """
    theme = request.COOKIES.get("theme", "")
    base = {"theme": theme if theme in ("light", "dark") else "", "favicon": "calm", "now": utcnow()}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return base
    base["theme"] = base["theme"] or user.theme
    brands = access.brands_of(user)
    brand = _brand(request, brands)
    if brand is None:
        return {**base, "brands": brands, "rail": ()}
    if not user.time_zone:
        timezone.activate(zoneinfo.ZoneInfo(brand.time_zone))
    strip = _strip(brand)
    return {
        **base,
        "brand": brand,
        "brands": brands,
        "strip": strip,
        "counts": {},
        "rail": RAIL,
        "favicon": "crisis" if strip.crisis else "calm",
        "may_pause": access.may(user, Right.PAUSE, brand),
    }


def _brand(request: HttpRequest, brands: list[Brand]) -> Brand | None:
    given = getattr(request, "brand", None)
    if given is not None:
        if request.session.get("brand") != given.slug:
            request.session["brand"] = given.slug
        return given
    last = request.session.get("brand")
    return next((brand for brand in brands if brand.slug == last), brands[0] if brands else None)


def _strip(brand: Brand) -> Strip:
    crisis = Crisis.objects.filter(brand=brand, state__in=OPEN_STATES).select_related("lead").first()
    return Strip(crisis=crisis)
