"""How much somebody else's handle or domain looks like one of ours."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from stormdesk.understand.fold import fold

LOOKALIKE = 0.8
"""From this score on a handle should be shown to a person."""

_SAME_LOOK = str.maketrans(
    {
        **dict(zip("асеорхукмтнвзбгпийѕіјԁһɡӏ", "aceopxykmthb36rnuusijdhgl", strict=True)),
        **dict(zip("αβγδεζηικνορτυχωɑıłøđ", "abydeznikvoptuxwailod", strict=True)),
        **dict(zip("01358$@|!€", "olesbsalie", strict=True)),
        "4": "a",
        "6": "b",
        "9": "g",
        "7": "t",
    }
)
_SOUND = {
    **dict(zip("абвгдезийклмнопрстуфыьъэ", "abvgdeziiklmnoprstufy--e", strict=True)),
    **{"ж": "zh", "х": "h", "ц": "c", "ч": "ch", "ш": "sh", "щ": "sch", "ю": "yu", "я": "ya", "ё": "e"},
    "ь": "",
    "ъ": "",
}
_TWO_FOR_ONE = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("ii", "u"), ("kh", "h"), ("ts", "c"), ("ks", "x"))
_DRESSING = re.compile(
    r"(official|support|help|service|care|team|real|the|online|app|info|bank|client|bonus|promo|ru|com|rus|"
    r"russia|bot|pay|login|secure|verify|news|channel|podderzhka|pomosch|chat|hq|global|sale|shop|store|my|club|group|company|24)"
)


_SEPARATOR = re.compile(r"[\W_]+")


def _letters(handle: str) -> str:
    decomposed = unicodedata.normalize("NFKD", fold(handle[:200]))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _by_look(handle: str) -> str:
    look = re.sub(r"[^a-z]", "", handle.translate(_SAME_LOOK))
    for pair, single in _TWO_FOR_ONE:
        look = look.replace(pair, single)
    return re.sub(r"(.)\1+", r"\1", look.replace("i", "l").replace("j", "l"))


def _by_sound(handle: str) -> str:
    return _by_look("".join(_SOUND.get(char, char) for char in handle))


def _nearness(a: str, b: str) -> float:
    """1 minus the optimal string alignment distance (Damerau–Levenshtein, adjacent swaps) over the longer length."""
    longer = max(len(a), len(b))
    if not longer or abs(len(a) - len(b)) > longer // 2:
        return 0.0
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(row[-1] + 1, last[j] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return 1 - last[-1] / longer


def lookalike(handle: str, own_handles: Iterable[str]) -> float:
    """How much `handle` could be taken for one of `own_handles`: 0 (not at all) to 1 (cannot be told apart).

    Our own handle itself scores 0. Letters that look alike in Latin, Cyrillic and Greek count as equal, so do
    transliterations, separators, swapped letters and words such as “support” added to the name.
    `LOOKALIKE` is the score from which a person should look.
    """
    theirs = _letters(handle).lstrip("@")
    ours = {_letters(own).lstrip("@") for own in own_handles} - {""}
    if not theirs or theirs in ours:
        return 0.0
    faces = {_by_look(theirs), _by_sound(theirs)} - {""}
    parts = {_by_look(part) for part in _SEPARATOR.split(theirs)}
    best = 0.0
    for own in ours:
        for mine in {_by_look(own), _by_sound(own)} - {""}:
            undressed_mine = _by_look(_DRESSING.sub("", own))
            for face in faces:
                best = max(best, _pair(face, mine, undressed_mine, _by_look(_DRESSING.sub("", theirs))))
            if len(mine) >= 5 and mine in parts:
                best = max(best, 0.82)
    return round(best, 3)


def _pair(face: str, mine: str, bare_mine: str, bare_face: str) -> float:
    if face == mine:
        return 1.0
    score = 0.0
    if len(mine) >= 4:
        near = _nearness(face, mine)
        # One slip in a short name is another name; in a long one it is a copy.
        allowed = 1 if len(mine) < 9 else 2
        slips = round((1 - near) * max(len(face), len(mine)))
        score = max(near, 0.85 if slips <= allowed and len(mine) >= 5 else 0.0)
    if bare_face and bare_face != face and len(bare_face) >= 3 and bare_face in (mine, bare_mine):
        score = max(score, 0.95)
    return score
