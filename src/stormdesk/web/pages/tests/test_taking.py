"""“I have it” behind a link: opening changes nothing, the button takes the matter, for one person and one matter."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from stormdesk.detect.models import Alert
from stormdesk.notify import actions, links
from stormdesk.notify.models import Call, Escalation

pytestmark = pytest.mark.django_db


@pytest.fixture
def called(brand, owner, now):
    actions.call_people(
        brand=brand, about="crisis:1", kind="test", path=f"/b/{brand.slug}/", facts={}, now=now
    )
    return Call.objects.get()


def test_opening_changes_nothing_and_the_button_takes_it(called, owner):
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(links.path_of(called))
    assert page.status_code == 200
    assert Escalation.objects.get().ended_at is None
    assert browser.post(links.path_of(called)).status_code == 403
    token = re.search('csrfmiddlewaretoken" value="([^"]+)', page.content.decode())[1]
    taken = browser.post(links.path_of(called), {"csrfmiddlewaretoken": token})
    assert str(owner) in taken.content.decode()
    assert Escalation.objects.get().acknowledged_by == owner


def test_an_alert_counts_as_taken_too(brand, owner, now):
    alert = Alert.objects.create(
        brand=brand, level="attention", kind="volume", since=now, noticed_at=now, last_at=now
    )
    actions.call_people(brand=brand, about=f"alert:{alert.pk}", kind="test", path="/", facts={}, now=now)
    assert Client().post(links.path_of(Call.objects.get())).status_code == 200
    alert.refresh_from_db()
    assert alert.state == "acknowledged"
    assert alert.acknowledged_by == owner


def test_who_was_slower_is_told_who_has_it(called, brand, person, now):
    vera = person("lead", "Vera")
    actions.acknowledge(brand=brand, about="crisis:1", by=vera, now=now)
    for answer in (Client().get(links.path_of(called)), Client().post(links.path_of(called))):
        assert "Vera" in answer.content.decode()


def test_forged_old_and_foreign_links_do_nothing(called, owner, settings, monkeypatch):
    path = links.path_of(called)
    assert Client().post(path[:-3] + "x/").status_code == 404
    monkeypatch.setattr(links, "GOOD_FOR", timedelta(seconds=-1))
    assert Client().post(path).status_code == 404
    assert Escalation.objects.get().ended_at is None


def test_whoever_has_left_takes_nothing(called, owner):
    type(owner).objects.filter(pk=owner.pk).update(is_active=False)
    assert Client().post(links.path_of(called)).status_code == 409
    assert Escalation.objects.get().ended_at is None


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_speaks_the_persons_language(called, owner, language):
    type(owner).objects.filter(pk=owner.pk).update(language=language)
    page = Client().get(links.path_of(called)).content.decode()
    assert ("Беру на себя" in page) == (language == "ru")
