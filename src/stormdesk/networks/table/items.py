"""From a row to what was said: the same ids every time the same file is read."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, tzinfo

from stormdesk.networks.base import Author, Incoming, gettext_noop
from stormdesk.networks.plain import clean, clean_line, from_html
from stormdesk.networks.table.dates import moment
from stormdesk.networks.table.rows import Refusal, Row

_HTML = re.compile(
    r"</?(?:p|br|div|a|span|b|i|u|em|strong|ul|ol|li|img|h[1-6]|blockquote|script|style)\b[^<>]*>|&(?:amp|lt|gt|quot|nbsp|#\d+);",
    re.IGNORECASE,
)


class Items:
    """Reads the rows of one file. `columns`: field (see `columns.FIELDS`) → column; a + between two columns joins them
    (“Дата+Время”). `zone` is that of times without one.

    A row without an id gets one made of what it says, numbered when the same was said before in this file: a file
    holds as many posts as it has rows, and a second reading adds none.
    """

    def __init__(self, columns: Mapping[str, str], *, network: str, zone: tzinfo = UTC) -> None:
        self.columns, self.network, self.zone = columns, network, zone
        self._said: Counter[bytes] = Counter()

    def of(self, row: Row) -> Incoming | Refusal:
        """What the row says, or why it cannot be taken."""
        text = self._cell(row, "text")
        text = from_html(text) if _HTML.search(text) else clean(text)
        if not text:
            return Refusal(row.line, gettext_noop("The row has no text and was skipped."))
        written = self._cell(row, "published_at")
        try:
            when = moment(written, self.zone)
        except ValueError:
            return Refusal(
                row.line,
                gettext_noop("“%(value)s” is not a date that can be read; write it like 2026-03-01 12:30."),
                {"value": written[:40]},
            )
        name = self._cell(row, "name")
        author = self._cell(row, "author") or name
        in_reply_to = self._cell(row, "in_reply_to") or None
        return Incoming(
            network=self.network,
            native_id=clean_line(self._cell(row, "id"))
            or self._made_id(f"{when.isoformat()}\n{author}\n{text}"),
            text=text,
            published_at=when,
            author=Author(author, author, name, count(self._cell(row, "followers"))),
            url=self._cell(row, "url"),
            language=self._cell(row, "language").split("-")[0].lower()[:3] or None,
            in_reply_to=in_reply_to,
            thread=self._cell(row, "thread") or None,
            kind="comment" if in_reply_to else "post",
            reach=count(self._cell(row, "reach")),
        )

    def _cell(self, row: Row, field: str) -> str:
        column = self.columns.get(field, "")
        if column in row.values:
            return row.values[column].strip()
        return " ".join(row.values.get(part, "").strip() for part in column.split("+")).strip()

    def _made_id(self, said: str) -> str:
        digest = hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=12)
        self._said[digest.digest()] += 1
        number = self._said[digest.digest()]
        return digest.hexdigest() if number == 1 else f"{digest.hexdigest()}.{number}"


def count(cell: str) -> int | None:
    """A number of people, or None when the cell holds none."""
    digits = re.sub(r"[\s,\xa0']", "", cell)
    return int(float(digits)) if re.fullmatch(r"[0-9]{1,15}(\.[0-9]+)?", digits) else None
