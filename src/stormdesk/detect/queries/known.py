"""What is known ahead: campaigns, events and outages that people noted, and public holidays of the brand's country."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, time, timedelta

from django.http import Http404
from django.utils.translation import get_language

from stormdesk.detect.holidays import year_of
from stormdesk.detect.models import Known
from stormdesk.detect.queries.definition import criteria
from stormdesk.detect.rules import KnownKind, Span
from stormdesk.people.models import Brand


def known(brand: Brand, start: datetime, end: datetime) -> list[Span]:
    """Everything known that meets [start, end): what people noted first, then public holidays."""
    noted = [
        Span(row.name, row.kind, row.starts_at, row.ends_at)
        for row in Known.objects.filter(brand=brand, starts_at__lt=end, ends_at__gt=start)
    ]
    return noted + holidays_of(brand, start, end)


def noted(brand: Brand, since: datetime) -> list[Known]:
    """What people noted and has not ended before `since`, the next first."""
    return list(Known.objects.filter(brand=brand, ends_at__gt=since).select_related("by"))


def get_known(brand: Brand, pk: int) -> Known:
    """Raises Http404 for another brand's."""
    found = Known.objects.filter(brand=brand, pk=pk).first()
    if found is None:
        raise Http404
    return found


def holidays_of(brand: Brand, start: datetime, end: datetime) -> list[Span]:
    """Public holidays between two moments, from midnight to midnight where the brand is; none without a country."""
    country = criteria(brand).country
    if not country:
        return []
    zone = zoneinfo.ZoneInfo(brand.time_zone)
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    language = (get_language() or "en")[:2]
    spans = []
    for year in range(first.year, last.year + 1):
        for day, name in year_of(country, year, language):
            begins = datetime.combine(day, time(), zone)
            ends = datetime.combine(day + timedelta(days=1), time(), zone)
            if begins < end and ends > start:
                spans.append(Span(name, KnownKind.HOLIDAY, begins, ends))
    return spans
