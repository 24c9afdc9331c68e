"""Exports of other tools, brand histories, review sites: CSV and JSON lines, as wild as they come."""

from stormdesk.networks.table.client import NETWORK, Table
from stormdesk.networks.table.columns import Columns, guess
from stormdesk.networks.table.reading import BadRow, header, rows
from stormdesk.networks.table.source import Unreadable

__all__ = ["NETWORK", "BadRow", "Columns", "Table", "Unreadable", "guess", "header", "rows"]
