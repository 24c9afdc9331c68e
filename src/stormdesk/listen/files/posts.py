"""Posts out of rows, and which brands each is about."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stormdesk.listen.files.mapping import Mapping, check_zone
from stormdesk.listen.files.table import rows
from stormdesk.networks.base import Incoming
from stormdesk.networks.table import Items, Refusal, Row

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
        items = Items(self.mapping.of, network=self.network, zone=self.zone)
        for row in rows(self.path):
            if isinstance(row, Refusal):
                yield row
                continue
            item = items.of(row)
            if isinstance(item, Refusal):
                yield item
                continue
            for brand in self._brands(row, item):
                yield Post(row.line, brand, item)

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
