"""One checker over all detectors: causal, restartable, deaf to gaps, calm under hostile values."""

from __future__ import annotations

import json
import math
import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from stormdesk.detect.detectors import ALL, Bucket, Detector, OutOfOrder

START = datetime(2026, 11, 2, tzinfo=UTC)
STORM = range(1500, 1560)


def stream(steps: int = 1700, storm: range = STORM, gaps: bool = True) -> list[Bucket]:
    dice = random.Random(7)
    made = []
    for i in range(steps):
        mean = 12 * (1 + 0.6 * math.sin(i * math.pi / 144))
        mentions = round(mean * dice.uniform(0.6, 1.4)) * (12 if i in storm else 1)
        negative = round(mentions * (0.75 if i in storm else 0.2))
        heard = not (gaps and (700 <= i < 730 or i % 397 == 5))
        at = START + timedelta(minutes=5 * i)
        made.append(
            Bucket(
                at,
                mentions if heard else None,
                negative,
                round(mentions * 0.93),
                mentions // 4,
                mentions // 30,
            )
        )
    return made


@pytest.fixture(params=ALL, ids=list(ALL))
def kind(request):
    return ALL[request.param]


def scores(kind, buckets):
    detector = kind()
    return [detector.update(bucket) for bucket in buckets]


def test_a_storm_is_alerted_and_calm_is_not(kind):
    given = scores(kind, stream())
    assert max(score.score for score in given[1500:1530]) > 0.8
    if kind is Detector:
        rows = [i for i, score in enumerate(given) if score.alert]
        assert [row for row in rows if row < 1500] == [], "alarms in calm weather"
        assert 1500 <= rows[0] <= 1503
        assert given[rows[0]].alert == "crisis"


def test_the_future_changes_nothing(kind):
    whole = stream()
    other = whole[:1510] + [Bucket(b.at, 9999, 9999, 9999) for b in whole[1510:]]
    assert scores(kind, whole)[:1510] == scores(kind, other)[:1510]


@pytest.mark.parametrize("stop", [1, 13, 715, 1503, 1555])
def test_a_restart_changes_nothing(kind, stop):
    buckets = stream()
    first = kind(budget=0.1)
    for bucket in buckets[:stop]:
        first.update(bucket)
    second = kind.restore(json.loads(json.dumps(first.state(), allow_nan=False)))
    assert [first.update(b) for b in buckets[stop:]] == [second.update(b) for b in buckets[stop:]]
    assert first.state() == second.state()


def test_the_saved_state_is_a_copy(kind):
    detector = kind()
    buckets = stream(300)
    for bucket in buckets[:200]:
        detector.update(bucket)
    saved = detector.state()
    written = json.dumps(saved)
    for bucket in buckets[200:]:
        detector.update(bucket)
    assert json.dumps(saved) == written


def test_a_gap_changes_nothing_and_is_no_zero(kind):
    detector = kind()
    buckets = stream(400, gaps=False)
    for bucket in buckets[:300]:
        detector.update(bucket)
    before = detector.state()
    score = detector.update(Bucket(buckets[300].at, None))
    assert (score.expected, score.upper, score.score, score.alert) == (None, None, 0.0, "")
    assert detector.state() == before


def test_a_missing_row_is_a_gap(kind):
    buckets = stream(1700)
    spoken = [score for score in scores(kind, buckets) if score.expected is not None]
    silent = scores(kind, [bucket for bucket in buckets if bucket.mentions is not None])
    assert spoken == silent


def test_the_past_is_refused(kind):
    detector = kind()
    buckets = stream(10, gaps=False)
    detector.update(buckets[5])
    for late in (buckets[5], buckets[2]):
        with pytest.raises(OutOfOrder):
            detector.update(late)


@pytest.mark.parametrize(
    "odd",
    [
        {"mentions": -5},
        {"mentions": float("nan")},
        {"mentions": float("inf")},
        {"mentions": 10**30},
        {"mentions": 10, "negative": 10**9},
        {"mentions": 10, "negative": -3, "duplicates": -1, "competitor": 99},
        {"mentions": 10, "negative": float("nan"), "authors": float("inf")},
        {"mentions": 0, "negative": 5, "authors": 3},
        {"mentions": 10, "authors": 0},
        {"mentions": 7.6, "negative": 2.5},
    ],
)
def test_hostile_values_stay_finite(kind, odd):
    detector = kind()
    buckets = stream(900, storm=range(0))
    for i, bucket in enumerate(buckets):
        score = detector.update(Bucket(bucket.at, **odd) if i in (0, 1, 450, 451) else bucket)
        assert 0 <= score.score <= 1
        assert score.expected is None or (
            math.isfinite(score.expected) and score.expected <= score.upper < math.inf
        )
        assert score.alert in ("", "attention", "crisis")
        json.dumps(score.facts, allow_nan=False)
    json.dumps(detector.state(), allow_nan=False)


def test_alerts_keep_six_hours_apart_unless_they_grow(kind):
    given = [score for score in scores(kind, stream(1700, storm=range(1300, 1700))) if score.alert]
    for before, after in pairwise(given):
        grown = (before.alert, after.alert) == ("attention", "crisis")
        assert grown or after.at - before.at >= timedelta(hours=6)


def test_one_storm_is_one_alert():
    given = [score for score in scores(Detector, stream(1700, storm=range(1300, 1700))) if score.alert]
    assert [score.alert for score in given] in (["crisis"], ["attention", "crisis"])


@pytest.mark.parametrize("step", [1, 15, 60, 1440])
def test_any_step_will_do(kind, step):
    detector = kind(step_minutes=step)
    for i in range(200):
        score = detector.update(Bucket(START + timedelta(minutes=step * i), 10 + i % 3, 2))
        assert not score.alert
    assert score.expected == pytest.approx(11, rel=0.4)


@pytest.mark.parametrize(
    "wrong", [{"step_minutes": 0}, {"step_minutes": 2000}, {"budget": 0}, {"budget": float("nan")}]
)
def test_senseless_settings_are_refused(kind, wrong):
    with pytest.raises(ValueError, match=r"^(A step|The budget) is"):
        kind(**wrong)


def test_another_detectors_state_is_refused(kind):
    with pytest.raises(ValueError, match="not of"):
        kind.restore({"detector": "Oracle"})
