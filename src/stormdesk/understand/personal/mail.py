"""E-mail addresses, also written so that machines do not see them: “anna (at) mail dot ru”, «anna собака mail точка ru»."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stormdesk.understand.personal.candidate import matches, mentions, span
from stormdesk.understand.text import Span

_LOCAL = r"(?<![\w.+@-])[\w+-](?:[\w.+-]|'(?=\w)){0,63}"
_PLAIN = re.compile(_LOCAL + r"@(?:[\w-]{1,63}\.){1,5}[^\W\d_]{2,24}(?![\w@])")

_OPEN, _SHUT = r"[\[({<*]\s?", r"\s?[\])}>*]"
_DOT = rf"(?:\.|\s?{_OPEN}(?:dot|точка|\.){_SHUT}\s?|\s(?:dot|точка)\s)"
_HOST = r"[\w-]{1,40}"
_ENDING = r"(?:[a-z]{2,10}|рф|ру|ком)\b"
_AT_BRACKETS = rf"\s?{_OPEN}(?:at|@|собака|собачка|эт|dog){_SHUT}\s?"
_AT_WORD = r"\s(?:собака|собачка|собакой)\s|собака(?=mail|ya|gmail|bk|list|inbox)"
_HIDDEN = re.compile(
    rf"{_LOCAL}(?:{_AT_BRACKETS}|{_AT_WORD})(?:{_HOST}{_DOT}){{1,3}}{_ENDING}", re.IGNORECASE
)
# “at” alone is an ordinary word, so the dot has to be spelled too, or the host has to be a mail provider.
_PROVIDER = r"(?:gmail|googlemail|mail|yandex|ya|outlook|hotmail|yahoo|icloud|proton(?:mail)?|bk|list|inbox|rambler|aol|gmx|me|live)"
_SPELLED = re.compile(
    rf"{_LOCAL}\s(?:at|@)\s(?:{_HOST}\s?{_OPEN}?(?:dot|точка){_SHUT}?\s?{_ENDING}"
    rf"|{_HOST}\s(?:dot|точка)\s{_ENDING}(?:\s(?:dot|точка)\s{_ENDING})?|{_PROVIDER}{_DOT}{_ENDING})"
    rf"|{_LOCAL}@{_HOST}\s(?:dot|точка)\s{_ENDING}",
    re.IGNORECASE,
)
_SIGNS = (
    "собак",
    "собач",
    "точка",
    " dot",
    "(dot",
    "[dot",
    "(at",
    "[at",
    "{at",
    "<at",
    "*at",
    "( at",
    "[ at",
    "(@",
    "[@",
)
_MAIL_SIGNS = (
    "gmail",
    "mail",
    "yandex",
    "ya.",
    "yahoo",
    "outlook",
    "icloud",
    "proton",
    "inbox",
    "list.",
    "bk.",
    "rambler",
)


def emails(text: str) -> Iterator[Span]:
    """E-mail addresses; handles such as @brand@server are none."""
    if "@" in text:
        for match in matches(_PLAIN, text):
            yield span("email", match)
    folded = text.casefold()
    if mentions(folded, _SIGNS) or (mentions(folded, (" at ", " @ ")) and mentions(folded, _MAIL_SIGNS)):
        for pattern in (_HIDDEN, _SPELLED):
            for match in matches(pattern, text):
                yield span("email", match)
