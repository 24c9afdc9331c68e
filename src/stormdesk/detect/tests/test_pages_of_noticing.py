"""The pages: the definition and its try-out, what is known ahead, the alert, the picture."""

from datetime import timedelta

import pytest
import time_machine

from stormdesk.core.clock import utcnow
from stormdesk.detect.actions import add_known, run_trials, score_brand
from stormdesk.detect.models import Alert, Definition, Known
from stormdesk.detect.queries import criteria
from stormdesk.detect.tests.storms import NOW, calm_days, said, storm
from stormdesk.listen.actions import ingest
from stormdesk.networks.base import Batch

pytestmark = pytest.mark.django_db
GIVEN = {
    "budget": "0.25", "danger_words": "swollen\ngas bubbles", "country": "RU", "if_danger": "4", "if_reach": "50000",
    "called_1": "nobody", "called_2": "on_call", "called_3": "leaders", "called_4": "everybody",
}  # fmt: skip


@pytest.fixture
def _at_ten():
    """Pages are asked for at the end of the story."""
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        yield


@pytest.mark.usefixtures("_at_ten")
def test_a_definition_is_tried_without_being_saved_and_then_saved(brand, owner, client_of, source):
    calm_days(brand, 10)
    storm(brand, NOW - timedelta(days=2))
    client = client_of(owner)
    address = f"/b/{brand.slug}/settings/definition/"
    shown = client.post(address, {**GIVEN, "try": ""})["Location"]
    waits = client.get(shown).content.decode()
    assert "It waits for its turn." in waits
    assert 'value="50000"' in waits  # what was chosen stands in the form
    assert run_trials(utcnow) == 1
    asked_by_the_page = client.get(shown, headers={"HX-Request": "true"})
    assert asked_by_the_page["HX-Refresh"] == "true"
    page = client.get(shown).content.decode()
    assert "Tried on the last 90 days" in page
    assert "<svg" in page
    assert 'value="50000"' in page
    assert not Definition.objects.exists()
    assert client.post(address, {**GIVEN, "save": ""}).status_code == 302
    saved = criteria(brand)
    assert saved.budget == 0.25
    assert saved.conditions == {"danger": 4.0, "reach": 50_000.0}
    assert saved.danger_words == ("swollen", '"gas bubbles"')
    assert saved.called[4] == "everybody"


@pytest.mark.usefixtures("_at_ten")
def test_trying_can_be_stopped_and_keeps_what_was_chosen(brand, owner, client_of, source):
    calm_days(brand, 2)
    client = client_of(owner)
    address = f"/b/{brand.slug}/settings/definition/"
    shown = client.post(address, {**GIVEN, "try": ""})["Location"]
    assert client.post(shown, {"stop": ""})["Location"] == shown
    page = client.get(shown).content.decode()
    assert "You stopped trying." in page
    assert 'value="50000"' in page
    assert run_trials(utcnow) == 0
    assert client.get(address + "?trial=999").status_code == 200  # cleared away since: the one in force


@pytest.mark.parametrize(
    "wrong",
    [{"danger_words": "("}, {"if_danger": "-1"}, {"if_negative": "101"}, {"budget": "x"}, {"country": "XX"}],
)
def test_what_cannot_be_read_is_named_and_nothing_is_saved(brand, owner, client_of, wrong):
    page = client_of(owner).post(f"/b/{brand.slug}/settings/definition/", {**GIVEN, **wrong, "save": ""})
    assert page.status_code == 200
    assert "it stands beside the field" in page.content.decode()
    assert not Definition.objects.exists()


@pytest.mark.usefixtures("_at_ten")
@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_alert_says_all_it_knows(brand, owner, client_of, source, language):
    calm_days(brand, 4, NOW - timedelta(hours=1))
    posts = [said(source, n, NOW - timedelta(minutes=40) + timedelta(seconds=4 * n)) for n in range(300)]
    ingest(source=source, batch=Batch(posts, {}), now=NOW)
    score_brand(brand=brand, now=NOW + timedelta(minutes=1))
    alert = Alert.objects.get(brand=brand)
    page = client_of(owner, language).get(f"/b/{brand.slug}/alerts/{alert.pk}/").content.decode()
    for part in (
        "a-pic",
        "a-five",
        "a-spread",
        "a-ahead",
        "a-sev",
        "a-else",
        "a-sim",
        "a-whole",
        "a-who",
        "a-his",
    ):
        assert f'id="{part}"' in page, part
    assert "without-band" in page  # the course ahead is a band
    assert client_of(owner, language).get(f"/b/{brand.slug}/alerts/").status_code == 200


@pytest.mark.usefixtures("_at_ten")
def test_what_is_known_is_noted_and_removed_and_journaled(brand, owner, client_of):
    client = client_of(owner)
    address = f"/b/{brand.slug}/known/"
    assert "Nothing is noted" in client.get(address).content.decode()
    given = {
        "name": "Sale",
        "kind": "campaign",
        "starts_at": "2026-11-18T09:00",
        "ends_at": "2026-11-20T21:00",
    }
    assert client.post(address, given).status_code == 302
    known = Known.objects.get(brand=brand)
    assert "Sale" in client.get(address).content.decode()
    assert "Sale" in client.get(f"/b/{brand.slug}/alerts/").content.decode()
    assert client.post(f"/b/{brand.slug}/known/{known.pk}/remove/").status_code == 302
    assert not Known.objects.exists()


def test_something_that_ends_before_it_begins_is_refused(brand, owner, client_of):
    given = {
        "name": "Sale",
        "kind": "campaign",
        "starts_at": "2026-11-18T09:00",
        "ends_at": "2026-11-17T21:00",
    }
    page = client_of(owner).post(f"/b/{brand.slug}/known/", given)
    assert "must end after it begins" in page.content.decode()
    assert not Known.objects.exists()


@pytest.mark.usefixtures("_at_ten")
@pytest.mark.parametrize("span", ["hour", "day", "week", "90days", "nonsense"])
def test_the_picture_at_every_scale_with_its_events(brand, owner, client_of, source, span):
    calm_days(brand, 4)
    storm(brand, NOW - timedelta(minutes=40), minutes=40)
    score_brand(brand=brand, now=NOW)
    add_known(brand=brand, by=owner, now=NOW, name="Sale", kind="campaign", starts_at=NOW - timedelta(minutes=30), ends_at=NOW)  # fmt: skip
    client = client_of(owner)
    page = client.get(f"/b/{brand.slug}/series/?span={span}&until=rubbish").content.decode()
    assert page.count("<svg") > 4
    assert "Sale" in page
    assert f"/alerts/{Alert.objects.get(brand=brand).pk}/" in page
    svg = client.get(f"/b/{brand.slug}/series.svg?span={span}")
    assert svg["Content-Type"] == "image/svg+xml"
    assert svg.content.startswith(b"<svg xmlns")
