"""Small pictures for rows: a sparkline, an estimate with its range, time used against time agreed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from stormdesk.core.charts.plot import Plot, Svg

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def _at(value: float) -> datetime:
    return _EPOCH + timedelta(hours=value)


def sparkline(
    values: Sequence[float | None],
    *,
    title: str = "",
    top: float | None = None,
    width: int = 88,
    height: int = 22,
    standalone: bool = False,
) -> Svg:
    """A line without axes. `values` are evenly spaced, None breaks the line; rows of one list share `top`."""
    known = [value for value in values if value is not None]
    plot = Plot(
        width,
        height,
        (_at(0), _at(max(1, len(values) - 1))),
        top or max(known, default=1) * 1.08 or 1,
        left=1,
        right=4,
        above=3,
        below=2,
    )
    plot.path("base", f"M1 {height - 2}H{width - 4}")
    plot.line([(_at(i), value) for i, value in enumerate(values)], "vol")
    if values and values[-1] is not None:
        plot.dot(_at(len(values) - 1), values[-1], radius=2)
    return plot.svg(title, kind="spark", standalone=standalone)


def interval(
    low: float,
    middle: float,
    high: float,
    *,
    title: str,
    scale: tuple[float, float] = (-0.6, 0.2),
    width: int = 260,
    height: int = 26,
    standalone: bool = False,
) -> Svg:
    """An estimate (dot) with its range (bar) on a `scale` that rows of one list share, and the zero line."""
    plot = Plot(width, height, (_at(scale[0]), _at(scale[1])), 1, left=6, right=6, above=2, below=2)
    if scale[0] < 0 < scale[1]:
        plot.rule(_at(0), "tick")
    plot.path("ci", f"M{plot.x(_at(low))} {height / 2}H{plot.x(_at(high))}")
    plot.marks.append(f'<circle class="dot" cx="{plot.x(_at(middle))}" cy="{height / 2}" r="4"/>')
    return plot.svg(title, standalone=standalone)


def took(
    used: timedelta,
    agreed: timedelta,
    *,
    title: str,
    width: int = 180,
    height: int = 18,
    standalone: bool = False,
) -> Svg:
    """Time used (bar, ochre when late) against time agreed (tick); the picture ends at twice the agreed time."""
    plot = Plot(width, height, (_at(0), _at(2)), 1, left=0, right=2, above=1, below=1)
    share = min(used / agreed, 2) if agreed else 2
    plot.path("base", f"M0 {height / 2}H{width - 2}")
    plot.path("took-late" if used > agreed else "took", f"M0 {height / 2}H{plot.x(_at(share))}")
    plot.rule(_at(1), "agreed")
    return plot.svg(title, standalone=standalone)
