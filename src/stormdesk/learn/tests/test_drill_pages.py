"""The pages of drills: the chooser, the live score, what departments report, the end; behind the walls of a brand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stormdesk.core.clock import utcnow
from stormdesk.core.errors import AccessDenied, BadInput
from stormdesk.declare.actions import create_crisis
from stormdesk.flows.start_drill import start_drill
from stormdesk.learn import feeding
from stormdesk.learn.models import Drill
from stormdesk.people.models import Brand
from stormdesk.publish.actions import draft_post, send_for_review
from stormdesk.publish.models import Fact


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.mark.parametrize(("language", "words"), [("en", "The faulty batch"), ("ru", "Бракованная партия")])
def test_the_chooser_starts_a_drill_and_leads_to_its_page(client_of, owner, brand, language, words):
    browser = client_of(owner, language)
    assert words in browser.get("/drills/").content.decode()
    assert words in browser.get(f"/b/{brand.slug}/drill/").content.decode()
    answer = browser.post("/drills/", {"name": "faulty_batch", "language": language, "speed": "18"})
    drill = Drill.objects.get()
    assert answer.url == f"/b/{drill.brand.slug}/drill/"
    assert drill.brand.is_drill
    page = browser.get(answer.url).content.decode()
    assert words in page
    assert page.count('class="score"') == 13


def test_what_is_not_shipped_is_refused_and_makes_no_brand(owner, person, make_person, now):
    brands = Brand.objects.count()
    for wrong in ({"name": "nonsense"}, {"language": "fr"}, {"speed": 0}):
        with pytest.raises(BadInput):
            start_drill(**{"name": "faulty_batch", "language": "en", "by": owner, "now": now, **wrong})
    with pytest.raises(AccessDenied):
        start_drill(name="faulty_batch", language="en", by=person("responder"), now=now)
    assert Brand.objects.count() == brands


def test_a_drill_lives_reports_and_ends(client_of, owner, make_person, brand):
    now = utcnow()
    drill = start_drill(name="faulty_batch", language="en", by=owner, now=now, speed=18)
    Drill.objects.filter(pk=drill.pk).update(story_start=now - timedelta(minutes=10))
    base, browser = f"/b/{drill.brand.slug}/drill/", client_of(owner)

    page = browser.get(base).content.decode()
    assert "The swollen bottles are strawberry drinking yoghurt" in page
    assert "There is yeast in the yoghurt" not in page  # known at minute 250, and it is minute 180
    assert browser.post(f"{base}reports/laboratory/").status_code == 404
    browser.post(f"{base}reports/batch/")
    assert not Fact.objects.exists()  # there is no crisis to keep it with
    create_crisis(
        brand=drill.brand, by=owner, now=now, title="Batch 1107", type="faulty_product", severity=2, lead=owner,
        reason="Swollen lids", playbook={},
    )  # fmt: skip
    for _twice in range(2):
        browser.post(f"{base}reports/batch/")
    assert Fact.objects.get().state == "confirmed"
    assert "in the ledger" in browser.get(base).content.decode()

    stranger = client_of(make_person("Eva", {brand: "owner"}))
    assert stranger.get(base).status_code == 404
    assert stranger.post(f"{base}end/").status_code == 404
    browser.post(f"{base}end/")
    drill.refresh_from_db()
    assert drill.state == "ended"
    assert "debrief" in browser.get(base).content.decode()
    assert f"of {drill.score['whole']}" in browser.get("/drills/").content.decode()


def test_played_colleagues_approve_only_where_nobody_else_can(owner, make_person, now):
    alone = start_drill(name="faulty_batch", language="en", by=owner, now=now)
    account = alone.brand.accounts.get()

    def waits_for_approval(drill):
        post = draft_post(
            brand=drill.brand, by=owner, now=now, account=drill.brand.accounts.get(), text="Hello"
        )
        send_for_review(post=post, by=owner, now=now)

    waits_for_approval(alone)
    assert account.handle == "meadow"
    assert feeding.play_colleagues(now=now + timedelta(seconds=19)) == 0
    assert feeding.play_colleagues(now=now + timedelta(seconds=20)) == 1
    together = start_drill(
        name="faulty_batch", language="en", by=owner, now=now, invited=(make_person("Boris"),)
    )
    waits_for_approval(together)
    assert feeding.play_colleagues(now=now + timedelta(seconds=60)) == 0
