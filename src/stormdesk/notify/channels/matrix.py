"""A room of a Matrix server (spec.matrix.org, client-server API, sending events)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from django.utils.translation import gettext as _

from stormdesk.notify.channels.base import Letter, post


def send(address: str, sealed: Mapping[str, str], letter: Letter) -> None:
    """Write to the room, once: the transaction id is the message's own key. Raises NotSent."""
    lines = [letter.title, "", letter.text, letter.link]
    if letter.acknowledge:
        lines.append(_("I have it, call nobody else: %(link)s") % {"link": letter.acknowledge})
    room, transaction = quote(sealed["room"], safe=""), quote(f"stormdesk-{letter.key}", safe="")
    post(
        "Matrix",
        f"{sealed['server'].rstrip('/')}/_matrix/client/v3/rooms/{room}/send/m.room.message/{transaction}",
        method="PUT",
        json={"msgtype": "m.text", "body": "\n".join(lines)},
        headers={"Authorization": f"Bearer {sealed['token']}"},
    )
