"""Dates of birth: a date beside a word of being born, unless a company or a town was."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stormdesk.understand.personal.candidate import before, clause, matches, mentions, span
from stormdesk.understand.text import Span

_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_RU = r"(?:янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)[а-я]{0,6}\.?"
_EN = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DATE = re.compile(
    rf"(?<![\d.])(?:{_DAY}[./ -]{_MONTH}[./ -]{_YEAR}|{_MONTH}[/-]{_DAY}[/-]{_YEAR}|{_YEAR}[-./]{_MONTH}[-./]{_DAY}"
    rf"|{_DAY}[./-]{_MONTH}[./-]\d\d|{_MONTH}[/-]{_DAY}[/-]\d\d"
    rf"|{_DAY} {_RU},? {_YEAR}(?: ?г(?:ода|\.|\b))?|{_DAY}(?:st|nd|rd|th)?(?: of)? {_EN},? {_YEAR}"
    rf"|{_EN} {_DAY}(?:st|nd|rd|th)?,? {_YEAR})(?![\d/])",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"рожд|родил|\bд\.? ?/? ?р\b|\bborn\b|birth|\bd\.?o\.?b\b|b-?day", re.IGNORECASE)
_AFTER = re.compile(r"^[ ,(]{0,3}(?:г\.? ?р\b|года? рожд|рожд|д\.? ?р\b|\(?dob\b|is my birth)", re.IGNORECASE)
_SIGNS = (
    "рожд",
    "родил",
    "born",
    "birth",
    "bday",
    "b-day",
    "dob",
    "o.b",
    "др",
    "д.р",
    "д. р",
    "д/р",
    "г.р",
    "г. р",
    "гр",
    "г р",
)
_NOT_A_PERSON = re.compile(
    r"компани|фирм|город|магазин|банк|бренд|завод|клуб|сайт|company|brand|city|shop|store|firm|bank|franchise",
    re.IGNORECASE,
)


def birth_dates(text: str) -> Iterator[Span]:
    """Dates that a person was born on."""
    if not mentions(text.casefold(), _SIGNS):
        return
    for match in matches(_DATE, text):
        said = before(text, match.start())
        after = text[match.end() : match.end() + 20]
        near = _BEFORE.search(said)
        about = said[near.start() :] if near else ""
        if (near and not _NOT_A_PERSON.search(about)) or (
            _AFTER.match(after) and not _NOT_A_PERSON.search(clause(said))
        ):
            yield span("birth_date", match)
