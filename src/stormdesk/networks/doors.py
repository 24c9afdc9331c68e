"""Our own door, to which a network is asked to bring its messages: what it must look like, and how that is refused."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from stormdesk.networks.base import Health, NetworkError, Permanent, Secret, gettext_noop

_SECRET = re.compile(r"[A-Za-z0-9_-]{5,256}")


def check(url: str, network: str, ports: tuple[int, ...] = ()) -> None:
    """Raises Permanent (`no_https`, `port`) for an address at which this network knocks on no door; no `ports`: at any."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme != "https" or not parts.hostname:
        raise Permanent(
            gettext_noop(
                "%(network)s brings messages only to an address that begins with https:// and can be reached from the "
                "internet; set up such an address for the desk, or let it go on fetching."
            ),
            code="no_https",
            network=network,
        )
    if ports and port not in ports:
        raise Permanent(
            gettext_noop(
                "%(network)s brings messages only to the ports %(ports)s, and the desk's address says %(port)s; "
                "put the desk behind one of them."
            ),
            code="port",
            network=network,
            ports=", ".join(map(str, ports)),
            port=port,
        )


def word(secret: Secret, name: str, network: str) -> str:
    """The secret by which we know that a message is the network's. Raises Permanent(`no_secret`)."""
    found = secret.get(name, "")
    if not _SECRET.fullmatch(found):
        raise Permanent(
            gettext_noop(
                "The source has no secret that %(network)s would take: 5 to 256 letters, digits, _ and -. "
                "Enter one in the source."
            ),
            code="no_secret",
            network=network,
        )
    return found


def taken(network: str, url: str) -> Permanent:
    """Another program's door is set; only its host is named, as the rest of the address may be a secret."""
    return Permanent(
        gettext_noop(
            "%(network)s already brings these messages to another program, at “%(host)s”; "
            "end that there first, or use a key of the desk's own."
        ),
        code="elsewhere",
        network=network,
        host=_host(url),
    )


def not_set(network: str, url: str = "") -> Health:
    """Nothing is brought to our door; `url`: to whose door instead."""
    facts: dict[str, Any] = {"network": network, "host": _host(url)}
    if url:
        return Health(
            False,
            sentence=gettext_noop(
                "%(network)s brings the messages to another address now, at “%(host)s”; "
                "let it bring them here again, or let the desk fetch them."
            ),
            facts=facts,
        )
    return Health(
        False,
        sentence=gettext_noop(
            "%(network)s does not bring messages to the desk any more; let it bring them again, or let the desk fetch them."
        ),
        facts=facts,
    )


def unclear(error: NetworkError) -> Health:
    """The network could not be asked."""
    return Health(False, sentence=error.message, facts={**error.facts, "unclear": True})


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "–"
    except ValueError:
        return "–"
