"""The bench's scorer says of published detections what the Numenta Anomaly Benchmark says of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from bench.detect import nab

STEPS = {"CRM": 15902, "CVS": 15853, "GOOG": 15842}
WINDOWS = {
    "CRM": [(2872, 3402), (5800, 6330), (7768, 8298)],
    "CVS": [(1462, 2193), (7775, 8171), (13349, 13745)],
    "GOOG": [(4106, 4743), (6728, 7124), (9399, 9795)],
}
"""Rows of the labelled windows of three series of realTweets."""
GAUSSIAN = [3136, 3137, 3138, 3143, 6029, 6064, 6065, 6066, 6067, 6068]
ENTROPY = {
    "CRM": [2737, 6064, 6065, 6068, 6082],
    "CVS": [1640, 1672, 1995, 4773, 6295, 7990, 8008, 13535, 13596],
    "GOOG": [3574, 3585, 4304, 4314, 9612],
}
"""Rows that NAB's windowed Gaussian and relative entropy detect after the probation, each at its published threshold."""


def scored(name: str, rows: list[int], profile: str) -> float:
    start = datetime(2015, 2, 26, 21, 42, 53, tzinfo=UTC)
    times = [start + timedelta(minutes=5 * row) for row in range(STEPS[name])]
    windows = [(times[a], times[b]) for a, b in WINDOWS[name]]
    series = nab.Series(name, times, [0] * len(times), [], windows)
    return nab.raw_score(series, rows, profile)[0]


@pytest.mark.parametrize(
    ("name", "rows", "profile", "published"),
    [
        ("CRM", GAUSSIAN, "standard", 0.7638457640937151),
        ("CRM", ENTROPY["CRM"], "standard", -1.24821222025),
        ("CVS", ENTROPY["CVS"], "standard", 2.45677603817),
        ("GOOG", ENTROPY["GOOG"], "standard", 0.5628364391),
        ("CRM", ENTROPY["CRM"], "low_fp", -1.35821222025),
        ("CVS", ENTROPY["CVS"], "low_fp", 2.23677603817),
        ("GOOG", ENTROPY["GOOG"], "low_fp", 0.3428364391),
    ],
)
def test_published_detections_score_as_published(name, rows, profile, published):
    assert scored(name, rows, profile) == pytest.approx(published, abs=1e-10)


def test_silence_is_nothing_and_an_early_alarm_in_each_window_is_all():
    series_windows = WINDOWS["CRM"]
    assert scored("CRM", [], "standard") == -3
    assert scored("CRM", [a for a, _b in series_windows], "standard") == pytest.approx(3, abs=0.01)


def test_an_alarm_three_windows_behind_costs_what_the_benchmark_says():
    a, b = WINDOWS["CRM"][-1]
    behind = b + 3 * (b - a)
    cost = scored("CRM", [behind], "standard") - scored("CRM", [], "standard")
    assert cost == pytest.approx(0.11 * -0.9999993881955461, abs=1e-12)
