"""G7, A1: keys that change by themselves, with the account in the database and X's emulation at the other end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.conf import settings

from stormdesk import networks
from stormdesk.accounts import actions, connecting, queries
from stormdesk.accounts.connecting import check_account
from stormdesk.accounts.models import Account, Secret
from stormdesk.core.clock import utcnow
from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks import kept
from stormdesk.networks.tests.served import served
from stormdesk.networks.x.tests import emulation

SECRET = {"client_secret": emulation.SECRET, "refresh_token": "refresh-0"}


class OnceX(emulation.XSite):
    """Every short key is good for one request, so that every request renews it."""

    def handle(self, request):
        answer = super().handle(request)
        if request.path != "/2/oauth2/token":
            self.tokens.discard(request.headers.get("authorization", "").removeprefix("Bearer "))
        return answer


@pytest.fixture
def site(monkeypatch):
    """X's emulation on a thread of its own; `asked` counts exchanges, of which none may be refused."""
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    kept.forget()
    state, ready, done = OnceX(), threading.Event(), threading.Event()

    async def serve():
        async with served(state.handle) as server:
            state.server = server
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=[serve()])
    thread.start()
    ready.wait()
    yield state
    done.set()
    thread.join()
    kept.forget()


def exchanges(site):
    return len([request for request in site.server.asked if request.path.endswith("/token")])


def connected(brand, owner, site):
    return actions.connect_account(
        brand=brand,
        by=owner,
        now=utcnow(),
        network="x",
        handle="meadow",
        settings_={"server": site.server.url, "client_id": emulation.CLIENT, "account_id": emulation.US},
        secret=SECRET,
    )


def anew(account):
    """The account as a process that has just been started reads it."""
    kept.forget()
    return Account.objects.get(pk=account.pk)


@pytest.mark.django_db(transaction=True)
def test_a_renewed_key_is_stored_sealed_and_survives_a_restart(brand, owner, site):
    account = connected(brand, owner, site)
    for _again in range(3):
        assert check_account(account=anew(account), now=utcnow())
        stored = queries.open_secret(anew(account))
        assert stored["refresh_token"] == site.refresh != "refresh-0"
        assert kept.NAME not in settings.VAULT.open_json(Secret.objects.get().sealed)
        assert site.refresh not in str(list(Secret.objects.values()))
    assert exchanges(site) == 3


@pytest.mark.django_db(transaction=True)
def test_a_key_that_was_changed_by_trying_the_account_is_the_one_that_is_stored(brand, owner, site, now):
    where = {"server": site.server.url, "client_id": emulation.CLIENT, "account_id": emulation.US}
    connecting.try_account("x", where, SECRET)
    assert site.refresh != "refresh-0"
    account = connected(brand, owner, site)
    assert queries.open_secret(account)["refresh_token"] == site.refresh
    assert check_account(account=anew(account), now=now)


@pytest.mark.django_db(transaction=True)
def test_who_died_between_exchange_and_storing_leaves_a_clear_sentence(brand, owner, site, now):
    account = connected(brand, owner, site)
    # The process had claimed the renewal, X gave a new key, and then the power was gone.
    Secret.objects.update(renewing="dead", renewing_until=utcnow() - timedelta(seconds=1))
    site.refresh = "refresh-lost"
    assert not check_account(account=anew(account), now=now)
    account = anew(account)
    assert (account.state, "connect the account again" in account.problem) == ("failing", True)
    # Connecting again is all it takes.
    site.refresh = "refresh-0"
    connected(brand, owner, site)
    assert check_account(account=anew(account), now=now)


@pytest.mark.django_db(transaction=True)
def test_who_died_before_the_exchange_costs_nothing(brand, owner, site, now):
    account = connected(brand, owner, site)
    Secret.objects.update(renewing="dead", renewing_until=utcnow() - timedelta(seconds=1))
    assert check_account(account=anew(account), now=now)
    assert Secret.objects.get().renewing == ""


@pytest.mark.django_db(transaction=True)
def test_a_disconnected_account_gets_no_key_back(brand, owner, site, now):
    account = connected(brand, owner, site)
    secret = queries.open_secret(account)
    actions.disconnect_account(account=account, by=owner, now=now, reason="left")
    health = asyncio.run(networks.get("x").health(account.settings, secret))
    assert "disconnected" in health.sentence
    assert not Secret.objects.exists()
    assert exchanges(site) == 0


PROCESS = """
import asyncio, sys
import django
django.setup()
from django.conf import settings
from stormdesk.accounts.models import Secret
from stormdesk.networks import kept, oauth
from stormdesk.networks.x import api
where = {"server": sys.argv[1], "client_id": sys.argv[2]}
for n in range(int(sys.argv[3])):
    held = kept.named(settings.VAULT.open_json(Secret.objects.get().sealed), "1")
    token = asyncio.run(oauth.token(api.door(where), where, held, not_this=held.get("access_token", "")))
    print("ok" if token != held.get("access_token") else "old", flush=True)
"""
PREPARED = """
import sys
import django
django.setup()
from django.conf import settings
from django.db import connection
from stormdesk.accounts.models import Secret
connection.disable_constraint_checking()
with connection.schema_editor() as editor:
    editor.create_model(Secret)
connection.disable_constraint_checking()
Secret.objects.create(account_id=1, sealed=settings.VAULT.seal_json(
    {"client_secret": sys.argv[1], "refresh_token": "refresh-0"}))
"""


def environment(folder):
    given = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return given | {
        "STORMDESK_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "stormdesk.config.settings",
        ALLOW_VARIABLE: "127.0.0.1",
    }


def test_two_processes_never_use_a_key_twice_not_even_when_one_is_killed(site, tmp_path):
    run = [sys.executable, "-c", PREPARED, emulation.SECRET]
    subprocess.run(run, env=environment(tmp_path), check=True, timeout=60)
    run = [sys.executable, "-c", PROCESS, site.server.url, emulation.CLIENT]
    pair = [
        subprocess.Popen([*run, rounds], env=environment(tmp_path), stdout=subprocess.PIPE, text=True)
        for rounds in ("6", "1000")
    ]
    told = pair[0].communicate(timeout=60)[0].split("\n")
    assert told == ["ok"] * 6 + [""]
    assert [pair[1].stdout.readline() for _ in range(3)] == ["ok\n"] * 3
    pair[1].send_signal(signal.SIGKILL)
    pair[1].wait()
    assert exchanges(site) >= 6
    # Every exchange gave a key: one used twice would have been refused.
    assert site.numbers - emulation.XSite().numbers == exchanges(site)
