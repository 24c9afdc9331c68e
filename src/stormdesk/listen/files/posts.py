"""Posts out of rows: who said what when about whom, the same ids every time the same file is read."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from stormdesk.core.http import gettext_noop
from stormdesk.listen.files.mapping import Mapping, check_zone
from stormdesk.listen.files.table import Refusal, Row, rows
from stormdesk.networks.base import Author, Incoming
from stormdesk.networks.plain import from_html
from stormdesk.networks.table.dates import moment

_HTML = re.compile(
    r"</?(?:p|br|div|a|span|b|i|em|strong|ul|li|img|h\d|script|style)\b[^<>]*>|&(?:amp|lt|gt|quot|nbsp|#\d+);",
    re.I,
)
_HANDLE = re.compile(r"(?<!\w)@(\w[\w.-]*\w|\w)")


@dataclass(frozen=True, slots=True)
class Post:
    """A post of a file; `brand` is what the file says it is about (empty: it does not say)."""

    line: int
    brand: str
    item: Incoming


class Reader:
    """Reads a file with a mapping, as often as needed; posts about several brands come once for each."""

    def __init__(self, path: Path, mapping: Mapping, *, network: str = "import") -> None:
        self.path, self.mapping, self.network = path, mapping, network
        self.zone = check_zone(mapping.zone)
        self.handles = self._known_handles() if mapping.by_handle() else {}

    def _known_handles(self) -> dict[str, str]:
        """Names that are brands: the one used most in each value of the brand's column, as it is mostly written;
        without such a column every name is one."""
        used: dict[str, Counter[str]] = defaultdict(Counter)
        written: dict[str, Counter[str]] = defaultdict(Counter)
        column = self.mapping.brand_column()
        if not column:
            return {}
        for row in rows(self.path):
            if isinstance(row, Row):
                for handle in dict.fromkeys(
                    _HANDLE.findall(row.values.get(self.mapping.of.get("text", ""), ""))
                ):
                    used[row.values.get(column, "")][handle.casefold()] += 1
                    written[handle.casefold()][handle] += 1
        known: dict[str, str] = {}
        for value, counted in used.items():
            if not value or not counted:
                continue
            # A name that is used everywhere (@user, @support) says little about one brand.
            own = {h: n * n / written[h].total() for h, n in counted.items()}
            alike = [h for h in own if _alike(value, h) and counted[h] * 10 >= max(counted.values())]
            handle = max(alike or own, key=lambda h: (own[h], h))
            # The column's own name of the brand, unless it speaks of another: “Delta” where people write to @JetBlue.
            known[handle] = value if alike else written[handle].most_common(1)[0][0]
        return known

    def __iter__(self) -> Iterator[Post | Refusal]:
        seen: Counter[str] = Counter()
        for row in rows(self.path):
            if isinstance(row, Refusal):
                yield row
                continue
            item = self._item(row, seen)
            if isinstance(item, Refusal):
                yield item
                continue
            for brand in self._brands(row, item):
                yield Post(row.line, brand, item)

    def _item(self, row: Row, seen: Counter[str]) -> Incoming | Refusal:
        def value(field: str) -> str:
            column = self.mapping.of.get(field, "")
            if not column or column in row.values:
                return (row.values.get(column) or "").strip()
            return " ".join((row.values.get(part) or "").strip() for part in column.split("+")).strip()

        text = value("text")
        text = from_html(text) if _HTML.search(text) else text
        if not text:
            return Refusal(row.line, gettext_noop("The line has no text."))
        try:
            at = moment(value("published_at"), self.zone)
        except ValueError:
            return Refusal(
                row.line,
                gettext_noop(
                    "“%(value)s” is no time. Write it as 2026-01-31 18:00, or say which column holds it."
                ),
                {"value": value("published_at")[:40]},
            )
        handle = value("author")
        try:
            return Incoming(
                network=self.network,
                native_id=value("id") or self._made_id(at, handle, text, seen),
                text=text,
                published_at=at,
                author=Author(handle, handle, value("name"), number(value("followers"))),
                url=value("url"),
                language=value("language") or None,
                in_reply_to=value("in_reply_to") or None,
                thread=value("thread") or None,
                reach=number(value("reach")),
            )
        except ValueError as error:
            return Refusal(
                row.line, gettext_noop("The line cannot be taken (%(why)s)."), {"why": str(error)[:120]}
            )

    @staticmethod
    def _made_id(at: datetime, handle: str, text: str, seen: Counter[str]) -> str:
        """An id for a post whose file gives none: of its content, numbered when the same thing was said again."""
        content = f"{at.isoformat()}\x1f{handle}\x1f{text}".encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(content, digest_size=12).hexdigest()
        seen[digest] += 1
        return digest if seen[digest] == 1 else f"{digest}.{seen[digest]}"

    def _brands(self, row: Row, item: Incoming) -> list[str]:
        column = self.mapping.brand_column()
        told = (row.values.get(column) or "").strip() if column else ""
        if self.mapping.by_handle():
            named = _HANDLE.findall(item.text)
            if not self.handles:
                return [named[0]] if named else [told]
            known = next((self.handles[h.casefold()] for h in named if h.casefold() in self.handles), "")
            return [known or told]
        several = [part.strip() for part in re.split(r"[|;]", told) if part.strip()]
        return list(dict.fromkeys(several)) or [""]


def _alike(name: str, handle: str) -> bool:
    first, second = (re.sub(r"\W|_", "", word.casefold()) for word in (name, handle))
    return first.startswith(second) or second.startswith(first)


def number(text: str) -> int | None:
    """A count, or None when there is none."""
    digits = re.sub(r"[\s,\u00a0]", "", text)
    return int(float(digits)) if re.fullmatch(r"\d{1,15}(\.\d+)?", digits) else None
