"""A filter of Heard: all of it stands in the page's address, so that a view can be shared and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.timezone import get_current_timezone, is_naive, make_aware

from stormdesk.listen import rules
from stormdesk.listen.models import Mention
from stormdesk.listen.queries import search

SINCE = {
    "1h": timedelta(hours=1),
    "24h": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}


_PARAMETERS = {"start": "from", "end": "to"}


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show. Empty strings, 0 and False do not filter; unknown values are dropped, never an error."""

    q: str = ""
    about: str = "brand"
    mood: str = ""
    waits: bool = False
    urgency: int = 0
    network: str = ""
    language: str = ""
    narrative: int = 0
    source: int = 0
    author: str = ""
    scam: bool = False
    personal: bool = False
    flagged: bool = False
    own: bool = False
    copies: bool = True
    since: str = ""
    start: str = ""
    end: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Filters:
        """From the parameters of an address."""
        given: dict[str, Any] = {}
        for name, kind in (("q", str), ("about", str), ("mood", str), ("network", str), ("language", str),
                           ("author", str), ("since", str),
                           ("urgency", int), ("narrative", int), ("source", int),
                           ("waits", bool), ("scam", bool), ("personal", bool), ("flagged", bool), ("own", bool)):  # fmt: skip
            raw = values.get(name, "").replace("\x00", "").strip()[:500]
            if not raw:
                continue
            if kind is int:
                if raw.isascii() and raw.isdigit() and len(raw) < 18:
                    given[name] = int(raw)
            else:
                given[name] = raw not in ("0", "no") if kind is bool else raw
        for name, parameter in _PARAMETERS.items():
            if moment := values.get(parameter, "").replace("\x00", "").strip()[:60]:
                given[name] = moment
        if values.get("copies") == "no":
            given["copies"] = False
        found = cls(**given)
        if found.about not in ("brand", "competitor", "topic", "all"):
            found = replace(found, about="brand")
        if found.mood not in ("", *rules.MOODS):
            found = replace(found, mood="")
        if found.since not in SINCE:
            found = replace(found, since="")
        return found

    def address(self, **changes: Any) -> str:
        """The query string of this filter with some values changed; empty when it shows everything."""
        changed = replace(self, **changes)
        default = Filters()
        values = {
            _PARAMETERS.get(f.name, f.name): ("no" if value is False else "1" if value is True else value)
            for f in fields(self)
            if (value := getattr(changed, f.name)) != getattr(default, f.name)
        }
        return urlencode(values)

    def span(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """The time it is about, aware; either end may be open."""
        start = now - SINCE[self.since] if self.since else _moment(self.start)
        return start, None if self.since else _moment(self.end)

    def apply(self, rows: QuerySet[Mention], now: datetime) -> QuerySet[Mention]:
        """The mentions it shows. Raises QueryError when `q` cannot be read."""
        if self.about != "all":
            rows = rows.filter(about=self.about)
        if not self.own:
            rows = rows.filter(is_own=False)
        for name, value in (("mood", self.mood), ("network", self.network), ("language", self.language),
                            ("narrative", self.narrative), ("source", self.source)):  # fmt: skip
            if value:
                rows = rows.filter(**{name: value})
        if self.author:
            rows = rows.filter(author_handle=self.author.lstrip("@"))
        if self.waits:
            rows = rows.filter(waits=True)
        if self.urgency:
            rows = rows.filter(urgency__gte=self.urgency)
        if self.scam:
            rows = rows.filter(scam__gte=rules.SCAM)
        if self.personal:
            rows = rows.exclude(personal_data=[])
        if self.flagged:
            rows = rows.filter(Q(flagged_by__isnull=False) | Q(crisis__isnull=False))
        if not self.copies:
            rows = rows.filter(copy_of="")
        start, end = self.span(now)
        if start:
            rows = rows.filter(published_at__gte=start)
        if end:
            rows = rows.filter(published_at__lt=end)
        return search.found(rows, self.q) if self.q else rows


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text) if text else None
    except ValueError:
        return None
    if moment and is_naive(moment):
        try:
            moment = make_aware(moment, get_current_timezone())
        except (ValueError, OverflowError):
            return None
    return moment
