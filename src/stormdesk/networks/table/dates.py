"""Dates as exports write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime

from dateutil import parser

_MONTHS = {
    name: number
    for number, names in enumerate(
        ["янв", "фев", "мар", "апр", "мая май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"], start=1
    )
    for name in names.split()
}
_RUSSIAN = re.compile(
    r"(\d{1,2})\s+([а-яё]{3})[а-яё]*\.?\s+(\d{4})(?:\s*г(?:ода|\.)?)?(?:\s+в\b)?[,\s]*", re.IGNORECASE
)
_APACHE = re.compile(r"^(\d{1,2}/[A-Za-z]{3}/\d{4}):")
_NUMBER = re.compile(r"^\d{1,19}(?:\.\d{1,9})?$")
_EXCEL_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 (a spreadsheet's days have no zone)


def moment(value: str, zone: tzinfo = UTC, day_first: bool | None = None) -> datetime:
    """The moment a cell names, in UTC. Raises ValueError.

    Understands ISO 8601, RFC 2822, Twitter's, Apache's, American, European and Russian dates, epoch seconds,
    milliseconds and microseconds, and spreadsheet day numbers. A time without a zone is read in `zone`.
    `day_first`: how 03/04/2026 is meant; None means the day comes first with dots and the month with slashes.
    """
    value = value.strip().strip('"')
    if not 4 <= len(value) <= 64:
        raise ValueError("not a date")
    found = (
        _number(float(value)) if _NUMBER.match(value) and not _compact(value) else _written(value, day_first)
    )
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    found = found.astimezone(UTC)
    if not 1990 <= found.year <= 2100:
        raise ValueError("not a date of this age")
    return found


def _compact(value: str) -> bool:
    """20150224 and 20150224113552 are dates, not counts of seconds."""
    return len(value) in (8, 14) and value.isdigit() and value[:2] in ("19", "20") and value[4:6] <= "12"


def _number(number: float) -> datetime:
    for unit in (1e6, 1e3, 1.0):
        if number / unit > 600_000_000:
            return datetime.fromtimestamp(number / unit, UTC)
    if 30_000 < number < 80_000:
        return _EXCEL_DAY_ZERO + timedelta(days=number)
    raise ValueError("not a date")


def _written(value: str, day_first: bool | None) -> datetime:
    value = _RUSSIAN.sub(_iso, value)
    value = _APACHE.sub(r"\1 ", value)
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        pass
    if re.match(r"^[A-Z][a-z]{2}, \d", value):
        return parsedate_to_datetime(value)
    if day_first is None:
        day_first = bool(re.match(r"^\d{1,2}\.\d", value))
    try:
        # Whatever the text does not say is filled in; two different fillings show what it did not say.
        first, second = (
            parser.parse(value, default=datetime(y, m, d), dayfirst=day_first)  # noqa: DTZ001 (the zone comes later)
            for y, m, d in ((2001, 1, 1), (2002, 2, 2))
        )
    except (OverflowError, TypeError, AttributeError) as error:
        raise ValueError("not a date") from error
    if first != second:
        raise ValueError("not a whole date")
    return first


def _iso(found: re.Match[str]) -> str:
    day, month, year = found.groups()
    if month.lower() not in _MONTHS:
        raise ValueError("not a month")
    return f"{year}-{_MONTHS[month.lower()]:02d}-{int(day):02d} "
