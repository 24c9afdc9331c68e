"""A query tried on what was heard, before it is saved (L2)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from stormdesk.listen.matching import Matcher, Node, Term, parse
from stormdesk.listen.matching.matcher import patterns
from stormdesk.listen.matching.syntax import terms
from stormdesk.listen.models import Mention
from stormdesk.people.models import Brand

TRIED = 10_000
_SECONDS = 5.0
_EXAMPLES = 8


@dataclass(frozen=True, slots=True)
class Word:
    """What one word of the query brings."""

    term: Term
    found: int
    alone: int
    """Posts that only this word finds."""
    forms: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trial:
    """How a query fares on the newest mentions."""

    tree: Node
    tried: int
    found: int
    new: int
    """Found, and not found by any query so far."""
    lost: int
    """Found by the query as it is saved, and no longer by this one."""
    words: list[Word]
    examples: list[Mention]
    left_out: list[Mention]
    seconds: float

    @property
    def share(self) -> float:
        """Found, of those tried."""
        return self.found / self.tried if self.tried else 0.0


def try_query(brand: Brand, expression: str, *, query: int = 0, most: int = TRIED) -> Trial:
    """Ask the newest `most` mentions (for at most five seconds); `query` is the saved one that would be replaced.

    Only what was heard can be tried: posts that no query and no source brought are not kept. Raises QueryError.
    """
    began = time.monotonic()
    tree = parse(expression)
    matcher = Matcher({0: tree})
    wanted = list(dict.fromkeys(terms(tree, wanted_only=True)))
    one_by_one = dict.fromkeys(wanted, 0)
    alone = dict.fromkeys(wanted, 0)
    without = {term: Matcher({0: rest}) for term in wanted if (rest := _without(tree, term)) is not None}
    tried = found = new = lost = 0
    examples: list[int] = []
    left_out: list[int] = []
    rows = Mention.objects.filter(brand=brand).values_list("pk", "text", "queries")[:most]
    for pk, text, known in rows.iterator(chunk_size=1000):
        if time.monotonic() - began > _SECONDS:
            break
        tried += 1
        if not matcher.match(text):
            lost += query in known
            if query in known and len(left_out) < _EXAMPLES:
                left_out.append(pk)
            continue
        found += 1
        new += not known
        if len(examples) < _EXAMPLES:
            examples.append(pk)
        here = matcher.found_terms(text)
        for term in wanted:
            if Term(term.kind, term.value) in here:
                one_by_one[term] += 1
                alone[term] += term not in without or not without[term].match(text)
    return Trial(
        tree=tree,
        tried=tried,
        found=found,
        new=new,
        lost=lost,
        words=[
            Word(term, one_by_one[term], alone[term], sorted(patterns(term) - {term.value}) if term.kind == "word" else [])
            for term in wanted[:40]
        ],
        examples=list(Mention.objects.filter(pk__in=examples)),
        left_out=list(Mention.objects.filter(pk__in=left_out)),
        seconds=time.monotonic() - began,
    )  # fmt: skip


def _without(node: Node, gone: Term) -> Node | None:
    """The query as if one of its words were not written; None when nothing is left."""
    from stormdesk.listen.matching import All, OneOf, Without

    match node:
        case Term():
            return None if node == gone else node
        case Without(part, excluded):
            rest = _without(part, gone)
            return Without(rest, excluded) if rest is not None else None
        case All(parts):
            left = [_without(part, gone) for part in parts]
            return All(tuple(part for part in left if part is not None)) if all(left) else None
        case OneOf(parts):
            kept = [rest for part in parts if (rest := _without(part, gone)) is not None]
            return None if not kept else kept[0] if len(kept) == 1 else OneOf(tuple(kept))
