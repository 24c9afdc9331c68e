"""Personal data in a text, found by shape, check digit and the words around it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import phonenumbers
from stdnum import iban, luhn
from stdnum.ru import inn

from stormdesk.understand.text import Span

TEXT_LIMIT = 100_000
"""Characters looked at; no network has longer posts."""
_CANDIDATES = 500
_BEFORE = 40

_GATE = re.compile(r"[\d@]")
_EMAIL = re.compile(r"(?<![\w.+@-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[^\W\d_]{2,24}(?![\w@])")
_DIGITS = re.compile(r"(?<![\w@#/=])\+?\(?\d(?:[ \u00a0.()–\u2011-]{0,3}\d){5,21}(?!\w)")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[0-9A-Z]{4}){2,7}(?: ?[0-9A-Z]{1,3})?(?!\w)")
_DATE = re.compile(
    r"(?<!\d)(?:(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-](?:19|20)\d\d"
    r"|(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])/(?:19|20)\d\d"
    r"|(?:0?[1-9]|[12]\d|3[01]) (?:янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)[а-я]{0,6} (?:19|20)\d\d"
    r"|(?:0?[1-9]|[12]\d|3[01])?(?:st|nd|rd|th)? ?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
    r" (?:(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?,? )?(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"(?:\b(?:заказ|отправлени|посылк|трек|накладн|брон|бронь|чек|обращени|заявк|договор|полис|тикет|билет|рейс)[а-я]{0,6}"
    r"|\b(?:order|booking|reservation|tracking|parcel|confirmation|ticket|case|invoice|ref(?:erence)?|pnr|account)\b)"
    r"(?:[ ,:]{1,2}(?:номер|number|no|num|id|code|код|is|под|мой|my|от)\b\.?){0,3}"
    r"[ :#№.,-]{0,4}(?P<n>(?=[A-Za-zА-Я0-9-]{0,24}\d{2})[A-ZА-Яa-z0-9](?:[A-ZА-Яa-z0-9]|[-](?=\w)){3,23})(?!\w)",
    re.IGNORECASE,
)
_FLAT_RU = (
    r"(?:,? ?(?:к|корп|корпус|стр|строение|лит)\.? ?\d{1,3}[а-я]?)?"
    r"(?:,? ?(?:кв|квартира|квартире|оф|офис|под|подъезд|эт)\b\.? ?№? ?\d{1,5})?"
)
_STREET_RU = re.compile(
    r"\b(?:ул|улица|улице|улицы|пр|пр-т|просп|проспект[ауе]?|пер|переулок|переулке|бульвар[ае]?|б-?р|шоссе|наб|"
    r"набережн[а-я]{2}|пл|площад[ьи]|проезд[ае]?|мкр|микрорайон)\b\.? ?"
    r"(?:[А-ЯЁ0-9][\w-]{0,24} ?){1,3},? ?(?:д\b|дом|дом[аеу])?\.? ?№? ?\d{1,4}[а-яА-Я]?(?:[/-]\d{1,3})?"
    + _FLAT_RU
)
_STREET_RU_AFTER = re.compile(
    r"(?<!\w)[А-ЯЁ][а-яё-]{2,24} (?:улиц[аеы]|проспект[ауе]?|пр-т|переулок|переулке|бульвар[ае]?|шоссе|набережн[а-я]{2}|"
    r"площад[ьи]|проезд[ае]?|ул\.|пер\.),? ?(?:д\b|дом[аеу]?)?\.? ?№? ?\d{1,4}[а-яА-Я]?(?:[/-]\d{1,3})?"
    + _FLAT_RU
)
_STREET_RU_FLAT = re.compile(
    r"(?<!\w)[А-ЯЁ][а-яё-]{3,24},? ?(?:д\.|дом) ?\d{1,4}[а-яА-Я]?(?:[/-]\d{1,3})?"
    r",? ?(?:(?:к|корп)\.? ?\d{1,3},? ?)?(?:кв|квартира)\b\.? ?\d{1,5}"
)
_STREET_EN = re.compile(
    r"(?<!\w)\d{1,5}[A-Za-z]?,? (?:[NSEW]\.? )?(?:[A-Z][\w'-]{0,24} ){1,3}"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Way|Place|Pl|Terrace|Close|"
    r"Crescent|Square|Sq|Highway|Hwy|Parkway|Gardens|Grove|Mews)\b\.?"
    r"(?:,? (?:Apt|Apartment|Flat|Suite|Unit|#)\.? ?#?\w{1,5})?"
)

_NEAR_BIRTH = re.compile(r"рожд|родил|\bд\.? ?р\b|born|birth|\bdob\b|b-?day", re.IGNORECASE)
_NEAR_PASSPORT = re.compile(r"паспорт|серия|passport|загран", re.IGNORECASE)
_NEAR_INN = re.compile(r"\bинн\b|\binn\b|\btin\b", re.IGNORECASE)
_NEAR_SNILS = re.compile(r"снилс|snils|пенсионн", re.IGNORECASE)
_NEAR_CARD = re.compile(r"карт|card|visa|mastercard|\bмир\b", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[.!?;\n] ?")
_NEAR_PHONE = re.compile(
    r"тел\b|телефон|звон|номер|моб|whats|ватсап|вайбер|viber|сотов|phone|call|text|cell|tel\b|mobile|contact|смс|sms|dial|ring",
    re.IGNORECASE,
)
_NEAR_ORDER = re.compile(
    r"заказ|посылк|трек|накладн|брон|чек|обращени|заявк|договор|order|track|booking|ticket|reference|invoice|confirmation",
    re.IGNORECASE,
)
_PASSPORT_WORDS = re.compile(
    r"(?:паспорт|passport)[а-яa-z]{0,4}[^\d\n]{0,25}?(?P<n>(?:[A-Z]{1,2}\d{6,8}|\d{2} ?\d{2}[ ,№n-]{0,3}(?:номер)? ?\d{6}|\d{2} ?№? ?\d{7}|\d{9}))(?!\d)",
    re.IGNORECASE,
)


def _phone(raw: str, *, russian: bool, prompted: bool) -> bool:
    """Whether the digits are a telephone number that exists in a country's numbering plan."""
    digits = re.sub(r"\D", "", raw)
    regions: tuple[str | None, ...]
    if raw.lstrip("(").startswith("+"):
        regions = (None,)
    elif russian or (len(digits) == 11 and digits[0] in "78" and digits[1] in "3489"):
        regions = ("RU", "UA", "KZ", "BY")
    else:
        regions = ("US", "GB", "DE", "ES", "TR")
    if len(digits) < 10 and not prompted and regions != (None,):
        return False
    grouped = not raw.isdigit()
    for region in regions:
        try:
            number = phonenumbers.parse(raw, region)
        except phonenumbers.NumberParseException:
            continue
        # A number written with its country code is meant as one, even if its range is not in use.
        if region is None and phonenumbers.is_possible_number(number):
            return True
        if phonenumbers.is_valid_number(number) and (
            prompted or region in {"RU", "US"} or (grouped and region == "GB")
        ):
            return True
    return prompted and russian and len(digits) in {6, 7} and grouped


def _card(digits: str) -> bool:
    return 13 <= len(digits) <= 19 and digits[0] in "23456" and len(set(digits)) > 2 and luhn.is_valid(digits)


def _snils(digits: str) -> bool:
    """Pension insurance number: the last two digits are the weighted sum of the first nine modulo 101."""
    if len(digits) != 11:
        return False
    total = sum(int(d) * (9 - i) for i, d in enumerate(digits[:9])) % 101
    return total % 100 == int(digits[9:])


def _number_kind(raw: str, before: str, *, russian: bool) -> str | None:
    """What a run of digits is, from the surest sign to the weakest."""
    digits = re.sub(r"\D", "", raw)
    if _NEAR_SNILS.search(before) and len(digits) == 11:
        return "snils"
    if _NEAR_INN.search(before) and len(digits) in {10, 12}:
        return "inn"
    if _NEAR_PASSPORT.search(before) and len(digits) in {9, 10}:
        return "passport"
    clause = _CLAUSE_END.split(before)[-1]
    ordered = bool(_NEAR_ORDER.search(clause[-25:])) and not raw.startswith("+")
    if (_card(digits) and not ordered) or (_NEAR_CARD.search(before) and len(digits) == 16):
        return "card"
    if re.fullmatch(r"\d{3}-\d{3}-\d{3}[ -]\d{2}", raw) and _snils(digits):
        return "snils"
    prompted = bool(_NEAR_PHONE.search(before[-25:]))
    if ordered and (not prompted or "номер" in before[-25:].casefold()):
        return "order" if raw.replace("-", "").isdigit() else None
    if len(digits) <= 15 and _phone(raw, russian=russian, prompted=prompted):
        return "phone"
    if len(digits) == 12 and raw.isdigit() and inn.is_valid(digits):
        return "inn"
    return None


def _numbers(text: str) -> Iterator[Span]:
    russian = bool(re.search("[а-яА-Я]", text))
    for count, match in enumerate(_DIGITS.finditer(text)):
        if count >= _CANDIDATES:
            return
        raw = match.group().strip()
        kind = _number_kind(raw, text[max(0, match.start() - _BEFORE) : match.start()], russian=russian)
        if kind:
            yield Span(kind, match.start(), match.start() + len(match.group().rstrip()))


def _plain(
    kind: str, pattern: re.Pattern[str], keep: Callable[[str], bool] | None = None
) -> Callable[[str], Iterator[Span]]:
    def find(text: str) -> Iterator[Span]:
        for count, match in enumerate(pattern.finditer(text)):
            if count >= _CANDIDATES:
                return
            group = "n" if "n" in pattern.groupindex else 0
            if keep is None or keep(match.group(group)):
                yield Span(
                    kind, match.start(group), match.start(group) + len(match.group(group).rstrip(" ,."))
                )

    return find


def _birth_dates(text: str) -> Iterator[Span]:
    if not _NEAR_BIRTH.search(text):
        return
    for count, match in enumerate(_DATE.finditer(text)):
        if count >= _CANDIDATES:
            return
        around = (
            text[max(0, match.start() - _BEFORE) : match.start()] + " " + text[match.end() : match.end() + 15]
        )
        if _NEAR_BIRTH.search(around):
            yield Span("birth_date", match.start(), match.end())


_FINDERS: tuple[Callable[[str], Iterator[Span]], ...] = (
    _plain("email", _EMAIL),
    _plain("iban", _IBAN, iban.is_valid),
    _plain("passport", _PASSPORT_WORDS),
    _birth_dates,
    _numbers,
    _plain("order", _ORDER),
    _plain("address", _STREET_EN),
)
_RUSSIAN_FINDERS = (
    _plain("address", _STREET_RU),
    _plain("address", _STREET_RU_AFTER),
    _plain("address", _STREET_RU_FLAT),
)


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
    if not _GATE.search(text):
        return []
    allowed = {_same(value) for value in allow}
    taken: list[Span] = []
    for find in _FINDERS if text.isascii() else _FINDERS + _RUSSIAN_FINDERS:
        for span in find(text):
            if _same(text[span.start : span.end]) not in allowed and not any(
                span.start < other.end and other.start < span.end for other in taken
            ):
                taken.append(span)
    return sorted(taken, key=lambda span: span.start)


def mask(text: str, spans: Iterable[Span]) -> str:
    """The text with every span replaced by its kind in brackets: “call ‹phone›”. What was there is not kept."""
    pieces, at = [], 0
    for span in sorted(spans, key=lambda span: span.start):
        if span.start < at:
            continue
        pieces += [text[at : span.start], f"‹{span.kind}›"]
        at = span.end
    return "".join(pieces) + text[at:]
