"""Links, mentions and tags inside a text, counted in bytes of UTF-8 as the network does, and its length in graphemes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

TEXT_LIMIT = 300
BYTE_LIMIT = 3000

Kind = Literal["link", "mention", "tag"]


class Found(NamedTuple):
    """A piece of a text: what it is, what it says without @ or #, and where it lies, in characters."""

    kind: Kind
    value: str
    start: int
    end: int


_LINK = re.compile(
    r"(?<![\w@])(?:https?://[^\s<>\"]+|(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}/[^\s<>\"]*)",
    re.I,
)
_MENTION = re.compile(
    r"(?<![\w@/.])@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)", re.I
)
_TAG = re.compile(r"(?<!\S)[#＃]([^\s#＃]{1,100})")
_END = ".,;:!?'\"»”’…"
_PAIRS = {")": "(", "]": "[", "}": "{"}


def find(text: str) -> list[Found]:
    """What of the text is a link, a mention or a tag, in the order it stands there; pieces never overlap."""
    found: list[Found] = []
    for piece in sorted((*_links(text), *_mentions(text), *_tags(text)), key=lambda p: (p.start, -p.end)):
        if not found or piece.start >= found[-1].end:
            found.append(piece)
    return found


def facet(text: str, piece: Found, did: str = "") -> dict[str, Any]:
    """One facet as app.bsky.richtext.facet describes it; a mention needs the `did` of whom it names."""
    start = len(text[: piece.start].encode())
    inside = len(text[piece.start : piece.end].encode())
    value = {"link": {"uri": piece.value}, "mention": {"did": did}, "tag": {"tag": piece.value}}[piece.kind]
    return {
        "index": {"byteStart": start, "byteEnd": start + inside},
        "features": [{"$type": f"app.bsky.richtext.facet#{piece.kind}"} | value],
    }


def _links(text: str) -> Iterator[Found]:
    for match in _LINK.finditer(text):
        value = _trimmed(match[0])
        address = value if "://" in value else f"https://{value}"
        yield Found("link", address, match.start(), match.start() + len(value))


def _mentions(text: str) -> Iterator[Found]:
    for match in _MENTION.finditer(text):
        yield Found("mention", match[1].lower(), match.start(), match.end())


def _tags(text: str) -> Iterator[Found]:
    for match in _TAG.finditer(text):
        value = match[1].rstrip(_END + ")]}")
        if value and not value.isdigit() and len(value) <= 64:
            yield Found("tag", value, match.start(), match.start(1) + len(value))


def _trimmed(link: str) -> str:
    """The link without the punctuation of the sentence around it."""
    while link and (
        link[-1] in _END or (link[-1] in _PAIRS and link.count(_PAIRS[link[-1]]) < link.count(link[-1]))
    ):
        link = link[:-1]
    return link


def graphemes(text: str) -> int:
    """How many signs a reader sees (UAX 29, as far as posts need it): marks, joined emoji and flags count once.

    Conjuncts of Indic scripts count by their letters: never fewer than the network counts.
    """
    count = 0
    picture, joined, flag, control = False, False, False, True
    previous = ""
    for sign in text:
        number = ord(sign)
        if previous == "\r" and sign == "\n":
            previous = sign
            continue
        previous = sign
        if not control and _extends(sign, number):
            joined = picture and number == 0x200D
            flag = False
            continue
        regional = 0x1F1E6 <= number <= 0x1F1FF
        pictograph = _pictograph(number)
        if (joined and pictograph) or (flag and regional):
            joined = flag = False
            continue
        count += 1
        picture, flag, joined = pictograph, regional, False
        control = sign in "\r\n" or unicodedata.category(sign) in ("Cc", "Zl", "Zp")
    return count


def _pictograph(number: int) -> bool:
    return (0x1F000 <= number <= 0x1FAFF and not 0x1F1E6 <= number <= 0x1F1FF) or 0x2190 <= number <= 0x2BFF


def _extends(sign: str, number: int) -> bool:
    return (
        number in (0x200D, 0x200C)
        or 0x1F3FB <= number <= 0x1F3FF
        or 0x1160 <= number <= 0x11FF
        or 0xE0020 <= number <= 0xE007F
        or (number >= 0x300 and unicodedata.category(sign) in ("Mn", "Me", "Mc"))
    )
