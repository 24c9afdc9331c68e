"""The picture of a brand's series, the same for pages, reports and messages."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stormdesk.core.charts import Fire, Mark, Size, Svg, days_chart, series_chart
from stormdesk.detect import queries
from stormdesk.detect.models import Alert
from stormdesk.detect.queries import Outlook, Trial
from stormdesk.detect.rules.backtest import BY_HAND, BackTest
from stormdesk.notify.messages import Picture
from stormdesk.people.models import Brand

SPANS = {
    "hour": (timedelta(hours=1), timedelta(minutes=5)),
    "day": (timedelta(days=1), timedelta(minutes=15)),
    "week": (timedelta(days=7), timedelta(hours=2)),
    "90days": (timedelta(days=90), timedelta(days=1)),
}
"""How much a picture of the series shows, and its step."""
MOST_ZOOM = timedelta(hours=6)


def series_picture(
    brand: Brand,
    start: datetime,
    end: datetime,
    *,
    size: Size = "wide",
    since: datetime | None = None,
    zoom: tuple[datetime, datetime] | None = None,
    marks: Sequence[Mark] = (),
    outlook: Outlook | None = None,
    standalone: bool = False,
    step: timedelta = timedelta(minutes=15),
) -> Svg:
    """Mentions per hour against what is usual, negative ones, and gaps under the axis; with an `outlook` the hours ahead
    as a band."""
    picture = queries.series_for_chart(brand, start, end, step)
    ahead = outlook.band() if outlook else []
    return series_chart(
        picture.points,
        title=_("Mentions of %(brand)s per hour") % {"brand": brand.name},
        band=picture.band,
        negative=picture.negative,
        gaps=picture.gaps,
        since=since,
        zoom=zoom,
        marks=marks,
        without=ahead,
        without_label=_("ahead") if ahead else "",
        window=(start, max(end, ahead[-1][0]) if ahead else end),
        size=size,
        zone=timezone.get_current_timezone(),
        language=_language(),
        unit=_("/h"),
        standalone=standalone,
    )


def alert_pictures(alert: Alert, outlook: Outlook | None = None) -> dict[str, Svg]:
    """The day around an alert for its page, wide and narrow."""
    return {size: alert_picture(alert, size, outlook) for size in ("wide", "narrow")}


def alert_picture(
    alert: Alert, size: Size = "wide", outlook: Outlook | None = None, *, standalone: bool = False
) -> Svg:
    """The day around an alert; the hours from its beginning on get the greater part of the width, and a
    storm that runs is followed by what may come."""
    end = alert.last_at + timedelta(minutes=15)
    if outlook:
        end = max(end, outlook.at)
    start = min(alert.since, end) - timedelta(hours=20)
    begins = alert.since - timedelta(hours=1)
    zoom = (begins, min(end, begins + MOST_ZOOM))
    return series_picture(
        alert.brand,
        start,
        end,
        size=size,
        since=alert.since,
        zoom=zoom,
        outlook=outlook,
        standalone=standalone,
    )


def mailed_picture(brand: Brand, about: str, now: datetime) -> Picture | None:
    """What the mail about an alert carries: the picture of its page in light colours, by the brand's clock as the
    sentence is. None when the alert is gone."""
    kind, _colon, number = about.partition(":")
    alert = Alert.objects.filter(brand=brand, pk=number).first() if kind == "alert" else None
    if alert is None:
        return None
    with timezone.override(zoneinfo.ZoneInfo(brand.time_zone)):
        svg = alert_picture(alert, outlook=queries.outlook(alert), standalone=True)
    return Picture(str(svg), queries.sentence_of(alert))


def score_picture(
    brand: Brand, start: datetime, end: datetime, size: Size, *, standalone: bool = False
) -> Svg:
    """How unusual each step was, 0 to 100, against the height from which the budget raises an alert."""
    rows = list(queries.scores(brand, start, end).values_list("at", "score", "mentions"))
    every = max(1, len(rows) // 400)
    # of each stretch the most unusual step: what a long picture must not lose
    parts = [rows[i : i + every] for i in range(0, len(rows), every)]
    points = [
        (part[0][0], None if all(m is None for _, _, m in part) else 100 * max(s for _, s, _ in part))
        for part in parts
    ]
    height = 100 / (1 + queries.criteria(brand).budget)
    return series_chart(
        points,
        title=_("How unusual each step was, 0 to 100"),
        band=[(start, 0.0, height), (end, 0.0, height)],
        window=(start, end),
        top=100,
        size=size,
        zone=timezone.get_current_timezone(),
        language=_language(),
        standalone=standalone,
    )


def trial_pictures(trial: Trial, names: Sequence[str]) -> dict[str, Svg]:
    """The days of a back-test, and above them what each definition would have raised."""
    rows = [(name, _fires(test)) for name, test in zip(names, trial.tests, strict=True)]
    return {
        size: days_chart(
            trial.days, rows, title=_("The last 90 days, tried"), size=size, language=_language()
        )
        for size in ("wide", "narrow")
    }


def _fires(test: BackTest) -> list[Fire]:
    zone = timezone.get_current_timezone()
    return [
        *(Fire(hit.storm.at.astimezone(zone).date(), "hit") for hit in test.found),
        *(Fire(storm.at.astimezone(zone).date(), "vain") for storm, _case in test.vain),
        *(Fire(storm.at.astimezone(zone).date(), "open") for storm in test.open),
        *(Fire(max(case.since, case.at - BY_HAND).astimezone(zone).date(), "missed") for case in test.missed),
    ]


def _language() -> str:
    return (get_language() or "en")[:2]
