"""What was heard against what is usual: the chart of Pulse, of an alert, of the crisis room and of a review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from stormdesk.core.charts.plot import Plot, Point, Svg, Window, grouped, nice_top

Band = Sequence[tuple[datetime, float, float]]
Size = Literal["wide", "tall", "narrow", "row", "small"] | tuple[int, int]
_SIZES = {"wide": (812, 190), "tall": (560, 260), "narrow": (352, 190), "row": (396, 60), "small": (104, 56)}
_BARE = ("row", "small")  # without axes and words

_WORDS = {
    "en": {"usual": "usual", "negative": "negative", "without": "without it", "since": "unusual since"},
    "ru": {"usual": "обычно", "negative": "негатив", "without": "без этого", "since": "необычно с"},
}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened: a number for what we did (`ours`), a letter for what happened outside. `told` is its words."""

    at: datetime
    label: str
    ours: bool = True
    told: str = ""


def series_chart(
    points: Sequence[Point],
    *,
    title: str,
    description: str = "",
    band: Band = (),
    negative: Sequence[Point] = (),
    copies: Sequence[Point] = (),
    marks: Sequence[Mark] = (),
    gaps: Sequence[Window] = (),
    since: datetime | None = None,
    now: datetime | None = None,
    without: Sequence[tuple[datetime, float, float, float]] = (),
    without_label: str = "",
    window: Window | None = None,
    zoom: Window | None = None,
    top: float | None = None,
    size: Size = "wide",
    zone: tzinfo | None = None,
    language: str = "en",
    unit: str = "",
    standalone: bool = False,
) -> Svg:
    """Heard (ink) against usual (grey band); negative (ochre), near-copies (grey), marks, gaps under the axis.

    `points`, `negative`, `copies`: (moment, value or None); `band`: (moment, low, high); `gaps`: (start, end) in which
    something was not heard; `without`: (moment, low, middle, high), the course that was expected without an action;
    `since`: where the series left the band, what lies above it is tinted from there on; `zoom`: the hours that get the
    greater part of the width; `top`: the greatest value, given when several charts share a scale; `unit` follows the
    last value ("/h"). `title` and `description` are what a screen reader says.
    """
    width, height = _SIZES[size] if isinstance(size, str) else size
    bare = size in _BARE
    words = _WORDS["ru" if language == "ru" else "en"]
    highest = top or max(
        [
            1.0,
            *(value for _, value in points if value is not None),
            *(high for _, _, high in band),
            *(row[3] for row in without),
        ]
    )
    axis, step = nice_top(highest, 3)
    moments = [at for at, _ in points] or [at for at, _, _ in band]
    if window is None:
        if not moments:
            raise ValueError("A chart without points needs a window.")
        end = max([moments[-1], *(row[0] for row in without)])
        window = (moments[0], end if end > moments[0] else moments[0] + timedelta(minutes=1))
    rows = _rows(marks, width, window) if not bare else {}
    head = 12 + 17 * (max(rows.values(), default=-1) + 1) + (10 if since else 0) if not bare else 4
    last = next(((at, value) for at, value in reversed(points) if value is not None), None)
    plot = Plot(
        width,
        height,
        window,
        axis if not bare else highest * 1.06,
        left=1 if bare else 12 + 7 * len(grouped(axis, language)),
        right=4 if bare else max(14, 10 + 6 * len(_value(last, language, unit))),
        above=head,
        below=9 if bare else 28,
        zoom=zoom,
        zone=zone,
        language=language,
    )
    if not bare:
        plot.values(step)
    if band:
        plot.area([(at, low) for at, low, _ in band], [(at, high) for at, _, high in band], "band")
    if since is not None and band:
        _excess(plot, points, band, since)
    if copies:
        plot.under(copies, "copy-area")
    if negative:
        plot.under(negative, "neg-area")
    if without:
        plot.area(
            [(at, low) for at, low, _, _ in without], [(at, high) for at, *_, high in without], "without-band"
        )
        plot.line([(at, middle) for at, _, middle, _ in without], "without")
    if negative:
        plot.line(negative, "neg")
    if bare:
        for mark in marks:
            plot.rule(mark.at, "act-line" if mark.ours else "ev-line")
    plot.line(points, "vol")
    if now is not None and not bare:
        plot.rule(now, "now")
    if since is not None and not bare:
        plot.rule(since, "since", above=12)
    for mark in marks if not bare else ():
        plot.tag(mark.at, mark.label, rows[mark], mark.ours, mark.told)
    if last:
        plot.dot(*last, radius=2 if bare else 3.5)
    if not bare:
        _words(plot, words, last, points, band, negative, without, without_label, since, unit)
        plot.times()
    plot.heard(gaps)
    return plot.svg(title, description, standalone=standalone)


def reaction_chart(
    points: Sequence[Point],
    *,
    title: str,
    marks: Sequence[Mark],
    size: Size = "tall",
    **more,
) -> Svg:
    """The crisis room's chart: heard, usual, negative, every action numbered, and the course without the last action
    that had one (`without`). The same as `series_chart`, in a taller frame with room for marks."""
    return series_chart(points, title=title, marks=marks, size=size, **more)


def _value(last: tuple[datetime, float] | None, language: str, unit: str) -> str:
    return f"{grouped(last[1], language)}{unit}" if last else ""


def _rows(marks: Sequence[Mark], width: int, window: Window) -> dict[Mark, int]:
    """Marks that would cover one another stand in rows below one another."""
    span = (window[1] - window[0]) / timedelta(seconds=1) or 1
    ends: list[float] = []
    rows: dict[Mark, int] = {}
    for mark in sorted(marks, key=lambda mark: mark.at):
        x = (mark.at - window[0]) / timedelta(seconds=1) / span * (width - 50)
        row = next((row for row, end in enumerate(ends) if end <= x), len(ends))
        if row == len(ends):
            ends.append(0)
        ends[row] = x + 19
        rows[mark] = row
    return rows


def _excess(plot: Plot, points: Sequence[Point], band: Band, since: datetime) -> None:
    upper = {at: high for at, _, high in band}
    above = [(at, value) for at, value in points if value is not None and at >= since and at in upper]
    plot.area([(at, min(upper[at], value)) for at, value in above], above, "over")


def _words(
    plot: Plot,
    words: dict[str, str],
    last: tuple[datetime, float] | None,
    points: Sequence[Point],
    band: Band,
    negative: Sequence[Point],
    without: Sequence[tuple[datetime, float, float, float]],
    without_label: str,
    since: datetime | None,
    unit: str,
) -> None:
    """Labels at the lines; there is no legend box. A label that finds no room is left out: the caption has it too."""
    right = plot.width - plot.right
    taken: list[float] = []
    if last:
        y = plot.y(last[1])
        plot.text(plot.x(last[0]) + 7, y + 4, _value(last, plot.language, unit), "lab")
        taken.append(y)
    if without:
        at, _, middle, _ = without[-1]
        y = plot.y(middle)
        if all(abs(y - other) > 12 for other in taken):
            plot.text(plot.x(at) + 7, y + 4, grouped(middle, plot.language), "lab-q")
        plot.text(
            min(plot.x(at), right) - 4,
            plot.y(without[-1][3]) - 5,
            without_label or words["without"],
            "lab-q",
            "end",
        )
    if band:
        # where the band is high and the series does not stand over it
        reach = (band[-1][0] - band[0][0]) / 10

        def covered(at: datetime) -> float:
            return max(
                (value for moment, value in points if value is not None and abs(moment - at) < reach),
                default=0,
            )

        at, _, high = max(
            band[: max(1, len(band) * 2 // 3)], key=lambda row: row[2] - max(0, covered(row[0]) - row[2])
        )
        x = min(max(plot.x(at), plot.left + 20), right - 60)
        plot.text(x, plot.y(max(high, covered(at))) - 5, words["usual"], "lab-q", "middle")
    peak = max(((value, at) for at, value in negative if value is not None), default=None)
    if peak and plot.base - plot.y(peak[0]) > 30:
        x, wide = plot.x(peak[1]) - 4, 7.0 * len(words["negative"])
        beside = [value for at, value in negative if value is not None and x - wide <= plot.x(at) <= x]
        if beside and plot.base - plot.y(min(beside)) > 18:
            plot.text(x, plot.base - 6, words["negative"], "lab-neg", "end")
    if since is not None:
        x = plot.x(since)
        told = f"{words['since']} {since.astimezone(plot.zone):%H:%M}"
        side = "end" if x > plot.left + 7 * len(told) else "start"
        plot.text(x + (-6 if side == "end" else 6), plot.above - 4, told, "lab-at", side)
