"""Pictures of what was missed, late or alarmed in vain: python bench/detect/gallery.py --out DIR [--brands 12].

Each picture shows two days around a failure: mentions and negatives an hour, the expected band, the score with its
threshold, and what really happened. index.html puts them side by side with their reasons.
"""

from __future__ import annotations

import argparse
import html
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import generator
import judge
import second_reading
from generator import PER_DAY, STEP, Event, Stream

from stormdesk.detect.detectors import Detector, Score

WIDE, HIGH = 720, 260
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
    )
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'


def picture(stream: Stream, scores: Sequence[Score], row: int, threshold: float) -> str:
    """Two days around `row` as SVG."""
    a, b = max(0, row - PER_DAY // 2), min(len(scores), row + PER_DAY * 3 // 2)
    seen, told = stream.buckets[a:b], scores[a:b]
    mentions = _hourly([bucket.mentions or 0 for bucket in seen])
    negative = _hourly([bucket.negative for bucket in seen])
    expected = _hourly([score.expected or 0 for score in told])
    upper = _hourly([score.upper or 0 for score in told])
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
    band = [f"{across(i):.1f},{150 - min(1.0, v / top) * 130:.1f}" for i, v in enumerate(upper)]
    band += [f"{across(i):.1f},{150 - v / top * 130:.1f}" for i, v in reversed(list(enumerate(expected)))]
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for pictures and index.html")
    parser.add_argument("--brands", type=int, default=12)
    parser.add_argument("--weeks", type=float, default=8)
    parser.add_argument("--budget", type=float, default=0.25)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    threshold = 1 / (1 + asked.budget)
    cards = []
    for reading, make in (("first", generator.stream), ("second", second_reading.stream)):
        for seed in range(9000, 9000 + asked.brands):
            stream = make(seed, asked.weeks)
            detector = Detector(budget=asked.budget)
            scores = [detector.update(bucket) for bucket in stream.buckets]
            rows = judge.rows_above([score.score for score in scores], threshold)
            for reason, row in failures(stream, rows):
                facts = scores[row].facts
                name = f"{reading}-{seed}-{row}.svg"
                (asked.out / name).write_text(picture(stream, scores, row, threshold), encoding="utf-8")
                words = html.escape(f"{reading} reading, brand {seed}: {reason} {facts.get('kind', '')}")
                cards.append(
                    (
                        reason,
                        f'<figure><img src="{name}" width="720"><figcaption>{words}</figcaption></figure>',
                    )
                )
    body = "\n".join(card for _reason, card in sorted(cards))
    head = '<!doctype html><meta charset="utf-8"><title>Failures</title><style>body{font:14px sans-serif}</style>'
    (asked.out / "index.html").write_text(f"{head}<p>{len(cards)} failures</p>{body}\n", encoding="utf-8")
    print(f"{len(cards)} pictures in {asked.out}/index.html")


if __name__ == "__main__":
    main()
