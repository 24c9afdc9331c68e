"""The score of a drill is a pure function: what was expected, what happened, now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stormdesk.learn.rules import Answered, Expected, Happened, score, total

START = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def one(expected: Expected, happened: Happened, now: datetime):
    (mark,) = score([expected], happened, now)
    return mark.state, mark.got


@pytest.mark.parametrize(
    ("done_at", "now", "result"),
    [
        (None, 9, ("ahead", 0)),
        (None, 10, ("missed", 0)),
        (10, 60, ("done", 7)),  # in the last moment
        (10.01, 60, ("late", 3)),  # half of an odd number is not rounded up
    ],
)
def test_in_time_late_missed(done_at, now, result):
    pause = Expected("pause", "Pause", 7, START, timedelta(minutes=10))
    happened = Happened(moments={"pause": after(done_at)} if done_at else {})
    assert one(pause, happened, after(now)) == result


def test_what_has_not_begun_is_ahead():
    assert one(Expected("pause", "Pause", 7, None, timedelta(minutes=5)), Happened(), after(600)) == (
        "ahead",
        0,
    )


def test_what_must_not_happen_is_kept_until_it_does():
    cheerful = Expected("nothing_cheerful", "", 8, START, None)
    assert one(cheerful, Happened(), after(1)) == ("done", 8)
    assert one(cheerful, Happened(broken=frozenset({"nothing_cheerful"})), after(1)) == ("missed", 0)


@pytest.mark.parametrize(
    ("count", "now", "result"),
    [(0, 5, ("ahead", 0)), (10, 5, ("ahead", 2)), (40, 5, ("done", 6)), (10, 99, ("part", 2)), (0, 99, ("missed", 0)), (400, 99, ("done", 6))],
)  # fmt: skip
def test_a_number_of_answers(count, now, result):
    people = Expected("answer_people", "", 6, START, timedelta(minutes=60), count=40)
    assert one(people, Happened(counts={"answer_people": count}), after(now)) == result


def test_a_share_counts_what_is_due_and_what_was_answered_before_that():
    health = Expected("answer_health", "", 8, None, timedelta(minutes=15), share=0.8)

    def mark(rows, now):
        (found,) = score([health], Happened(answers={"answer_health": rows}), after(now))
        return found.state, found.got, found.done, found.of

    in_time, late, open_ = (
        Answered(after(15), after(5)),
        Answered(after(15), after(16)),
        Answered(after(30), None),
    )
    assert mark([], 60) == ("ahead", 0, 0, 0)
    assert mark([open_], 20) == ("ahead", 0, 0, 1)
    assert mark([in_time] * 4 + [late], 60) == ("done", 8, 4, 5)
    assert mark([in_time, late, open_], 20) == ("part", 5, 1, 2)
    assert mark([late, open_], 60) == ("missed", 0, 0, 2)


def test_the_total_leaves_out_what_is_ahead():
    expected = [
        Expected("a", "", 10, START, timedelta(minutes=5)),
        Expected("b", "", 20, START, timedelta(minutes=50)),
        Expected("c", "", 30, None, None),
    ]
    assert total(score(expected, Happened(moments={"a": after(6)}), after(7))) == (5, 10)
