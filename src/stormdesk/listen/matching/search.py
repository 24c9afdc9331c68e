"""The query language for full-text search: one tree, two dialects, the same answers.

Both databases store the stems of a text in order, one token a word; here the same stems are asked for. A handle,
a hashtag and a link are searched by their words, since punctuation is not stored.
"""

from __future__ import annotations

import re

from stormdesk.listen.matching.syntax import All, Node, OneOf, Term, Without
from stormdesk.understand import fold, forms, stems

LONGEST_TOKEN = 80
MOST_TOKENS = 4_000
"""Words of one post that can be searched for."""


def tokens(text: str) -> list[str]:
    """What is stored of a text, in order."""
    return [token[:LONGEST_TOKEN] for token in stems(text).split()[:MOST_TOKENS]]


def fts5(node: Node) -> str:
    """The tree in the language of SQLite's FTS5."""
    match node:
        case Term(kind):
            star = "*" if kind == "prefix" else ""
            quoted = ['"' + " ".join(words).replace('"', "") + '"' + star for words in _asked(node)]
            return quoted[0] if len(quoted) == 1 else "(" + " OR ".join(quoted) + ")"
        case All(parts):
            return "(" + " AND ".join(map(fts5, parts)) + ")"
        case OneOf(parts):
            return "(" + " OR ".join(map(fts5, parts)) + ")"
        case Without(part, excluded):
            return "(" + " NOT ".join([fts5(part), *map(fts5, excluded)]) + ")"


def tsquery(node: Node) -> str:
    """The tree as the text of PostgreSQL's type tsquery."""
    match node:
        case Term(kind):
            star = ":*" if kind == "prefix" else ""
            either = [" <-> ".join(f"'{_escape(word)}'" for word in words) + star for words in _asked(node)]
            return "(" + " | ".join(either) + ")"
        case All(parts):
            return "(" + " & ".join(map(tsquery, parts)) + ")"
        case OneOf(parts):
            return "(" + " | ".join(map(tsquery, parts)) + ")"
        case Without(part, excluded):
            return "(" + " & !".join([tsquery(part), *map(tsquery, excluded)]) + ")"


def tsvector(words: list[str]) -> str:
    """Stored tokens as the text of PostgreSQL's type tsvector, with their places."""
    return " ".join(f"'{_escape(word)}':{place}" for place, word in enumerate(words, 1))


def _escape(word: str) -> str:
    return word.replace("\\", "\\\\").replace("'", "''")


def _asked(term: Term) -> list[list[str]]:
    """Runs of stored tokens, any of which satisfies the term. A Russian word is asked for by the stems of all its
    forms, since the stems of a verb's forms differ."""
    if term.kind == "prefix":
        return [[fold(term.value)[:LONGEST_TOKEN]]]
    if term.kind == "word":
        found = {tuple(tokens(form)) for form in forms(term.value)} | {tuple(tokens(term.value))}
        return [list(run) for run in sorted(found) if len(run) == 1] or [tokens(term.value)]
    return [tokens(" ".join(re.findall(r"\w+", term.value)))]
