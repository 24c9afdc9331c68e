"""Rows of a CSV or JSON Lines file, plain or gzip, in whatever encoding it came; hostile files cost time, not memory."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from charset_normalizer import from_bytes

from stormdesk.core.errors import BadInput
from stormdesk.core.http import gettext_noop

LONGEST_LINE = 1_000_000
"""Bytes; the longest post any network allows is a fiftieth of it."""
_SAMPLE = 64_000
_MOST_COLUMNS = 300


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it begins in (from 1), and its values by column name."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot be taken, and why: `message` (a msgid) % `facts`."""

    line: int
    message: str
    facts: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.facts


class FileError(BadInput):
    """The file as a whole cannot be read; `message` (a msgid) % `facts` is the sentence."""

    def __init__(self, message: str, *, where: str, **facts: object) -> None:
        self.message, self.facts = message, facts
        super().__init__(message % facts, where=where)


def open_bytes(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked when it is gzip. Raises FileError."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise FileError(gettext_noop("The file cannot be opened (%(why)s). Check its name and rights."),
                        where=str(path), why=error.strerror or type(error).__name__) from None  # fmt: skip
    packed = raw.peek(2)[:2] == b"\x1f\x8b"  # type: ignore[attr-defined]
    return io.BufferedReader(gzip.GzipFile(fileobj=raw)) if packed else raw  # type: ignore[arg-type]


def encoding_of(sample: bytes) -> str:
    """The encoding of a text by its beginning: a byte order mark, else UTF-8 when it can be, else the likeliest."""
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    # The sample may end inside a letter.
    for end in range(len(sample), max(len(sample) - 4, 0), -1):
        try:
            sample[:end].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return "utf-8-sig"
    found = from_bytes(
        sample[:20_000], cp_isolation=["cp1251", "koi8_r", "cp1252", "cp866", "latin_1"]
    ).best()
    return found.encoding if found else "cp1251"


def _lines(source: IO[bytes], encoding: str) -> Iterator[tuple[int, str | None]]:
    """Numbered lines with their ends; None for one that is too long, which is skipped without being kept."""
    if encoding == "utf-16":
        yield from enumerate(io.TextIOWrapper(source, "utf-16", errors="replace", newline=None), 1)
        return
    number = 0
    while line := source.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = source.readline(LONGEST_LINE)
            yield number, None
            continue
        yield (
            number,
            line.decode(encoding if number == 1 else encoding.removesuffix("-sig"), errors="replace"),
        )


def rows(path: Path) -> Iterator[Row | Refusal]:
    """Every row of the file. Raises FileError for a file of another kind; a damaged end is a Refusal."""
    with open_bytes(path) as source:
        number = 1
        try:
            sample = source.peek(_SAMPLE)[:_SAMPLE]  # type: ignore[attr-defined]
            if not sample.strip():
                raise FileError(gettext_noop("The file is empty. Choose a file with posts."), where=str(path))
            if b"\x00" in sample[:1000] and not sample.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise FileError(
                    gettext_noop("This is no text file. Save the table as CSV or JSON Lines and bring that."),
                    where=str(path),
                )
            encoding = encoding_of(sample)
            lines = _lines(source, encoding)
            first = sample.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
            for row in _json_lines(lines) if first == b"{" else _csv(lines, path):
                number = row.line
                yield row
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            yield Refusal(
                number + 1,
                gettext_noop(
                    "The packed file is damaged after this line (%(why)s); what came before is taken."
                ),
                {"why": str(error)[:100] or type(error).__name__},
            )


_TOO_LONG = gettext_noop(
    "The line is longer than a million bytes. Posts are never that long: see whether a line break is missing."
)


def _json_lines(lines: Iterator[tuple[int, str | None]]) -> Iterator[Row | Refusal]:
    for number, line in lines:
        if line is None:
            yield Refusal(number, _TOO_LONG)
            continue
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            yield Refusal(
                number, gettext_noop("The line is not complete JSON. Write one object in braces per line.")
            )
            continue
        if not isinstance(found, dict):
            yield Refusal(
                number, gettext_noop("The line is not a JSON object. Write one object in braces per line.")
            )
            continue
        yield Row(number, _flat(found))


def _flat(found: dict[str, Any]) -> dict[str, str]:
    """{"author": {"handle": "x"}} as {"author.handle": "x"}; lists as their plain values with | between."""
    values: dict[str, str] = {}
    for key, value in list(found.items())[:_MOST_COLUMNS]:
        if isinstance(value, dict):
            for inner, deep in list(value.items())[:50]:
                if not isinstance(deep, (dict, list)):
                    values[f"{key}.{inner}"] = _plain(deep)
        elif isinstance(value, list):
            values[str(key)] = "|".join(
                _plain(one) for one in value[:50] if not isinstance(one, (dict, list))
            )
        else:
            values[str(key)] = _plain(value)
    return values


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


class _Feed:
    """Lines for the csv module, remembering where it stands and which lines were too long."""

    def __init__(self, lines: Iterator[tuple[int, str | None]]) -> None:
        self.lines, self.number, self.skipped = lines, 0, list[int]()

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        for number, line in self.lines:
            self.number = number
            if line is not None:
                # A lone carriage return inside a line is a space here; the csv module would take it for a fault.
                return line.replace("\x00", "").replace("\r\n", "\n").replace("\r", " ")
            self.skipped.append(number)
        raise StopIteration


def _csv(lines: Iterator[tuple[int, str | None]], path: Path) -> Iterator[Row | Refusal]:
    csv.field_size_limit(LONGEST_LINE)
    feed = _Feed(lines)
    first = next(feed, "")
    delimiter = max(",;\t|", key=first.count)
    try:
        head = [name.strip() for name in next(csv.reader([first], delimiter=delimiter), [])]
    except csv.Error:
        head = []
    if not any(head) or len(head) > _MOST_COLUMNS:
        raise FileError(
            gettext_noop("The first line holds no column names. Write them there, as in: time,author,text"),
            where=str(path),
        )
    reader = csv.reader(feed, delimiter=delimiter)
    while True:
        begins = feed.number + 1
        try:
            values = next(reader, None)
        except csv.Error:
            yield Refusal(
                begins,
                gettext_noop(
                    "From this line to line %(end)s a quotation mark is not closed. Close it and bring these lines again."
                ),
                {"end": feed.number},
            )
            reader = csv.reader(feed, delimiter=delimiter)
            continue
        while feed.skipped:
            yield Refusal(feed.skipped.pop(0), _TOO_LONG)
        if values is None:
            return
        if not any(values):
            continue
        if len(values) > len(head):
            yield Refusal(
                begins,
                gettext_noop(
                    "The line has %(found)s values for %(columns)s columns. Put values with “%(mark)s” into quotation marks."
                ),
                {"found": len(values), "columns": len(head), "mark": delimiter},
            )
            continue
        yield Row(begins, dict(zip(head, values, strict=False)))


def columns_of(path: Path, most: int = 20) -> tuple[list[str], list[Row]]:
    """The column names of a file, with its first rows. Raises FileError."""
    names: dict[str, None] = {}
    found: list[Row] = []
    for row in rows(path):
        if isinstance(row, Row):
            names |= dict.fromkeys(row.values)
            found.append(row)
            if len(found) == most:
                break
    if not found:
        raise FileError(gettext_noop("No line of the file could be read. Bring a CSV with column names or JSON Lines."),
                        where=str(path))  # fmt: skip
    return list(names), found
