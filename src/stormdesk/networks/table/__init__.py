"""Exports of other tools, brand histories, review sites: CSV and JSON lines, as wild as they come.

rows(path)                          -> Row(line, values) or Refusal(line, why), in the file's order
columns_of(path), guess(names)      -> what there is, and which column probably holds what
Items(columns, network=…).of(row)   -> Incoming or Refusal
"""

from stormdesk.networks.table.client import NETWORK, Table
from stormdesk.networks.table.columns import Columns, guess
from stormdesk.networks.table.items import Items
from stormdesk.networks.table.rows import Refusal, Row, columns_of, rows
from stormdesk.networks.table.source import Unreadable

__all__ = [
    "NETWORK",
    "Columns",
    "Items",
    "Refusal",
    "Row",
    "Table",
    "Unreadable",
    "columns_of",
    "guess",
    "rows",
]
