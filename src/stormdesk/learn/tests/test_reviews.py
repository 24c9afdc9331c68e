"""Reviews: facts without a person, answers, measures, files; in both languages and behind the walls of a brand."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from pypdf import PdfReader

from stormdesk.core.errors import AccessDenied, BadInput, Conflict, Refused
from stormdesk.declare.actions import create_crisis
from stormdesk.learn import actions, export
from stormdesk.learn.models import PreventiveMeasure, Review
from stormdesk.listen.models import Mention

NASTY = "<script>alert(1)</script>\u202eкрышки вздулись"


@pytest.fixture
def crisis(brand, owner, now):
    Mention.objects.create(
        brand=brand, network="practice", native_id="1", author_handle="marina_k", text=NASTY, author_followers=21_400,
        published_at=now - timedelta(minutes=50), heard_at=now, negative=0.9, mood="negative",
    )  # fmt: skip
    return create_crisis(
        brand=brand, by=owner, now=now, title="Партия 1107", type="faulty_product", severity=2, lead=owner,
        reason="Пишут о вздувшихся крышках", playbook={}, began_at=now - timedelta(hours=1),
    )  # fmt: skip


@pytest.fixture
def review(crisis, owner, now):
    return actions.open_review(crisis=crisis, by=owner, now=now)


def test_a_review_opens_once(crisis, review, owner, now):
    again = actions.open_review(crisis=crisis, by=owner, now=now)
    assert again.pk == review.pk
    assert Review.objects.count() == 1


def test_answers_are_kept_until_written_anew(review, owner, now):
    actions.answer_questions(review=review, by=owner, now=now, answers={"cause": " Датчик молчал "})
    actions.answer_questions(review=review, by=owner, now=now, answers={"helped": "Отзыв партии"})
    review.refresh_from_db()
    assert review.answers == {"cause": "Датчик молчал", "helped": "Отзыв партии"}
    with pytest.raises(BadInput):
        actions.answer_questions(review=review, by=owner, now=now, answers={"blame": "Глеб"})


def test_a_finished_review_is_closed(review, owner, now):
    actions.finish_review(review=review, by=owner, now=now)
    with pytest.raises(Conflict):
        actions.finish_review(review=review, by=owner, now=now)
    with pytest.raises(Refused):
        actions.answer_questions(review=review, by=owner, now=now, answers={"cause": "x"})


def test_measures_have_an_owner_of_the_brand_and_are_settled_once(review, owner, person, make_person, now):
    with pytest.raises(Refused):
        actions.add_measure(
            review=review, by=owner, now=now, text="Звонок вместо письма", owner=make_person("Чужой")
        )
    measure = actions.add_measure(review=review, by=owner, now=now, text="Звонок вместо письма", owner=owner)
    stale = PreventiveMeasure.objects.get(pk=measure.pk)
    actions.settle_measure(measure=measure, by=owner, now=now, state="done")
    with pytest.raises(Conflict):
        actions.settle_measure(measure=stale, by=owner, now=now, state="dropped")
    with pytest.raises(AccessDenied):
        actions.add_measure(review=review, by=person("responder"), now=now, text="Ещё")


@pytest.mark.parametrize(("language", "words"), [("en", "How it began"), ("ru", "Как началось")])
def test_the_page_in_both_languages(client_of, brand, crisis, review, owner, language, words):
    page = client_of(owner, language).get(f"/b/{brand.slug}/reviews/{crisis.pk}/")
    html = page.content.decode()
    assert page.status_code == 200
    assert words in html
    assert "<script>alert" not in html
    assert "\u202e" not in html
    assert "marina_k" in html
    assert client_of(owner, language).get(f"/b/{brand.slug}/reviews/").status_code == 200


def test_looking_at_a_review_that_was_not_opened_writes_nothing(client_of, brand, crisis, person):
    page = client_of(person("viewer")).get(f"/b/{brand.slug}/reviews/{crisis.pk}/")
    assert page.status_code == 200
    assert "not opened yet" in page.content.decode()
    assert not Review.objects.exists()
    lead = client_of(person("lead"))
    assert "Open the review" in lead.get(f"/b/{brand.slug}/reviews/{crisis.pk}/").content.decode()
    assert lead.post(f"/b/{brand.slug}/reviews/{crisis.pk}/open/").status_code == 302
    assert Review.objects.count() == 1


def test_the_forms_write(client_of, brand, crisis, review, owner):
    browser, base = client_of(owner), f"/b/{brand.slug}/reviews/{crisis.pk}"
    browser.post(f"{base}/answers/", {"cause": "A mailbox nobody reads"})
    browser.post(
        f"{base}/measures/",
        {"text": "The sensor rings a telephone", "owner": owner.pk, "due_on": "2026-11-20"},
    )
    measure = PreventiveMeasure.objects.get()
    browser.post(f"/b/{brand.slug}/measures/{measure.pk}/", {"state": "done"})
    measure.refresh_from_db()
    assert measure.state == "done"
    assert "A mailbox nobody reads" in browser.get(f"{base}/").content.decode()
    assert browser.get(f"{base}.html").status_code == 200
    browser.post(f"{base}/finish/")
    assert "Finished by" in browser.get(f"{base}/").content.decode()


def test_brands_are_walls(client_of, make_brand, make_person, brand, crisis, review, owner, now):
    measure = actions.add_measure(review=review, by=owner, now=now, text="Звонок")
    other = make_brand("Greenfield")
    browser = client_of(make_person("Eva", {other: "owner"}))
    for path in (f"reviews/{crisis.pk}/", f"reviews/{crisis.pk}.pdf", f"reviews/{crisis.pk}.json"):
        assert browser.get(f"/b/{other.slug}/{path}").status_code == 404
    assert browser.post(f"/b/{other.slug}/measures/{measure.pk}/", {"state": "done"}).status_code == 404


def test_one_html_file_that_loads_nothing(review, now):
    text = export.html(review, now)
    assert "default-src 'none'" in text
    assert "src=" not in text.replace("src 'none'", "")
    assert 'href="/' not in text
    assert "<svg" in text
    assert text.count("url(") == text.count('url("data:font/woff2;base64,') > 0


def test_the_pdf_holds_text_in_both_scripts_and_the_chart(review, owner, now):
    actions.answer_questions(
        review=review, by=owner, now=now, answers={"cause": "Датчик писал в пустой ящик"}
    )
    reader = PdfReader(io.BytesIO(export.pdf(review, now)))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert "Датчик писал в пустой ящик" in text
    assert "How it began" in text
    drawn = b"".join(page.get_contents().get_data() for page in reader.pages)
    assert drawn.count(b" l\n") > 20  # the lines of the chart


def test_json_for_machines(review, owner, now):
    actions.answer_questions(review=review, by=owner, now=now, answers={"cause": "Датчик"})
    told = json.loads(export.as_json(review, now))
    assert told["crisis"]["title"] == "Партия 1107"
    assert told["answers"] == {"cause": "Датчик"}
    assert [entry["kind"] for entry in told["journal"]][:1] == ["crisis.declared"]
    assert {"at", "mentions", "negative", "low", "high"} == set(told["reaction"][0])
