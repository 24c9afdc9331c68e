"""Street addresses, Russian and English: a street and a house; a street alone is news, not somebody's home."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stormdesk.understand.personal.candidate import before, matches, mentions, span
from stormdesk.understand.text import Span

_KIND = (
    r"(?i:ул\.|ул|улиц[аеуы]|улице|пр|пр-т[ауе]?|пр-кт|просп|проспект[ауе]?|пер|переул[а-я]{2,4}|бульвар[ауе]?|б-?р|шоссе|ш\.|наб|"
    r"набережн[а-я]{2}|пл|площад[ьи]|проезд[ауе]?|мкр-?н?|микрорайон[еа]?|аллея|аллее|тракт[еа]?|тупик[еа]?|квартал[еа]?)(?![А-Яа-яЁё])"
)
_SMALL = r"(?:реки|лет|им\.?|имени|маршала|академика|генерала|адмирала|летия|-летия|канала)"
_PART = rf"(?:[А-ЯЁ][\w.-]{{0,24}}|\d{{1,3}}(?:-?[йяея]{{1,2}}|-го)?(?= ?[А-ЯЁа-яё])|{_SMALL})"
_NAME = rf"(?:{_PART} ?){{0,3}}[А-ЯЁ][\w-]{{1,24}}"
_HOUSE = (
    r"(?:, ?| )(?:(?i:дом[ауе]?|д)(?![а-яё])\.? ?)?№? ?\d{1,4}(?:-\d{1,4}(?!\d))?[а-яА-Я]?(?![а-яё])(?:[/-]\d{1,4}[а-я]?(?![\wа-яё]))?"
    r"(?! ?(?:минут|час|лет|человек|машин|км\b|м\b|руб|раз\b|градус|дн[яе]|балл|июн|июл|янв|фев|мар|апр|мая|авг|сен|окт|ноя|дек|%|₽|:\d))"
)
_FLAT = (
    r"(?:,? ?(?i:к|корп|корпус|стр|строение|лит|литера)(?![а-яё])\.? ?(?:\d{1,3}[а-я]?|[А-Я])(?![\w]))?"
    r"(?:,? ?(?i:подъезд[е]?|под|п)(?![а-яё])\.? ?\d{1,2})?(?:,? ?(?i:этаж|эт)(?![а-яё])\.? ?\d{1,2})?"
    r"(?:,? ?(?i:кв|квартир[аеуы]|оф|офис[е]?|комн|комната|помещ)(?![а-яё])\.? ?№? ?\d{1,5})?"
)
_CITY = r"(?:\d{6}, ?)?(?:(?i:г\.|гор\.|город|г) ?)?[А-ЯЁ][а-яё]+(?:[- ](?:на-)?[А-ЯЁ][а-яё]+)*, ?$"
_BEFORE_NAME = re.compile(rf"(?<!\w){_KIND}\.? ?{_NAME}{_HOUSE}{_FLAT}")
_AFTER_NAME = re.compile(rf"(?<!\w)(?:[А-ЯЁ][а-яё-]{{2,24}} ){{1,2}}{_KIND}\.?{_HOUSE}{_FLAT}")
_WITHOUT_KIND = re.compile(
    r"(?<!\w)(?:[А-ЯЁ][а-яё-]{2,24} ){0,1}[А-ЯЁ][а-яё-]{3,24},? ?"
    r"(?:(?:д\.|дом) ?\d{1,4}[а-яА-Я]?(?:[/-]\d{1,3})?,? ?(?:(?:к|корп|стр)\.? ?\d{1,3},? ?)?|\d{1,4}[а-я]?,? ?)"
    r"(?:кв|квартира)(?![а-яё])\.? ?\d{1,5}"
)
_AT_HOME = re.compile(
    r"(?:(?i:(?<!\w)(?:по адресу|адрес(?: доставки)?|живу на|живем на|живём на|проживаю(?: на)?|прописан[а]? на|доставка на|доставить на))"
    rf"[: ]{{1,2}})(?P<n>(?:[А-ЯЁ][а-яё-]{{2,24}}, )?(?:[А-ЯЁ][а-яё-]{{2,24}} ){{0,1}}[А-ЯЁ][а-яё-]{{2,24}}{_HOUSE}{_FLAT})"
)
_CITY_BEFORE = re.compile(_CITY)
_MAY_BE_HOUSE = re.compile(r"[А-ЯЁ][\w-]{1,24}(?: [а-яё-]{1,24}\.?)?,? ?(?:(?:д|дом[ауе]?)\.? ?)?№? ?\d")

_WORD = r"(?:[A-Z][\w'-]{0,24}|St\.)"
_SURE = r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Boulevard|Blvd|Highway|Hwy|Parkway|Pkwy|Terrace|Crescent|Mews|Turnpike)"
_UNSURE = (
    r"(?:Drive|Dr|Court|Ct|Way|Place|Pl|Close|Square|Sq|Gardens|Grove|Circle|Cir|Row|Hill|Walk|Broadway)"
)
_NUMBER = r"(?<![\w.,$£€#/:-])\d{1,5}(?:-\d{1,4})?[A-Za-z]?,? (?:[NSEW]{1,2}\.? |North |South |East |West )?"
_SIDE = r"(?: (?:NW|NE|SW|SE|N|S|E|W|North|South|East|West)\b)?"
_UNIT = r"(?:,? (?:(?:Apt|Apartment|Flat|Suite|Ste|Unit|Floor|Fl|Room|Rm)\b\.? ?#?\w{1,5}|#\w{1,5}))"
_ENGLISH = re.compile(
    rf"{_NUMBER}(?:{_WORD} |\d{{1,3}}(?:st|nd|rd|th) ){{1,3}}(?P<sure>{_SURE})\b\.?{_SIDE}{_UNIT}?"
    rf"|{_NUMBER}\d{{1,3}}(?:st|nd|rd|th) (?:{_SURE})\b{_UNIT}?"
    rf"|{_NUMBER}(?:{_WORD} ){{1,3}}(?P<unsure>{_UNSURE})\b\.?{_SIDE}(?P<unit>{_UNIT})?"
)
_LOWER = re.compile(
    rf"{_NUMBER}(?:[a-z'-]{{2,20}} |\d{{1,3}}(?:st|nd|rd|th) ){{1,2}}(?:{_SURE}|{_UNSURE})\b\.?{_SIDE}{_UNIT}?",
    re.IGNORECASE,
)
_HOME_WORD = re.compile(
    r"live (?:at|on)|address|deliver|reside|my (?:house|home|flat|place)|home (?:is )?at|sent? (?:it )?to|mail (?:it )?to|\bat $|dropped",
    re.IGNORECASE,
)
_HOME_SIGNS = (
    "live ",
    "address",
    "deliver",
    "reside",
    "my house",
    "my home",
    "my flat",
    "my place",
    "home ",
    "sent ",
    "send ",
    "mail ",
    " at ",
    "dropped",
)
_ENDS_CLAUSE = re.compile(r"^\s*(?:[.,;!?)\n]|$)")


def russian_places(text: str) -> Iterator[Span]:
    """Street and house, with what stands beside them: town, building, flat."""
    if text.isascii() or not _MAY_BE_HOUSE.search(text):
        return
    for pattern in (_BEFORE_NAME, _AFTER_NAME, _WITHOUT_KIND, _AT_HOME):
        for match in matches(pattern, text):
            found = span("address", match, "n" if pattern is _AT_HOME else 0)
            city = _CITY_BEFORE.search(before(text, found.start, 60))
            yield Span("address", found.start - len(city.group()), found.end) if city else found


def english_places(text: str) -> Iterator[Span]:
    """House, street and flat. Names such as “5 Star Drive” count only where they end a clause or somebody lives."""
    for match in matches(_ENGLISH, text):
        at_home = _HOME_WORD.search(before(text, match.start(), 30))
        unsure = match["unsure"] and not match["unit"]
        if not unsure or at_home or (_ENDS_CLAUSE.match(text[match.end() :][:3]) and match.start() == 0):
            yield span("address", match)
    if not mentions(text.casefold(), _HOME_SIGNS):
        return
    for match in matches(_LOWER, text):
        if _HOME_WORD.search(before(text, match.start(), 20)):
            yield span("address", match)
