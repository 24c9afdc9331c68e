"""How a network stands in a country's law, as far as it was looked up: data with a date, never advice."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path


class Standing(StrEnum):
    """What stands between a network and its readers in one country."""

    OPEN = "open"
    SLOWED = "slowed"
    RESTRICTED = "restricted"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class Note:
    """One network in one country (ISO 3166-1 alpha-2). `as_of`: the day somebody looked it up at `source`."""

    network: str
    country: str
    status: Standing
    as_of: date
    source: str
    text: dict[str, str]
    since: date | None = None

    def told(self, language: str) -> str:
        """The sentence in `language`, else in English, else as it was written."""
        return (
            self.text.get(language.split("-")[0]) or self.text.get("en") or next(iter(self.text.values()), "")
        )


@cache
def shipped() -> tuple[Note, ...]:
    """Everything Stormdesk knew on the day it was released."""
    with Path(__file__).with_name("legal.toml").open("rb") as file:
        rows = tomllib.load(file)["note"]
    return tuple(
        Note(
            network=row["network"],
            country=row["country"],
            status=Standing(row["status"]),
            since=row["since"],
            as_of=row["as_of"],
            source=row["source"],
            text={"en": row["en"], "ru": row["ru"]},
        )
        for row in rows
    )
