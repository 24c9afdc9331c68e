"""Invented numbers for the page of components: every kind of chart in every state."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import exp
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stormdesk.core.charts import Mark, Svg, reaction_chart, series_chart, sparkline

_ZONE = ZoneInfo("Europe/Moscow")
_NOW = datetime(2026, 11, 17, 13, 43, tzinfo=_ZONE)


def _usual(at: datetime) -> float:
    return 9 + 75 / (1 + exp(-(at.hour + at.minute / 60 - 7) * 2))


def _heard(at: datetime) -> float:
    """A morning as usual, a storm from half past nine, its slow end."""
    late = (at - _NOW.replace(hour=9, minute=30)) / timedelta(hours=1)
    storm = 0 if late < 0 else 1200 * (1 - exp(-late * 1.2)) * exp(-max(0, late - 2) * 0.45)
    return _usual(at) * (1 + 0.1 * ((at.minute * 7 + at.hour * 13) % 10 - 5) / 5) + storm


def charts() -> dict[str, Svg]:
    """Charts by name."""
    language = (get_language() or "en")[:2]
    quarters = [_NOW - timedelta(minutes=15 * i) for i in range(96, -1, -1)]
    points = [(at, _heard(at)) for at in quarters]
    band = [(at, _usual(at) * 0.7, _usual(at) * 1.33) for at in quarters]
    day = _NOW.replace(hour=8, minute=0)
    marks = [
        Mark(day + timedelta(minutes=minutes), label, ours)
        for minutes, label, ours in (
            (108, "a", False), (125, "1", True), (151, "2", True), (164, "3", True), (185, "b", False), (238, "4", True),
        )
    ]  # fmt: skip
    gap = [(_NOW - timedelta(minutes=90), _NOW - timedelta(minutes=75))]
    without = [(at, heard * 0.95, heard * 1.4, heard * 1.75) for at, heard in points[-7:]]
    today: dict[str, Any] = {
        "title": _("Mentions per hour"),
        "band": [row for row in band if row[0] >= day],
        "negative": [(at, value * 0.7) for at, value in points if at >= day],
        "marks": marks,
        "gaps": gap,
        "without": without,
        "without_label": _("without the recall"),
        "zone": _ZONE,
        "language": language,
    }
    today_points = [row for row in points if row[0] >= day]
    return {
        "reaction": reaction_chart(today_points, **today),
        "reaction_narrow": reaction_chart(today_points, size="narrow", **today),
        "zoomed": series_chart(
            points[:-14],
            title=_("Mentions per hour"),
            band=band[:-14],
            since=_NOW.replace(hour=9, minute=22),
            zoom=(_NOW.replace(hour=8, minute=0), points[-15][0]),
            size=(560, 200),
            zone=_ZONE,
            language=language,
        ),
        "spark": sparkline([1, 2, 2, 4, 9, 20, 41, 66, 88], title=_("Growing")),
        "silent": series_chart(
            [(at, value if i < 70 else None) for i, (at, value) in enumerate(points[:-20])],
            title=_("Silent since morning"),
            band=band[:-20],
            gaps=[(points[70][0], points[-21][0])],
            size="row",
        ),
    }
