"""A picture with a time axis and a value axis: places marks, knows nothing of what they mean."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from html import escape

from stormdesk.core.charts.style import light

NBSP = "\u00a0"
Point = tuple[datetime, float | None]
Window = tuple[datetime, datetime]

_STEPS = [
    *(timedelta(minutes=minutes) for minutes in (5, 10, 15, 30)),
    *(timedelta(hours=hours) for hours in (1, 2, 3, 6, 12)),
    *(timedelta(days=days) for days in (1, 2, 7, 14, 30, 91)),
]
_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "ru": (
        "янв.", "февр.", "марта", "апр.", "мая", "июня", "июля", "авг.", "сент.", "окт.", "нояб.", "дек.",
    ),
}  # fmt: skip


class Svg(str):
    """Markup whose texts are escaped already; template engines that ask for `__html__` take it as it is."""

    def __html__(self) -> str:
        return str(self)


def grouped(value: float, language: str) -> str:
    """1,240 or 1 240, rounded to whole numbers."""
    return f"{round(value):,}".replace(",", NBSP if language == "ru" else ",")


def date_label(moment: datetime, language: str) -> str:
    """17 Nov, 17 нояб."""
    return f"{moment.day}{NBSP}{_MONTHS['ru' if language == 'ru' else 'en'][moment.month - 1]}"


def nice_top(value: float, lines: int) -> tuple[float, float]:
    """The end of a value axis that starts at 0 and holds `value`, and the step of its lines: 1, 2, 2.5 or 5 × 10ⁿ."""
    rough = max(value, 1) / max(lines, 1)
    power = 10 ** math.floor(math.log10(rough))
    factors = (1, 2, 2.5, 5, 10) if power > 1 else (1, 2, 5, 10)  # half a mention is no mark on an axis
    step = next(factor * power for factor in factors if factor * power >= rough - 1e-9)
    step = max(1.0, step)
    return max(step * lines if lines == 1 else step * math.ceil(max(value, 1) / step), 1), step


def runs(points: Iterable[Point]) -> list[list[tuple[datetime, float]]]:
    """The points between the breaks."""
    found: list[list[tuple[datetime, float]]] = [[]]
    for at, value in points:
        if value is None:
            found.append([])
        else:
            found[-1].append((at, value))
    return [run for run in found if run]


class Plot:
    """`width` × `height` units; x runs over `window`, y from 0 to `top`. With `zoom`, the hours in it get the greater part
    of the width: a day stays in sight and the decisive hour can be read."""

    ZOOM_SHARE = 0.56

    def __init__(
        self,
        width: int,
        height: int,
        window: Window,
        top: float,
        *,
        left: int = 34,
        right: int = 8,
        above: int = 8,
        below: int = 28,
        zoom: Window | None = None,
        zone: tzinfo | None = None,
        language: str = "en",
    ) -> None:
        self.width, self.height, self.window, self.top = width, height, window, max(top, 1e-9)
        self.left, self.right, self.above, self.base = left, right, above, height - below
        self.zone, self.language = zone, language
        self.marks: list[str] = []
        self._scale = self._scales(zoom)

    def _scales(self, zoom: Window | None) -> list[tuple[datetime, float]]:
        start, end = self.window
        x0, x1 = float(self.left), float(self.width - self.right)
        if zoom is None or not start < zoom[0] < end:
            return [(start, x0), (end, x1)]
        inner = (x1 - x0) * self.ZOOM_SHARE
        until = min(zoom[1], end)
        outer = (x1 - x0) - inner
        rest = (zoom[0] - start) + (end - until)
        before = outer * ((zoom[0] - start) / rest)
        scale = [(start, x0), (zoom[0], x0 + before), (until, x0 + before + inner)]
        return scale if until == end else [*scale, (end, x1)]

    # ── places ──

    def x(self, at: datetime) -> float:
        at = min(max(at, self.window[0]), self.window[1])
        for (t0, x0), (t1, x1) in zip(self._scale, self._scale[1:], strict=False):
            if at <= t1:
                return round(x0 + ((at - t0) / (t1 - t0) if t1 > t0 else 0) * (x1 - x0), 1)
        return round(self._scale[-1][1], 1)

    def y(self, value: float) -> float:
        share = min(max(value / self.top, 0), 1.05)
        return round(self.base - share * (self.base - self.above), 1)

    # ── marks ──

    def path(self, kind: str, d: str) -> None:
        self.marks.append(f'<path class="{kind}" d="{d}"/>')

    def _joined(self, points: Iterable[tuple[datetime, float]]) -> str:
        return "L".join(f"{self.x(at)} {self.y(value)}" for at, value in points)

    def line(self, points: Iterable[Point], kind: str) -> None:
        """A line that breaks where a value is None; a single point between two breaks becomes a dot."""
        for run in runs(points):
            if len(run) == 1:
                self.dot(*run[0], radius=1.5)
            else:
                self.path(kind, f"M{self._joined(run)}")

    def area(
        self, low: Sequence[tuple[datetime, float]], high: Sequence[tuple[datetime, float]], kind: str
    ) -> None:
        if len(high) > 1:
            self.path(kind, f"M{self._joined(high)}L{self._joined(reversed(low))}Z")

    def under(self, points: Iterable[Point], kind: str) -> None:
        for run in runs(points):
            self.area([(at, 0.0) for at, _ in run], run, kind)

    def rule(self, at: datetime, kind: str, above: float = 0) -> None:
        self.path(kind, f"M{self.x(at)} {round(self.above - above, 1)}V{self.base}")

    def dot(self, at: datetime, value: float, radius: float = 3.5) -> None:
        self.marks.append(f'<circle class="dot" cx="{self.x(at)}" cy="{self.y(value)}" r="{radius}"/>')

    def text(self, x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> None:
        classes = f' class="{kind}"' if kind else ""
        place = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self.marks.append(f'<text x="{x:.1f}" y="{y:.1f}"{classes}{place}>{escape(text)}</text>')

    def tag(self, at: datetime, label: str, row: int = 0, ours: bool = True, told: str = "") -> None:
        """A numbered square for what we did, a ring for what happened outside, and its hairline down to the axis."""
        x, y = self.x(at), 10 + row * 17
        line, shape, letter = ("act-line", "rect", "act-t") if ours else ("ev-line", "circle", "ev-t")
        self.path(line, f"M{x} {y + 7}V{self.base}")
        self.marks.append(f"<g>{f'<title>{escape(told)}</title>' if told else ''}")
        if shape == "rect":
            half = 7 if len(label) < 2 else 9
            self.marks.append(
                f'<rect class="act" x="{round(x - half, 1)}" y="{y - 7}" width="{2 * half}" height="14" rx="2"/>'
            )
        else:
            self.marks.append(f'<circle class="ev" cx="{x}" cy="{y}" r="7.5"/>')
        self.text(x, y + 4, label, letter, "middle")
        self.marks.append("</g>")

    # ── axes ──

    def values(self, step: float) -> None:
        """Lines of the value axis with their numbers."""
        value = 0.0
        while value <= self.top + 1e-9:
            self.path("g", f"M{self.left} {self.y(value)}H{self.width - self.right}")
            self.text(self.left - 6, self.y(value) + 4, grouped(value, self.language), anchor="end")
            value += step

    def times(self, gap: int = 58) -> None:
        """Ticks at round local times, at least `gap` units apart, with 13:00 or 17 Nov under them."""
        last = -1e9
        if len(self._scale) > 2:
            self._zoomed()
        for (t0, x0), (t1, x1) in zip(self._scale, self._scale[1:], strict=False):
            fits = max(1.0, (x1 - x0) / gap)
            step = next((step for step in _STEPS if (t1 - t0) / step <= fits), _STEPS[-1])
            for at in self._round_times(t0, t1, step):
                x = self.x(at)
                self.path("tick", f"M{x} {self.base}v4")
                if x - last < gap * 0.72 or x > self.width - 10:
                    continue
                local = at.astimezone(self.zone)
                daily = step >= timedelta(days=1) or (
                    local.hour == local.minute == 0 and self.window[1] - self.window[0] > timedelta(hours=20)
                )
                label = date_label(local, self.language) if daily else f"{local:%H:%M}"
                self.text(x, self.base + 15, label, anchor="middle" if x > self.left + 12 else "start")
                last = x

    def _zoomed(self) -> None:
        """The stretched part is tinted and begins at a double stroke in the axis: the scale is another one from there."""
        (_, x0), (_, x1) = self._scale[1], self._scale[2]
        self.marks.insert(
            0,
            f'<rect class="zoom" x="{x0:.1f}" y="{self.above}" width="{x1 - x0:.1f}" height="{self.base - self.above}"/>',
        )
        for x in (x0, *((x1,) if len(self._scale) > 3 else ())):
            self.path("seam", f"M{x - 4:.1f} {self.base + 4}l4 -8M{x:.1f} {self.base + 4}l4 -8")

    def _round_times(self, start: datetime, end: datetime, step: timedelta) -> Iterable[datetime]:
        local = start.astimezone(self.zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        if step >= timedelta(days=1):
            at = midnight
            while at <= end:
                if at >= start:
                    yield at
                at += step
            return
        at = midnight + step * math.ceil((local - midnight) / step)
        while at <= end:
            yield at
            at += step

    def heard(self, gaps: Iterable[Window] = ()) -> None:
        """Completeness under the time axis: solid where every source was heard, hatched where one was not."""
        y = self.height - 6
        self.path("cov", f"M{self.left} {y}H{self.width - self.right}")
        for start, end in gaps:
            if end > self.window[0] and start < self.window[1]:
                x0, x1 = self.x(start), self.x(end)
                self.path("cov-gap", f"M{x0} {y}H{max(x1, x0 + 3)}")

    # ── the picture ──

    def svg(self, title: str, description: str = "", *, kind: str = "", standalone: bool = False) -> Svg:
        label = escape(f"{title}. {description}" if description else title, quote=True)
        size = f'viewBox="0 0 {self.width} {self.height}"'
        body = "".join(self.marks)
        classes = f"chart {kind}".strip()
        named = f'role="img" aria-label="{label}"' if label else 'aria-hidden="true"'
        if standalone:
            return Svg(
                f'<svg xmlns="http://www.w3.org/2000/svg" class="{classes}" {size} width="{self.width}"'
                f' height="{self.height}" {named}><style>{light()}</style>{body}</svg>'
            )
        widest = f' style="max-width:{self.width * 1.25:.0f}px"'
        return Svg(f'<svg class="{classes}" {size} {named}{widest}>{body}</svg>')
