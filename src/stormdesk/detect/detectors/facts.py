"""What the sentence of an alert needs to know, as JSON-able values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from stormdesk.detect.detectors.windows import AUTHORS, Windows

STORMS = 0.3
"""Storms per brand and week, for turning a rate into a probability."""


@dataclass(frozen=True)
class Heard:
    """What speaks: its kind, the window in minutes and in steps, mentions usual within it, and how much those swing
    (variance of their log)."""

    kind: str
    minutes: int
    windows: Windows
    steps: int
    usual: float
    swing: float


def facts_of(
    at: datetime, heard: Heard, share: float, knows: bool, rate: float, since: float | None
) -> dict[str, Any]:
    """The facts of one step. share: usual negative share; knows: whether moods are known; rate: alarms a week;
    since: minute at which the unusual run began."""
    whole, _people, negative = heard.windows.sums(heard.steps)[:3]
    band = 1.28 * math.sqrt(heard.swing + 1 / (heard.usual + 1))
    facts: dict[str, Any] = {
        "kind": heard.kind,
        "at": at.astimezone(UTC).isoformat(),
        "window": heard.minutes,
        "count": round(whole),
        "low": math.floor(heard.usual * math.exp(-band)),
        "high": math.ceil(heard.usual * math.exp(band)),
        "negative": round(negative / whole, 3) if whole else 0.0,
        "usual_negative": round(share, 3),
        "knows_negative": knows,
        "authors": round(heard.windows.sum(AUTHORS, heard.steps)),
        "rate": round(rate, 6),
        "probability": round(STORMS / (STORMS + rate), 3),
    }
    if since is not None:
        facts["since"] = datetime.fromtimestamp(since * 60, UTC).isoformat()
    return facts
