"""Personal data in a text, found by shape, check digit and the words around it.

A telephone number, a card or an account is told from a price or an article number by what it must fulfil (numbering
plans, check digits) and by what people write beside it. Where neither speaks, nothing is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from stormdesk.understand.personal.accounts import ibans, passports
from stormdesk.understand.personal.births import birth_dates
from stormdesk.understand.personal.candidate import Find
from stormdesk.understand.personal.mail import emails
from stormdesk.understand.personal.numbers import numbers
from stormdesk.understand.personal.orders import orders
from stormdesk.understand.personal.places import english_places, russian_places
from stormdesk.understand.text import Span

TEXT_LIMIT = 100_000
"""Characters looked at; no network has longer posts."""

_DIGIT = re.compile(r"\d")

FINDERS: tuple[tuple[Find, int], ...] = (
    (emails, 0),
    (ibans, 8),
    (passports, 6),
    (birth_dates, 4),
    (numbers, 5),
    (orders, 1),
    (russian_places, 1),
    (english_places, 1),
)
"""In order of certainty: what an earlier one found, a later one does not claim. Beside each how many digits a text
must have for it to be worth asking: most posts have none."""


def _same(value: str) -> str:
    """Numbers by their last ten digits, so that +7 and 8 are one number; the rest without case and spaces."""
    digits = re.sub(r"\D", "", value)
    return digits[-10:] if len(digits) >= 6 and "@" not in value else re.sub(r"\s", "", value).casefold()


def personal_data(text: str, allow: Iterable[str] = ()) -> list[Span]:
    """Personal data in `text`, in order, without overlaps.

    `allow` are the company's own numbers and addresses: they are not reported, however they are written.
    Kinds: phone, email, card, iban, inn, snils, passport, order, address, birth_date.
    """
    text = text[:TEXT_LIMIT]
    digits = len(_DIGIT.findall(text))
    allowed = {_same(value) for value in allow}
    taken: list[Span] = []
    for find, least_digits in FINDERS:
        if digits < least_digits:
            continue
        for span in find(text):
            if not any(span.start < other.end and other.start < span.end for other in taken):
                taken.append(span)
    kept = [span for span in taken if _same(text[span.start : span.end]) not in allowed]
    return sorted(kept, key=lambda span: span.start)


def mask(text: str, spans: Iterable[Span]) -> str:
    """The text with every span replaced by its kind in brackets: “call ‹phone›”.

    Nothing of what was hidden is in the result, so it cannot be undone from there. Who keeps the text and its spans
    can show the original to people with the right to see it.
    """
    pieces, at = [], 0
    for span in sorted(spans, key=lambda span: span.start):
        if span.start < at:
            continue
        pieces += [text[at : span.start], f"‹{span.kind}›"]
        at = span.end
    return "".join(pieces) + text[at:]


__all__ = ["FINDERS", "TEXT_LIMIT", "mask", "personal_data"]
