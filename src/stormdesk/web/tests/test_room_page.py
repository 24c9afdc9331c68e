"""The crisis room as a page: one zone of time, folded lists, and what a measure really did."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from stormdesk.coordinate.models import Task
from stormdesk.declare.models import Measure
from stormdesk.notify.models import Call, Escalation, Shift
from stormdesk.policy.actions import failing_examples
from stormdesk.policy.rules import RuleData
from stormdesk.policy.starter import LANGUAGES, load

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(client_of, owner, crisis):
    def shown():
        answer = client_of(owner).get(f"/b/{crisis.brand.slug}/crises/{crisis.pk}/")
        assert answer.status_code == 200
        return answer.content.decode()

    return shown


def test_the_picture_tells_time_in_the_zone_of_the_page(room, brand, owner, crisis):
    """The axis of the chart and the words beside it must not be hours apart."""
    for zone, field in (("Asia/Tokyo", brand), ("Asia/Kolkata", owner)):
        field.time_zone = zone
        field.save()
        axis = re.findall(r"<text[^>]*>(\d\d):\d\d</text>", room())
        began = crisis.began_at.astimezone(ZoneInfo(zone)).strftime("%H")
        assert began in axis


def test_times_typed_at_a_brand_are_in_its_zone(client_of, owner, brand):
    """Somebody without a zone of their own types and reads the brand's time."""
    brand.time_zone = "Asia/Tokyo"
    brand.save()
    client_of(owner).post(
        f"/b/{brand.slug}/on-call/shifts/",
        {"user": owner.pk, "starts_at": "2026-12-01T09:00", "ends_at": "2026-12-01T18:00"},
    )
    assert Shift.objects.get().starts_at == datetime(2026, 12, 1, 0, 0, tzinfo=UTC)


def test_a_hundred_tasks_are_folded_and_none_is_lost(room, brand, crisis, now):
    for number in range(100):
        Task.objects.create(brand=brand, crisis=crisis, title=f"Task {number}.", made_at=now)
    page = room()
    assert "95 more tasks" in page
    assert all(f"Task {number}." in page for number in range(100))


def test_people_who_could_not_be_called_are_named(room, brand, owner, crisis, now):
    Measure.objects.create(crisis=crisis, kind="call", state="done", changed_at=now)
    escalation = Escalation.objects.create(
        brand=brand, about=f"crisis:{crisis.pk}", kind="crisis.declared", started_at=now
    )
    Call.objects.create(
        escalation=escalation, brand=brand, user=owner, kind="crisis.declared", state="failed", due_at=now
    )
    page = room()
    assert "not reached: Anna Orlova" in page
    assert "0 of 1" in page


def test_declaring_says_what_each_measure_touches(client_of, owner, brand):
    page = client_of(owner).get(f"/b/{brand.slug}/declare/").content.decode()
    assert "0 scheduled posts are held" in page
    assert "Anna Orlova" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_examples_of_a_new_brand_hold_on_its_own_page(language, now):
    """A rule for replies is tried on a reply: otherwise its own example would not be found."""
    for rule in load(language).rules:
        data = RuleData(
            rule.key,
            rule.kind,
            rule.severity,
            rule.title,
            tuple(rule.words),
            dict(rule.settings),
            rule.reason,
            rule.fix,
        )
        assert failing_examples(data, list(rule.good), list(rule.bad), now) == []


def test_without_a_crisis_whoever_may_declares_one(client_of, owner, brand, make_person):
    path = f"/b/{brand.slug}/crisis/"
    assert "Declare a crisis" in client_of(owner).get(path).content.decode()
    assert (
        "Declare a crisis" not in client_of(make_person("Dina", {brand: "viewer"})).get(path).content.decode()
    )


def test_a_drill_is_no_crisis_on_pulse(client_of, owner, brand, crisis):
    brand.is_drill = True
    brand.save()
    page = client_of(owner).get(f"/b/{brand.slug}/").content.decode()
    assert "drill: Faulty batch" in page
    assert "in a crisis" not in page
