"""A1, G7: secrets are sealed and never shown; grants narrow roles."""

from __future__ import annotations

import pytest

from stormdesk.accounts import actions, queries
from stormdesk.accounts.connecting import check_account
from stormdesk.accounts.models import Secret
from stormdesk.accounts.rules import Use
from stormdesk.core.errors import AccessDenied, Refused
from stormdesk.core.vault import Vault, WrongKey
from stormdesk.journal.models import Entry

pytestmark = pytest.mark.django_db
TOKEN = "planted-token-8f3a"


@pytest.fixture
def account(brand, owner, now):
    return actions.connect_account(
        brand=brand,
        by=owner,
        now=now,
        network="practice",
        handle="meadow",
        settings_={"handle": "meadow"},
        secret={"access_token": TOKEN},
    )


def test_the_secret_is_sealed_and_opens_again(account):
    assert TOKEN not in str(list(Secret.objects.values()))
    assert TOKEN not in str(list(Entry.objects.values()))
    assert queries.open_secret(account) == {"access_token": TOKEN}


def test_a_new_secret_keeps_the_account(account, brand, owner, now):
    again = actions.connect_account(
        brand=brand, by=owner, now=now, network="practice", handle="meadow", secret={"access_token": "other"}
    )
    assert again.pk == account.pk
    assert queries.open_secret(again)["access_token"] == "other"


def test_disconnecting_forgets_the_secret(account, owner, now):
    actions.disconnect_account(account=account, by=owner, now=now, reason="left")
    account = queries.get_account(account.brand, account.pk)
    assert queries.open_secret(account) == {}
    assert queries.accounts_of(account.brand, connected=True) == []


def test_keys_can_be_rotated(tmp_path):
    from cryptography.fernet import Fernet

    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = Vault([old]).seal("secret")
    both = Vault([new, old])
    assert both.open(sealed) == "secret"
    assert Vault([new]).open(both.reseal(sealed)) == "secret"
    with pytest.raises(WrongKey):
        Vault([new]).open(sealed)
    assert Vault.at(tmp_path / "k").open(Vault.at(tmp_path / "k").seal("x")) == "x"
    assert (tmp_path / "k").stat().st_mode & 0o077 == 0


def test_a_grant_narrows_a_role_and_never_widens_it(account, owner, person, now):
    gleb, vera, dina = person("publisher", "Gleb"), person("responder", "Vera"), person("viewer", "Dina")
    assert queries.may_use(gleb, account, Use.PUBLISH)
    assert not queries.may_use(vera, account, Use.PUBLISH)
    actions.set_grants(
        account=account, by=owner, now=now, grants={vera.pk: {"reply"}, dina.pk: {"publish"}}, restricted=True
    )
    account.refresh_from_db()
    assert not queries.may_use(gleb, account, Use.PUBLISH)
    assert queries.may_use(vera, account, Use.REPLY)
    assert not queries.may_use(dina, account, Use.PUBLISH)


def test_only_those_who_may_connect_do_and_drills_reach_nobody(
    brand, owner, person, make_brand, make_person, now
):
    with pytest.raises(AccessDenied):
        actions.connect_account(brand=brand, by=person("publisher"), now=now, network="practice", handle="x")
    drill = make_brand("Drill", is_drill=True)
    with pytest.raises(Refused):
        actions.connect_account(
            brand=drill, by=make_person("O", {drill: "owner"}), now=now, network="mastodon", handle="x"
        )


def test_a_change_of_health_is_recorded_once(account, now):
    for _again in range(3):
        actions.note_health(account=account, ok=False, problem="refused", now=now)
    assert Entry.objects.filter(kind="account.failing").count() == 1
    actions.note_health(account=account, ok=True, problem="", now=now)
    account.refresh_from_db()
    assert account.state == "connected"


def test_what_a_check_found_is_kept_in_the_language_of_the_brand(account, brand, now):
    brand.language = "ru"
    brand.save()
    account.settings = {"handle": "meadow", "path": "never-read.posts", "faults": {"status": 401}}
    assert not check_account(account=account, now=now)
    account.refresh_from_db()
    assert "Учебная сеть" in account.problem
