"""Coming in: the pages, the lockout, one's own page."""

from __future__ import annotations

import pytest
from django.test import Client

from stormdesk.core.clock import utcnow
from stormdesk.people import actions

pytestmark = pytest.mark.django_db


def sign_in(client, user, password="correct horse battery"):
    return client.post("/account/login/", {"login": user.email, "password": password})


def test_the_right_password_opens_and_the_wrong_one_says_nothing_about_who_exists(owner):
    assert sign_in(Client(), owner).status_code == 302
    known = sign_in(Client(), owner, "wrong").content.decode()
    unknown = (
        Client()
        .post("/account/login/", {"login": "nobody@example.org", "password": "wrong"})
        .content.decode()
    )
    assert known.count("notice attn") == unknown.count("notice attn") == 1


def test_five_failures_lock_the_address_out_even_from_another_process(owner):
    for _attempt in range(5):
        sign_in(Client(), owner, "wrong")
    # a fresh client is what another process sees: the count lives in the database
    assert sign_in(Client(), owner).status_code != 302


def test_nobody_registers_without_an_invitation():
    page = Client().get("/account/signup/")
    assert b"<form" not in page.content or b"password1" not in page.content


def test_pages_ask_for_sign_in(brand):
    answer = Client().get(f"/b/{brand.slug}/people/")
    assert answer.status_code == 302
    assert answer.url.startswith("/account/login/")


@pytest.mark.parametrize(("language", "word"), [("en", "Second factor"), ("ru", "Второй фактор")])
def test_ones_own_page_in_both_languages(owner, client_of, language, word):
    page = client_of(owner, language).get("/me/")
    assert word in page.content.decode()


def test_a_language_of_ones_own_overrules_the_browser(owner, client_of):
    client = client_of(owner, "en")
    client.post("/me/", {"name": "Анна", "language": "ru", "time_zone": "", "theme": ""})
    assert 'lang="ru"' in client.get("/me/").content.decode()


def test_an_api_key_is_shown_once(owner, client_of):
    client = client_of(owner)
    page = client.post("/me/tokens/", {"name": "script"}).content.decode()
    assert "sd_" in page
    assert "sd_" not in client.get("/me/").content.decode()


def test_whoever_came_in_by_a_link_can_switch_a_second_factor_on(db):
    now = utcnow()
    link = actions.owner_link(now=now)
    person = actions.accept_invitation(
        token=link.rstrip("/").split("/")[-1],
        now=now,
        name="Anna",
        email="anna@example.org",
        password="correct horse battery",
    )
    client = Client()
    sign_in(client, person)
    page = client.post(
        "/account/reauthenticate/?next=/account/2fa/totp/activate/",
        {"password": "correct horse battery"},
        follow=True,
    )
    assert page.redirect_chain[-1][0] == "/account/2fa/totp/activate/"
    assert "secret" in page.content.decode().lower()


@pytest.mark.parametrize("path", ["password/reset/", "email/", "confirm-email/"])
def test_doors_that_are_not_ours_are_shut(owner, client_of, path):
    """The list of addresses, once opened, would have made the second factor ask for a proved one."""
    assert client_of(owner).get(f"/account/{path}").status_code == 404


def test_nobody_signs_up(client):
    page = client.get("/account/signup/")
    assert "by invitation" in page.content.decode()
