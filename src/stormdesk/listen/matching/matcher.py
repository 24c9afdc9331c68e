"""All queries of all brands asked of a text in one pass (Aho and Corasick 1975), then checked word by word.

The automaton finds every pattern of every query at once; only queries that own one of the found patterns are
evaluated, so a thousand brands cost a text that names none of them no more than one brand does.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import ahocorasick

from stormdesk.listen.matching.syntax import All, Node, OneOf, Term, Without, terms
from stormdesk.understand import fold, forms

Key = TypeVar("Key", bound=Hashable)
_Tree = int | tuple[str, list["_Tree"]]


def _plurals(word: str) -> set[str]:
    if not (word.isascii() and word.isalpha() and len(word) > 2):
        return set()
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return {word + "es"}
    if word.endswith("y") and word[-2] not in "aeiou":
        return {word[:-1] + "ies"}
    return {word + "s"}


def patterns(term: Term) -> set[str]:
    """The strings of folded text by which a term is found."""
    match term.kind:
        case "word":
            return {form for form in forms(term.value) | _plurals(term.value) if form}
        case "phrase":
            return {term.value.split()[0]}
        case "tag":
            return {"#" + term.value}
        case "handle":
            return {"@" + term.value}
        case _:
            return {term.value}


def _joins(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def _stands(term: Term, text: str, start: int, end: int) -> bool:
    """Whether the pattern found at [start, end) is the term itself, not a part of a longer word."""
    if start and _joins(text[start - 1]):
        return False
    kind = term.kind
    if kind == "prefix":
        return True
    if end < len(text) and _joins(text[end]):
        return False
    if kind in ("handle", "link") and end + 1 < len(text) and text[end] in ".-" and _joins(text[end + 1]):
        return False
    return not (kind == "link" and start and text[start - 1] == "-")


@dataclass(slots=True)
class _Compiled:
    term: Term
    phrase: re.Pattern[str] | None


class Matcher(Generic[Key]):
    """Queries by key, ready to be asked; immutable, and safe to use from several threads."""

    def __init__(self, queries: Mapping[Key, Node]) -> None:
        numbers: dict[Term, int] = {}
        by_pattern: dict[str, list[int]] = {}
        self._terms: list[_Compiled] = []
        self._owners: list[list[Key]] = []
        self._trees: dict[Key, _Tree] = {}
        self._automaton = ahocorasick.Automaton()
        for key, node in queries.items():
            for term in terms(node):
                bare = Term(term.kind, term.value)
                if bare not in numbers:
                    numbers[bare] = len(self._terms)
                    self._terms.append(_Compiled(bare, _phrase(bare)))
                    self._owners.append([])
                    for pattern in patterns(bare):
                        by_pattern.setdefault(pattern, []).append(numbers[bare])
            for term in terms(node, wanted_only=True):
                owners = self._owners[numbers[Term(term.kind, term.value)]]
                if not owners or owners[-1] != key:
                    owners.append(key)
            self._trees[key] = _numbered(node, numbers)
        for pattern, owners_of in by_pattern.items():
            self._automaton.add_word(pattern, (len(pattern), owners_of))
        self._empty = not by_pattern
        if by_pattern:
            self._automaton.make_automaton()

    def match(self, text: str) -> set[Key]:
        """Keys of the queries that `text` satisfies."""
        if self._empty:
            return set()
        folded = fold(text)
        found = self._found(folded)
        if not found:
            return set()
        candidates = {key for number in found for key in self._owners[number]}
        return {key for key in candidates if _holds(self._trees[key], found)}

    def found_terms(self, text: str) -> set[Term]:
        """The terms, of any query, that stand in `text`."""
        return set() if self._empty else {self._terms[n].term for n in self._found(fold(text))}

    def _found(self, text: str) -> dict[int, tuple[int, int]]:
        found: dict[int, tuple[int, int]] = {}
        for last, (length, numbers) in self._automaton.iter(text):
            end = last + 1
            start = end - length
            for number in numbers:
                if number in found:
                    continue
                compiled = self._terms[number]
                if compiled.phrase:
                    where = compiled.phrase.match(text, start)
                    if where and not (start and _joins(text[start - 1])):
                        found[number] = where.span()
                elif _stands(compiled.term, text, start, end):
                    found[number] = (start, end)
        return found


def _phrase(term: Term) -> re.Pattern[str] | None:
    if term.kind != "phrase":
        return None
    return re.compile(r"[\W_]{1,5}".join(map(re.escape, term.value.split())) + r"(?!\w)")


def _numbered(node: Node, numbers: Mapping[Term, int]) -> _Tree:
    """The tree with terms as numbers: ("all", parts), ("any", parts), ("without", [part, excluded …]), or a number."""
    match node:
        case Term(kind, value):
            return numbers[Term(kind, value)]
        case All(parts):
            return ("all", [_numbered(part, numbers) for part in parts])
        case OneOf(parts):
            return ("any", [_numbered(part, numbers) for part in parts])
        case Without(part, excluded):
            return ("without", [_numbered(e, numbers) for e in (part, *excluded)])


def _holds(tree: _Tree, found: Mapping[int, object]) -> bool:
    if isinstance(tree, int):
        return tree in found
    operator, parts = tree
    if operator == "all":
        return all(_holds(part, found) for part in parts)
    if operator == "any":
        return any(_holds(part, found) for part in parts)
    return _holds(parts[0], found) and not any(_holds(part, found) for part in parts[1:])
