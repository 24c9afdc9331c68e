"""Pictures of what was missed, late or alarmed in vain: python bench/detect/gallery.py --out DIR [--brands 12].

Each picture shows two days around a failure: mentions and negatives an hour, the expected band, the score with its
threshold, and what really happened. index.html puts them side by side with their reasons. `--each 1` keeps one of each
kind; `--page FILE` writes a page for the manual instead of index.html, with the learning curves of the last full bench.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import generator
import judge
import second_reading
from generator import PER_DAY, STEP, Event, Stream

from stormdesk.detect.detectors import Detector, Score

WIDE, HIGH = 720, 260
LOOKED_AT = 9000
RESULTS = Path(__file__).parent.parent / "results" / "detect.json"
COLOURS = {
    "mentions": "#7a8699",
    "negative": "#c0392b",
    "band": "#dfe6ee",
    "score": "#1f5fa8",
    "truth": "#f3c9b5",
}


def failures(stream: Stream, rows: Sequence[int]) -> list[tuple[str, int]]:
    """What went wrong, and the row to look at."""
    rows = [row for row in rows if row >= judge.PROBATION]
    real = [event for event in stream.events if event.kind in generator.CRISES]
    found = []
    for event in real:
        if not event.crisis or event.start < judge.PROBATION:
            continue
        limit = judge.WITHIN.get(event.kind, 360) / STEP
        hit = next((row for row in rows if event.start - 6 <= row <= event.start + limit), None)
        if hit is None:
            found.append((f"missed: {event.kind}", event.start))
        elif (hit - event.start) * STEP > 120 and event.kind != "slow":
            found.append((f"late by {(hit - event.start) * STEP} min: {event.kind}", event.start))
    for row in rows:
        if not any(event.start - 12 <= row <= event.end + 24 for event in real):
            about = [
                e.kind for e in stream.events if e.kind in generator.BENIGN and e.start <= row <= e.end + 12
            ]
            found.append((f"in vain: {', '.join(about) or 'noise'}", row))
    return found


def _hourly(values: Sequence[float]) -> list[float]:
    return [sum(values[max(0, i - 11) : i + 1]) for i in range(len(values))]


def _line(values: Sequence[float], top: float, floor: float, height: float, colour: str) -> str:
    last = max(1, len(values) - 1)
    points = " ".join(
        f"{40 + i / last * (WIDE - 50):.1f},{floor - min(1.0, v / top) * height:.1f}"
        for i, v in enumerate(values)
        if i % 2 == 0 or i == last
    )
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'


def picture(stream: Stream, scores: Sequence[Score], row: int, threshold: float) -> str:
    """Two days around `row` as SVG."""
    a, b = max(0, row - PER_DAY // 2), min(len(scores), row + PER_DAY * 3 // 2)
    seen, told = stream.buckets[a:b], scores[a:b]
    mentions = _hourly([bucket.mentions or 0 for bucket in seen])
    negative = _hourly([bucket.negative for bucket in seen])
    expected = _hourly([score.expected or 0 for score in told])
    # steps swing one by one: the edge of an hour is nearer than the sum of its steps' edges
    edge = _hourly([((score.upper or 0) - (score.expected or 0)) ** 2 for score in told])
    upper = [usual + beyond**0.5 for usual, beyond in zip(expected, edge, strict=True)]
    top = max(1.0, *mentions, *expected)

    def across(i: float) -> float:
        return 40 + min(max(i, 0), b - a) / max(1, b - a - 1) * (WIDE - 50)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" font-size="11">']
    for event in _during(stream.events, a, b):
        left, right = across(event.start - a), across(event.end - a)
        parts.append(
            f'<rect x="{left:.1f}" y="14" width="{max(1.0, right - left):.1f}" height="{HIGH - 34}"'
            f' fill="{COLOURS["truth"]}" opacity="{0.7 if event.crisis else 0.25}"/>'
            f'<text x="{left + 2:.1f}" y="11">{event.kind}</text>'
        )
    band = [f"{across(i):.1f},{150 - min(1.0, v / top) * 130:.1f}" for i, v in enumerate(upper) if i % 6 == 0]
    band += [
        f"{across(i):.1f},{150 - v / top * 130:.1f}"
        for i, v in reversed(list(enumerate(expected)))
        if i % 6 == 0
    ]
    parts.append(f'<polygon points="{" ".join(band)}" fill="{COLOURS["band"]}"/>')
    parts.append(_line(mentions, top, 150, 130, COLOURS["mentions"]))
    parts.append(_line(negative, top, 150, 130, COLOURS["negative"]))
    parts.append(_line([score.score for score in told], 1.0, 240, 80, COLOURS["score"]))
    level = 240 - threshold * 80
    parts.append(
        f'<line x1="40" x2="{WIDE - 10}" y1="{level}" y2="{level}" stroke="#999" stroke-dasharray="3 3"/>'
    )
    parts.append(
        f'<text x="2" y="26">{top:.0f}/h</text><text x="2" y="{level + 4:.0f}">{threshold:.2f}</text>'
    )
    parts.append(f'<text x="40" y="{HIGH - 4}">{seen[0].at:%Y-%m-%d %H:%M} and two days</text></svg>')
    return "".join(parts)


def _during(events: Sequence[Event], a: int, b: int) -> list[Event]:
    return [event for event in events if event.end > a and event.start < b]


@dataclass(frozen=True)
class Card:
    """One failure: its kind without figures, the picture's file name, and the words below it."""

    kind: str
    file: str
    words: str


def cards(out: Path, brands: int, weeks: float, budget: float, each: int | None) -> list[Card]:
    """Draw failures into `out`: all, or at most `each` of a kind."""
    threshold = 1 / (1 + budget)
    drawn: list[Card] = []
    for reading, make in (("first", generator.stream), ("second", second_reading.stream)):
        for seed in range(LOOKED_AT, LOOKED_AT + brands):
            stream = make(seed, weeks)
            detector = Detector(budget=budget)
            scores = [detector.update(bucket) for bucket in stream.buckets]
            rows = judge.rows_above([score.score for score in scores], threshold)
            for reason, row in failures(stream, rows):
                kind = re.sub(r" by \d+ min", "", reason)
                if each is not None and sum(card.kind == kind for card in drawn) >= each:
                    continue
                spoke = scores[row].facts.get("kind", "nothing")
                words = f"{reading} reading, brand {seed}: {reason}; what spoke: {spoke}"
                card = Card(kind, f"{reading}-{seed}-{row}.svg", words)
                (out / card.file).write_text(picture(stream, scores, row, threshold), encoding="utf-8")
                drawn.append(card)
    return sorted(drawn, key=lambda card: card.kind)


def curves(learning: dict[str, dict[str, dict[str, float]]]) -> str:
    """Recall and false alarms a week by the age of a brand, one line per detector, as SVG."""
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" font-size="11">']
    colours = ("#1f5fa8", "#7a8699", "#c0392b", "#2e7d32")
    for place, (measure, title) in enumerate(
        (("recall", "found"), ("false_per_week", "false alarms a week"))
    ):
        left, width = 40 + place * (WIDE // 2), WIDE // 2 - 60
        top = max(1.0, *(one[measure] for history in learning.values() for one in history.values()))
        parts.append(f'<text x="{left}" y="14">{title}, 0 to {top:.1f}</text>')
        for n, (name, history) in enumerate(learning.items()):
            last = max(1, len(history) - 1)
            points = [
                (left + i / last * width, 200 - one[measure] / top * 170)
                for i, one in enumerate(history.values())
            ]
            line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            parts.append(
                f'<polyline points="{line}" fill="none" stroke="{colours[n % 4]}" stroke-width="2"/>'
            )
            if place == 0:
                parts.append(f'<text x="{40 + n * 170}" y="250" fill="{colours[n % 4]}">{name}</text>')
        for i, span in enumerate(next(iter(learning.values()))):
            at = left + i / max(1, len(next(iter(learning.values()))) - 1) * width
            parts.append(
                f'<text x="{at:.1f}" y="222" text-anchor="middle">{span.removesuffix(" weeks")}</text>'
            )
        parts.append(f'<text x="{left + width:.1f}" y="236" text-anchor="end">weeks of history</text>')
    return "".join(parts) + "</svg>"


def learnt(results: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Histories of ours and of the static ratio on both readings, from the last bench."""
    result = json.loads(results.read_text("utf-8"))
    return {
        f"{name.replace('_', ' ')}, {title}": result[reading][name]["learning"]
        for reading, title in (("generated", "first"), ("second_reading", "second"))
        for name in ("stormdesk", "static_ratio")
    }


PAGE = """# Where detection fails

Made by `python bench/detect/gallery.py --each 1 --out docs/images/detection --page docs/reference/detection-failures.md`;
do not edit. Brands are generated, seeds {first} and on, which were looked at while the detector was built; the figures are in
[measures](../measures.md), how it works in [detection](detection.md). Two days each: grey mentions an hour with the usual
band, red negatives, blue the score with the threshold of a budget of {budget:g} a week, shaded what really happened.

## Learning curves

Own alerts at a budget of 0.25, by weeks of history, on both readings of the generator.

![Learning curves]({folder}/learning.svg)

## One of each kind of failure

{cards}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for pictures and index.html")
    parser.add_argument("--page", type=Path, help="a page for the manual, instead of index.html")
    parser.add_argument("--each", type=int, help="at most so many of a kind")
    parser.add_argument("--brands", type=int, default=12)
    parser.add_argument("--weeks", type=float, default=8)
    parser.add_argument("--budget", type=float, default=0.25)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    drawn = cards(asked.out, asked.brands, asked.weeks, asked.budget, asked.each)
    if asked.page:
        (asked.out / "learning.svg").write_text(curves(learnt(RESULTS)), encoding="utf-8")
        folder = os.path.relpath(asked.out, asked.page.parent)
        shown = "\n\n".join(
            f"### {c.kind.capitalize()}\n\n![{c.words}]({folder}/{c.file})\n\n{c.words}." for c in drawn
        )
        asked.page.write_text(
            PAGE.format(first=LOOKED_AT, budget=asked.budget, folder=folder, cards=shown), encoding="utf-8"
        )
    else:
        body = "\n".join(
            f'<figure><img src="{c.file}" width="720"><figcaption>{html.escape(c.words)}</figcaption></figure>'
            for c in drawn
        )
        head = '<!doctype html><meta charset="utf-8"><title>Failures</title><style>body{font:14px sans-serif}</style>'
        (asked.out / "index.html").write_text(f"{head}<p>{len(drawn)} failures</p>{body}\n", encoding="utf-8")
    print(f"{len(drawn)} pictures in {asked.out}")


if __name__ == "__main__":
    main()
