"""From a file to what was said: row by row, each row either read or refused with its line and the reason."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from stormdesk.networks.base import Author, Incoming, gettext_noop
from stormdesk.networks.plain import clean, from_html
from stormdesk.networks.table.columns import FIELDS, checked, guess
from stormdesk.networks.table.dates import moment
from stormdesk.networks.table.source import LINE_LIMIT, CutShort, Lines, LongLine, Unreadable, opened

ROW_LIMIT = 4 * LINE_LIMIT
_HTML = re.compile(
    r"</?(?:p|br|div|a|span|b|i|u|em|strong|ul|ol|li|img|h[1-6]|blockquote|script|style)\b[^<>]*>|&(?:amp|lt|gt|quot|nbsp|#\d+);",
    re.IGNORECASE,
)
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not taken: where it begins, and why (a msgid with its facts)."""

    line: int
    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return self.message % self.facts if self.facts else self.message


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: Mapping[str, str]


def rows(
    file: str | Path | BinaryIO,
    mapping: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
    *,
    zone: str = "UTC",
    day_first: bool | None = None,
) -> Iterator[Incoming | BadRow]:
    """Read a CSV file (comma, semicolon, tab, bar) or JSON lines, plain or gzip, in constant memory.

    `mapping`: field (see `columns.FIELDS`) → column, None to guess from the header; nested JSON values are named
    with dots, and “Дата+Время” joins two columns. `defaults`: field → value where a cell is empty; also `network`
    (otherwise "table"). `zone`: IANA name for times without one. Encodings: UTF-8, UTF-16, and the old Cyrillic
    ones by their letters. Raises Unreadable, with the first row asked for, if nothing of the file can be read.
    """
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Unreadable(
            gettext_noop("There is no time zone called “%(zone)s”; use a name such as Europe/Moscow."),
            zone=zone,
        ) from None
    lines = opened(file)
    try:
        found = _found(lines)
        names = next(found)
        chosen = checked(mapping if mapping is not None else guess(names).of, names)
        values = dict(defaults or {})
        for row in found:
            yield row if isinstance(row, BadRow) else _incoming(row, chosen, values, place, day_first)
    finally:
        lines.close()


def header(file: str | Path | BinaryIO) -> list[str]:
    """The column names of a file, for a person to choose from. Raises Unreadable."""
    lines = opened(file)
    try:
        return next(_found(lines))
    finally:
        lines.close()


def _found(lines: Lines) -> Iterator[Any]:
    """First the header, then rows."""
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
    yield from _json(lines) if start.startswith("{") else _csv(lines, first)


def _csv(lines: Lines, first: str) -> Iterator[Any]:
    delimiter = max(_DELIMITERS, key=first.count)
    if first.lower().startswith("sep=") and len(first.strip()) == 5:
        delimiter = first.strip()[4]
        next(lines)
    feed = _Fed(lines)
    reader = csv.reader(feed, delimiter=delimiter)
    names = [name.strip().lstrip("\ufeff") for name in next(reader)]
    yield names
    while True:
        feed.amount, line = 0, lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except LongLine:
            yield BadRow(
                line,
                gettext_noop(
                    "The line is longer than %(limit)s characters and was skipped; is the file a table?"
                ),
                {"limit": LINE_LIMIT},
            )
            continue
        except CutShort:
            yield BadRow(
                line,
                gettext_noop(
                    "The packed file ends in the middle; what stood before was read. Copy it again."
                ),
            )
            return
        except csv.Error:
            yield BadRow(
                line,
                gettext_noop(
                    "A quotation mark is opened and not closed; lines up to %(last)s were not read."
                ),
                {"last": lines.number},
            )
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
            yield BadRow(
                line,
                gettext_noop(
                    "The row has %(cells)s cells and the header %(names)s; a delimiter inside a text must stand in quotes."
                ),
                {"cells": len(cells), "names": len(names)},
            )
            continue
        yield _Row(line, dict(zip(names, cells, strict=False)))


class _Fed(Iterator[str]):
    """Lines for the CSV reader, with a bound on what one row may take."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.amount = 0

    def __next__(self) -> str:
        line = next(self.lines)
        self.amount += len(line)
        if self.amount > ROW_LIMIT:
            raise csv.Error("row too long")
        return line


def _json(lines: Lines) -> Iterator[Any]:
    names: list[str] = []
    while True:
        row: _Row | BadRow
        try:
            line = next(lines)
        except StopIteration:
            return
        except LongLine:
            row = BadRow(
                lines.number,
                gettext_noop(
                    "The line is longer than %(limit)s characters and was skipped; is the file a table?"
                ),
                {"limit": LINE_LIMIT},
            )
        except CutShort:
            yield BadRow(
                lines.number,
                gettext_noop(
                    "The packed file ends in the middle; what stood before was read. Copy it again."
                ),
            )
            return
        else:
            if not line.strip():
                continue
            row = _json_row(lines.number, line)
        if not names:
            if isinstance(row, BadRow):
                raise Unreadable(row.message, **row.facts)
            names = list(row.cells)
            yield names
        yield row


def _json_row(number: int, line: str) -> _Row | BadRow:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        return BadRow(number, gettext_noop("The line is not one JSON object and was skipped."))
    cells: dict[str, str] = {}
    for name, content in value.items():
        inner = (
            {f"{name}.{k}": v for k, v in content.items()} if isinstance(content, dict) else {name: content}
        )
        cells |= {
            k: "" if v is None else v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)
            for k, v in inner.items()
        }
    return _Row(number, cells)


def _incoming(
    row: _Row, mapping: Mapping[str, str], defaults: Mapping[str, str], zone: tzinfo, day_first: bool | None
) -> Incoming | BadRow:
    cells = {name: _cell(row.cells, mapping.get(name, "")) or str(defaults.get(name, "")) for name in FIELDS}
    text = from_html(cells["text"]) if _HTML.search(cells["text"]) else clean(cells["text"])
    if not text:
        return BadRow(row.line, gettext_noop("The row has no text and was skipped."))
    try:
        when = moment(cells["published_at"], zone, day_first)
    except ValueError:
        shown = cells["published_at"][:40]
        return BadRow(
            row.line,
            gettext_noop("“%(value)s” is not a date that can be read; write it like 2026-03-01 12:30."),
            {"value": shown},
        )
    author = cells["author"] or cells["name"] or "?"
    said = f"{author}\n{when.astimezone(UTC).isoformat()}\n{text}".encode("utf-8", "replace")
    return Incoming(
        network=str(defaults.get("network", "table")),
        native_id=cells["id"] or hashlib.sha256(said).hexdigest()[:40],
        text=text,
        published_at=when,
        author=Author(author, author, cells["name"], _count(cells["followers"])),
        url=cells["url"],
        language=cells["language"].split("-")[0].lower()[:3] or None,
        in_reply_to=cells["in_reply_to"] or None,
        thread=cells["thread"] or None,
        kind="comment" if cells["in_reply_to"] else "post",
        reach=_count(cells["reach"]),
    )


def _cell(cells: Mapping[str, str], column: str) -> str:
    if column in cells:
        return (cells[column] or "").strip()
    return " ".join((cells.get(part) or "").strip() for part in column.split("+")).strip()


def _count(value: str) -> int | None:
    digits = re.sub(r"[\s,\xa0']", "", value).removesuffix(".0")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None
