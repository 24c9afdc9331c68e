"""Having a network bring its messages to our door, instead of asking it again and again; and seeing that it does.

A network that can be told so (`Capability.BRING`) is told by a button on the page of a source of the kind “receive”. What
followed the same account until then is switched off, since some networks refuse both at once, and is switched on again
when the network stops bringing: what was said meanwhile comes by either way and is stored once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings as django_settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from stormdesk import networks
from stormdesk.core.errors import Refused, StormdeskError
from stormdesk.core.http import gettext_noop
from stormdesk.listen import rules
from stormdesk.listen.actions import health, sources
from stormdesk.listen.models import Source
from stormdesk.networks.base import RECEIVE, Batch, Capability, Network, NetworkError, Retryable, Unknown
from stormdesk.people.access import require
from stormdesk.people.models import User
from stormdesk.people.rules import Right

LOOK_EVERY = timedelta(minutes=10)
LOOK_AGAIN = timedelta(minutes=1)
"""How soon a network that does not bring is asked again."""


def address_of(source: Source) -> str:
    """The door of a source as other programs must write it."""
    return django_settings.SITE_URL + reverse("hook", args=[source.brand.slug, source.pk])


def can_be_brought(source: Source) -> bool:
    """Whether its network can be told to bring messages to its door, and the desk has an address for that."""
    offered = source.kind == RECEIVE and networks.get(source.network).can(Capability.BRING)
    return offered and address_of(source).startswith("https://")


def bring(*, source: Source, by: User | None, now: datetime) -> Source:
    """Have the network bring its messages from now on; what followed the same account is switched off.

    Raises AccessDenied, Refused, NetworkError.
    """
    require(by, Right.SETTINGS, source.brand)
    if source.state == rules.SourceState.OFF or not can_be_brought(source):
        raise Refused(
            _(
                "Messages cannot be brought to this source. Switch it on, and see that the desk has an https address."
            )
        )
    url = address_of(source)
    _bring(source, url)
    with transaction.atomic():
        instead = []
        if source.account_id:
            kinds = [way.kind for way in networks.get(source.network).sources if way.stream]
            same = Source.objects.filter(
                brand=source.brand_id, network=source.network, account=source.account_id, kind__in=kinds
            ).exclude(state=rules.SourceState.OFF)
            for other in same:
                reason = _("%(source)s is brought its messages now") % {"source": source.name}
                sources.switch_source(source=other, by=by, now=now, on=False, reason=reason)
                instead.append(other.pk)
        kept = [pk for pk in source.door.get("instead_of", []) if pk not in instead]
        source.door = {"url": url, "looked_at": now.isoformat(), "instead_of": [*kept, *instead]}
        Source.objects.filter(pk=source.pk).update(door=source.door)
        _works(source, now)
        sources.tell("source.brought", source, by, now, network=_title(source))
    return source


def fetch(*, source: Source, by: User | None, now: datetime) -> Source:
    """Tell the network to bring nothing more, and follow again what was followed before. Raises AccessDenied,
    NetworkError."""
    require(by, Right.SETTINGS, source.brand)
    if source.door:
        _stop(source)
        _close(source, by, now)
    return source


def switch_off(*, source: Source, by: User | None, now: datetime, reason: str) -> None:
    """Stop listening to a place; a network that brings its messages is told to stop. Raises AccessDenied, Conflict."""
    sources.switch_source(source=source, by=by, now=now, on=False, reason=reason)
    _leave(source, by, now, follow=False)


def look_at_doors(now: datetime) -> int:
    """Ask networks whether they still bring what they were told to; returns how many do not.

    From the third time on the source is failing, and what was followed before is followed again.
    """
    wrong = 0
    trouble: NetworkError | None
    brought = Source.objects.exclude(door={}).exclude(state=rules.SourceState.OFF)
    for source in brought.select_related("brand", "account", "account__secret"):
        pause = LOOK_AGAIN if source.failures else LOOK_EVERY
        if datetime.fromisoformat(source.door["looked_at"]) + pause > now:
            continue
        source.door = source.door | {"looked_at": now.isoformat()}
        Source.objects.filter(pk=source.pk).update(door=source.door)
        try:
            network, settings, secret = _asked(source)
            if (url := address_of(source)) != source.door["url"]:  # the desk has moved
                _stop(source)
                _bring(source, url)
                source.door = source.door | {"url": url}
                Source.objects.filter(pk=source.pk).update(door=source.door)
            said = sources.waited_for(network.brought(settings, secret, url), network)
            trouble = None if said.ok else Retryable(said.sentence, code="not_brought", **said.facts)
            unclear = bool(said.facts.get("unclear"))
        except NetworkError as error:
            trouble, unclear = error, False
        except StormdeskError as error:
            trouble, unclear = Retryable(gettext_noop("%(why)s"), code="not_ready", why=str(error)), False
        if trouble is None:
            _works(source, now)
        elif not unclear:
            wrong += 1
            health.failed(source, trouble, now)
            if source.failures >= rules.FAILURES_TOLERATED:
                _leave(source, None, now)
    return wrong


def _leave(source: Source, by: User | None, now: datetime, *, follow: bool = True) -> None:
    """Let go of a door though its network may not hear of it: it is told, and if it cannot be told, so be it.

    `follow`: follow again what was followed before.
    """
    if not source.door:
        return
    try:
        _stop(source)
    except StormdeskError:
        pass  # its messages find a closed door, which networks give up on by themselves
    _close(source, by, now, follow=follow)


def _close(source: Source, by: User | None, now: datetime, *, follow: bool = True) -> None:
    with transaction.atomic():
        others = Source.objects.filter(pk__in=source.door.get("instead_of", []), state=rules.SourceState.OFF)
        for other in others.select_related("brand") if follow else ():
            sources.listen_again(other, now)
        source.door = {}
        Source.objects.filter(pk=source.pk).update(door={})
        sources.tell("source.not_brought", source, by, now, network=_title(source))


def _works(source: Source, now: datetime) -> None:
    """It is an answer like any other; messages that come at this moment keep their cursor."""
    with transaction.atomic():
        fresh = Source.objects.select_for_update().select_related("brand").get(pk=source.pk)
        health.answered(fresh, Batch([], fresh.cursor), heard=False, now=now)


def _bring(source: Source, url: str) -> None:
    network, settings, secret = _asked(source)
    try:
        sources.waited_for(network.bring_to(settings, secret, url), network)
    except Unknown:
        if not sources.waited_for(network.brought(settings, secret, url), network).ok:
            raise


def _stop(source: Source) -> None:
    network, settings, secret = _asked(source)
    sources.waited_for(network.stop_bringing(settings, secret, source.door["url"]), network)


def _asked(source: Source) -> tuple[Network, dict[str, Any], dict[str, str]]:
    network, _way = sources.way_of(source.network, source.kind)
    return network, sources.settings_of(source), sources.open_secret(source)


def _title(source: Source) -> str:
    return networks.get(source.network).title
