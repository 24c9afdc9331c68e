"""Charts: numbers in, SVG out. No script and no Django, so that a page, an e-mail and a PDF show one picture.

    chart = series_chart(points, band=band, zone=zone, language="ru", title="Упоминаний в час", size="wide")

Times are aware datetimes, told in `zone`. A value of None was not heard: the line breaks there, it never falls to zero.
On a page the classes follow the theme (components.css); `standalone=True` writes light colours into the picture.
The result is safe to put into HTML: every text in it is escaped, and templates take it as it is.
"""

from stormdesk.core.charts.days import Fire, days_chart
from stormdesk.core.charts.plot import Svg
from stormdesk.core.charts.series import Mark, Size, reaction_chart, series_chart
from stormdesk.core.charts.small import interval, sparkline, took

__all__ = [
    "Fire",
    "Mark",
    "Size",
    "Svg",
    "days_chart",
    "interval",
    "reaction_chart",
    "series_chart",
    "sparkline",
    "took",
]
