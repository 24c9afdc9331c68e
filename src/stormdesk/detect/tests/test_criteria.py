"""What a brand calls a crisis: conditions, words of danger, who is called; and how severe a storm is."""

from datetime import UTC, datetime, timedelta

import pytest

from stormdesk.core.errors import BadInput
from stormdesk.detect.actions import save_definition
from stormdesk.detect.detectors import Bucket
from stormdesk.detect.queries import criteria, definition
from stormdesk.detect.rules.criteria import LEAST, Called, Condition, Criteria, Hour, met
from stormdesk.detect.rules.lookout import Lookout, Step
from stormdesk.detect.rules.severity import WEIGHTS, Weighs, severity
from stormdesk.detect.rules.storms import Level, Span
from stormdesk.listen.matching import QueryError

START = datetime(2026, 11, 2, tzinfo=UTC)


def calm(watch: Lookout, steps: int, start: datetime = START, known=(), **more):
    """Two mentions a step, for so many steps; returns what was seen and the time after it."""
    seen = []
    for n in range(steps):
        at = start + timedelta(minutes=5 * n)
        seen.append(watch.take(Step(Bucket(at, 2, 0, 2, positive=0), **more), known))
    return seen, start + timedelta(minutes=5 * steps)


def test_a_condition_is_met_from_its_threshold_on():
    wanted = Criteria(conditions={Condition.DANGER: 3, Condition.NEGATIVE: 50, Condition.VOLUME: 4})
    assert met(Hour(danger=2), wanted) == {}
    assert met(Hour(danger=3), wanted) == {"danger": (3.0, 3)}
    assert met(Hour(mentions=LEAST, negative=LEAST // 2, expected=1), wanted).keys() == {"negative", "volume"}
    assert met(Hour(mentions=LEAST - 1, negative=LEAST - 1, expected=1), wanted) == {}


def test_words_of_danger_from_three_people_raise_an_alert_that_says_so():
    watch = Lookout(Criteria())
    _seen, now = calm(watch, 300)
    first = watch.take(Step(Bucket(now, 2, 0, 2, positive=0), danger=2))
    second = watch.take(Step(Bucket(now + timedelta(minutes=5), 2, 0, 2, positive=0), danger=1))
    third = watch.take(Step(Bucket(now + timedelta(minutes=10), 2, 0, 2, positive=0)))
    assert (first.level, second.level, third.level) == ("", Level.ATTENTION, "")
    assert second.reasons == ("danger",)
    assert second.facts["met"] == {"danger": [3.0, 3.0]}
    assert second.facts["kind"] == "condition"
    assert third.alive  # it belongs to the storm, and is not another one


def test_two_conditions_at_once_look_like_a_crisis():
    watch = Lookout(Criteria())
    _seen, now = calm(watch, 300)
    assert watch.take(Step(Bucket(now, 2, 0, 2, positive=0), danger=3, scam=5)).level == Level.CRISIS


def test_a_definition_without_conditions_leaves_it_to_the_budget():
    watch = Lookout(Criteria(conditions={}))
    _seen, now = calm(watch, 300)
    assert watch.take(Step(Bucket(now, 2, 0, 2, positive=0), danger=30, scam=50)).level == ""


def rise(watch: Lookout, now: datetime, negative: int, spans) -> list:
    return [
        watch.take(Step(Bucket(now + timedelta(minutes=5 * n), 60, negative, 55, positive=0)), spans)
        for n in range(12)
    ]


def used(watch: Lookout) -> datetime:
    """Three days with a little negative in them; returns the time after."""
    at = START
    for n in range(3 * 288):
        at = START + timedelta(minutes=5 * n)
        watch.take(Step(Bucket(at, 4, 1 if n % 6 == 0 else 0, 4, positive=int(n % 4 == 0))))
    return at + timedelta(minutes=5)


def test_a_rise_inside_a_campaign_is_shown_and_hushed_unless_the_mood_turns():
    for negative, hushed in ((2, True), (40, False)):
        watch = Lookout(Criteria(conditions={}))
        now = used(watch)
        spans = [Span("Spring sale", "campaign", now - timedelta(hours=1), now + timedelta(days=1))]
        loud = [seen for seen in rise(watch, now, negative, spans) if seen.level]
        assert loud, "a known rise is never hidden"
        assert all(seen.hushed for seen in loud) is hushed
        assert loud[0].facts["known"]["name"] == "Spring sale"


def test_what_goes_on_after_the_campaign_is_no_longer_explained_by_it():
    watch = Lookout(Criteria(conditions={}))
    now = used(watch)
    spans = [Span("Spring sale", "campaign", now - timedelta(hours=1), now + timedelta(minutes=30))]
    loud = [seen for seen in rise(watch, now, 2, spans) if seen.level]
    assert [seen.hushed for seen in loud][:1] == [True]
    assert loud[-1].hushed is False
    assert loud[-1].at > now + timedelta(minutes=30)


def test_the_watch_goes_on_after_a_restart_to_the_last_bit():
    one = Lookout(Criteria())
    _seen, now = calm(one, 300, danger=1)
    other = Lookout.restore(one.state(), Criteria())
    assert rise(one, now, 10, ()) == rise(other, now, 10, ())


def test_a_gap_freezes_the_watch():
    watch = Lookout(Criteria())
    calm(watch, 300)
    before = watch.state()
    watch.take(Step(Bucket(START + timedelta(days=2), None), danger=9))
    assert watch.state() == before


def test_severity_adds_up_its_parts_and_knows_its_bounds():
    none = severity({})
    all_of_it = severity(dict.fromkeys(Weighs, 10**9))
    assert (none.level, none.points) == (1, 0)
    assert (all_of_it.level, all_of_it.points) == (4, 100)
    assert sum(weight.points for weight in WEIGHTS.values()) == 100
    some = severity({Weighs.REACH: 100_000, Weighs.AUTHORS: 200, Weighs.SPEED: 5})
    assert some.points == sum(part.points for part in some.parts)
    assert severity({}, serious=True).level == 2


@pytest.mark.django_db
def test_a_definition_is_kept_whole_and_read_back(brand, owner, now):
    wanted = Criteria(
        0.25, {Condition.REACH: 50_000.0}, ("swollen", '"gas bubbles"'), {1: "nobody", 2: "on_call", 3: "leaders", 4: "everybody"}, "RU"
    )  # fmt: skip
    save_definition(brand=brand, by=owner, now=now, criteria=wanted)
    assert criteria(brand) == wanted
    save_definition(brand=brand, by=owner, now=now, budget=3.0)
    assert criteria(brand).conditions == wanted.conditions
    assert definition(brand).version == 2
    assert criteria(brand).called[1] == Called.NOBODY


@pytest.mark.django_db
def test_what_cannot_be_meant_is_refused_in_a_sentence_and_nothing_is_saved(brand, owner, now):
    for wrong in (
        Criteria(budget=0),
        Criteria(conditions={Condition.SCAM: -1.0}),
        Criteria(danger_words=()),
    ):
        with pytest.raises(BadInput):
            save_definition(brand=brand, by=owner, now=now, criteria=wrong)
    with pytest.raises(QueryError):
        save_definition(brand=brand, by=owner, now=now, criteria=Criteria(danger_words=("(",)))
    assert definition(brand).version == 0
