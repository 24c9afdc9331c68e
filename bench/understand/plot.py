"""Calibration plots as SVG: how often a stated confidence was right."""

from __future__ import annotations

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[1] / "results" / "calibration"
_SIDE, _EDGE = 320, 46


def calibration(title: str, confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> None:
    """Write results/calibration/TITLE.svg: a point for each tenth of confidence, its area the share of posts."""
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    points = []
    for i in range(bins):
        at = index == i
        if at.any():
            x, y = _place(float(confidence[at].mean()), float(right[at].mean()))
            points.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{3 + 14 * at.mean() ** 0.5:.1f}"/>')
    ticks = []
    for tenth in range(0, 11, 2):
        x, y = _place(tenth / 10, tenth / 10)
        ticks.append(f'<text x="{x:.0f}" y="{_SIDE - _EDGE + 16}" text-anchor="middle">{10 * tenth}</text>')
        ticks.append(f'<text x="{_EDGE - 6}" y="{y + 4:.0f}" text-anchor="end">{10 * tenth}</text>')
    (x0, y0), (x1, y1) = _place(0, 0), _place(1, 1)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{title.replace(', ', '-').replace(' ', '-')}.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIDE} {_SIDE}" font-family="sans-serif" '
        f'font-size="11" fill="#334">\n'
        f'<rect width="{_SIDE}" height="{_SIDE}" fill="#fff"/>\n'
        f'<text x="{_SIDE / 2}" y="16" text-anchor="middle" font-size="13">{title} (n = {len(right):,})</text>\n'
        f'<path d="M{x0} {y0}L{x1} {y1}" stroke="#99a" stroke-dasharray="4 4"/>\n'
        f'<path d="M{x0} {y1}V{y0}H{x1}" stroke="#334" fill="none"/>\n'
        f"{''.join(ticks)}\n"
        f'<text x="{_SIDE / 2}" y="{_SIDE - 8}" text-anchor="middle">stated confidence, %</text>\n'
        f'<text transform="translate(12 {_SIDE / 2}) rotate(-90)" text-anchor="middle">right, %</text>\n'
        f'<g fill="#1f6f8b" fill-opacity=".75">{"".join(points)}</g>\n</svg>\n',
        encoding="utf-8",
    )


def _place(x: float, y: float) -> tuple[float, float]:
    size = _SIDE - 2 * _EDGE
    return _EDGE + x * size, _SIDE - _EDGE - y * size
