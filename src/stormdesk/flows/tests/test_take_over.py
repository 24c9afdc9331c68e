"""“I have it”, pressed behind the link of a message: one button, one person, one matter, for a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from stormdesk.detect.models import Alert
from stormdesk.notify import actions
from stormdesk.notify.links import GOOD_FOR, path_of
from stormdesk.notify.models import Call, Escalation
from stormdesk.people.models import Membership

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_that_moment(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def alert(brand, owner, now) -> Alert:
    return Alert.objects.create(
        brand=brand, level="attention", kind="volume", since=now, noticed_at=now, last_at=now,
        facts={"count": 40, "low": 3, "high": 9, "window": 60, "at": now.isoformat()},
    )  # fmt: skip


def called(brand, now, about) -> Call:
    actions.call_people(brand=brand, about=about, kind="test", path=f"/b/{brand.slug}/", facts={}, now=now)
    return Call.objects.latest("pk")


def test_looking_changes_nothing_and_the_button_takes_the_alert(brand, owner, now, alert):
    call = called(brand, now, f"alert:{alert.pk}")
    browser = Client()
    assert b"nobody else is called" in browser.get(path_of(call)).content
    alert.refresh_from_db()
    assert (alert.state, Escalation.objects.get().ended_at) == ("open", None)
    assert browser.post(path_of(call)).status_code == 200
    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_by) == ("acknowledged", owner)
    assert Escalation.objects.get().acknowledged_by == owner
    assert not Call.objects.filter(state="due").exists()
    assert actions.escalate_due(now=now + timedelta(hours=3)) == 0


def test_a_matter_that_is_no_alert_is_taken_too(brand, owner, now):
    call = called(brand, now, "concern:7")
    assert Client().post(path_of(call)).status_code == 200
    assert Escalation.objects.get().acknowledged_by == owner


def test_whoever_is_slower_reads_who_has_it(brand, owner, person, now, alert):
    lead = person("lead", "Ksenia")
    actions.set_steps(brand=brand, by=owner, now=now, steps=[(0, owner), (5, lead)])
    first = called(brand, now, f"alert:{alert.pk}")
    actions.escalate_due(now=now + timedelta(minutes=5))
    second = Call.objects.latest("pk")
    assert Client().post(path_of(second)).status_code == 200
    page = Client().get(path_of(first)).content.decode()
    assert "Ksenia" in page
    assert "nobody else is called" not in page
    answer = Client().post(path_of(first))
    assert answer.status_code == 409
    assert "Ksenia already has it" in answer.content.decode()
    alert.refresh_from_db()
    assert alert.acknowledged_by == lead


def test_an_old_or_forged_link_opens_nothing(brand, owner, now, alert):
    call = called(brand, now, f"alert:{alert.pk}")
    path = path_of(call)
    forged = path[:-2] + ("a/" if path[-2] != "a" else "b/")
    assert Client().post(forged).status_code == 404
    with time_machine.travel(now + GOOD_FOR + timedelta(minutes=1), tick=False):
        assert Client().post(path).status_code == 404
    assert Escalation.objects.get().acknowledged_at is None


def test_whoever_has_lost_the_right_takes_nothing(brand, owner, now, alert):
    call = called(brand, now, f"alert:{alert.pk}")
    Membership.objects.filter(user=owner).update(role="viewer")
    assert Client().post(path_of(call)).status_code in (403, 409)
    assert Escalation.objects.get().acknowledged_at is None
    alert.refresh_from_db()
    assert alert.state == "open"


def test_the_page_speaks_the_language_of_whoever_was_called(brand, owner, now, alert):
    type(owner).objects.filter(pk=owner.pk).update(language="ru")
    call = called(brand, now, f"alert:{alert.pk}")
    page = Client(headers={"accept-language": "en"}).get(path_of(call)).content.decode()
    assert "Я беру" in page or "Взять" in page or "беру" in page.lower()


def test_a_drill_says_so_on_the_page(make_brand, make_person, now):
    brand = make_brand("Meadow", is_drill=True)
    make_person("Anna", {brand: "lead"})
    page = Client().get(path_of(called(brand, now, "alert:1"))).content.decode()
    assert "Drill:" in page


def test_what_is_called_about_no_more_is_not_taken_by_an_old_message(brand, owner, now, alert):
    call = called(brand, now, f"alert:{alert.pk}")
    actions.end(brand=brand, about=f"alert:{alert.pk}", now=now)
    answer = Client().post(path_of(call))
    assert answer.status_code == 409
    assert "It is over" in answer.content.decode()
    alert.refresh_from_db()
    assert alert.state == "open"
