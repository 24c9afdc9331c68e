"""A file as a network: it only ever says what it said once."""

from __future__ import annotations

from stormdesk.networks.base import Capability, Network, Source, gettext_noop


class Table(Network):
    name = "table"
    title = gettext_noop("File (CSV, JSON lines)")
    tested_against = "exports in the wild formats"
    capabilities = frozenset({Capability.IMPORT})
    sources = (Source("file", gettext_noop("Uploaded file")),)


NETWORK = Table()
