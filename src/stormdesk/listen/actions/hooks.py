"""Messages that other programs bring to a webhook source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from stormdesk.listen.actions import sources
from stormdesk.listen.actions.ingest import Ingested, ingest
from stormdesk.listen.models import Source
from stormdesk.listen.rules import SourceState
from stormdesk.networks.webhook import receive as read_message

HOOK_BYTES = 2**20
_REMEMBERED = timedelta(minutes=10)


def receive(
    *, brand: str, source: int, headers: Mapping[str, str], body: bytes, now: datetime
) -> Ingested | None:
    """Check the signature and store the message once; None when there is no such source, or it is switched off.

    Raises Unauthorised and Permanent (see networks.webhook.receive); then nothing was taken.
    """
    found = (
        Source.objects.filter(brand__slug=brand, pk=source, network="webhook")
        .exclude(state=SourceState.OFF)
        .select_related("brand", "account", "account__secret")
        .first()
    )
    if found is None:
        return None
    oldest = (now - _REMEMBERED).timestamp()
    seen = {mark: at for mark, at in found.cursor.get("seen", {}).items() if at > oldest}
    batch = read_message(headers, body, sources.open_secret(found), now, seen)
    seen[batch.cursor["signature"]] = now.timestamp()
    return ingest(source=found, batch=replace(batch, cursor={"seen": seen}), now=now)
