"""What is in none of the languages known here: letters and little words of others, and strings that are no language."""

from __future__ import annotations

import re

from stormdesk.understand.vocabulary import words

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_LETTERS = re.compile("[őűėįųūāēīķļņģěřůťďňățșơưđ\u1ea0-\u1ef9ӣӯҳҷҡҙҫ]")
"""Letters of Hungarian, Lithuanian, Latvian, Czech, Romanian, Vietnamese, Tajik and Bashkir that no known language has."""
_TURKIC = re.compile("[ңөү]")
_KAZAKH = re.compile("[іғқәұһ]")
_KEYBOARD = re.compile(
    r"qwer|wert|asdf|sdfg|dfgh|fghj|ghjk|hjkl|zxcv|xcvb|йцук|цуке|фыва|ывап|вапр|апро|олдж|ячсм|смит(?=ь)"
)
_NO_VOWEL = re.compile(r"[bcdfghjklmnpqrstvwxz]{3,}|[бвгджзйклмнпрстфхцчшщ]{3,}")


def unlike_known(folded: str) -> bool:
    """Whether a folded text is surely in none of the known languages: better “unknown” than a neighbour's name."""
    spoken = _WORD.findall(folded)[:200]
    if not spoken:
        return False
    if len(set("".join(spoken))) < 2:
        return True
    odd = sum(bool(_KEYBOARD.search(word) or _NO_VOWEL.fullmatch(word)) for word in spoken)
    if odd * 2 > len(spoken) and sum(map(len, spoken)) >= 8:
        return True
    if folded.isascii():
        letters = 0
    else:
        letters = len(_LETTERS.findall(folded))
        if len(_TURKIC.findall(folded)) >= 2 and not _KAZAKH.search(folded):
            return True
    little = words("foreign").intersection(spoken)
    own = little - words("foreign_shared")
    return (
        letters >= 2
        or len(own) >= 2
        or (bool(own) and len(little) + letters >= 3)
        or (len(own) == 1 and len(spoken) <= 4 and letters >= 1)
    )
