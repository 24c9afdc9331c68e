"""What the detector of the house must tell apart."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from stormdesk.detect.detectors import Bucket, Detector

START = datetime(2026, 11, 2, tzinfo=UTC)


def played(background: int, event: dict, steps: int = 18, mean: float = 12.0, seed: int = 3) -> list:
    """Scores of an event that comes on top of `background` steps of ordinary talk; only the event's are returned."""
    dice = random.Random(seed)
    detector = Detector()
    scores = []
    for i in range(background + steps):
        usual = sum(dice.random() < mean / 40 for _ in range(40))
        on_top = round(event["size"] * mean) if i >= background else 0
        bad = sum(dice.random() < 0.2 for _ in range(usual)) + round(on_top * event.get("negative", 0.2))
        people = usual + round(on_top * event.get("authors", 1.0))
        scores.append(
            detector.update(
                Bucket(
                    START + timedelta(minutes=5 * i),
                    usual + on_top,
                    bad,
                    people,
                    round(on_top * event.get("copies", 0.2)),
                    round(on_top * event.get("competitor", 0.0)),
                )
            )
        )
    assert not any(score.alert for score in scores[:background]), "an alarm in ordinary talk"
    return scores[background:]


WEEK = 7 * 288


def test_a_scandal_is_a_crisis_within_a_quarter_of_an_hour():
    alerts = [score.alert for score in played(WEEK, {"size": 5, "negative": 0.7})]
    assert "crisis" in alerts[:3]


@pytest.mark.parametrize(
    "event",
    [
        {"size": 8, "negative": 0.08, "copies": 0.4},
        {"size": 6, "negative": 0.7, "authors": 0.08, "copies": 0.9},
        {"size": 6, "negative": 0.7, "competitor": 0.8},
        {"size": 0.2, "negative": 0.2},
    ],
    ids=["a meme", "bots", "a rival's trouble", "a busy hour"],
)
def test_what_is_no_crisis_stays_quiet(event):
    assert not any(score.alert for score in played(WEEK, event))


@pytest.mark.parametrize("hours", [6, 12, 24])
@pytest.mark.parametrize("mean", [0.5, 3, 12])
def test_a_new_brand_is_alerted_of_an_obvious_storm(hours, mean):
    scores = played(hours * 12, {"size": max(9, 6 / mean), "negative": 0.8}, steps=12, mean=mean)
    assert any(score.alert for score in scores[: 6 if mean > 1 else 9])
    assert next(score for score in scores if score.alert).facts["learning"]


def test_a_slow_climb_is_noticed_within_a_day():
    dice = random.Random(5)
    detector = Detector()
    first = None
    for i in range(2 * WEEK):
        climb = 2 ** ((i - WEEK) / 60) * 0.5 if i >= WEEK else 0  # doubles in five hours
        usual = sum(dice.random() < 0.3 for _ in range(20))
        on_top = sum(dice.random() < min(1, climb / 60) for _ in range(60))
        bad = sum(dice.random() < 0.2 for _ in range(usual)) + sum(dice.random() < 0.7 for _ in range(on_top))
        score = detector.update(Bucket(START + timedelta(minutes=5 * i), usual + on_top, bad, usual + on_top))
        if score.alert:
            first = i
            break
    assert first is not None
    assert WEEK <= first <= WEEK + 288


def test_a_loud_brands_faint_climb_is_noticed_before_it_passes_for_usual():
    dice = random.Random(8)
    detector = Detector()
    first = None
    for i in range(2 * WEEK + 288):
        climb = min(0.25, 0.05 * 2 ** ((i - 2 * WEEK) / 96)) if i >= 2 * WEEK else 0  # doubles in eight hours
        usual = max(0, round(dice.gauss(60, 12)))
        on_top = max(0, round(dice.gauss(60 * climb, (60 * climb) ** 0.5))) if climb else 0
        bad = sum(dice.random() < 0.22 for _ in range(usual)) + sum(
            dice.random() < 0.7 for _ in range(on_top)
        )
        score = detector.update(Bucket(START + timedelta(minutes=5 * i), usual + on_top, bad, usual + on_top))
        if score.alert:
            first = i
            break
    assert first is not None, "a quarter more than usual for a day, and nobody was told"
    assert 2 * WEEK <= first <= 2 * WEEK + 16 * 12


def test_what_is_unusual_is_not_learnt_as_usual_while_nobody_is_alerted():
    dice = random.Random(8)
    detector = Detector(budget=1e-9)
    spreads = []
    for i in range(WEEK + 72):
        usual, on_top = dice.randint(8, 16), 18 if i >= WEEK else 0
        score = detector.update(
            Bucket(START + timedelta(minutes=5 * i), usual + on_top, usual // 5 + round(on_top * 0.7))
        )
        assert not score.alert
        if score.facts and i >= WEEK:
            spreads.append((list(detector.noise.spread), list(detector.swing.spread)))
    assert len(spreads) > 60
    assert spreads[-1] == spreads[0]


def test_where_hardly_anyone_speaks_a_few_people_are_news():
    detector = Detector()
    for i in range(WEEK):
        assert not detector.update(Bucket(START + timedelta(minutes=5 * i), int(i % 150 == 0))).alert
    scores = [detector.update(Bucket(START + timedelta(minutes=5 * (WEEK + i)), 3, 1, 3)) for i in range(3)]
    alert = next(score for score in scores if score.alert)
    assert alert.facts["kind"] == "few_authors"


def test_volume_alone_alarms_where_moods_are_unknown():
    dice = random.Random(9)
    detector = Detector()
    at = START
    for _ in range(WEEK):
        assert not detector.update(Bucket(at, dice.randint(6, 14))).alert
        at += timedelta(minutes=5)
    alerts = []
    for _ in range(12):
        alerts.append(detector.update(Bucket(at, 120)).alert)
        at += timedelta(minutes=5)
    assert "attention" in alerts[:4]
    assert "crisis" not in alerts


def test_a_relapse_is_a_new_alert():
    dice = random.Random(11)
    detector = Detector()
    given = []
    for i in range(WEEK + 300):
        storm = WEEK <= i < WEEK + 12 or i >= WEEK + 250
        usual = dice.randint(6, 14)
        bad = 2 + (60 if storm else 0)
        score = detector.update(Bucket(START + timedelta(minutes=5 * i), usual + (70 if storm else 0), bad))
        if score.alert:
            given.append(i)
    assert any(i < WEEK + 12 for i in given)
    assert any(i >= WEEK + 250 for i in given)


def test_less_budget_never_alarms_more():
    def rows(budget):
        dice = random.Random(2)
        detector = Detector(budget=budget)
        return [
            i
            for i in range(WEEK)
            if detector.update(
                Bucket(
                    START + timedelta(minutes=5 * i),
                    dice.randint(0, 20) + (25 if i % 997 < 5 else 0),
                    dice.randint(0, 5),
                )
            ).alert
        ]

    assert len(rows(0.01)) <= len(rows(1.0)) <= len(rows(100.0))
