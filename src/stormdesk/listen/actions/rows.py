"""Rows of mentions, their search words and the minute counters, written in SQL that both databases speak.

Django's bulk_create(ignore_conflicts=True) does not say which rows were new, and that is what every counter
depends on; `INSERT … ON CONFLICT DO NOTHING RETURNING` does, on SQLite (3.35) and PostgreSQL alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models
from django.db.models import F
from django.db.models.functions import Greatest

from stormdesk.listen.matching import search
from stormdesk.listen.models import Mention, MinuteCount
from stormdesk.listen.rules import NEEDS_REPLY
from stormdesk.understand.outrage import outrage

_CHUNK = 200
"""Rows of one statement: far below SQLite's 32,766 parameters."""
_FIELDS = [field for field in Mention._meta.concrete_fields if not field.primary_key]
_ONE = f"({', '.join(['%s'] * len(_FIELDS))})"

COUNTED = (
    "mentions",
    "negative",
    "positive",
    "authors",
    "duplicates",
    "competitor",
    "rivals",
    "needs_reply",
    "reach",
    "outraged",
)
OUTRAGED = 0.65
"""A post whose signs of outrage weigh this much is counted: 12 in 100 of the posts to airlines, 3 in 100 of Russian
channels' posts about brands. One post proves nothing; the share of an hour does (understand.outrage)."""


def _writers() -> list[tuple[str, Callable[[Any], Any] | None]]:
    """Per column, what turns a clean value into a parameter. Field.get_db_prep_save does the same eight times slower,
    and every mention has forty columns."""
    adapt = connection.ops.adapt_datetimefield_value

    def moment(value: datetime | None) -> Any:
        return adapt(value) if value else None

    def document(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    by_type = {models.DateTimeField: moment, models.JSONField: document}
    return [(field.attname, by_type.get(type(field))) for field in _FIELDS]


def insert(mentions: Sequence[Mention]) -> list[Mention]:
    """Store what is not stored yet; returns those that are new, with their primary keys. In a transaction."""
    new: list[Mention] = []
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in _FIELDS)
    writers = _writers()
    with connection.cursor() as cursor:
        for start in range(0, len(mentions), _CHUNK):
            part = mentions[start : start + _CHUNK]
            values = []
            for mention in part:
                given = mention.__dict__
                values += [write(given[name]) if write else given[name] for name, write in writers]
            cursor.execute(
                f"INSERT INTO listen_mention ({columns}) VALUES {', '.join([_ONE] * len(part))} "
                "ON CONFLICT (network, native_id, brand_id) DO NOTHING RETURNING id, native_id",
                values,
            )
            keys = {native: key for key, native in cursor.fetchall()}
            for mention in part:
                if mention.native_id in keys:
                    mention.pk = keys[mention.native_id]
                    new.append(mention)
    return new


def write_search(mentions: Iterable[Mention]) -> None:
    """Make these mentions findable by their words, also again after an edit."""
    rows = [(mention.pk, search.tokens(f"{mention.text} {mention.author_handle} {mention.author_name}"))
            for mention in mentions]  # fmt: skip
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(
                "INSERT OR REPLACE INTO listen_search (rowid, words) VALUES (%s, %s)",
                [(key, " ".join(words)) for key, words in rows],
            )
        else:
            for start in range(0, len(rows), _CHUNK):
                part = rows[start : start + _CHUNK]
                cursor.execute(
                    "INSERT INTO listen_search (mention, words) VALUES "
                    + ", ".join(["(%s, %s::tsvector)"] * len(part))
                    + " ON CONFLICT (mention) DO UPDATE SET words = excluded.words",
                    [value for key, words in part for value in (key, search.tsvector(words))],
                )


Counts = dict[datetime, dict[str, int]]


def minute_of(moment: datetime) -> datetime:
    """Start of the minute in which something was published."""
    return moment.replace(second=0, microsecond=0)


def add_counts(brand_id: int, counts: Mapping[datetime, Mapping[str, int]]) -> None:
    """Add to the brand's counters; minutes are written in order, so that two writers never wait for each other."""
    rows = [(minute, values) for minute, values in sorted(counts.items()) if any(values.values())]
    adapt = connection.ops.adapt_datetimefield_value
    table = connection.ops.quote_name(MinuteCount._meta.db_table)
    changes = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in COUNTED)
    with connection.cursor() as cursor:
        for start in range(0, len(rows), _CHUNK):
            part = rows[start : start + _CHUNK]
            one = f"(%s, %s, {', '.join(['%s'] * len(COUNTED))})"
            cursor.execute(
                f"INSERT INTO {table} (brand_id, minute, {', '.join(COUNTED)}) VALUES {', '.join([one] * len(part))} "
                f"ON CONFLICT (brand_id, minute) DO UPDATE SET {changes}",
                [
                    value
                    for minute, values in part
                    for value in (brand_id, adapt(minute), *(values.get(name, 0) for name in COUNTED))
                ],
            )


def change_counts(brand_id: int, minute: datetime, difference: Mapping[str, int]) -> None:
    """Change one minute by what a correction changed; no counter goes below zero."""
    rows = MinuteCount.objects.filter(brand=brand_id, minute=minute)
    rows.update(**{name: Greatest(0, F(name) + value) for name, value in difference.items()})


def new_authors(brand_id: int, mentions: Sequence[Mention]) -> dict[datetime, int]:
    """Per minute, how many authors of these freshly stored mentions spoke in it for the first time.

    Somebody whose name is not known counts every time. Call after `add_counts` has locked the minutes, so that two writers do not both count the same author.
    """
    counts: dict[datetime, int] = {}
    spoke: set[tuple[datetime, str]] = set()
    for mention in mentions:
        minute = minute_of(mention.published_at)
        if mention.author_handle:
            spoke.add((minute, mention.author_handle))
        else:
            counts[minute] = counts.get(minute, 0) + 1
    fresh = [mention.pk for mention in mentions]
    adapt = connection.ops.adapt_datetimefield_value
    pairs = sorted(spoke)
    known: set[int] = set()
    if connection.vendor == "sqlite":
        # The only writer there is: its new rows have neighbouring numbers.
        row, others = "(%s, %s, %s, %s)", "m.id NOT BETWEEN %s AND %s"
        own: list[Any] = [min(fresh, default=0), max(fresh, default=0)]
    else:
        row, others = "(%s::integer, %s::text, %s::timestamptz, %s::timestamptz)", "m.id <> ALL(%s)"
        own = [fresh]
    with connection.cursor() as cursor:
        for start in range(0, len(pairs), _CHUNK):
            part = pairs[start : start + _CHUNK]
            cursor.execute(
                f"SELECT v.column1 FROM (VALUES {', '.join([row] * len(part))}) AS v CROSS JOIN listen_mention m "
                "WHERE m.brand_id = %s AND m.author_handle = v.column2 AND m.published_at >= v.column3 "
                f"AND m.published_at < v.column4 AND m.about = 'brand' AND NOT m.is_own AND {others}",
                [
                    *(
                        value
                        for place, (minute, handle) in enumerate(part, start)
                        for value in (place, handle, adapt(minute), adapt(minute + timedelta(minutes=1)))
                    ),
                    brand_id,
                    *own,
                ],
            )
            known |= {number for (number,) in cursor.fetchall()}
    for place, (minute, _handle) in enumerate(pairs):
        if place not in known:
            counts[minute] = counts.get(minute, 0) + 1
    return counts


def flags(mention: Mention, *, competitor: bool = False, reach: int | None = None) -> dict[str, int]:
    """What one mention adds to its minute; nothing for the brand's own words, which are no reaction.

    `competitor`: it names one of them beside the brand. `reach`: people, when the network said so.
    """
    if mention.is_own:
        return {}
    if mention.about == "competitor":
        return {"rivals": 1}
    if mention.about != "brand":
        return {}
    return {
        "mentions": 1,
        "negative": int(mention.mood == "negative"),
        "positive": int(mention.mood == "positive"),
        "duplicates": int(bool(mention.copy_of)),
        "competitor": int(competitor),
        "needs_reply": int(mention.needs_reply >= NEEDS_REPLY),
        "reach": reach if reach is not None else mention.author_followers or 0,
        "outraged": int(outrage(mention.text).score >= OUTRAGED),
    }
