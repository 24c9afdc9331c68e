"""Effects on series whose truth is known, and the phases of a storm."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from stormdesk.watch.rules import STEP, Phase, Step, Verdict, effect, standing

AT = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)


def series(excess, *, seed=1, usual=5.0, start=-60, end=60, **more):
    """Counted steps around AT: Poisson around `usual` + `excess(minutes since AT)` per step."""
    rng = np.random.default_rng(seed)
    steps = []
    for minute in range(start, end, 5):
        mean = usual + max(0.0, excess(minute + 2.5))
        steps.append(Step(AT + timedelta(minutes=minute), float(rng.poisson(mean)), usual, **more))
    return steps


def falling(level: float, half_life: float, factor: float = 1.0):
    """An excess that halves, multiplied by `factor` after the action."""
    return lambda m: level * 2 ** (-m / half_life) * (factor if m >= 0 else 1.0)


def told(steps, until=60):
    return effect(steps, AT, AT + timedelta(minutes=until))


@pytest.mark.parametrize("half_life", [30, 60, 240, 1e9])
def test_an_action_that_changed_nothing_is_not_praised(half_life):
    clear = 0
    for seed in range(40):
        found = told(series(falling(80, half_life), seed=seed))
        assert found.verdict == Verdict.TOLD
        clear += found.change.clear
    assert clear <= 8  # an 80% range is wrong one time in five


@pytest.mark.parametrize(
    ("factor", "low", "high"), [(0.5, -0.58, -0.36), (0.25, -0.80, -0.58), (1.6, 0.30, 0.75)]
)
def test_what_an_action_changed_is_found(factor, low, high):
    middles, clear = [], 0
    for seed in range(30):
        found = told(series(falling(100, 90, factor), seed=seed))
        middles.append(found.change.middle)
        clear += found.change.clear
    assert low < float(np.median(middles)) < high
    assert clear >= 24


def test_the_range_holds_the_truth_most_of_the_time():
    truth = 0
    for seed in range(60):
        course = falling(90, 60, 0.6)
        after = [course(m + 2.5) for m in range(0, 60, 5)]
        without = [falling(90, 60)(m + 2.5) for m in range(0, 60, 5)]
        real = (sum(after) + 60) / (sum(without) + 60) - 1
        found = told(series(course, seed=seed))
        truth += found.change.low <= real <= found.change.high
    assert truth >= 45


def test_a_storm_that_was_still_rising_cannot_be_judged():
    assert told(series(lambda m: 120 * 2 ** (m / 20), end=60)).verdict == Verdict.RISING


def test_a_slow_rise_is_not_carried_on_for_ever():
    found = told(series(lambda m: 60 * 2 ** (min(m, 0) / 90)))
    assert found.verdict == Verdict.TOLD
    assert -0.45 < found.change.middle < 0.05
    assert found.course[-1].middle < 85  # carried on it would be 100


def test_twenty_minutes_are_too_early_and_gaps_say_nothing():
    steps = series(falling(80, 60))
    assert told(steps, until=15).verdict == Verdict.EARLY
    assert told(steps, until=20).verdict == Verdict.TOLD
    assert told(steps[9:]).verdict == Verdict.GAPS
    deaf = [Step(s.at, s.mentions, s.usual, heard=0.5 if s.at >= AT else 1) for s in steps]
    assert told(deaf).verdict == Verdict.GAPS


def test_without_a_storm_or_history_nothing_is_said():
    assert told(series(lambda m: 0)).verdict == Verdict.CALM
    assert told([Step(s.at, s.mentions, None) for s in series(falling(80, 60))]).verdict == Verdict.UNKNOWN


def test_copies_that_go_on_do_not_hide_what_people_did():
    people = series(falling(60, 120, 0.4), seed=3)
    mixed = [Step(s.at, s.mentions + 60, s.usual, copies=60) for s in people]
    found = told(mixed)
    assert found.without_copies.middle < found.change.middle - 0.1
    assert told(people).without_copies is None


def test_the_same_numbers_give_the_same_answer():
    steps = series(falling(80, 60))
    assert told(steps) == told(steps)


def test_the_course_without_the_action_begins_at_the_action_and_widens():
    course = told(series(falling(100, 90, 0.5))).course
    assert AT < course[0].at < AT + STEP
    width = [math.log((row.high + 1) / (row.low + 1)) for row in course]
    assert width[-1] > width[0]


# ── is it over? ──


def phase(excess, *, usual=5.0, hours=6.0, waiting=0, new=0, seed=2, **more):
    steps = series(excess, seed=seed, usual=usual, start=-int(hours * 60), end=0, **more)
    return standing(steps, [usual + 3 * math.sqrt(usual)] * len(steps), waiting=waiting, new=new)


def test_growing_peak_fading_over():
    assert phase(lambda m: 80 * 2 ** (m / 40)).phase == Phase.GROWING
    assert phase(lambda m: 80).phase == Phase.PEAK
    fading = phase(lambda m: 20 * 2 ** (-m / 60))
    assert fading.phase == Phase.FADING
    assert 35 < fading.half_life < 100
    assert fading.left < 0.2
    over = lambda m: 80 if m < -180 else 0  # noqa: E731
    assert phase(over).phase == Phase.OVER


def test_a_quiet_hour_is_not_the_end_while_people_wait_or_a_new_story_is_told():
    over = lambda m: 80 if m < -180 else 0  # noqa: E731
    assert phase(over, waiting=3).phase == Phase.QUIET
    assert phase(over, new=1).phase == Phase.QUIET


def test_what_is_not_heard_is_not_over():
    assert phase(lambda m: 0, heard=0.2).phase == Phase.UNKNOWN
    assert standing([], [], waiting=0, new=0).phase == Phase.UNKNOWN
    steps = series(lambda m: 0, start=-120, end=0)
    unknown = [Step(s.at, s.mentions, None) for s in steps]
    assert standing(unknown, [None] * len(steps), waiting=0, new=0).phase == Phase.UNKNOWN
