"""Numbers of orders, parcels, bookings and tickets: what a stranger could use to ask for somebody's affairs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stormdesk.understand.personal.candidate import matches, mentions, span
from stormdesk.understand.text import Span

_NOUN = (
    r"(?:(?<!\w)(?:заказ|отправлени|посылк|трек|накладн|брон|бронь|обращени|заявк|заявлени|договор|полис|тикет|билет|чек|шпи|"
    r"возврат|претензи|доставк|абонент|инцидент)(?:[а-я]|-(?=номер|код)){0,9}|(?<!\w)лицев[а-я]{2,3} сч[её]т[а-я]{0,2}"
    r"|\b(?:orders?|booking|reservation|tracking|parcel|package|shipment|confirmation|ticket|case|invoice|ref(?:erence)?|pnr|"
    r"account|claim|awb|incident)\b)"
)
_FILL = (
    r"(?:номер[а-я]{0,2}|ном\.|number|numbers|no\.?|num|nr\.?|id|code|код|ref|reference|под|мой|is|was|заказа|отправления|брони|договора|"
    r"it's|мо[ея]го|пришел|с|за|по)"
)
_SIGN = r"[#№nN]"
_VALUE = r"[#№]? ?(?P<n>(?:[A-ZА-Я]{2,4} ?\d{6,12}(?:[A-Z]{2})?|(?=[\w/-]{0,24}\d)[A-ZА-Яa-zа-я0-9](?:[A-ZА-Яa-z0-9]|[-/](?=\w)){3,26}))(?!\w)"
_NAMED = re.compile(
    rf"{_NOUN}(?:[ ,:/.-]{{1,2}}{_FILL}(?!\w)){{0,3}}(?P<sign>[ :.,=–—-]{{0,4}}){_VALUE}", re.IGNORECASE
)
_NUMBER_FIRST = re.compile(
    r"(?<![\w.,-])[#№]? ?(?P<n>(?:[A-Z]{1,3}-?)?\d{5,14}) ?[-–—,:]? ?(?:это |is |- )?(?:номер )?(?:мо[йяеё]\w{0,2} |my )?"
    r"(?:заказ|order|бронь|booking|трек|tracking)",
    re.IGNORECASE,
)
_SHAPES = re.compile(r"(?<![\w-])(?P<n>\d{3}-\d{7}-\d{7}|1Z[0-9A-Z]{16}|TBA\d{12})(?![\w-])")
_STRONG = re.compile(
    r"[#№:]|номер|number|\bno\b|\bcode\b|\bкод\b|\bid\b|\bnr\b|\bнакладн|pnr|\bref\b|трек|tracking",
    re.IGNORECASE,
)
_MONEY_AFTER = re.compile(
    r"^[.,]\d|^ ?(?:[$€£₽%]|руб|р\b|тыс|млн|k\b|usd|eur|штук|шт\b|дн|час|мин|раз|лет|год|human|people|units|items|steps|hours?\b|"
    r"days?\b|weeks?\b|minutes?\b|growth|free\b|sale\b|кг|км|человек|за год|просмотр)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}(?:[./-]\d{2,4})?")
_SIGNS = (
    "заказ", "отправл", "посылк", "трек", "накладн", "брон", "обращен", "заяв", "договор", "полис", "тикет", "билет",
    "чек", "шпи", "возврат", "претенз", "достав", "абонент", "инцидент", "лицев", "order", "booking", "reservation",
    "tracking", "parcel", "package", "shipment", "confirmation", "ticket", "case", "invoice", "ref", "pnr", "account",
    "claim", "awb", "incident",
)  # fmt: skip


def orders(text: str) -> Iterator[Span]:
    """Numbers beside a word such as order, parcel, booking, ticket or contract; and shapes only such numbers have."""
    for match in matches(_SHAPES, text):
        yield span("order", match, "n")
    if not mentions(text.casefold(), _SIGNS):
        return
    for match in matches(_NAMED, text):
        if _plausible(match, text):
            yield span("order", match, "n")
    for match in matches(_NUMBER_FIRST, text):
        yield span("order", match, "n")


def _plausible(match: re.Match[str], text: str) -> bool:
    value = match["n"]
    digits = sum(map(str.isdigit, value))
    letters = sum(map(str.isalpha, value))
    strong = _STRONG.search(match.group()[: match.end("n") - match.start() - len(value)]) is not None
    if _YEAR.fullmatch(value) or _DATE.fullmatch(value) or _MONEY_AFTER.match(text[match.end() :][:12]):
        return False
    if value.islower() and digits < 4:
        return False  # a word with a digit in it
    if letters and digits < 4:
        # Six-letter codes of airlines and hotels: capitals with some digits.
        return (
            value.isupper()
            and 5 <= len(value) <= 8
            and digits >= 1
            and (strong or digits >= 2 or _capital_context(match))
        )
    if strong:
        return digits >= 3
    return digits >= 5 or (letters > 0 and digits >= 4)


def _capital_context(match: re.Match[str]) -> bool:
    """Whether the text around is not all in capitals, so that a code in capitals stands out."""
    return not match.group()[: match.start("n") - match.start()].isupper()
