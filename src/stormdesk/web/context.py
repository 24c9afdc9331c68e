"""What the shell of every page shows: brand, strip, rail with counts."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject, lazy
from django.utils.translation import gettext_lazy as _

from stormdesk.coordinate.queries import next_promise
from stormdesk.core.clock import utcnow
from stormdesk.declare.models import Crisis
from stormdesk.declare.queries import open_crisis
from stormdesk.detect.queries import open_alerts
from stormdesk.pause import queries as pause
from stormdesk.people import access
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right
from stormdesk.publish import queries as publish
from stormdesk.reply.queries import waiting
from stormdesk.web.events import latest


@dataclass(frozen=True)
class Item:
    """A place in the rail; `phone` items stand in the bar at the bottom of a phone."""

    name: str
    icon: str
    label: Any
    phone: bool = False
    href: str = ""


RAIL = (
    (
        Item("pulse", "activity", _("Pulse"), phone=True),
        Item("alerts", "bell", _("Alerts")),
        Item("crisis_room", "siren", _("Crisis room"), phone=True),
        Item("inbox", "inbox", _("Inbox"), phone=True),
    ),
    (
        Item("statements", "file-text", _("Statements")),
        Item("calendar", "calendar-days", _("Calendar"), phone=True),
        Item("heard", "audio-lines", _("Heard")),
    ),
    (
        Item("policy", "scroll-text", _("Policy")),
        Item("accounts", "key-round", _("Accounts")),
        Item("reviews", "clipboard-check", _("Reviews")),
        Item("drills", "target", _("Drills")),
        Item("settings", "settings", _("Settings")),
    ),
)


@dataclass(frozen=True)
class Strip:
    """The line on top of every page: is there a crisis, does anything go out."""

    crisis: Crisis | None
    promise_at: datetime | None
    pause: pause.Strip
    held: int
    next_at: datetime | None
    alerts: int


def shell(request: HttpRequest) -> dict:
    """Template variables of web/base.html: brand, brands, strip, counts, rail, theme, now, live_from, may_pause.

    A page without a brand of its own shows the strip of the brand last opened. People without a time zone of their own
    read the brand's; it is activated here, so that every time on the page is told in it. What costs a query is asked
    only when a template shows it.
    """
    theme = request.COOKIES.get("theme", "")
    base: dict[str, Any] = {"theme": theme if theme in ("light", "dark") else "", "now": utcnow()}
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
    return {
        **base,
        "brand": brand,
        "brands": brands,
        "strip": SimpleLazyObject(partial(strip, brand, base["now"])),
        "counts": SimpleLazyObject(partial(counts, brand, base["now"])),
        "rail": rail(brand),
        "may_pause": access.may(user, Right.PAUSE, brand),
        "live_from": lazy(latest, int)(),
    }


def _brand(request: HttpRequest, brands: list[Brand]) -> Brand | None:
    given = getattr(request, "brand", None)
    if given is not None:
        if request.session.get("brand") != given.slug:
            request.session["brand"] = given.slug
        return given
    last = request.session.get("brand")
    return next((brand for brand in brands if brand.slug == last), brands[0] if brands else None)


def rail(brand: Brand) -> list[list[Item]]:
    """The places that exist, with their addresses."""
    groups = []
    for group in RAIL:
        items = []
        for item in group:
            try:
                href = reverse(item.name, args=[brand.slug])
            except NoReverseMatch:
                continue
            items.append(Item(item.name, item.icon, item.label, item.phone, href))
        if items:
            groups.append(items)
    return groups


def strip(brand: Brand, now: datetime) -> Strip:
    """Crisis and publishing of a brand."""
    crisis = open_crisis(brand)
    promise = next_promise(crisis) if crisis else None
    paused = pause.strip(brand, now)
    upcoming = [] if paused.pause else publish.next_posts(brand, 1)
    return Strip(
        crisis=crisis,
        promise_at=promise.due_at if promise else None,
        pause=paused,
        held=len(publish.held(brand)) if paused.pause else 0,
        next_at=upcoming[0].due_at if upcoming else None,
        alerts=0 if crisis else len(open_alerts(brand)),
    )


def counts(brand: Brand, now: datetime) -> dict[str, int]:
    """The numbers in the rail."""
    return {"alerts": len(open_alerts(brand)), "inbox": waiting(brand, now=now).count}
