"""Many days at a glance: the busiest hour of each, and above them what was alerted or would have been."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from stormdesk.core.charts.plot import Plot, Svg, Window, date_label, nice_top


@dataclass(frozen=True, slots=True)
class Fire:
    """One alert of a back-test: in time, in vain, one that nobody decided about, or a crisis that it missed."""

    day: date
    kind: Literal["hit", "vain", "open", "missed"]


def days_chart(
    days: Sequence[tuple[date, float | None]],
    rows: Sequence[tuple[str, Sequence[Fire]]] = (),
    *,
    title: str,
    description: str = "",
    gaps: Sequence[Window] = (),
    size: Literal["wide", "narrow"] = "wide",
    language: str = "en",
    standalone: bool = False,
) -> Svg:
    """One bar a day (None: nothing could be heard), and a row of marks for each definition: a square in time, hollow in
    vain, a ring undecided, a dashed ring missed. `rows` are (name, fires)."""
    width, height = (820, 140) if size == "wide" else (352, 150)
    zone = gaps[0][0].tzinfo if gaps else None
    start, end = days[0][0], days[-1][0] + timedelta(days=1)

    def moment(day: date, hour: int = 0) -> datetime:
        return datetime.combine(day, time(hour), zone)

    above = 14 + 20 * len(rows)
    top, step = nice_top(max((value for _, value in days if value is not None), default=1), 2)
    plot = Plot(
        width, height, (moment(start), moment(end)), top, left=54, right=8, above=above, language=language
    )
    plot.values(step)
    bar = max(1.5, (width - 62) / max(1, len(days)) * 0.62)
    for day, value in days:
        if value is not None:
            plot.marks.append(
                f'<path class="day" d="M{plot.x(moment(day, 12))} {plot.base}V{plot.y(value)}" style="stroke-width:{bar:.1f}"/>'
            )
    for row, (name, fires) in enumerate(rows):
        y = 12 + row * 20
        plot.text(plot.left - 6, y + 4, name, "lab", "end")
        plot.path("g", f"M{plot.left} {y}H{width - 8}")
        for fire in fires:
            x = plot.x(moment(fire.day, 12))
            if fire.kind == "hit":
                plot.marks.append(
                    f'<rect class="act" x="{x - 5:.1f}" y="{y - 5}" width="10" height="10" rx="2"/>'
                )
            elif fire.kind == "vain":
                plot.marks.append(
                    f'<rect class="vain" x="{x - 4:.1f}" y="{y - 4}" width="8" height="8" rx="1.5"/>'
                )
            elif fire.kind == "open":
                plot.marks.append(f'<circle class="ev" cx="{x}" cy="{y}" r="4"/>')
            else:
                plot.marks.append(f'<circle class="missed" cx="{x}" cy="{y}" r="4.5"/>')
    count = 4 if size == "wide" else 2
    for i in range(count):
        at = start + (end - start) * i // (count - 1)
        x = plot.x(moment(at))
        plot.path("tick", f"M{x} {plot.base}v4")
        anchor = "start" if i == 0 else "end" if i == count - 1 else "middle"
        plot.text(x, plot.base + 15, date_label(moment(at), language), anchor=anchor)
    plot.heard(gaps)
    return plot.svg(title, description, standalone=standalone)
