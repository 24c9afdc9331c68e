"""The brand's queries, compiled and kept until one of them changes; and the words a post was found by."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from stormdesk.listen.matching import Matcher, Node, QueryError, parse
from stormdesk.listen.models import Query

_KEPT = 2_000
_lock = threading.Lock()
_compiled: dict[int, tuple[tuple, Words]] = {}


@dataclass(frozen=True)
class Words:
    """Everything one brand listens for."""

    matcher: Matcher[int]
    kinds: dict[int, str]
    languages: dict[int, frozenset[str]]

    def asked(self) -> bool:
        """Whether there is any query at all."""
        return bool(self.kinds)

    def found_in(self, text: str, language: str = "unknown") -> list[int]:
        """Ids of the queries that find `text`, sorted; a query for other languages does not, unless it is unknown."""
        return sorted(
            key
            for key in self.matcher.match(text)
            if language == "unknown" or not self.languages[key] or language in self.languages[key]
        )


def words_of(brand_id: int) -> Words:
    """The active queries of a brand. A stored query that cannot be read finds nothing; its page says so."""
    rows = list(
        Query.objects.filter(brand=brand_id, is_active=True)
        .order_by("pk")
        .values_list("pk", "kind", "expression", "languages")
    )
    state = tuple((key, kind, expression, *languages) for key, kind, expression, languages in rows)
    with _lock:
        known = _compiled.get(brand_id)
    if known and known[0] == state:
        return known[1]
    trees = {key: tree for key, _, expression, _ in rows if (tree := _tree(expression))}
    words = Words(
        Matcher(trees),
        {key: kind for key, kind, _, _ in rows if key in trees},
        {key: frozenset(languages) for key, _, _, languages in rows},
    )
    with _lock:
        if len(_compiled) >= _KEPT:
            _compiled.clear()
        _compiled[brand_id] = (state, words)
    return words


@dataclass(frozen=True)
class WordsOfMany:
    """Everything many brands listen for, asked of a text at once. `asked`: brands that have any query at all."""

    state: frozenset[tuple[int, int, str]]
    matcher: Matcher[tuple[int, int]]
    asked: frozenset[int]

    def brands_in(self, text: str) -> set[int]:
        """The brands of which any query finds `text`, whatever its language."""
        return {brand for brand, _query in self.matcher.match(text)}


def words_of_many(brands: Collection[int], known: WordsOfMany | None = None) -> WordsOfMany:
    """The active queries of these brands; `known` itself while nothing has changed."""
    wanted = set(brands)
    rows = Query.objects.filter(is_active=True)
    if len(wanted) == 1:
        rows = rows.filter(brand__in=wanted)
    state = frozenset(row for row in rows.values_list("brand_id", "pk", "expression") if row[0] in wanted)
    if known and known.state == state:
        return known
    trees = {(brand, key): tree for brand, key, expression in sorted(state) if (tree := _tree(expression))}
    return WordsOfMany(state, Matcher(trees), frozenset(brand for brand, _ in trees))


@lru_cache(maxsize=10_000)
def _tree(expression: str) -> Node | None:
    """The expression as a tree; None when it cannot be read."""
    try:
        return parse(expression)
    except QueryError:
        return None
