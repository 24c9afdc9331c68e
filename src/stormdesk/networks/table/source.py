"""A file of unknown make as lines of text: unpacked, decoded, and never more than one line of it in memory."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from charset_normalizer import from_bytes

from stormdesk.core.errors import BadInput
from stormdesk.networks.base import gettext_noop

SAMPLE = 64 * 1024
LINE_LIMIT = 2**20
"""Characters of one line; a post is far shorter, a file without line ends is not a table."""
_BOMS = [(codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")]
_OLD = ["cp1251", "koi8_r", "cp866", "mac_cyrillic", "iso8859_5", "cp1252"]


class Unreadable(BadInput):
    """Nothing of the file can be read. `message` is a msgid, `facts` fill it."""

    def __init__(self, message: str, **facts: Any) -> None:
        self.message = message
        self.facts = facts
        super().__init__(message % facts if facts else message)


class LongLine(Exception):
    """The line just passed was longer than LINE_LIMIT and was skipped."""


class CutShort(Exception):
    """The packed file ends before it should."""


class Lines(Iterator[str]):
    """Lines with their ends. `number`: of the line given last, from 1. Goes on after LongLine."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.text = text
        self.number = 0
        self.waiting: list[str] = []

    def __next__(self) -> str:
        self.number += 1
        if self.waiting:
            return self.waiting.pop()
        try:
            line = self.text.readline(LINE_LIMIT + 1)
            if len(line) > LINE_LIMIT and not line.endswith(("\n", "\r")):
                while (piece := self.text.readline(LINE_LIMIT)) and not piece.endswith(("\n", "\r")):
                    pass
                raise LongLine
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise CutShort from error
        if not line:
            self.number -= 1
            raise StopIteration
        return line

    def close(self) -> None:
        """Close the file."""
        self.text.close()

    def back(self, line: str) -> None:
        """Put a line back to be given again."""
        self.waiting.append(line)
        self.number -= 1


def opened(path: Path) -> Lines:
    """The lines of a file, plain or gzip. Raises Unreadable for other kinds."""
    try:
        binary: Any = path.open("rb")
    except OSError as error:
        raise Unreadable(
            gettext_noop("The file cannot be opened (%(why)s). Check its name and rights."),
            why=error.strerror or type(error).__name__,
        ) from None
    try:
        if _peek(binary, 2) == b"\x1f\x8b":
            binary = io.BufferedReader(gzip.GzipFile(fileobj=binary))
        return Lines(
            io.TextIOWrapper(binary, encoding=encoding(_peek(binary, SAMPLE)), errors="replace", newline="")
        )
    except (EOFError, zlib.error, gzip.BadGzipFile):
        binary.close()
        raise Unreadable(gettext_noop("The packed file is damaged; export or copy it again.")) from None
    except Unreadable:
        binary.close()
        raise


def encoding(sample: bytes) -> str:
    """How the text is written. Raises Unreadable for what is no text."""
    if sample.startswith(b"PK\x03\x04") or sample.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(
            gettext_noop(
                "This is a spreadsheet; save it as CSV (UTF-8) in your spreadsheet program and load that."
            )
        )
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = max(len(sample) // 2, 1)
    # Without a mark, two-byte text shows by the zero bytes of its spaces, digits and commas.
    if max(even, odd) > half * 0.1:
        if min(even, odd) > half * 0.05:
            raise Unreadable(
                gettext_noop("This is not a text file; load a CSV file or a file of JSON lines.")
            )
        return "utf-16-le" if odd > even else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
        return "utf-8"
    except UnicodeDecodeError:
        best = from_bytes(sample, cp_isolation=_OLD).best()
        return best.encoding if best else "cp1251"


def _peek(binary: IO[bytes], size: int) -> bytes:
    start = binary.tell()
    found = binary.read(size)
    binary.seek(start)
    return found
