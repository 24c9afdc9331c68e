"""How a name looks and how it sounds: two spellings nobody tells apart get one face."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

from stormdesk.understand.fold import clean

_NAME_LIMIT = 200

_MORE_LOOKS = {
    **dict(zip("взнгпийтмукљњʙʜ", "b3hrnuutmyklhbh", strict=True)),
    **dict(zip("αβγδεζηικνορτυχωɑıłøđ", "abydeznikvoptuxwailod", strict=True)),
}
"""Cyrillic, Greek and crossed letters that people use for Latin ones without being alike in every typeface."""
_DIGITS = str.maketrans("013456789$@|!€", "oleasbtbgsalie")
_SOUND = {
    **dict(zip("абвгдезийклмнопрстуфыэё", "abvgdezijklmnoprstufiee", strict=True)),
    **{
        "ж": "zh",
        "х": "h",
        "ц": "z",
        "ч": "ch",
        "ш": "sh",
        "щ": "sch",
        "ю": "iu",
        "я": "ia",
        "ь": "",
        "ъ": "",
    },
    **{
        "і": "i",
        "ї": "i",
        "є": "e",
        "ґ": "g",
        "ў": "u",
        "қ": "k",
        "ғ": "g",
        "ә": "a",
        "ө": "o",
        "ү": "u",
        "ұ": "u",
    },
}
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("ph", "f"), ("sch", "sh"), ("w", "v"), ("x", "ks"), ("ck|q|c(?!h)", "k"), ("z", "s"), ("y|j", "i"),
        ("kh", "h"), ("ee|ie|ei|ai|ii", "i"), ("oo|ou", "u"), (r"(.)\1+", r"\1"), (r"(?<=[^aeiou])e$", ""),
    )
)  # fmt: skip
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))


@cache
def _looks() -> dict[int, str]:
    lines = Path(__file__).with_name("confusables.txt").read_text(encoding="utf-8").splitlines()
    table: dict[int, str] = {}
    for line in lines:
        if not line.startswith("#"):
            table |= dict.fromkeys(map(ord, line[2:]), line[0])
    return {**{ord(char): letter for char, letter in _MORE_LOOKS.items()}, **table}


def visible(name: str) -> str:
    """The name without what cannot be seen and without marks on letters; case is kept."""
    decomposed = unicodedata.normalize("NFKD", clean(name[:_NAME_LIMIT]))
    return "".join(char for char in decomposed if not unicodedata.combining(char))[:_NAME_LIMIT]


def look(word: str) -> str:
    """How a word looks: letters of other scripts and digits as the Latin letters they are taken for.

    Method: the skeleton of Unicode Technical Standard 39, with digits for letters and i, l and 1 as one letter. Capital
    I is read as l before case is folded: “barcIays”.
    """
    latin = word.replace("I", "l").translate(_looks()).casefold().translate(_looks()).translate(_DIGITS)
    return re.sub("[^a-z]", "", latin).replace("i", "l").replace("j", "l")


def looks(word: str) -> frozenset[str]:
    """All faces of a word by look: pairs of letters that together look like one, read both ways."""
    plain = look(word)
    paired = plain
    for pair, single in _PAIRS:
        paired = paired.replace(pair, single)
    return frozenset({plain, paired} - {""})


def sound(word: str) -> str:
    """How a word sounds, roughly, in Latin letters: «билайн» and “beeline” are one."""
    heard = "".join(_SOUND.get(char, char) for char in word.casefold())
    heard = re.sub("[^a-z]", "", heard)
    for pattern, with_ in _SOUNDS:
        heard = pattern.sub(with_, heard)
    return heard
