"""A file as a network: it only ever says what it said once."""

from __future__ import annotations

from stormdesk.networks.base import N_, Capability, Network, Source


class Table(Network):
    name = "table"
    title = N_("File (CSV, JSON lines)")
    capabilities = frozenset({Capability.IMPORT})
    sources = (Source("file", N_("Uploaded file")),)


NETWORK = Table()
