"""Messages that networks and other programs bring to a source of the kind “receive”."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from stormdesk import networks
from stormdesk.listen.actions import sources
from stormdesk.listen.actions.ingest import Ingested, ingest
from stormdesk.listen.models import Source
from stormdesk.listen.rules import SourceState
from stormdesk.networks.base import RECEIVE

HOOK_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message, and what the sender wants to read back."""

    done: Ingested
    answer: str


def receive(
    *, brand: str, source: int, headers: Mapping[str, str], body: bytes, now: datetime
) -> Taken | None:
    """Check the message and store it once; None when there is no such source, or it is switched off.

    Raises Unauthorised and Permanent (see Network.receive); then nothing was taken.
    """
    found = (
        Source.objects.filter(brand__slug=brand, pk=source, kind=RECEIVE)
        .exclude(state=SourceState.OFF)
        .select_related("brand", "account", "account__secret")
        .first()
    )
    if found is None:
        return None
    received = networks.get(found.network).receive(
        headers, body, sources.settings_of(found), sources.open_secret(found), found.cursor, now
    )
    return Taken(ingest(source=found, batch=received.batch, now=now), received.answer)
