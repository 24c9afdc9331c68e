"""The picture of the brand's series: score, band and events, from an hour to ninety days; the same for reports."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.timezone import get_current_timezone, is_naive, make_aware

from stormdesk.core.charts import Mark, Size
from stormdesk.core.clock import utcnow
from stormdesk.detect import queries
from stormdesk.detect.pictures import SPANS, score_picture, series_picture
from stormdesk.detect.rules import KnownKind
from stormdesk.detect.words import KNOWN_WORDS, SPAN_WORDS, state_of
from stormdesk.people.access import PersonRequest, brand_page
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right

MOST_MARKS = 26


def _window(request: PersonRequest) -> tuple[str, datetime, datetime, datetime]:
    """The span asked for, its start and end, and now; what cannot be read is today."""
    now = utcnow()
    span = request.GET.get("span", "day")
    span = span if span in SPANS else "day"
    end = now
    try:
        asked = parse_datetime(request.GET.get("until", "").replace(" ", "+"))
        if asked is not None:
            end = min(now, make_aware(asked, get_current_timezone()) if is_naive(asked) else asked)
        start = end - SPANS[span][0]
    except (ValueError, OverflowError):
        end, start = now, now - SPANS[span][0]
    return span, start, end, now


@brand_page(Right.SEE)
def series(request: PersonRequest, brand: Brand) -> HttpResponse:
    """The picture, the events in it by their letters, and links to what lies before, after and nearer."""
    span, start, end, now = _window(request)
    length, step = SPANS[span]
    events = _events(brand, start, end)
    marks = [Mark(event["at"], event["letter"], ours=False, told=event["told"]) for event in events]
    sizes: tuple[Size, ...] = ("wide", "narrow")
    return render(
        request,
        "detect/series.html",
        {
            "section": "alerts",
            "span": span,
            "word": SPAN_WORDS[span],
            "start": start,
            "end": end,
            "spans": [(name, SPAN_WORDS[name]) for name in SPANS],
            "earlier": start.isoformat(),
            "later": min(end + length, now).isoformat() if end < now - timedelta(minutes=1) else "",
            "until": end.isoformat(),
            "events": events,
            "heard": queries.completeness(brand, start, end),
            "pictures": {
                size: series_picture(brand, start, end, size=size, marks=marks, step=step) for size in sizes
            },
            "scores": {size: score_picture(brand, start, end, size) for size in sizes},
        },
    )


@brand_page(Right.SEE)
def series_svg(request: PersonRequest, brand: Brand) -> HttpResponse:
    """The picture alone, in light colours, for a report or a message's link."""
    span, start, end, _now = _window(request)
    events = _events(brand, start, end)
    marks = [Mark(event["at"], event["letter"], ours=False, told=event["told"]) for event in events]
    svg = series_picture(brand, start, end, marks=marks, step=SPANS[span][1], standalone=True)
    answer = HttpResponse(svg, content_type="image/svg+xml")
    answer["Content-Disposition"] = f'inline; filename="{brand.slug}-{span}.svg"'
    return answer


def _events(brand: Brand, start: datetime, end: datetime) -> list[dict]:
    """Alerts and what was known, in time, each with its letter; the newest when there are more than letters."""
    found: list[dict[str, Any]] = [
        {
            "at": max(alert.noticed_at, start),
            "told": queries.sentence_of(alert),
            "alert": alert,
            "state": state_of(alert),
        }
        for alert in queries.alerts_between(brand, start, end)
    ]
    found += [
        {
            "at": max(known.starts_at, start),
            "told": known.name,
            "known": known,
            "state": KNOWN_WORDS[KnownKind(known.kind)],
        }
        for known in queries.known(brand, start, end)
    ]
    found.sort(key=lambda event: event["at"])
    for place, event in enumerate(found := found[-MOST_MARKS:]):
        event["letter"] = chr(ord("A") + place)
    return found
