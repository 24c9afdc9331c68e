"""Account numbers (IBAN) and passports."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import iban

from stormdesk.understand.personal.candidate import before, matches, mentions, span
from stormdesk.understand.text import Span

_IBAN = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?:[ -]?[0-9A-Za-z]){11,30}(?!\w)")
_NEAR_IBAN = re.compile(r"\biban\b", re.IGNORECASE)
_IBAN_SHORTEST = 15

_PASSPORT = re.compile(
    r"(?:паспорт|passport|reisepass|загран)[а-яa-z]{0,10}"
    r"(?:(?=[^\n]{0,60}\d)[^\d\n!?]{0,45}?)(?<!\w)"
    r"(?P<n>[A-ZА-Я]{1,2} ?\d{6,8}|\d{2} ?\d{2}(?:[ ,№#nNоo.-]{0,4}(?:номер)?[ :№]{0,2})\d{6}|\d{2} ?№? ?\d{7}|\d{9}"
    r"|(?=\w{0,6}\d\w{0,6}\d)[CFGHJKLMNPRTVWXYZ][0-9CFGHJKLMNPRTVWXYZ]{8})(?!\w)",
    re.IGNORECASE,
)
_SERIES = re.compile(
    r"(?<!\w)(?:серия|серии|сер\.?) ?:? ?(?P<n>\d{2} ?\d{2},? {0,2}(?:№|номер|ном\.?|n)? ?:? ?\d{6})(?!\d)",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"(?<![\w-])(?P<n>\d{2} ?\d{2} ?№ ?\d{6})(?!\d)")


def ibans(text: str) -> Iterator[Span]:
    """International account numbers with a right check sum; beside the word IBAN also mistyped ones."""
    for match in matches(_IBAN, text):
        found = match.group()
        ends = [i + 1 for i, c in enumerate(found) if c.isalnum() and not found[i + 1 : i + 2].isalnum()]
        for end in reversed(ends):
            compact = re.sub(r"[ -]", "", found[:end])
            if len(compact) >= _IBAN_SHORTEST and iban.is_valid(compact, check_country=False):
                yield Span("iban", match.start(), match.start() + end)
                break
        else:
            grouped = re.match(
                r"[A-Za-z]{2}\d{2}(?:[ -]?(?=[A-Z0-9]*\d|[A-Z]{4}\b)[0-9A-Z]{1,4}){3,8}", found
            )
            if grouped and _NEAR_IBAN.search(before(text, match.start(), 15)):
                yield Span("iban", match.start(), match.start() + grouped.end())


def passports(text: str) -> Iterator[Span]:
    """Passport numbers of any country beside the word, and Russian ones written with series and number."""
    if not mentions(text.casefold(), ("паспорт", "passport", "reisepass", "загран", "сер", "№")):
        return
    for pattern in (_PASSPORT, _SERIES, _SIGNED):
        for match in matches(pattern, text):
            yield span("passport", match, "n")
