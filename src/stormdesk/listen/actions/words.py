"""The brand's queries, compiled and kept until one of them changes; and the words a post was found by."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from stormdesk.listen.matching import Matcher, QueryError, parse
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
    trees = {}
    for key, _kind, expression, _languages in rows:
        try:
            trees[key] = parse(expression)
        except QueryError:
            continue
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
