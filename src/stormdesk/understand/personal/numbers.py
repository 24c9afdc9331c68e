"""Runs of digits: telephone and card numbers, tax and pension numbers, told apart by check digits and context."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers
from stdnum import luhn
from stdnum.ru import inn

from stormdesk.understand.personal.candidate import before, clause, matches
from stormdesk.understand.text import Span

_DIGITS = re.compile(
    r"(?:(?<![\w@#/=])(?<!\d\.)|(?<=тел)|(?<=tel)|(?<=call))\+?\(?\d(?:[ \u00a0\u202f.()–—\u2011-]{0,3}\d){5,21}(?![\w@])"
)
_CYRILLIC = re.compile("[а-яА-Я]")

_NEAR_PASSPORT = re.compile(r"паспорт|серия|passport|загран", re.IGNORECASE)
_NEAR_INN = re.compile(r"\bинн\b|\binn\b|\bиин\b|\bунп\b|\btin\b|\btax id\b", re.IGNORECASE)
_NEAR_SNILS = re.compile(r"снилс|snils|пенсионн|страхов\w* (?:номер|свид)", re.IGNORECASE)
_NEAR_CARD = re.compile(
    r"карт[аыеуо]|\bcard|visa|виза|mastercard|maestro|\bмир\b|amex|unionpay|сбер|тинь|debit|credit",
    re.IGNORECASE,
)
_NEAR_PHONE = re.compile(
    r"тел\b|телефон|звон|набер|номер|моб|what'?s|ватсап|вотсап|вацап|вайбер|viber|telegram|телег|сотов|контакт|phone|"
    r"\bcall|\btext\b|cell|\btel|mobile|contact|смс|sms|dial|\bring\b|reach me|handy|m[oó]vil|num[ée]ro|num[eé]r|num(?:ber|'s)|"
    r"ll[aá]m|\bph\b|voicemail|whatsapp|дозвон|связь|связи|связаться",
    re.IGNORECASE,
)
_NEAR_ORDER = re.compile(
    r"заказ|посылк|трек|накладн|брон[ьи]|чек\b|обращени|заявк|договор|билет|полис|тикет|\border|track|booking|ticket|reference|"
    r"invoice|confirmation|\bcase\b|\bpnr\b|\baccount\b|\bclaim\b|\bstyle\b",
    re.IGNORECASE,
)
_NOT_PERSONAL = re.compile(
    r"артикул|\bарт\b|код товара|штрих|\bsku\b|\bisbn\b|\bean\b|\bupc\b|barcode|\bitem\b|\bmodel\b|модел|\bid\b|\bлот\b|\bimei\b|"
    r"\bvin\b|огрн|\bкпп\b|\bбик\b|окпо|\bр/с\b|к/с|корсч|serial|серийн|кадастр|верси|version|build|просмотр|views|\bip\b|gps|координат|"
    r"приказ|постановлени|гост|тираж|курс\b|модель|патент|лиценз|license",
    re.IGNORECASE,
)
_UNIT_AFTER = re.compile(
    r"^ ?(?:руб|₽|\$|€|£|%|тыс|млн|млрд|million|billion|thousand|dollars|people|views|просмотр|подписчик|человек|шт\b|км\b|кг\b|"
    r"долл|евро|тенге|\bр\b|жител|штук|экземпл|votes|голос|followers)",
    re.IGNORECASE,
)
_THOUSANDS = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+")
_CARD_BEGINNING = re.compile(r"4|5[0-8]|22[0-9]|2[3-6]|27[01]|2720|6[0-9]|9860|3[47]")
_GROUPED_CARD = re.compile(r"\d{4}[ .\u00a0-]\d{4}[ .\u00a0-]\d{4}[ .\u00a0-]\d{1,7}(?: \d{1,3})?")

_RUSSIAN_REGIONS = ("RU", "UA", "KZ", "BY", "UZ", "KG", "GE", "AM", "AZ", "MD", "TJ")
_OTHER_REGIONS = ("US", "GB", "DE", "ES", "TR", "FR", "IT", "PL", "IN", "AU", "CA", "NL", "BR")


def numbers(text: str) -> Iterator[Span]:
    """Numbers of telephones, cards, taxpayers, pension insurance; passports and orders where a word names them."""
    russian = bool(_CYRILLIC.search(text))
    for match in matches(_DIGITS, text):
        raw = match.group()
        said = before(text, match.start())
        after = text[match.end() : match.end() + 12]
        kind = _kind(raw, said, after, russian=russian)
        if kind:
            yield Span(kind, match.start(), match.end())


def _kind(raw: str, said: str, after: str, *, russian: bool) -> str | None:
    """What a run of digits is, from the surest sign to the weakest."""
    digits = re.sub(r"\D", "", raw)
    near = clause(said)
    if _NEAR_SNILS.search(said) and len(digits) == 11:
        return "snils"
    if _NEAR_INN.search(said[-25:]) and len(digits) in {10, 12}:
        return "inn"
    international = raw.lstrip("(").startswith("+")
    if not international and (_NOT_PERSONAL.search(near[-25:]) or _UNIT_AFTER.match(after)):
        return None
    if _NEAR_PASSPORT.search(near) and len(digits) in {9, 10} and not _NEAR_PHONE.search(near[-12:]):
        return "passport"
    ordered = bool(_NEAR_ORDER.search(near[-30:])) and not international
    if _card(raw, digits, prompted=bool(_NEAR_CARD.search(said))) and not ordered:
        return "card"
    if re.fullmatch(r"\d{3}[ -]\d{3}[ -]\d{3}[ -]{1,3}\d{2}", raw) and _snils(digits):
        return "snils"
    prompted = bool(_NEAR_PHONE.search(near) or _NEAR_PHONE.search(said[-25:]))
    if ordered and (not prompted or "номер" in said[-25:].casefold() or "number" in said[-25:].casefold()):
        return None
    if _THOUSANDS.fullmatch(raw) and not prompted:
        return None
    if len(digits) <= 15 and _phone(raw, digits, russian=russian, prompted=prompted):
        return "phone"
    if len(digits) == 12 and raw.isdigit() and inn.is_valid(digits):
        return "inn"
    return None


def _card(raw: str, digits: str, *, prompted: bool) -> bool:
    """A payment card: as long, begun and checked as one (Luhn); beside the word also when mistyped."""
    if prompted and (len(digits) == 16 or (len(digits) in {13, 15, 18, 19} and luhn.is_valid(digits))):
        return True
    if len(set(digits)) <= 2 or not _CARD_BEGINNING.match(digits) or not luhn.is_valid(digits):
        return False
    if len(digits) == 15:
        return digits.startswith(("34", "37"))
    return len(digits) == 16 or (16 < len(digits) <= 19 and bool(_GROUPED_CARD.fullmatch(raw)))


def _snils(digits: str) -> bool:
    """Pension insurance number: the last two digits are the weighted sum of the first nine modulo 101."""
    if len(digits) != 11:
        return False
    total = sum(int(d) * (9 - i) for i, d in enumerate(digits[:9])) % 101
    return total % 100 == int(digits[9:])


def _phone(raw: str, digits: str, *, russian: bool, prompted: bool) -> bool:
    """Whether the digits are a telephone number that exists in a country's numbering plan."""
    international = raw.lstrip("(").startswith("+")
    looks_russian = len(digits) == 11 and digits[0] in "78" and digits[1] in "34789"
    regions: tuple[str | None, ...]
    if international:
        regions = (None,)
    elif russian or looks_russian:
        regions = _RUSSIAN_REGIONS
    else:
        regions = _OTHER_REGIONS
    if len(digits) < 10 and not prompted:
        return False
    if "." in raw and re.fullmatch(r"\d+(?:\.\d+){1,2}", raw) and not _dotted(raw):
        return False
    grouped = not raw.isdigit()
    for region in regions if prompted or international else regions[:2]:
        try:
            number = phonenumbers.parse(raw, region)
        except phonenumbers.NumberParseException:
            continue
        # A number written with its country code is meant as one, even if its range is not in use.
        if region is None and phonenumbers.is_possible_number(number):
            return True
        if not phonenumbers.is_valid_number(number):
            continue
        if (
            prompted
            or region == "RU"
            or (region == "US" and (grouped or raw[0] != "1"))
            or (region == "GB" and (grouped or digits.startswith("07")))
        ):
            return True
    return prompted and russian and len(digits) in {5, 6, 7} and _local(raw)


def _dotted(raw: str) -> bool:
    """212.555.0187 is a telephone number, 12.0.20240501 and 1508600.25 are not."""
    parts = raw.split(".")
    return [len(part) for part in parts] == [3, 3, 4]


def _local(raw: str) -> bool:
    return re.fullmatch(r"\d{1,3}-\d{2}-\d{2}", raw) is not None
