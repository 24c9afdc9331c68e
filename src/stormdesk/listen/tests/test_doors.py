"""Telegram is told to bring its messages to our door, stops, and is fetched from again; against its emulation."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from stormdesk.accounts.models import Account, Secret
from stormdesk.core.errors import Refused
from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.faulty import in_background
from stormdesk.listen import actions
from stormdesk.listen.actions import health, poll_sources
from stormdesk.listen.models import Mention, Source
from stormdesk.networks.base import NetworkError, Permanent, Unknown
from stormdesk.networks.telegram.tests import emulation
from stormdesk.networks.telegram.tests.test_emulation import ANNA_CHAT, ANNA_USER
from stormdesk.networks.tests.served import served

pytestmark = pytest.mark.django_db
KNOWN = "Ab-_9x"


@pytest.fixture
def telegram(monkeypatch, settings):
    """Telegram's emulation in a thread of its own, and a desk that has a public address."""
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    settings.SITE_URL = "https://desk.example"
    state = emulation.Telegram()
    with in_background() as run:
        serving = served(state.handle)
        state.server = run(serving.__aenter__())
        yield state


@pytest.fixture
def bot(brand, now, telegram, settings):
    url = telegram.server.url
    account = Account.objects.create(
        brand=brand, network="telegram", handle="kettle_bot", connected_at=now,
        settings={"server": url, "pages": url, "chat": "@teapot_news"},
    )  # fmt: skip
    sealed = settings.VAULT.seal(json.dumps({"token": emulation.TOKEN}))
    Secret.objects.create(account=account, sealed=sealed)
    return account


@pytest.fixture
def fetched(brand, owner, now, bot):
    return actions.add_source(
        brand=brand,
        by=owner,
        now=now,
        network="telegram",
        kind="updates",
        name="Asked",
        settings={},
        account=bot,
    )


@pytest.fixture
def door(brand, owner, now, bot):
    return actions.add_source(
        brand=brand, by=owner, now=now, network="telegram", kind="receive", name="Brought", settings={},
        secret={"webhook_secret": KNOWN}, account=bot, poll_every=0,
    )  # fmt: skip


def knock(door, telegram):
    """As Telegram does: everything that waits, to the address it was told, with the secret it was given."""
    path = telegram.webhook.removeprefix("https://desk.example")
    for update in telegram.updates:
        headers = {"X-Telegram-Bot-Api-Secret-Token": telegram.known}
        answer = Client().post(path, json.dumps(update), content_type="application/json", headers=headers)
        assert answer.status_code in (200, 202), answer.content


def tell(telegram, text):
    telegram.tell("message", chat=ANNA_CHAT, **{"from": ANNA_USER}, text=text)


def fresh(source):
    return Source.objects.select_related("brand", "account", "account__secret").get(pk=source.pk)


def test_the_button_has_messages_brought_and_what_was_fetched_by_either_way_is_heard_once(
    client, brand, owner, now, telegram, fetched, door
):
    tell(telegram, "before")
    poll_sources(now)
    page = reverse("source", args=[brand.slug, door.pk])
    client.force_login(owner)
    assert b"Let Telegram bring them" in client.get(page).content
    client.post(reverse("door", args=[brand.slug, door.pk]), {"brought": "yes"})
    assert telegram.webhook == "https://desk.example" + reverse("hook", args=[brand.slug, door.pk])
    assert fresh(fetched).state == "off"
    assert b"Fetch them again" in client.get(page).content
    tell(telegram, "while brought")
    knock(door, telegram)
    assert set(Mention.objects.values_list("text", flat=True)) == {"before", "while brought"}
    client.post(reverse("door", args=[brand.slug, door.pk]), {"brought": "no"})
    assert telegram.webhook == ""
    assert fresh(fetched).state == "ok"
    assert fresh(door).door == {}
    tell(telegram, "after")
    Source.objects.filter(pk=fetched.pk).update(due_at=now)
    poll_sources(now)
    assert sorted(Mention.objects.values_list("text", flat=True)) == ["after", "before", "while brought"]


def test_a_door_at_which_nobody_knocks_any_more_is_told_and_fetching_goes_on(
    owner, now, telegram, fetched, door
):
    actions.bring(source=fresh(door), by=owner, now=now)
    assert actions.look_at_doors(now + timedelta(minutes=11)) == 0
    telegram.webhook = "https://other.example/hook"
    for minute in (22, 24, 26):
        actions.look_at_doors(now + timedelta(minutes=minute))
    with translation.override("en"):
        assert "another address now" in health.told(fresh(door))
    assert (fresh(door).state, fresh(door).door) == ("failing", {})
    assert fresh(fetched).state == "ok"
    assert telegram.webhook == "https://other.example/hook", "another program's door is left alone"


def test_a_network_that_cannot_be_asked_says_nothing_of_the_door_and_a_fault_that_passes_is_forgotten(
    owner, now, telegram, fetched, door
):
    actions.bring(source=fresh(door), by=owner, now=now)
    telegram.server.faults = {"getWebhookInfo": ["away"] * 9}
    assert actions.look_at_doors(now + timedelta(minutes=11)) == 0
    assert fresh(door).failures == 0
    telegram.server.faults = {}
    url, telegram.webhook = telegram.webhook, ""
    assert actions.look_at_doors(now + timedelta(minutes=22)) == 1
    telegram.webhook = url
    assert actions.look_at_doors(now + timedelta(minutes=24)) == 0
    assert (fresh(door).failures, fresh(door).state, fresh(fetched).state) == (0, "ok", "off")


def test_a_source_that_is_switched_off_is_taken_off_the_network_too_even_if_it_cannot_be_told(
    owner, now, telegram, fetched, door
):
    actions.bring(source=fresh(door), by=owner, now=now)
    actions.switch_off(source=fresh(door), by=owner, now=now, reason="no more")
    assert (telegram.webhook, fresh(door).door, fresh(door).state) == ("", {}, "off")
    assert fresh(fetched).state == "off", "who stops listening has not asked to fetch"
    actions.switch_source(source=fresh(door), by=owner, now=now, on=True)
    actions.bring(source=fresh(door), by=owner, now=now)
    telegram.server.faults = {"getWebhookInfo": ["away"] * 9}
    actions.switch_off(source=fresh(door), by=owner, now=now, reason="no more")
    assert (fresh(door).door, fresh(door).state) == ({}, "off")


def test_a_desk_that_moves_takes_its_doors_along(owner, now, telegram, door, settings):
    actions.bring(source=fresh(door), by=owner, now=now)
    settings.SITE_URL = "https://new.example"
    assert actions.look_at_doors(now + timedelta(minutes=11)) == 0
    assert telegram.webhook.startswith("https://new.example/")
    assert fresh(door).door["url"] == telegram.webhook


def test_what_is_refused_changes_nothing(client, brand, owner, now, telegram, fetched, door, settings):
    telegram.webhook = "https://other.example/hook"
    with pytest.raises(Permanent) as refused:
        actions.bring(source=fresh(door), by=owner, now=now)
    assert refused.value.code == "elsewhere"
    assert (fresh(door).door, fresh(fetched).state) == ({}, "ok")
    telegram.webhook = ""
    telegram.server.faults = {"setWebhook": ["away"] * 9, "getWebhookInfo": ["away"] * 9}
    with pytest.raises(NetworkError):
        actions.bring(source=fresh(door), by=owner, now=now)
    settings.SITE_URL = "http://127.0.0.1:8080"
    with pytest.raises(Refused):
        actions.bring(source=fresh(door), by=owner, now=now)
    with pytest.raises(Refused):
        actions.bring(source=fresh(fetched), by=owner, now=now)
    client.force_login(owner)
    assert b"bring them</button>" not in client.get(reverse("source", args=[brand.slug, door.pk])).content
    assert fresh(fetched).state == "ok"


def test_a_network_that_did_not_say_whether_it_took_the_door_is_asked(owner, now, telegram, door):
    Source.objects.filter(pk=door.pk).update(failures=2, problem="x")
    telegram.server.faults = {"setWebhook": ["away"]}
    with pytest.raises(Unknown):
        actions.bring(source=fresh(door), by=owner, now=now)
    assert fresh(door).door == {}
    telegram.server.faults = {"setWebhook": ["lost"]}
    later = now + timedelta(minutes=1)
    actions.bring(source=fresh(door), by=owner, now=later)
    assert telegram.webhook == fresh(door).door["url"]
    assert (fresh(door).failures, fresh(door).problem, fresh(door).answered_at) == (0, "", later)
