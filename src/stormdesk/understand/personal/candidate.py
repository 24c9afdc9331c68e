"""What all finders share: the words around a candidate, and how many candidates are looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from stormdesk.understand.text import Span

Find = Callable[[str], Iterator[Span]]

_CANDIDATES = 500
_CLAUSE_END = re.compile(r"[.!?;\n] ?")


def matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """At most 500 matches: more of one kind in one post tell nothing new, and cost stays bounded."""
    return islice(pattern.finditer(text), _CANDIDATES)


def mentions(folded: str, signs: tuple[str, ...]) -> bool:
    """Whether one of the signs occurs: far cheaper than a pattern, so that patterns run where they may find something."""
    return any(sign in folded for sign in signs)


def before(text: str, start: int, letters: int = 40) -> str:
    """The `letters` before a place."""
    return text[max(0, start - letters) : start]


def clause(words: str) -> str:
    """The last clause of `words`: what stands before a full stop is about something else."""
    return _CLAUSE_END.split(words)[-1]


def span(kind: str, match: re.Match[str], group: int | str = 0) -> Span:
    """The span of a group without spaces and punctuation at its end."""
    found = match.group(group)
    return Span(kind, match.start(group), match.start(group) + len(found.rstrip(" ,.;:\u00a0")))
