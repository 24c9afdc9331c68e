"""One button: connect an account and begin to hear who speaks to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from stormdesk.accounts import connecting
from stormdesk.accounts.actions import connect_account as connect
from stormdesk.accounts.models import Account
from stormdesk.listen.actions import add_source
from stormdesk.listen.models import Source
from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right

NOTIFICATIONS = "notifications"


def connect_account(
    *, brand: Brand, by: User, now: datetime, network: str, settings: Mapping, secret: Mapping
) -> Account:
    """Try the account, seal its secret, and listen to what is said to it.

    Raises AccessDenied, and Refused with the network's own sentence when it does not accept the account.
    """
    require(by, Right.ACCOUNTS, brand)
    settings = connecting.place(network, brand, settings)
    health = connecting.try_account(network, settings, secret)
    with transaction.atomic():
        account = connect(
            brand=brand,
            by=by,
            now=now,
            network=network,
            handle=health.handle or settings.get("handle", ""),
            settings_=dict(settings),
            secret=dict(secret),
        )
        client = connecting.network(network)
        heard = any(source.kind == NOTIFICATIONS for source in client.sources)
        if heard and not Source.objects.filter(brand=brand, account=account, kind=NOTIFICATIONS).exists():
            add_source(
                brand=brand,
                by=by,
                now=now,
                network=network,
                kind=NOTIFICATIONS,
                name=_("%(network)s: what is said to %(handle)s")
                % {"network": client.title, "handle": account.handle},
                account=account,
                settings={},
            )
    return account
