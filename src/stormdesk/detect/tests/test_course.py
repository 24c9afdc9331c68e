"""Where a storm is going, what a back-test counts, and which storm is a relapse: pure rules."""

from datetime import UTC, datetime, timedelta

import pytest

from stormdesk.detect.rules.backtest import Decided, judge
from stormdesk.detect.rules.course import course, fading, half_life
from stormdesk.detect.rules.lookout import Storm
from stormdesk.detect.rules.storms import relapse

T = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def falls(half_minutes: float, peak: float = 100.0, steps: int = 400) -> list[float]:
    return [0.0] * 12 + [peak * 0.5 ** (5 * n / half_minutes) for n in range(steps)]


@pytest.mark.parametrize("half", [60, 180, 400])
def test_the_half_life_of_a_fall_is_found(half):
    assert half_life(falls(half), 5) == pytest.approx(half, rel=0.25, abs=20)


def test_without_a_fall_or_without_a_storm_there_is_no_half_life():
    assert half_life([10.0] * 100, 5) is None
    assert half_life([0.0] * 100, 5) is None
    assert half_life([1.0], 5) is None


def test_own_storms_move_the_belief_and_narrow_it():
    general, own = fading([]), fading([30.0] * 20)
    assert general.own == 0
    assert own.middle < 60 < general.middle
    assert own.high / own.low < general.high / general.low


def test_the_course_is_a_band_that_holds_its_middle_and_falls_to_what_is_usual():
    ahead = course(300, 300, [20.0] * 12, fading([60.0] * 10))
    assert all(a.low < a.middle < a.high for a in ahead)
    assert ahead[-1].middle < ahead[0].middle
    assert ahead[-1].low <= 20 <= ahead[-1].high


def test_a_storm_that_grows_has_an_upper_edge_above_what_it_is_now():
    still = course(300, 300, [20.0] * 12, fading([]))
    growing = course(300, 100, [20.0] * 12, fading([]))
    assert max(a.high for a in growing) > 1.5 * 300
    assert growing[1].high > still[1].high


def test_of_ten_storms_about_eight_stay_inside_the_band():
    """Storms whose half-lives are drawn from what is believed: the band is as wide as it says."""
    import random

    draw = random.Random(4)
    fades = fading([])
    inside = 0
    for _ in range(400):
        half = 240 * 2.718 ** draw.gauss(0, 0.9)
        (at,) = [a for a in course(500, 500, [20.0] * 8, fades) if a.hours == 3]
        inside += at.low <= 20 + 480 * 0.5 ** (180 / half) <= at.high
    assert 0.75 <= inside / 400 <= 0.96  # what chance adds to the counts makes it a little wider


def storm(hours: float, last: float | None = None, quiet: bool = False) -> Storm:
    at = T + hours * HOUR
    return Storm(at, T + (last if last is not None else hours + 1) * HOUR, "attention", ("unusual",), quiet)


def test_what_people_decided_is_the_judge():
    crisis = Decided(True, T, T + 5 * HOUR, T + 2 * HOUR, "Lids")
    vain = Decided(False, T + 50 * HOUR, T + 51 * HOUR, T + 51 * HOUR)
    far = Decided(True, T + 200 * HOUR, T + 201 * HOUR, T + 200 * HOUR)
    storms = [storm(1), storm(50), storm(100), storm(150, quiet=True)]
    found = judge(storms, [crisis, vain, far], weeks=2.0)
    assert [hit.ahead for hit in found.found] == [HOUR]
    assert found.missed == [far]
    assert [row.at for row, _case in found.vain] == [T + 50 * HOUR]
    assert [row.at for row in found.open] == [T + 100 * HOUR]
    assert len(found.quiet) == 1
    assert (found.vain_per_week, found.most_per_week) == (0.5, 1.0)
    assert (found.all_crises, found.late) == (2, False)


def test_a_crisis_that_would_only_have_been_shown_quietly_was_missed():
    crisis = Decided(True, T, T + 5 * HOUR, T + 2 * HOUR)
    assert judge([storm(1, quiet=True)], [crisis], 1.0).missed == [crisis]


def test_a_dismissed_alert_that_would_not_be_raised_is_spared():
    vain = Decided(False, T, T + HOUR, T + HOUR)
    assert judge([], [vain], 1.0).spared == [vain]


def test_the_same_story_within_a_month_is_a_relapse_and_another_one_only_within_a_day():
    assert relapse(True, T, T + timedelta(days=20))
    assert not relapse(True, T, T + timedelta(days=40))
    assert relapse(False, T, T + timedelta(hours=20))
    assert not relapse(False, T, T + timedelta(days=2))
    assert not relapse(True, T, T - HOUR)
