"""How networks stand in countries' laws: shipped with a date and a source, corrected by the brand, shown to whoever publishes."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from stormdesk.accounts import actions, queries
from stormdesk.accounts.models import Account, LegalNote
from stormdesk.accounts.words import COUNTRIES, STANDING, limit_in_words
from stormdesk.core.errors import AccessDenied, BadInput
from stormdesk.networks import legal
from stormdesk.networks.base import Limit
from stormdesk.networks.legal import Standing

pytestmark = pytest.mark.django_db


def save(brand, by, now, **changed):
    return actions.save_legal_note(
        brand=brand, by=by, now=now,
        **{"network": "mastodon", "country": "RU", "status": "restricted", "text": "Blocked since May.",
           "as_of": now.date(), "source": "https://example.org/law"} | changed,
    )  # fmt: skip


@pytest.mark.parametrize("note", legal.shipped(), ids=lambda note: f"{note.network}-{note.country}")
def test_every_shipped_note_is_dated_sourced_and_told_in_both_languages(note):
    assert note.since
    assert note.since <= note.as_of
    assert note.source.startswith("http")
    assert re.search("[а-яё]", note.told("ru"))
    assert not re.search("[а-яё]", note.told("en").lower())
    assert note.country in COUNTRIES
    assert note.status in STANDING


def test_a_brands_own_note_takes_the_place_of_the_shipped_one(brand, owner, now):
    assert [note.status for note in queries.in_the_way(brand, "x")] == [Standing.RESTRICTED]
    LegalNote.objects.create(brand=brand, network="x", country="RU", status="open", as_of=date(2027, 1, 1))
    assert queries.in_the_way(brand, "x") == []


def test_another_brand_does_not_see_it(brand, owner, now, make_brand):
    save(brand, owner, now)
    assert queries.in_the_way(brand, "mastodon")
    assert not queries.in_the_way(make_brand("Other"), "mastodon")


def test_only_those_who_may_change_settings_save_one_and_never_from_the_future(brand, owner, person, now):
    with pytest.raises(AccessDenied):
        save(brand, person("viewer"), now)
    with pytest.raises(BadInput):
        save(brand, owner, now, as_of=now.date() + timedelta(days=1))
    with pytest.raises(BadInput):
        save(brand, owner, now, network="nowhere")
    assert not LegalNote.objects.exists()


@pytest.mark.parametrize(("language", "word"), [("en", "As of"), ("ru", "По состоянию на")])
def test_whoever_writes_a_post_sees_it(brand, owner, now, client_of, language, word):
    Account.objects.create(brand=brand, network="mastodon", handle="@meadow@x", connected_at=now)
    page = f"/b/{brand.slug}/posts/new/"
    browser = client_of(owner, language)
    assert "Blocked since May." not in browser.get(page).content.decode()
    save(brand, owner, now)
    said = browser.get(page).content.decode()
    assert "Blocked since May." in said
    assert word in said


def test_the_page_saves_a_correction(brand, owner, now, client_of):
    browser = client_of(owner)
    assert "72-FZ" in browser.get(f"/b/{brand.slug}/accounts/law/").content.decode()
    filled = browser.get(f"/b/{brand.slug}/accounts/law/?network=mastodon&country=RU")
    assert filled.status_code == 200
    given = {
        "network": "mastodon",
        "country": "RU",
        "status": "slowed",
        "text": "<b>slow</b>",
        "as_of": "2026-01-02",
    }
    assert browser.post(f"/b/{brand.slug}/accounts/law/", given).status_code == 302
    said = browser.get(f"/b/{brand.slug}/accounts/law/").content.decode()
    assert "&lt;b&gt;slow" in said
    bad = browser.post(f"/b/{brand.slug}/accounts/law/", given | {"as_of": "yesterday"})
    assert bad.status_code == 200
    assert LegalNote.objects.count() == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "a second"),
        (90, "90 seconds"),
        (300, "5 minutes"),
        (3600, "an hour"),
        (10_800, "3 hours"),
        (86_400, "a day"),
    ],
)
def test_limits_in_words(seconds, words):
    told = limit_in_words(Limit("uploads", 30, seconds, "https://example.org"))
    assert told["sentence"] == f"Uploads: 30 in {words}"


def test_a_note_is_told_in_the_language_of_the_page_whatever_its_country():
    note = next(note for note in legal.shipped() if note.text["ru"] != note.text["en"])
    assert note.told("ru-ru") == note.text["ru"]
    assert note.told("de") == note.text["en"]
