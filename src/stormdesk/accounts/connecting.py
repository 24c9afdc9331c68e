"""Talking to a network about an account: signing in, trying it. Never inside a transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from stormdesk import networks
from stormdesk.accounts.actions import note_health
from stormdesk.accounts.models import Account, ClientKey
from stormdesk.accounts.queries import open_secret
from stormdesk.core.errors import BadInput, Refused
from stormdesk.networks.base import Connected, Connecting, Health, Network, NetworkError
from stormdesk.people.models import Brand


def network(name: str) -> Network:
    """The network's client. Raises BadInput for one that is not installed."""
    try:
        return networks.get(name)
    except KeyError:
        raise BadInput(_("There is no network called %(name)s here.") % {"name": name}) from None


def place(name: str, brand: Brand, given: Mapping) -> dict:
    """The settings with what the server itself decides: where the practice network keeps a brand's posts is not typed."""
    if name != "practice":
        return dict(given)
    return {**given, "path": str(django_settings.DATA / "practice" / f"{brand.slug}.posts")}


def told(error: NetworkError) -> str:
    """A network's refusal in the reader's language."""
    return _(error.message) % error.facts


def try_account(name: str, settings: Mapping, secret: Mapping) -> Health:
    """Ask the network whether this account works. Raises Refused with the network's sentence when it does not."""
    health = asyncio.run(network(name).health(settings, secret))
    if not health.ok:
        raise Refused(
            _(health.sentence) % health.facts
            if health.sentence
            else _("The network does not accept this account.")
        )
    return health


def check_account(*, account: Account, now: datetime) -> bool:
    """Try a connected account and keep what came of it, in the brand's language. True when it works."""
    health = asyncio.run(network(account.network).health(account.settings, open_secret(account)))
    with override(account.brand.language):
        sentence = _(health.sentence) % health.facts if health.sentence else ""
    note_health(account=account, ok=health.ok, problem="" if health.ok else sentence, now=now)
    return health.ok


def client_key(name: str) -> str:
    """The key pair of this desk for a network where it must say who it is; made when it is first asked for."""
    fresh = django_settings.VAULT.seal(network(name).new_key())
    found, _made = ClientKey.objects.get_or_create(network=name, defaults={"sealed": fresh})
    return django_settings.VAULT.open(found.sealed)


def document(name: str, redirect_uri: str) -> dict:
    """What the servers of a network read about this desk. Raises Refused where no server could reach it."""
    try:
        return network(name).client_document(redirect_uri, client_key(name))
    except NetworkError as error:
        raise Refused(told(error)) from None


def begin(name: str, settings: Mapping, redirect_uri: str, state: str) -> Connecting:
    """Where the person says yes. Raises Refused when the network cannot be reached or has no such way."""
    if network(name).own_key:
        settings = {**settings, "client_key": client_key(name)}
    try:
        begun = asyncio.run(network(name).begin_connecting(settings, redirect_uri, state))
    except NetworkError as error:
        raise Refused(told(error)) from None
    # The address comes from a server somebody typed; the browser is sent there.
    if urlsplit(begun.url).scheme not in ("https", "http"):
        raise Refused(_("The server named no page where one could sign in; nothing was connected."))
    return begun


def finish(
    name: str, settings: Mapping, keep: Mapping, redirect_uri: str, answer: Mapping[str, str]
) -> Connected:
    """The account's settings and secret after the person said yes. Raises Refused."""
    try:
        return asyncio.run(network(name).finish_connecting(settings, keep, redirect_uri, answer))
    except NetworkError as error:
        raise Refused(told(error)) from None
