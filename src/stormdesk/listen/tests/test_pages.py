"""Every page of listening, in both languages, and who may not do what."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from stormdesk.core.clock import utcnow
from stormdesk.journal.models import Entry
from stormdesk.listen import actions
from stormdesk.listen.models import Import, Mention, Narrative, Query, SavedFilter, Source

pytestmark = pytest.mark.django_db

HOSTILE = '<script>alert(1)</script> \u202etxt.exe\u200b "onmouseover="x'


@pytest.fixture
def stored(hear, said, source, brand):
    hear(
        said("1", "The yoghurt lid is swollen, is my batch safe? Call me +7 912 345-67-89", "anna", minutes=9),
        said("2", "RT the yoghurt lid is swollen, is my batch safe? Call me", "boris", minutes=8),
        said("3", "the yoghurt lid is swollen is my batch safe", "vera", minutes=7),
        said("4", HOSTILE, HOSTILE, minutes=6),
        said("5", "=HYPERLINK(\"http://evil.example\")", "=cmd", minutes=5, in_reply_to="1", thread="1"),
    )  # fmt: skip
    return {mention.native_id: mention for mention in Mention.objects.filter(brand=brand)}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_opens_in_both_languages(stored, brand, owner, client_of, source, now, language):
    query = actions.save_query(brand=brand, by=owner, now=now, name="Meadow", expression="yoghurt OR луговая")
    browser = client_of(owner, language)
    narrative = Narrative.objects.get(brand=brand)
    pages = [
        reverse("heard", args=[brand.slug]),
        reverse("heard", args=[brand.slug]) + "?q=lid*&mood=negative&since=7d&from=x&urgency=a&before=zz",
        *(reverse("mention", args=[brand.slug, mention.pk]) for mention in stored.values()),
        reverse("narrative", args=[brand.slug, narrative.pk]),
        reverse("daily_review", args=[brand.slug]),
        reverse("queries", args=[brand.slug]),
        reverse("queries", args=[brand.slug]) + "?new",
        reverse("query", args=[brand.slug, query.pk]),
        reverse("sources", args=[brand.slug]),
        reverse("source", args=[brand.slug, source.pk]),
        reverse("add_source", args=[brand.slug, "practice", "search"]),
        reverse("import", args=[brand.slug]),
    ]
    for page in pages:
        answer = browser.get(page)
        assert answer.status_code == 200, page
        text = answer.content.decode()
        assert "<script>alert" not in text, page
        assert "\u202e" not in text, page


def test_search_filters_and_pages_by_keyset(stored, brand, owner, client_of, hear, said):
    hear(*(said(f"n{i}", f"kefir {i}", f"p{i}", minutes=100 + i) for i in range(60)))
    browser = client_of(owner)
    first = browser.get(reverse("heard", args=[brand.slug]) + "?q=kefir")
    assert len(first.context["rows"]) == 50
    second = browser.get(reverse("heard", args=[brand.slug]) + f"?q=kefir&before={first.context['older']}")
    keys = [row.mention.pk for page in (first, second) for row in page.context["rows"]]
    assert len(keys) == len(set(keys)) == 60
    back = browser.get(reverse("heard", args=[brand.slug]) + f"?q=kefir&after={second.context['newer']}")
    assert [row.mention.pk for row in back.context["rows"]] == keys[:50]
    broken = browser.get(reverse("heard", args=[brand.slug]) + "?q=kefir+OR")
    assert "needs a word or brackets" in broken.context["error"]


def test_personal_data_is_hidden_from_viewers(stored, brand, owner, person, client_of):
    page = reverse("mention", args=[brand.slug, stored["1"].pk])
    assert "345-67-89" in client_of(owner).get(page).content.decode()
    for address in (
        page,
        reverse("heard", args=[brand.slug]),
        reverse("mention", args=[brand.slug, stored["5"].pk]),
    ):
        assert "345-67-89" not in client_of(person("viewer")).get(address).content.decode(), address


def test_export_keeps_spreadsheets_from_running_formulas(stored, brand, owner, person, client_of):
    answer = client_of(owner).get(reverse("heard_csv", args=[brand.slug]))
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 5
    formula = next(row for row in rows if row["native_id"] == "5")
    assert formula["text"].startswith("'=")
    assert formula["author_handle"].startswith("'=")
    lines = b"".join(
        client_of(owner).get(reverse("heard_jsonl", args=[brand.slug])).streaming_content
    ).splitlines()
    assert {json.loads(line)["native_id"] for line in lines} == set("12345")
    assert Entry.objects.filter(brand=brand, kind="mention.exported").count() == 2
    assert client_of(person("responder")).get(reverse("heard_csv", args=[brand.slug])).status_code == 403


def test_correcting_from_the_page(stored, brand, owner, person, client_of):
    address = reverse("correct_mention", args=[brand.slug, stored["3"].pk])
    assert (
        client_of(person("viewer")).post(address, {"field": "mood", "value": "negative"}).status_code == 403
    )
    client_of(owner).post(address, {"field": "mood", "value": "positive"})
    stored["3"].refresh_from_db()
    assert stored["3"].mood == "positive"
    assert client_of(owner).post(address, {"field": "text", "value": "x"}).status_code == 422


def test_flags_and_kept_views(stored, brand, owner, client_of):
    browser = client_of(owner)
    picked = [stored["1"].pk, stored["2"].pk]
    browser.post(
        reverse("heard_bulk", args=[brand.slug]), {"mention": [*picked, "x", "9" * 30], "what": "flag"}
    )
    assert set(Mention.objects.filter(flagged_by=owner).values_list("pk", flat=True)) == set(picked)
    answer = browser.post(
        reverse("heard_bulk", args=[brand.slug]),
        {"mention": picked, "what": "crisis", "crisis": "7", "back": "https://evil.example/"},
    )
    assert answer.status_code == 422, "a crisis of nobody"
    browser.post(
        reverse("save_view", args=[brand.slug]), {"name": "Lids", "query": "q=lid&mood=negative&evil=1"}
    )
    assert SavedFilter.objects.get(user=owner).query == "q=lid&mood=negative"


def test_a_query_is_tried_before_it_is_saved(stored, brand, owner, client_of):
    browser = client_of(owner)
    data = {"name": "Meadow", "kind": "brand", "expression": "swollen NOT vera", "is_active": "on"}
    tried = browser.post(reverse("queries", args=[brand.slug]), {**data, "try": ""})
    assert tried.context["trial"].found == 3
    assert not Query.objects.exists()
    wrong = browser.post(reverse("queries", args=[brand.slug]), {**data, "expression": "(lid", "save": ""})
    assert "is not closed" in wrong.content.decode()
    browser.post(reverse("queries", args=[brand.slug]), {**data, "save": ""})
    assert Query.objects.get().expression == "swollen NOT vera"


def test_adding_a_source_and_switching_it_off(brand, owner, client_of, tmp_path):
    browser = client_of(owner)
    address = reverse("add_source", args=[brand.slug, "practice", "search"])
    data = {"name": "Practice", "poll_every": "60", "speaks_every": "3600", "f_query": "lid"}
    assert browser.post(address, data).status_code == 302
    source = Source.objects.get(brand=brand)
    assert source.settings == {"query": "lid"}
    browser.post(reverse("switch_source", args=[brand.slug, source.pk]), {"reason": "moved"})
    source.refresh_from_db()
    assert source.state == "off"
    assert browser.get(reverse("add_source", args=[brand.slug, "nowhere", "search"])).status_code == 404


def test_a_file_is_brought_mapped_and_read(brand, owner, client_of, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    browser = client_of(owner)
    content = "date;author;text\n2026-11-16 10:00;anna;lid swollen\nyesterday;boris;bad time\n2026-11-16 11:00;vera;fine\n"
    file = SimpleUploadedFile("posts.csv", content.encode("cp1251"))
    answer = browser.post(reverse("import", args=[brand.slug]), {"file": file})
    brought = Import.objects.get(brand=brand)
    page = browser.get(answer.url)
    assert page.context["form"].fields["author"].initial == "author"
    data = {
        "text": "text",
        "published_at": "date",
        "author": "author",
        "zone": "Europe/Moscow",
        "network": "vk",
    }
    browser.post(answer.url, data)
    assert actions.read_imports(utcnow()) == 2
    brought.refresh_from_db()
    assert (brought.state, brought.read, brought.stored, brought.refused) == ("done", 3, 2, 1)
    assert "is not a date that can be read" in browser.get(answer.url).content.decode()
    assert Mention.objects.filter(network="vk").first().published_at.hour == 8
    assert list((tmp_path / "imports").iterdir()) == []
    empty = browser.post(
        reverse("import", args=[brand.slug]), {"file": SimpleUploadedFile("x.csv", b"\x00\x01\x02")}
    )
    assert empty.status_code == 200
    assert empty.context["form"].errors


def test_what_is_wrong_with_a_file_is_kept_in_the_brands_language(
    brand, owner, client_of, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    type(brand).objects.filter(pk=brand.pk).update(language="ru")
    browser = client_of(owner)
    file = SimpleUploadedFile("posts.csv", b"date;author;text\n2026-11-16 10:00;anna;lid\n")
    page = browser.post(reverse("import", args=[brand.slug]), {"file": file}).url
    browser.post(
        page, {"text": "text", "published_at": "date", "author": "author", "zone": "UTC", "network": "vk"}
    )
    Path(Import.objects.get().path).unlink()
    assert actions.read_imports(utcnow()) == 0
    failed = Import.objects.get()
    assert failed.state == "failed"
    assert re.search("[а-яё]", failed.problem)


def test_the_daily_review_is_signed_once(brand, owner, client_of, hear, said):
    hear(said("1", "where is my order?", addressed=True), at=utcnow())
    browser = client_of(owner)
    address = reverse("daily_review", args=[brand.slug])
    day = browser.get(address).context["day"]
    assert day.said == 1
    data = {"since": day.since.isoformat(), "note": "calm"}
    assert browser.post(address, data).status_code == 302
    assert browser.post(address, data).status_code == 409
    assert browser.get(address).context["day"].said == 0


def test_signed_messages_come_in_and_unsigned_ones_do_not(brand, owner, client, now):
    from stormdesk.networks.webhook import sign

    source = actions.add_source(
        brand=brand, by=owner, now=now, network="webhook", kind="receive", name="Shop", settings={},
        secret={"signing_key": "k" * 32}, poll_every=0,
    )  # fmt: skip
    item = {"id": "1", "text": "lid", "published_at": "2026-03-01T12:00:00Z", "author": {"handle": "anna"}}
    body = json.dumps({"items": [item]}).encode()
    at = int(utcnow().timestamp())
    address = reverse("hook", args=[brand.slug, source.pk])

    def send(key: str):
        headers = {"Stormdesk-Timestamp": str(at), "Stormdesk-Signature": sign(key, at, body)}
        return client.post(address, body, content_type="application/json", headers=headers)

    assert client.post(address, body, content_type="application/json").status_code == 401
    assert send("x" * 32).status_code == 401
    assert not Mention.objects.exists()
    assert send("k" * 32).json()["stored"] == 1
    assert send("k" * 32).status_code == 401, "the same message again"
    assert Mention.objects.count() == 1
    assert "k" * 32 not in source.sealed


@pytest.mark.parametrize(
    ("language", "word"), [("en", "may be coordinated"), ("ru", "согласованными копиями")]
)
def test_a_narrative_says_how_much_may_be_copied_together(brand, owner, client_of, now, language, word):
    told = Narrative.objects.create(brand=brand, key="k", label="lids", first_at=now, last_at=now, mentions=6)
    for number in range(6):
        Mention.objects.create(
            brand=brand, network="practice", native_id=f"c{number}", author_handle=f"fresh{number}", narrative=told,
            text="Everybody must know what Meadow did today", published_at=now, heard_at=now,
        )  # fmt: skip
    page = client_of(owner, language).get(reverse("narrative", args=[brand.slug, told.pk]))
    assert word in page.content.decode()
    assert page.context["together"]["high"] == 1
    assert page.context["together"]["posts"] == 6
    Mention.objects.filter(native_id__in=["c0", "c1"]).delete()
    assert (
        word
        not in client_of(owner, language)
        .get(reverse("narrative", args=[brand.slug, told.pk]))
        .content.decode()
    )
