"""Adding, changing and switching off the places a brand listens to."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Coroutine, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings as django_settings
from django.db import transaction
from django.utils.translation import gettext as _

from stormdesk import networks
from stormdesk.accounts import queries as accounts
from stormdesk.accounts.models import Account
from stormdesk.core.errors import BadInput, Conflict, Refused
from stormdesk.core.http import gettext_noop
from stormdesk.journal.actions import announce, record
from stormdesk.listen.models import Gap, Source
from stormdesk.listen.rules import SourceState
from stormdesk.networks.base import Batch, Network, Retryable
from stormdesk.networks.base import Source as Way
from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right

T = TypeVar("T")
_PATIENCE = 30.0
"""Seconds a source may take to answer."""


def way_of(network: str, kind: str) -> tuple[Network, Way]:
    """The network and its way of listening. Raises BadInput for names that do not exist."""
    try:
        found = networks.get(network)
        return found, next(way for way in found.sources if way.kind == kind)
    except (KeyError, StopIteration):
        raise BadInput(_("There is no such way of listening. Choose one from the list.")) from None


def _checked(
    brand: Brand, network: str, kind: str, account: Account | None, settings: Mapping[str, Any], secret: Mapping[str, str]
) -> None:  # fmt: skip
    if brand.is_drill and network != "practice":
        raise Refused(_("A drill listens to the practice network only. Add real sources at a real brand."))
    _network, way = way_of(network, kind)
    if way.needs_account and account is None:
        raise BadInput(_("This source needs one of the brand's accounts. Connect the account first."))
    if account is not None and (account.brand_id != brand.pk or account.network != network):
        raise BadInput(_("This account belongs to another brand or network. Choose one from the list."))
    for field in way.fields:
        if field.required and not (secret if field.secret else settings).get(field.name):
            raise BadInput(_("“%(field)s” is empty. Fill it in.") % {"field": _(field.title)})


def add_source(
    *,
    brand: Brand,
    by: User | None,
    now: datetime,
    network: str,
    kind: str,
    name: str,
    settings: Mapping[str, Any],
    secret: Mapping[str, str] | None = None,
    account: Account | None = None,
    poll_every: int = 60,
    speaks_every: int = 86_400,
) -> Source:
    """Listen to one more place. Its secret is sealed before it is stored. Raises AccessDenied, BadInput, Refused."""
    require(by, Right.SETTINGS, brand)
    _checked(brand, network, kind, account, settings, secret or {})
    with transaction.atomic():
        source = Source.objects.create(
            brand=brand,
            network=network,
            kind=kind,
            name=name.strip()[:120] or network,
            account=account,
            settings=dict(settings),
            sealed=_sealed(secret),
            poll_every=poll_every,
            speaks_every=speaks_every,
            due_at=now if poll_every else None,
            added_at=now,
        )
        tell("source.added", source, by, now)
    return source


def edit_source(
    *,
    source: Source,
    by: User | None,
    now: datetime,
    name: str,
    settings: Mapping[str, Any],
    secret: Mapping[str, str] | None = None,
    account: Account | None = None,
    poll_every: int | None = None,
    speaks_every: int | None = None,
) -> Source:
    """Change a source; an empty secret keeps the old one. Other settings start it from the beginning: nothing is
    doubled by that. Raises AccessDenied, BadInput, Refused."""
    require(by, Right.SETTINGS, source.brand)
    kept = secret or (json.loads(django_settings.VAULT.open(source.sealed)) if source.sealed else {})
    _checked(source.brand, source.network, source.kind, account, settings, kept)
    changed: dict[str, Any] = {"name": name.strip()[:120] or source.name, "account": account}
    if dict(settings) != source.settings:
        changed |= {"settings": dict(settings), "cursor": {}}
    if secret:
        changed["sealed"] = _sealed(secret)
    if poll_every is not None:
        changed["poll_every"] = poll_every
    if speaks_every is not None:
        changed["speaks_every"] = speaks_every
    if changed.get("poll_every", source.poll_every):
        changed["due_at"] = now
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(**changed)
        source.refresh_from_db()
        tell("source.changed", source, by, now)
    return source


def switch_source(*, source: Source, by: User | None, now: datetime, on: bool, reason: str = "") -> None:
    """Stop listening to a place, or begin again where it stopped. Its gaps stay. Raises AccessDenied, Conflict."""
    require(by, Right.SETTINGS, source.brand)
    with transaction.atomic():
        if not _switched(source, now, on=on):
            raise Conflict(_("Somebody has switched this source already; nothing was changed."))
        tell("source.on" if on else "source.off", source, by, now, reason=reason)


def listen_again(source: Source, now: datetime) -> None:
    """Go on with a source by itself: what stood in for it does so no longer. In a transaction."""
    if _switched(source, now, on=True):
        tell("source.again", source, None, now)


def _switched(source: Source, now: datetime, *, on: bool) -> bool:
    rows = Source.objects.filter(pk=source.pk)
    rows = rows.filter(state=SourceState.OFF) if on else rows.exclude(state=SourceState.OFF)
    new = SourceState.OK if on else SourceState.OFF
    started = (
        {"due_at": now if source.poll_every else None, "answered_at": now, "heard_at": now} if on else {}
    )
    if not rows.update(state=new, failures=0, failing_since=None, problem="", trouble={}, **started):
        return False
    Gap.objects.filter(source=source, ends_at__isnull=True).update(ends_at=now)
    source.refresh_from_db()
    return True


def tell(kind: str, source: Source, by: User | None, now: datetime, **facts: str) -> None:
    """Record what was done with a source, and have its pages renewed. In the transaction of the change."""
    record(
        kind,
        brand=source.brand,
        by=by,
        now=now,
        subject=f"source:{source.pk}",
        facts={"source": source.name, **facts},
    )
    announce(source.brand, "sources", now=now)


def _sealed(secret: Mapping[str, str] | None) -> str:
    return django_settings.VAULT.seal(json.dumps(dict(secret))) if secret else ""


def open_secret(source: Source) -> dict[str, str]:
    """The account's secret with the source's own on top, in clear; for a request about to be made."""
    own = json.loads(django_settings.VAULT.open(source.sealed)) if source.sealed else {}
    return {**(accounts.open_secret(source.account) if source.account else {}), **own}


def settings_of(source: Source) -> dict[str, Any]:
    """What the network's client needs: the account's settings with the source's own on top."""
    base = dict(source.account.settings) if source.account else {}
    if source.account:
        base.setdefault("handle", source.account.handle)
    return {**base, **source.settings}


def new_key() -> str:
    """A signing key for a webhook."""
    return secrets.token_urlsafe(32)


def hear(source: Source) -> Batch:
    """Ask the network what is new since the source's cursor. Never in a transaction. Raises NetworkError."""
    network, _way = way_of(source.network, source.kind)
    return _asked(network, source.kind, settings_of(source), open_secret(source), source.cursor)


def _asked(
    network: Network, kind: str, settings: Mapping[str, Any], secret: Mapping[str, str], cursor: Mapping[str, Any]
) -> Batch:  # fmt: skip
    return waited_for(network.hear(kind, settings, secret, cursor), network)


def waited_for(asked: Coroutine[Any, Any, T], network: Network) -> T:
    """The answer of a network to one question, within half a minute. Raises NetworkError."""

    async def ask() -> T:
        return await asyncio.wait_for(asked, _PATIENCE)

    try:
        return asyncio.run(ask())
    except TimeoutError:
        raise Retryable(
            gettext_noop("%(network)s did not answer within %(seconds)s s; it will be asked again."),
            code="slow",
            network=network.title,
            seconds=int(_PATIENCE),
        ) from None


def try_source(
    *,
    brand: Brand,
    by: User,
    network: str,
    kind: str,
    settings: Mapping[str, Any],
    secret: Mapping[str, str] | None = None,
    account: Account | None = None,
) -> Batch:
    """What a source would say now, storing nothing. Raises AccessDenied, BadInput, Refused, NetworkError."""
    require(by, Right.SETTINGS, brand)
    _checked(brand, network, kind, account, settings, secret or {})
    probe = Source(brand=brand, network=network, kind=kind, account=account, settings=dict(settings))
    probe.sealed = _sealed(secret)
    return hear(probe)
