"""How much somebody else's handle or domain looks like one of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from stormdesk.understand.lookalike.faces import look, looks, sound, visible
from stormdesk.understand.lookalike.slips import edits, slip
from stormdesk.understand.vocabulary import words

LOOKALIKE = 0.8
"""From this score on a handle should be shown to a person."""

_SEPARATOR = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ][a-zа-яё])")
_SAME, _DRESSED, _SLIPPED, _AMONG = 1.0, 0.95, 0.86, 0.81
_BEGINNINGS = ("the", "my", "get", "vip", "pro")
_ENDINGS = ("uk", "ru", "us", "rus", "rf", "eu", "app", "bot")
"""Short words that are added without a separator, in front and behind."""
_SHORTEST = 4
_ABBREVIATION = 3
_AMONG_SHORTEST = 6
"""Letters of a name from which it is recognised inside a longer one with words of its own."""


class _Name:
    """A handle taken apart: its words, those that anybody adds left out, and how what is left looks and sounds."""

    __slots__ = ("bare", "faces", "parts", "rest", "said", "whole")

    def __init__(self, name: str) -> None:
        shown = visible(name).lstrip("@")
        self.whole = shown.casefold()
        self.parts = [part for part in _SEPARATOR.split(_CAMEL.sub(" ", shown)) if part]
        bare = [part for part in self.parts if not _added(part)]
        self.bare = "".join(bare)
        together = "".join(self.parts)
        stripped = _undressed(together) | _undressed(self.bare)
        self.faces = frozenset(face for spelling in stripped for face in looks(spelling))
        self.said = frozenset(sound(spelling) for spelling in stripped) - {""}
        self.rest = bare


def _added(part: str) -> bool:
    """Whether a word of a handle is one that impostors and branches add: support, official, bonus, a country, digits."""
    folded = part.casefold()
    return folded.isdigit() or folded in words("dressing") or look(part) in _dressing_looks()


@lru_cache(maxsize=1)
def _dressing_looks() -> frozenset[str]:
    return frozenset(look(word) for word in words("dressing") if word.isascii() and len(word) > 3)


def _undressed(name: str) -> set[str]:
    """A name written in one word, and what is left without added words at its ends: “monzosupport” and “monzo”."""
    found = {name, name.strip("0123456789")}
    waiting = [name]
    while waiting:
        longer = waiting.pop()
        folded = longer.casefold()
        for word in _longest_first() + _BEGINNINGS:
            if len(folded) - len(word) >= _ABBREVIATION and folded.startswith(word):
                waiting.append(longer[len(word) :])
                break
        for word in _longest_first() + _ENDINGS:
            if len(folded) - len(word) >= _ABBREVIATION and folded.endswith(word):
                waiting.append(longer[: -len(word)])
                break
        found |= {longer, longer.strip("0123456789_")}
    return found - {""}


@lru_cache(maxsize=1)
def _longest_first() -> tuple[str, ...]:
    return tuple(sorted((word for word in words("dressing") if len(word) > 3), key=lambda w: (-len(w), w)))


@lru_cache(maxsize=4096)
def _own(name: str) -> tuple[str, frozenset[str], frozenset[str]]:
    """An own handle: as written, how it looks and how it sounds, with and without words such as “official”."""
    shown = visible(name).lstrip("@")
    parts = [part for part in _SEPARATOR.split(_CAMEL.sub(" ", shown)) if part]
    bare = "".join(part for part in parts if not _added(part))
    spellings = {"".join(parts)} | ({bare} if len(bare) >= _ABBREVIATION else set())
    return (
        shown.casefold(),
        frozenset(face for spelling in spellings for face in looks(spelling)),
        frozenset(sound(spelling) for spelling in spellings) - {""},
    )


def lookalike(handle: str, own_handles: Iterable[str]) -> float:
    """How much `handle` could be taken for one of `own_handles`: 0 (not at all) to 1 (cannot be told apart).

    Our own handle itself scores 0. Letters that look alike in any script count as equal (UTS 39), so do
    transliterations, separators, doubled and swapped letters and words such as “support” added to the name. Works for
    domains too. `LOOKALIKE` is the score from which a person should look.
    """
    theirs = _Name(handle)
    ours = [_own(own) for own in own_handles]
    if not theirs.whole or any(theirs.whole == own for own, _, _ in ours):
        return 0.0
    return round(max((_score(theirs, faces, said) for _, faces, said in ours), default=0.0), 3)


def _score(theirs: _Name, faces: frozenset[str], said: frozenset[str]) -> float:
    if not faces.isdisjoint(theirs.faces):
        return _SAME if not faces.isdisjoint(looks("".join(theirs.parts))) else _DRESSED
    if any(len(heard) >= _SHORTEST for heard in said & theirs.said):
        return _DRESSED
    best = 0.0
    for mine in faces:
        for face in theirs.faces:
            if slip(face, mine):
                return _SLIPPED
            longer = max(len(face), len(mine))
            best = max(best, min(0.79, 1 - edits(face, mine) / longer) if longer <= 3 * len(mine) else 0.0)
        if len(mine) >= _AMONG_SHORTEST and _among(theirs, mine):
            return _AMONG
    return best


def _among(theirs: _Name, mine: str) -> bool:
    """Whether our name stands as a word among others that do not say it is a fan's, and that are not the larger part."""
    rest = [part for part in theirs.rest if mine not in looks(part)]
    if len(rest) == len(theirs.rest) or any(part.casefold() in words("admirers") for part in rest):
        return False
    return sum(map(len, rest)) <= len(mine)


__all__ = ["LOOKALIKE", "lookalike"]
