"""Which column of a file holds what: guessed from the names people use, corrected by them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from stormdesk.core.errors import BadInput
from stormdesk.listen.files.table import in_words
from stormdesk.networks.table import columns

FIELDS = (*columns.FIELDS, "brand")
_BRAND = re.compile(
    r"brands?|company|companies|airline|organi[sz]ation|target|бренды?|компани[яи]", re.IGNORECASE
)
_ALIASES = {"time": "published_at", "date": "published_at"}
HANDLE = "handle"
"""As the column of `brand`: the @name in the text decides."""
_ZONES = {
    "pacific": "America/Los_Angeles",
    "eastern": "America/New_York",
    "msk": "Europe/Moscow",
    "utc": "UTC",
}


@dataclass(frozen=True, slots=True)
class Mapping:
    """Field → column, the brand's column, and the zone of times without one (empty: not said)."""

    of: dict[str, str] = field(default_factory=dict)
    brand: str = ""
    zone: str = ""

    def as_dict(self) -> dict[str, str]:
        """Everything, to be kept with the import."""
        return {**self.of, **({"brand": self.brand} if self.brand else {}), "zone": self.zone}

    @classmethod
    def from_dict(cls, kept: dict[str, str]) -> Mapping:
        """What `as_dict` gave."""
        return cls({f: c for f, c in kept.items() if f not in ("brand", "zone") and c},
                   kept.get("brand", ""), kept.get("zone", ""))  # fmt: skip

    def by_handle(self) -> bool:
        """Whether the @name in the text decides the brand."""
        return self.brand.split("|")[0] == HANDLE

    def brand_column(self) -> str:
        """The column of the brand's name, also where the @name goes before it."""
        return self.brand.partition("|")[2] if self.by_handle() else self.brand


def guess(header: Iterable[str]) -> Mapping:
    """The likeliest mapping of these columns."""
    header = list(header)
    brand = next((name for name in header if _BRAND.fullmatch(name.strip())), "")
    of = {f: column for f, column in columns.guess(header).of.items() if column != brand}
    told = of.get("published_at", "").casefold()
    zone = next((zone for word, zone in _ZONES.items() if word in told), "")
    return Mapping(of, brand, zone)


def parse_map(given: str, header: Iterable[str]) -> Mapping:
    """The guess, corrected by `field=column,…`; `brand=handle` lets the @name in the text decide, `brand=handle|column`
    names the column for posts without one; `zone=Europe/Moscow`; an empty column leaves the field out.

    Raises BadInput.
    """
    header = list(header)
    mapping = guess(header)
    of, brand, zone = dict(mapping.of), mapping.brand, mapping.zone
    for part in filter(None, (part.strip() for part in given.split(","))):
        name, equals, column = part.partition("=")
        name, column = _ALIASES.get(name.strip(), name.strip()), column.strip()
        if not equals or name not in (*FIELDS, "zone"):
            raise BadInput(_("--map does not know “%(part)s”. Write field=column with one of: %(fields)s.")
                           % {"part": part, "fields": ", ".join((*FIELDS, "zone"))})  # fmt: skip
        if name == "zone":
            check_zone(column)
            zone = column
        elif name != "brand":
            of[name] = _existing(column, header)
        elif column.split("|")[0] == HANDLE and HANDLE not in header:
            rest = _existing(column.partition("|")[2] or brand, header)
            brand = f"{HANDLE}|{rest}" if rest else HANDLE
        else:
            brand = _existing(column, header)
    with in_words():
        return Mapping(dict(columns.checked({f: c for f, c in of.items() if c}, header)), brand, zone)


def _existing(column: str, header: list[str]) -> str:
    if column and any(part not in header for part in column.split("+")) and column not in header:
        raise BadInput(_("The file has no column “%(column)s”. It has: %(columns)s.")
                       % {"column": column[:80], "columns": ", ".join(header[:40])})  # fmt: skip
    return column


def check_zone(zone: str) -> ZoneInfo:
    """The time zone of this name. Raises BadInput."""
    try:
        return ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(
            _("There is no time zone “%(zone)s”. Write one like Europe/Moscow.") % {"zone": zone[:60]}
        ) from None
