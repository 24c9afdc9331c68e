"""The picture of a brand's series, the same for pages, reports and messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stormdesk.core.charts import Mark, Size, Svg, series_chart
from stormdesk.detect import queries
from stormdesk.detect.models import Alert
from stormdesk.people.models import Brand


def series_picture(
    brand: Brand,
    start: datetime,
    end: datetime,
    *,
    size: Size = "wide",
    since: datetime | None = None,
    zoom: tuple[datetime, datetime] | None = None,
    marks: Sequence[Mark] = (),
    standalone: bool = False,
    step: timedelta = timedelta(minutes=15),
) -> Svg:
    """Mentions per hour against what is usual, negative ones, and gaps under the axis."""
    picture = queries.series_for_chart(brand, start, end, step)
    return series_chart(
        picture.points,
        title=_("Mentions of %(brand)s per hour") % {"brand": brand.name},
        band=picture.band,
        negative=picture.negative,
        gaps=picture.gaps,
        since=since,
        zoom=zoom,
        marks=marks,
        window=(start, end),
        size=size,
        zone=timezone.get_current_timezone(),
        language=(get_language() or "en")[:2],
        unit=_("/h"),
        standalone=standalone,
    )


def alert_pictures(alert: Alert) -> dict[str, Svg]:
    """The day around an alert, wide and narrow; the hours from its beginning on get the greater part of the width."""
    end = alert.last_at + timedelta(minutes=15)
    start = min(alert.since, end) - timedelta(hours=20)
    zoom = (alert.since - timedelta(hours=1), end)
    return {
        size: series_picture(alert.brand, start, end, size=size, since=alert.since, zoom=zoom)
        for size in ("wide", "narrow")
    }
