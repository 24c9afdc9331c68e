"""The calendar by week, month and list."""

from __future__ import annotations

import calendar as calendars
from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render

from stormdesk.core.clock import utcnow
from stormdesk.pause.queries import strip
from stormdesk.people.access import PersonRequest, brand_page, may
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right
from stormdesk.publish import queries
from stormdesk.publish.forms import zone_of
from stormdesk.publish.queries.calendar import undated

VIEWS = ("week", "month", "list")


@brand_page(Right.SEE)
def calendar(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Posts by day: `?view=week|month|list&at=2026-11-18`."""
    now = utcnow()
    today = now.astimezone(zone_of(request.user, brand)).date()
    view = request.GET.get("view", "week")
    view = view if view in VIEWS else "week"
    try:
        at = date.fromisoformat(request.GET.get("at", ""))
    except ValueError:
        at = today
    at = min(max(at, date(2000, 1, 1)), date(2100, 1, 1))
    if view == "month":
        weeks = calendars.Calendar().monthdatescalendar(at.year, at.month)
        first, last = weeks[0][0], weeks[-1][-1]
        before, after = at.replace(day=1) - timedelta(days=1), at.replace(day=28) + timedelta(days=4)
        days = queries.days(brand, first, last, now, month=at.month)
    else:
        first = at - timedelta(days=at.weekday())
        last = first + timedelta(days=6)
        before, after = first - timedelta(days=7), first + timedelta(days=7)
        days = queries.days(brand, first, last, now)
    counted = [slot for day in days if not day.is_outside for slot in day.slots]
    return render(
        request,
        "publish/calendar.html",
        {
            "section": "calendar",
            "view": view,
            "at": at,
            "first": first,
            "last": last,
            "before": before,
            "after": after,
            "days": days,
            "undated": undated(brand),
            "held": len(queries.held(brand)),
            "unknown": len(queries.decide_unknown(brand)),
            "counts": _counts(counted),
            "pause": strip(brand, now),
            "may_draft": may(request.user, Right.DRAFT, brand),
            "names": [first + timedelta(days=n) for n in range(7)],
        },
    )


def _counts(slots: list) -> dict[str, int]:
    found: dict[str, int] = {}
    for slot in slots:
        found[slot.look] = found.get(slot.look, 0) + 1
    return found
