"""A definition is tried by the worker: progress is told, who asks again waits for the same, stopping drops it (D1)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from stormdesk.core.errors import AccessDenied
from stormdesk.core.jobs import stopping
from stormdesk.detect import actions, queries
from stormdesk.detect.actions import trying
from stormdesk.detect.models import Definition, TrialRun
from stormdesk.detect.rules import TrialState
from stormdesk.detect.rules.criteria import Criteria
from stormdesk.detect.tests.storms import NOW, back_test, calm_days, storm
from stormdesk.listen.matching import QueryError
from stormdesk.people.models import Brand

pytestmark = pytest.mark.django_db
WANTED = Criteria(budget=3.0, conditions={"danger": 4.0})


class Clock:
    """Moves on by a second each time it is looked at; `then` is called with how often that was."""

    def __init__(self, then=lambda looks: None) -> None:
        self.looks, self.then = 0, then

    def __call__(self) -> datetime:
        self.looks += 1
        self.then(self.looks)
        return NOW + timedelta(seconds=self.looks)


@pytest.fixture
def asked(brand, owner, source) -> TrialRun:
    calm_days(brand, 4)
    storm(brand, NOW - timedelta(days=1))
    return actions.ask_trial(brand=brand, by=owner, now=NOW, criteria=WANTED)


@pytest.fixture
def _told_always(monkeypatch):
    monkeypatch.setattr(trying, "TOLD_EVERY", 0.0)


def test_the_worker_counts_what_was_asked_for_and_nothing_is_saved(asked, brand):
    assert actions.run_trials(Clock()) == 1
    assert actions.run_trials(Clock()) == 0
    asked.refresh_from_db()
    assert (asked.state, asked.progress) == (TrialState.DONE, 1)
    trial = queries.trial_of(asked)
    direct = queries.try_on_past(brand, [WANTED, Criteria()], NOW)
    assert direct is not None
    assert [test.storms for test in trial.tests] == [test.storms for test in direct.tests]
    assert trial.tests[0].storms
    assert (trial.days, trial.weekly, trial.heard) == (direct.days, direct.weekly, direct.heard)
    assert not Definition.objects.exists()


def test_definitions_of_one_budget_share_their_detector_and_see_what_each_would_see_alone(asked, brand):
    pair = [Criteria(conditions={"danger": 4.0}), Criteria(conditions={})]
    together = queries.try_on_past(brand, pair, NOW)
    assert together is not None
    assert [test.storms for test in together.tests] == [back_test(brand, one).storms for one in pair]


def test_who_asks_again_is_given_the_same_trial_until_the_past_is_another(asked, brand, owner):
    later = NOW + timedelta(hours=1)
    assert actions.ask_trial(brand=brand, by=owner, now=later, criteria=WANTED) == asked
    assert actions.ask_trial(brand=brand, by=owner, now=later, criteria=Criteria(budget=0.25)) != asked
    tomorrow = NOW + timedelta(days=1)
    assert actions.ask_trial(brand=brand, by=owner, now=tomorrow, criteria=WANTED) != asked


def test_one_that_was_stopped_is_tried_anew_when_it_is_asked_for_again(asked, brand, owner):
    actions.cancel_trial(run=asked, by=owner, now=NOW)
    assert actions.ask_trial(brand=brand, by=owner, now=NOW, criteria=WANTED) != asked


@pytest.mark.usefixtures("_told_always")
def test_progress_is_told_and_a_person_may_stop_it(asked, owner):
    seen = []

    def then(looks: int) -> None:
        seen.append(TrialRun.objects.get(pk=asked.pk).progress)
        if looks == 4:
            actions.cancel_trial(run=asked, by=owner, now=NOW)

    assert actions.run_trials(Clock(then)) == 0
    asked.refresh_from_db()
    assert (asked.state, asked.result) == (TrialState.CANCELLED, {})
    assert 0 < seen[-1] < 1
    assert actions.run_trials(Clock()) == 0


def test_a_process_that_ends_leaves_the_trial_to_the_next(asked):
    stopping.set()
    try:
        assert actions.run_trials(Clock()) == 0
    finally:
        stopping.clear()
    asked.refresh_from_db()
    assert asked.state == TrialState.RUNNING
    assert actions.run_trials(Clock()) == 1


def test_a_trial_is_counted_by_one_process_and_taken_over_from_a_dead_one(asked):
    TrialRun.objects.update(state=TrialState.RUNNING, claimed_until=NOW + timedelta(minutes=2))
    assert actions.run_trials(Clock()) == 0
    TrialRun.objects.update(claimed_until=NOW)
    assert actions.run_trials(Clock()) == 1


def test_a_fault_of_ours_is_said_and_not_tried_for_ever(asked):
    TrialRun.objects.update(wanted={"budget": 0.25, "danger_words": ["("]})
    with pytest.raises(QueryError):  # the loop of jobs logs it
        actions.run_trials(Clock())
    asked.refresh_from_db()
    assert asked.state == TrialState.FAILED
    assert actions.run_trials(Clock()) == 0


def test_only_who_may_change_settings_tries_and_only_within_the_brand(asked, brand, person):
    with pytest.raises(AccessDenied):
        actions.ask_trial(brand=brand, by=person("viewer"), now=NOW, criteria=WANTED)
    other = Brand.objects.create(name="Other", slug="other")
    assert queries.get_trial(other, str(asked.pk)) is None
    assert queries.get_trial(brand, "x") is None
    assert queries.get_trial(brand, "9" * 40) is None
