"""What networks bring to our door: only theirs, once, and answered in the words they wait for."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from stormdesk.accounts.models import Account
from stormdesk.listen import actions
from stormdesk.listen.models import Mention, Source
from stormdesk.networks.webhook import sign

pytestmark = pytest.mark.django_db


def added(brand, owner, now, network, settings, secret, account=None):
    return actions.add_source(
        brand=brand, by=owner, now=now, network=network, kind="receive", name=network, settings=settings,
        secret=secret, account=account, poll_every=0,
    )  # fmt: skip


def bring(brand, source, body, **headers):
    return Client().post(
        reverse("hook", args=[brand.slug, source.pk]),
        json.dumps(body),
        content_type="application/json",
        headers=headers,
    )


@pytest.fixture
def community(brand, now):
    return Account.objects.create(
        brand=brand, network="vk", handle="meadow", settings={"community": "500"}, connected_at=now
    )


def vk_event(text="Swollen lids at Meadow", number="e1", **changed):
    """An event of dev.vk.com/en/api/community-events/json-schema: a comment on the wall."""
    return {
        "type": "wall_reply_new", "event_id": number, "v": "5.199", "group_id": 500, "secret": "hook-secret",
        "object": {"id": 7, "from_id": 42, "date": 1_700_000_000, "text": text, "post_id": 3, "post_owner_id": -500,
                   "owner_id": -500},
    } | changed  # fmt: skip


def test_vk_is_confirmed_heard_once_and_answered_ok(brand, owner, now, community):
    source = added(
        brand, owner, now, "vk", {"confirmation": "abc123"}, {"callback_secret": "hook-secret"}, community
    )
    first = bring(brand, source, {"type": "confirmation", "group_id": 500, "secret": "hook-secret"})
    assert first.content == b"abc123"
    for _again in range(2):
        answer = bring(brand, source, vk_event())
        assert (answer.status_code, answer.content) == (200, b"ok")
    assert Mention.objects.get().text == "Swollen lids at Meadow"
    source.refresh_from_db()
    assert list(source.cursor["seen"]) == ["e1"]
    assert source.heard_at is not None


def test_whoever_does_not_know_the_secret_brings_nothing(brand, owner, now, community):
    source = added(
        brand, owner, now, "vk", {"confirmation": "x"}, {"callback_secret": "hook-secret"}, community
    )
    assert bring(brand, source, vk_event(secret="guess")).status_code == 401
    assert bring(brand, source, vk_event(group_id=501)).status_code == 401
    assert bring(brand, source, ["nonsense"]).status_code == 422
    assert not Mention.objects.exists()


def test_telegram_brings_an_update_with_its_token(brand, owner, now):
    bot = Account.objects.create(
        brand=brand, network="telegram", handle="desk_bot", settings={}, connected_at=now
    )
    source = added(brand, owner, now, "telegram", {}, {"webhook_secret": "s3cret", "token": "1:x"}, bot)
    update = {
        "update_id": 10,
        "message": {
            "message_id": 5, "date": 1_700_000_000, "text": "Meadow, where is my order?",
            "chat": {"id": 42, "type": "private", "first_name": "Vera"},
            "from": {"id": 42, "is_bot": False, "first_name": "Vera"},
        },
    }  # fmt: skip
    head = {"X-Telegram-Bot-Api-Secret-Token": "s3cret"}
    assert bring(brand, source, update).status_code == 401
    assert bring(brand, source, update, **head).status_code == 202
    assert bring(brand, source, update, **head).status_code == 202
    assert Mention.objects.get().text == "Meadow, where is my order?"


def test_another_brands_source_and_one_that_asks_have_no_door(brand, owner, now, community, make_brand):
    source = added(
        brand, owner, now, "vk", {"confirmation": "x"}, {"callback_secret": "hook-secret"}, community
    )
    assert bring(make_brand("Other"), source, vk_event()).status_code == 404
    asks = Source.objects.create(
        brand=brand,
        network="vk",
        kind="wall",
        name="w",
        settings={"wall": "1"},
        added_at=now,
        account=community,
    )
    assert bring(brand, asks, vk_event()).status_code == 404


def test_a_signed_message_is_taken_once(brand, owner, now, monkeypatch):
    from stormdesk.listen.views import hooks

    monkeypatch.setattr(hooks, "utcnow", lambda: now)
    source = added(brand, owner, now, "webhook", {}, {"signing_key": "k" * 32})
    item = {"id": "1", "text": "hello", "published_at": "2026-11-17T09:00:00Z", "author": {"handle": "anna"}}
    body = json.dumps({"items": [item]})
    stamp = int(now.timestamp())
    head = {"Stormdesk-Timestamp": str(stamp), "Stormdesk-Signature": sign("k" * 32, stamp, body.encode())}
    address = reverse("hook", args=[brand.slug, source.pk])
    taken = [Client().post(address, body, content_type="application/json", headers=head) for _ in range(2)]
    assert [answer.status_code for answer in taken] == [202, 401]
    assert Mention.objects.count() == 1


def test_the_secret_is_shown_when_the_source_is_made_and_never_again(brand, owner, client_of):
    browser = client_of(owner)
    page = reverse("add_source", args=[brand.slug, "webhook", "receive"])
    shown = browser.get(page).context["form"]["f_signing_key"]
    assert len(shown.initial) > 30
    assert shown.initial in str(shown)
    browser.post(page, {"name": "Shop", "speaks_every": "86400", "f_signing_key": shown.initial})
    source = Source.objects.get()
    said = browser.get(reverse("source", args=[brand.slug, source.pk])).content.decode()
    assert shown.initial not in said
    assert f"/hooks/{source.pk}/" in said


def test_metas_first_question_is_answered_only_to_whoever_knows_the_token(brand, owner, now):
    page = Account.objects.create(
        brand=brand, network="facebook", handle="meadow", settings={"page_id": "1"}, connected_at=now
    )
    secret = {"verify_token": "our-token", "client_secret": "app"}
    source = added(brand, owner, now, "facebook", {}, secret, page)
    address = reverse("hook", args=[brand.slug, source.pk])
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "our-token"}
    assert Client().get(address, asked).content == b"1158201444"
    assert Client().get(address, asked | {"hub.verify_token": "guess"}).status_code == 401
    assert Client().put(address).status_code == 405


def test_a_source_that_is_switched_off_takes_nothing(brand, owner, now, community):
    settings, secret = {"confirmation": "abc123"}, {"callback_secret": "hook-secret"}
    source = added(brand, owner, now, "vk", settings, secret, community)
    Source.objects.filter(pk=source.pk).update(state="off")
    assert bring(brand, source, vk_event()).status_code == 404
    assert not Mention.objects.exists()
