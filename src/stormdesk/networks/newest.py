"""Going on from where a list was read last, where a network gives the newest first and knows no place to go on from.

Each reading goes from the top down to the newest moment of the last one, and somewhat further: what is approved, found
or put into order late stands there. The cursor keeps that moment and the names of what the next reading meets again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stormdesk.core.clock import utcnow
from stormdesk.networks.base import Batch, Incoming

KEPT = 2000
LATEST = 4_000_000_000.0
"""Epoch seconds no honest list reaches in our time."""


@dataclass(frozen=True, slots=True)
class Told:
    """One entry. `name` changes when the entry does; `at` in epoch seconds; `item` None for what is not for us."""

    name: str
    at: float
    item: Incoming | None


def start(cursor: Mapping[str, Any], overlap: float) -> float | None:
    """The moment down to which the list is to be read; None the first time: one page is enough then."""
    at = _at(cursor)
    return None if at is None else at - overlap


def batch(
    told: Iterable[Told], cursor: Mapping[str, Any], overlap: float, *, whole: bool = True, **more: Any
) -> Batch:
    """What was not told before, oldest first. `whole`: did the reading reach its start? `more`: kept in the cursor."""
    told = list(told)
    at = _at(cursor)
    given = cursor.get("seen")
    known = {name for name in given if isinstance(name, str)} if isinstance(given, list) else set()
    items = [one.item for one in sorted(told, key=lambda one: one.at) if one.name not in known and one.item]
    moments = [*(one.at for one in told), *([at] if at is not None else [])]
    if not moments:
        return Batch(items, dict(cursor) | more)
    # A time to come is a lie, and would make us pass over all that is said until then.
    newest = min(max(moments), utcnow().timestamp())
    seen = [one.name for one in told if at is None or one.at >= newest - overlap]
    return Batch(items, {"at": newest, "seen": seen[:KEPT], **more}, lost=at is not None and not whole)


def _at(cursor: Mapping[str, Any]) -> float | None:
    at = cursor.get("at")
    good = isinstance(at, int | float) and not isinstance(at, bool) and 0 <= at < LATEST
    return float(at) if good and at is not None else None
