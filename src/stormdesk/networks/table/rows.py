"""The rows of a file, each either read or refused with its line and the reason; hostile files cost time, not memory."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stormdesk.networks.base import gettext_noop
from stormdesk.networks.plain import TEXT_LIMIT
from stormdesk.networks.table.source import LINE_LIMIT, CutShort, Lines, LongLine, Unreadable, opened

CELL_LIMIT = 2 * TEXT_LIMIT
"""Characters of one cell: what is longer is no post, but a quotation mark that swallows the posts after it."""
ROW_LIMIT = 4 * LINE_LIMIT
_DELIMITERS = ",;\t|"
_MOST_COLUMNS = 300
_MOST_INNER = 50
"""Of the members of one nested value that are looked at."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it begins in (from 1), and its values by column name."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken: where it begins, and why (a msgid with its facts)."""

    line: int
    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.facts if self.facts else self.message


def rows(path: Path) -> Iterator[Row | Refusal]:
    """Every row of a CSV file (comma, semicolon, tab, bar) or of JSON lines, plain or gzip, in constant memory.

    Encodings: UTF-8, UTF-16, and the old Cyrillic ones by their letters. Nested JSON values are named with dots, lists
    are their plain values with | between. Raises Unreadable, with the first row asked for, if nothing can be read.
    """
    lines = opened(path)
    try:
        yield from _rows(lines)
    finally:
        lines.close()


def columns_of(path: Path, most: int = 20) -> tuple[list[str], list[Row]]:
    """The column names of a file, with its first rows, for a person to choose from. Raises Unreadable."""
    names: dict[str, None] = {}
    found: list[Row] = []
    for row in rows(path):
        if isinstance(row, Row):
            names |= dict.fromkeys(row.values)
            found.append(row)
            if len(found) == most:
                break
    if not found:
        raise Unreadable(
            gettext_noop("No line of the file could be read. Bring a CSV with column names or JSON Lines.")
        )
    # A value that is nested in some rows and null in others has names inside, and none of its own.
    nested = {name.rpartition(".")[0] for name in names}
    return [name for name in names if name not in nested], found


def _rows(lines: Lines) -> Iterator[Row | Refusal]:
    try:
        first = next(line for line in lines if line.strip())
    except (StopIteration, LongLine, CutShort):
        raise Unreadable(
            gettext_noop("The file has no rows; load a file whose first line names the columns.")
        ) from None
    start = first.lstrip("\ufeff \t")
    if start.startswith("["):
        raise Unreadable(
            gettext_noop(
                "This is one JSON list; save it as JSON lines, one object on each line, and load that."
            )
        )
    lines.back(first)
    try:
        yield from _json(lines) if start.startswith("{") else _csv(lines, first)
    except CutShort:
        yield Refusal(
            lines.number,
            gettext_noop("The packed file ends in the middle; what stood before was read. Copy it again."),
        )


def _too_long(line: int) -> Refusal:
    return Refusal(
        line,
        gettext_noop("The line is longer than %(limit)s characters and was skipped; is the file a table?"),
        {"limit": LINE_LIMIT},
    )


def _csv(lines: Lines, first: str) -> Iterator[Row | Refusal]:
    csv.field_size_limit(CELL_LIMIT)
    delimiter = max(_DELIMITERS, key=first.count)
    if first.lower().startswith("sep=") and len(first.strip()) == 5:
        delimiter = first.strip()[4]
        next(lines)
    feed = _Fed(lines)
    reader = csv.reader(feed, delimiter=delimiter)
    try:
        names = [name.strip().lstrip("\ufeff") for name in next(reader)]
    except (StopIteration, LongLine, csv.Error):
        names = []
    if not any(names) or len(names) > _MOST_COLUMNS:
        raise Unreadable(
            gettext_noop("The first line holds no column names. Write them there, as in: time,author,text")
        )
    while True:
        feed.amount, line = 0, lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except LongLine:
            yield _too_long(line)
            continue
        except csv.Error:
            yield Refusal(
                line,
                gettext_noop(
                    "A quotation mark is opened and not closed; lines up to %(last)s were not read."
                ),
                {"last": lines.number},
            )
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[len(names) :]):
            yield Refusal(
                line,
                gettext_noop(
                    "The row has %(cells)s cells and the header %(names)s; a delimiter inside a text must stand in quotes."
                ),
                {"cells": len(cells), "names": len(names)},
            )
            continue
        yield Row(line, dict(zip(names, cells + [""] * (len(names) - len(cells)), strict=False)))


class _Fed(Iterator[str]):
    """Lines for the CSV reader, with a bound on what one row may take; a row that the file ends in is no row."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.amount = 0

    def __next__(self) -> str:
        line = next(self.lines, "")
        if not line and not self.amount:
            raise StopIteration
        self.amount += len(line)
        if not line or self.amount > ROW_LIMIT:
            raise csv.Error("an open quotation mark")
        return line


def _json(lines: Lines) -> Iterator[Row | Refusal]:
    while True:
        try:
            line = next(lines)
        except StopIteration:
            return
        except LongLine:
            yield _too_long(lines.number)
            continue
        if not line.strip():
            continue
        try:
            found = json.loads(line.lstrip("\ufeff"))
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            yield Row(lines.number, _flat(found))
        else:
            yield Refusal(lines.number, gettext_noop("The line is not one JSON object and was skipped."))


def _flat(found: dict[str, Any]) -> dict[str, str]:
    """{"author": {"handle": "x"}} as {"author.handle": "x"}; lists as their plain values with | between."""
    values: dict[str, str] = {}
    for name, value in list(found.items())[:_MOST_COLUMNS]:
        if isinstance(value, dict):
            inner = list(value.items())[:_MOST_INNER]
            values |= {f"{name}.{key}": _plain(deep) for key, deep in inner if _is_plain(deep)}
        elif isinstance(value, list):
            values[name] = "|".join(_plain(one) for one in value[:_MOST_INNER] if _is_plain(one))
        else:
            values[name] = _plain(value)
    return values


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict | list)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
