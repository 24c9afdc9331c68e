"""The shell, Pulse, health and the language switch, as people meet them."""

import json
import re
from datetime import timedelta

import pytest
from django.utils.timezone import now as utcnow

from stormdesk.core.jobs import PROCESSES, Heartbeat
from stormdesk.detect.models import Alert
from stormdesk.listen.models import Narrative, Source
from stormdesk.people.models import Membership

pytestmark = pytest.mark.django_db


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_home_opens_the_brand_last_opened(client_of, owner, brand, make_brand):
    other = make_brand("Zebra")
    Membership.objects.create(user=owner, brand=other, role="viewer")
    client = client_of(owner)
    assert client.get("/").url == f"/b/{brand.slug}/"
    client.get(f"/b/{other.slug}/")
    assert client.get("/").url == f"/b/{other.slug}/"


def test_somebody_without_a_brand_is_told_what_to_do(client_of, make_person):
    answer = client_of(make_person("Nobody")).get("/")
    assert answer.status_code == 200
    assert "No brand yet" in text_of(answer)


def test_strangers_see_the_door_and_nothing_else(client, brand):
    for path in ("/", f"/b/{brand.slug}/", f"/b/{brand.slug}/strip/", "/components/"):
        assert client.get(path).status_code == 302
    assert client.get("/healthz").status_code == 200


def test_brands_are_walls(client_of, owner, make_brand):
    other = make_brand("North")
    answer = client_of(owner).get(f"/b/{other.slug}/")
    assert answer.status_code == 404
    assert other.name not in answer.content.decode()


def test_the_strip_is_on_every_page_and_says_that_all_is_calm(client_of, owner, brand):
    client = client_of(owner)
    for path in (f"/b/{brand.slug}/", "/components/"):
        assert "No crisis declared" in text_of(client.get(path))


def test_a_crisis_is_in_the_strip_the_title_and_the_icon(client_of, owner, brand, crisis):
    answer = client_of(owner).get(f"/b/{brand.slug}/")
    assert "Faulty batch" in text_of(answer)
    assert "1 brand is in a crisis" in text_of(answer)
    assert "favicon-crisis.svg" in answer.content.decode()


def test_a_drill_never_looks_like_a_crisis(client_of, owner, brand, crisis):
    brand.is_drill = True
    brand.save()
    page = client_of(owner).get(f"/b/{brand.slug}/").content.decode()
    assert 'data-on="drill"' in page
    assert "favicon-crisis.svg" not in page


def test_pulse_never_calls_silence_calm(client_of, owner, brand):
    client = client_of(owner)
    assert "listens to nothing yet" in text_of(client.get(f"/b/{brand.slug}/"))
    at = utcnow() - timedelta(days=2)
    Source.objects.create(
        brand=brand, network="mastodon", kind="search", name="Search", added_at=at, state="silent"
    )
    page = text_of(client.get(f"/b/{brand.slug}/"))
    assert "partly deaf" in page
    assert "Search cannot be heard. Calm cannot be claimed." in page
    assert "as usual" not in page


def test_pulse_says_what_to_do_next(client_of, owner, brand, now):
    noticed = utcnow() - timedelta(minutes=17, seconds=5)
    facts = {"count": 409, "low": 58, "high": 112, "kind": "volume", "minutes": 60, "at": noticed.isoformat()}
    Alert.objects.create(
        brand=brand,
        level="attention",
        kind="volume",
        since=noticed,
        noticed_at=noticed,
        last_at=noticed,
        facts=facts,
    )
    page = text_of(client_of(owner).get(f"/b/{brand.slug}/"))
    assert f"decide on the alert of {brand.name}. It has waited 17 min." in page
    assert "1 brand needs you" in page


def test_hostile_names_change_nothing(client_of, owner, brand):
    brand.name = '<script>x</script>"\u202e'
    brand.save()
    at = utcnow()
    label = '</svg><img src=x onerror="x">'
    Narrative.objects.create(brand=brand, key="1", label=label, first_at=at, last_at=at, mentions=4)
    page = client_of(owner).get(f"/b/{brand.slug}/").content.decode()
    assert "<script>x" not in page
    assert "<img src=x" not in page


def test_no_page_carries_inline_script(client_of, owner, brand, crisis):
    client = client_of(owner)
    for path in (f"/b/{brand.slug}/", "/components/"):
        answer = client.get(path)
        page = answer.content.decode()
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))
        assert not re.search(r"\son[a-z]+=", page)
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_the_language_switch_is_kept_by_the_browser_and_the_person(client, client_of, owner, brand):
    client.post("/language/", {"language": "ru", "next": "/account/login/"})
    assert client.cookies["django_language"].value == "ru"
    signed_in = client_of(owner)
    assert (
        signed_in.post("/language/", {"language": "ru", "next": f"/b/{brand.slug}/"}).url
        == f"/b/{brand.slug}/"
    )
    owner.refresh_from_db()
    assert owner.language == "ru"
    assert 'lang="ru"' in signed_in.get(f"/b/{brand.slug}/").content.decode()


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"])
def test_the_language_switch_leads_nowhere_else(client, target):
    assert client.post("/language/", {"language": "xx", "next": target}).url == "/"


def test_times_are_told_in_the_brands_zone(client_of, owner, brand):
    brand.time_zone = "Asia/Yekaterinburg"
    brand.save()
    assert "UTC+5" in client_of(owner).get(f"/b/{brand.slug}/").content.decode()
    owner.time_zone = "Europe/Moscow"
    owner.save()
    assert "MSK" in client_of(owner).get(f"/b/{brand.slug}/").content.decode()


def test_the_theme_is_sent_with_the_page(client_of, owner, brand):
    client = client_of(owner)
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in client.get(f"/b/{brand.slug}/").content.decode()
    client.cookies["theme"] = '"><script>'
    assert "data-theme" not in client.get(f"/b/{brand.slug}/").content.decode()


def test_a_hundred_brands_stay_one_page(client_of, owner, brand, make_brand):
    for number in range(12):
        Membership.objects.create(user=owner, brand=make_brand(f"Brand{number}"), role="viewer")
    answer = client_of(owner).get(f"/b/{brand.slug}/")
    assert "More brands" in text_of(answer)


def test_open_pages_share_an_answer_until_something_is_announced(client_of, owner, brand, monkeypatch):
    from stormdesk.journal.actions import announce
    from stormdesk.web.pulse import page as pulse

    made = []
    monkeypatch.setattr(pulse, "page", lambda *given, page=pulse.page: made.append(1) or page(*given))
    at = utcnow()
    monkeypatch.setattr("stormdesk.web.views.utcnow", lambda: at)
    client = client_of(owner)
    for _ in range(3):
        assert "<html" not in client.get(f"/b/{brand.slug}/", headers={"hx-request": "true"}).content.decode()
    assert len(made) == 1
    announce(brand, "alerts", now=utcnow())
    client.get(f"/b/{brand.slug}/", headers={"hx-request": "true"})
    assert len(made) == 2


def test_ready_means_database_migrations_and_every_process(client, settings, tmp_path):
    settings.DATA = tmp_path
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert json.loads(answer.content)["checks"]["database"]["ok"]
    at = utcnow().isoformat()
    for name in PROCESSES:
        Heartbeat(name, 1, at, at).write(tmp_path)
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.content
