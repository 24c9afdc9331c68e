"""A drill reaches the people who take part, says in every message what it is, and never calls those who are played."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stormdesk.notify import actions, queries
from stormdesk.notify.channels import WAYS
from stormdesk.notify.channels.base import Letter
from stormdesk.notify.models import Call, Shift, Step
from stormdesk.notify.rules import ChannelKind
from stormdesk.notify.sending import letter_of, send_due
from stormdesk.people.actions import drill_colleague
from stormdesk.people.rules import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def drill(make_brand, make_person):
    """A drill with one real lead, and with a played lead, owner and publisher."""
    brand = make_brand("Meadow", is_drill=True)
    real = make_person("Anna", {brand: "lead"})
    played = [
        drill_colleague(brand=brand, name=f"{role} (played)", role=role)
        for role in (Role.LEAD, Role.OWNER, Role.PUBLISHER)
    ]
    return brand, real, played


def call(brand, now):
    return actions.call_people(brand=brand, about="alert:1", kind="test", path="/x/", facts={}, now=now)


def test_played_colleagues_stand_in_no_circle_of_people_to_call(drill, now):
    brand, real, played = drill
    Shift.objects.create(
        brand=brand, user=played[2], starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1)
    )
    assert queries.on_call(brand, now) == []
    assert queries.first_called(brand, now) == [real]
    assert queries.leaders(brand) == [real]
    assert queries.answering(brand) == [real]


def test_a_step_that_names_a_played_colleague_calls_nobody_and_goes_on(drill, now):
    brand, real, played = drill
    Step.objects.create(brand=brand, position=0, after_minutes=0, user=played[0])
    call(brand, now)
    assert not Call.objects.exists()
    actions.escalate_due(now=now + timedelta(minutes=11))
    assert [row.user for row in Call.objects.all()] == [real]


def test_what_is_told_to_a_played_colleague_goes_nowhere(drill, now):
    brand, _real, played = drill
    assert actions.tell(brand=brand, user=played[1], kind="test", facts={}, path="/", now=now) == []
    assert not Call.objects.exists()


@pytest.mark.parametrize(("language", "word"), [("en", "Drill"), ("ru", "Учения")])
def test_every_way_says_drill_first(drill, now, monkeypatch, language, word):
    """What each way is handed; what each makes of title and text is in test_channels."""
    brand, real, _played = drill
    type(real).objects.filter(pk=real.pk).update(language=language)
    for kind in ChannelKind:
        actions.add_channel(user=real, now=now, kind=kind, address="x", sealed={"a": "b"})
    call(brand, now)
    handed: list[Letter] = []
    for kind in ChannelKind:
        monkeypatch.setitem(WAYS, kind, lambda address, sealed, letter: handed.append(letter))
    assert send_due(now=now) == len(ChannelKind)
    for letter in handed:
        assert letter.subject.startswith(word)
        assert word in letter.title
        assert letter.text.splitlines()[0].startswith(("This is a drill", "Это учения"))


def test_real_brands_say_nothing_of_drills(brand, owner, now):
    call(brand, now)
    letter = letter_of(Call.objects.get())
    assert "rill" not in letter.title + letter.text
