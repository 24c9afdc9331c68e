"""The clock of an answer and what a kind answer looks like."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from stormdesk.reply import rules

MOSCOW = ZoneInfo("Europe/Moscow")


def at(text: str) -> datetime:
    """A moment of November 2026 on Moscow's clock: "17 10:00"."""
    day, clock = text.split()
    hour, minute = clock.split(":")
    return datetime(2026, 11, int(day), int(hour), int(minute), tzinfo=MOSCOW).astimezone(UTC)


@pytest.mark.parametrize(
    ("urgency", "since", "due"),
    [
        (0, "17 10:00", "17 18:00"),  # a whole working day from nine is nine hours
        (0, "17 12:00", "18 11:00"),
        (1, "17 16:00", "18 11:00"),
        (2, "17 17:30", "18 09:30"),
        (2, "17 03:00", "17 10:00"),
        (1, "20 17:00", "23 12:00"),  # Friday evening, Monday noon
        (2, "21 12:00", "23 10:00"),  # a Saturday
        (3, "21 03:00", "21 03:15"),  # danger does not wait for Monday
    ],
)
def test_the_clock_runs_in_working_hours_and_always_when_somebody_is_in_danger(urgency, since, due):
    assert rules.due_at(urgency, at(since), MOSCOW, rules.Hours()) == at(due)


def test_a_night_on_which_the_clocks_change_costs_nobody_an_hour():
    berlin = ZoneInfo("Europe/Berlin")
    saturday = datetime(2026, 10, 24, 17, 0, tzinfo=berlin)
    due = rules.due_at(1, saturday, berlin, rules.Hours(days=(5, 6)))
    assert due.astimezone(berlin) == datetime(2026, 10, 25, 12, 0, tzinfo=berlin)


def test_hours_that_make_no_sense_do_not_stop_the_clock():
    since = at("17 10:00")
    assert rules.due_at(1, since, MOSCOW, rules.Hours(opens=1000, closes=600)) == since + timedelta(hours=4)
    assert rules.due_at(1, since, MOSCOW, rules.Hours(days=())) == since + timedelta(hours=4)


def test_one_form_letter_with_another_name_is_the_same_words():
    letter = "{}, we are sorry about the yoghurt. Write to us in private and we will return the money."
    earlier = [letter.format("Oksana"), letter.format("Aygul")]
    assert rules.alike(letter.format("Dmitry"), earlier) == 2
    own = "Dmitry, the shop in Lenin Street was wrong to refuse you. I rang them; go again after three."
    assert rules.alike(own, earlier) == 0
    assert rules.sameness("", letter) == 0


@pytest.mark.parametrize("kind", ["I am so sorry", "Нам очень жаль", "Извините нас", "Просим прощения"])
def test_an_answer_to_a_complaint_says_something_kind(kind):
    asked = {"complains": True, "public": True, "earlier": ()}
    assert [hint.key for hint in rules.hints("The batch number is on the lid.", **asked)] == ["sorry"]
    assert rules.hints(f"{kind}. The batch number is on the lid.", **asked) == []
    assert rules.hints("The batch number is on the lid.", complains=False, public=True, earlier=()) == []


@pytest.mark.parametrize("words", ["Your request has been registered", "Ваше обращение зарегистрировано"])
def test_office_words_are_pointed_at(words):
    text = f"Thank you. {words} today."
    (hint,) = rules.hints(text, complains=False, public=True, earlier=())
    assert text[hint.start : hint.end] == words


def test_a_long_answer_belongs_in_private():
    text = "sorry " * 100
    assert [h.key for h in rules.hints(text, complains=True, public=True, earlier=())] == ["long"]
    assert rules.hints(text, complains=True, public=False, earlier=()) == []


def test_names_and_blanks():
    assert rules.first_name("Oksana R.", "oksana_r") == "Oksana"
    assert rules.first_name("★彡", "@cat@example.social") == "cat"
    assert rules.first_name("", "id42") == "id42"
    assert rules.filled("{{name}}, call {{contact}}", {"name": "Oksana"}) == "Oksana, call {{contact}}"
    assert rules.for_another("Oksana, sorry!", "Oksana") == "{{name}}, sorry!"
