"""Finds words and phrases in a text in any of their Russian forms; offsets are those of the original text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from stormdesk.understand import fold, forms

_WORD = re.compile(r"\w+(?:[-’'ʼ\u200b-\u200d\u00ad]\w+)*")


@lru_cache(maxsize=4096)
def _patterns(term: str) -> tuple[tuple[str, ...], ...]:
    """Every form of a term as a sequence of folded words."""
    return tuple(sorted({tuple(_words(form)) for form in forms(term) | {fold(term)}} - {()}))


def _words(text: str) -> list[str]:
    return [fold(match[0]) for match in _WORD.finditer(text)]


def find(text: str, terms: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    """(term, start, end) of each occurrence, in the order of the text, without overlaps; the longest of those that begin together.

    A term without letters or digits (an emoji, “!!”) is found as it is.
    """
    tokens = [(fold(match[0]), match.start(), match.end()) for match in _WORD.finditer(text)]
    starts: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    plain: list[str] = []
    for term in terms:
        patterns = _patterns(term)
        if not patterns and term.strip():
            plain.append(term.strip())
        for pattern in patterns:
            starts.setdefault(pattern[0], []).append((pattern, term))
    found = []
    at = 0
    while at < len(tokens):
        word, start, _end = tokens[at]
        best: tuple[int, str] | None = None
        for pattern, term in starts.get(word, ()):
            size = len(pattern)
            here = tuple(token for token, _s, _e in tokens[at : at + size])
            if here == pattern and (best is None or size > best[0]):
                best = size, term
        if best:
            found.append((best[1], start, tokens[at + best[0] - 1][2]))
        at += best[0] if best else 1
    for term in plain:
        found += [(term, m.start(), m.end()) for m in re.finditer(re.escape(term), text)]
    return iter(sorted(found, key=lambda item: item[1]))
