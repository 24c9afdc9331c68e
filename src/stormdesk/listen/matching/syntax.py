"""Reads a query. The grammar, weakest binding first:

query := parts of `either` and `NOT operand`, in any order; the NOTs apply to the whole query or bracket
either := both (OR both)*      both := operand (AND? operand)*      operand := term | "(" query ")"
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from stormdesk.core.errors import BadInput
from stormdesk.core.http import gettext_noop
from stormdesk.understand import fold

Kind = Literal["word", "prefix", "phrase", "tag", "handle", "link"]
LONGEST = 10_000
"""Characters of one query; a list of names is better kept in several queries."""
MOST_TERMS = 500
DEEPEST = 30


class QueryError(BadInput):
    """The query cannot be read. `position` counts characters from 0; `message` (a msgid) % `facts` is the sentence."""

    def __init__(self, message: str, position: int, **facts: object) -> None:
        self.message, self.position = message, position
        self.facts: dict[str, object] = {"at": position + 1, **facts}
        super().__init__(message % self.facts)


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for: `value` is folded, without its mark (# @ * or quotes)."""

    kind: Kind
    value: str
    typed: str = ""


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """`part`, unless one of `excluded` is there too."""

    part: Node
    excluded: tuple[Node, ...]


Node = Term | All | OneOf | Without

_OPERATORS = {"AND": "AND", "И": "AND", "OR": "OR", "ИЛИ": "OR", "|": "OR", "NOT": "NOT", "НЕ": "NOT"}
_TOKEN = re.compile(
    r"""\s+ | (?P<quote>["“”„«][^"“”„«»]*["“”»]?) | (?P<bracket>[()]) | (?P<bar>\|) | (?P<word>[^\s()|"“”„«»]+)""",
    re.VERBOSE,
)
_LINK = re.compile(r"(?:https?://)?(?:www\.)?([\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}(?:/\S*)?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Literal["AND", "OR", "NOT", "(", ")", "term"]
    position: int
    term: Term | None = None


def parse(expression: str) -> Node:
    """The query as a tree. Raises QueryError."""
    if len(expression) > LONGEST:
        raise QueryError(
            gettext_noop("The query is longer than %(limit)s characters. Split it into several queries."),
            LONGEST,
            limit=LONGEST,
        )
    tokens = _tokens(expression)
    if not tokens:
        raise QueryError(gettext_noop("The query is empty. Write at least one word to listen for."), 0)
    parser = _Parser(tokens, len(expression))
    tree = parser.query(0)
    if parser.here < len(tokens):
        raise QueryError(
            gettext_noop("The bracket at character %(at)s closes nothing. Remove it or open one before it."),
            tokens[parser.here].position,
        )
    if sum(1 for token in tokens if token.term) > MOST_TERMS:
        raise QueryError(
            gettext_noop("The query has more than %(limit)s words. Split it into several queries."),
            0,
            limit=MOST_TERMS,
        )
    return tree


def _tokens(expression: str) -> list[_Token]:
    found: list[_Token] = []
    for match in _TOKEN.finditer(expression):
        text, at = match.group(), match.start()
        if match.lastgroup is None:
            continue
        if match.lastgroup == "quote":
            if len(text) < 2 or text[-1] not in '"“”»':
                raise QueryError(
                    gettext_noop("The quotation mark at character %(at)s is not closed. Add the second one."),
                    at,
                )
            found.append(_Token("term", at, _phrase(text, at)))
        elif match.lastgroup == "bracket":
            found.append(_Token("(" if text == "(" else ")", at))
        elif text in _OPERATORS:
            found.append(_Token(_OPERATORS[text], at))  # type: ignore[arg-type]  # values of the table are its kinds
        elif text.startswith("-") and len(text) > 1:
            found += [_Token("NOT", at), _Token("term", at + 1, _term(text[1:], at + 1))]
        elif text == "-":
            follows = expression[match.end() : match.end() + 1]
            if follows in ('"', "«", "“", "„", "("):
                found.append(_Token("NOT", at))
        else:
            found.append(_Token("term", at, _term(text, at)))
    return found


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", fold(text))


def _phrase(typed: str, at: int) -> Term:
    words = _words(typed)
    if not words:
        raise QueryError(
            gettext_noop("Nothing to look for stands between the quotation marks at character %(at)s."), at
        )
    return Term("phrase", " ".join(words), typed)


def _term(typed: str, at: int) -> Term:
    text = fold(typed).strip(",;")
    mark, rest = text[:1], text[1:]
    if mark in ("#", "@"):
        rest = rest.strip(".-")
        if not re.fullmatch(r"\w[\w.-]*(?:@[\w.-]+)?", rest):
            raise QueryError(
                gettext_noop("A name must follow %(mark)s at character %(at)s, without a space."),
                at,
                mark=mark,
            )
        return Term("tag" if mark == "#" else "handle", rest, typed)
    if link := _LINK.fullmatch(text):
        return Term("link", link.group(1).rstrip("/"), typed)
    if text.endswith("*"):
        words = _words(text)
        if len(words) != 1 or len(words[0]) < 2:
            raise QueryError(
                gettext_noop(
                    "Write at least two letters before the * at character %(at)s, and nothing else in that word."
                ),
                at,
            )
        return Term("prefix", words[0], typed)
    words = _words(text)
    if not words:
        raise QueryError(
            gettext_noop(
                "“%(typed)s” at character %(at)s is no word. Remove it, or put a phrase in quotation marks."
            ),
            at,
            typed=typed[:40],
        )
    # A hyphenated word is a phrase of its parts.
    return Term("word", words[0], typed) if len(words) == 1 else Term("phrase", " ".join(words), typed)


class _Parser:
    def __init__(self, tokens: list[_Token], end: int) -> None:
        self.tokens, self.end, self.here = tokens, end, 0

    def peek(self) -> str:
        return self.tokens[self.here].kind if self.here < len(self.tokens) else "end"

    def position(self) -> int:
        return self.tokens[self.here].position if self.here < len(self.tokens) else self.end

    def query(self, depth: int) -> Node:
        """Everything up to the closing bracket or the end."""
        if depth > DEEPEST:
            raise QueryError(gettext_noop("The brackets stand in more than %(limit)s levels. Simplify the query."),
                             self.position(), limit=DEEPEST)  # fmt: skip
        began = self.position()
        either: list[list[Node]] = [[]]
        excluded: list[Node] = []
        waiting: tuple[str, int] | None = None
        while (kind := self.peek()) not in ("end", ")"):
            at = self.position()
            if kind in ("AND", "OR"):
                if waiting or not either[-1]:
                    raise _lonely(kind, at)
                waiting = (kind, at)
                if kind == "OR":
                    either.append([])
                self.here += 1
            elif kind == "NOT":
                if waiting and waiting[0] == "OR":
                    raise QueryError(
                        gettext_noop("“OR NOT” at character %(at)s would find nearly everything. NOT leaves things out of the "
                           "whole query: write the words to find first."), at)  # fmt: skip
                self.here += 1
                if self.peek() not in ("term", "("):
                    raise _lonely("NOT", at)
                excluded.append(self.operand(depth))
                waiting = None
            else:
                either[-1].append(self.operand(depth))
                waiting = None
        if waiting:
            raise _lonely(*waiting)
        if not either[0]:
            raise QueryError(
                gettext_noop("The query only says what to leave out. Write at least one word to listen for.")
                if excluded
                else gettext_noop("The brackets at character %(at)s are empty."),
                max(began - 1, 0),
            )
        groups = [part[0] if len(part) == 1 else All(tuple(part)) for part in either]
        tree: Node = groups[0] if len(groups) == 1 else OneOf(tuple(groups))
        return Without(tree, tuple(excluded)) if excluded else tree

    def operand(self, depth: int) -> Node:
        token = self.tokens[self.here]
        self.here += 1
        if token.term:
            return token.term
        inside = self.query(depth + 1)
        if self.peek() != ")":
            raise QueryError(
                gettext_noop("The bracket opened at character %(at)s is not closed. Add the second one."),
                token.position,
            )
        self.here += 1
        return inside


def _lonely(operator: str, at: int) -> QueryError:
    return QueryError(
        gettext_noop("%(operator)s at character %(at)s needs a word or brackets on both sides.")
        if operator != "NOT"
        else gettext_noop("%(operator)s at character %(at)s needs a word or brackets after it."),
        at,
        operator=operator,
    )


def told(node: Node, words: dict[str, str] | None = None) -> str:
    """The query as it was understood, with every bracket written; `words` translates AND, OR and NOT."""
    says = words or {}
    match node:
        case Term(kind, value):
            mark = {"tag": "#", "handle": "@"}.get(kind, "")
            return f'"{value}"' if kind == "phrase" else f"{mark}{value}{'*' if kind == 'prefix' else ''}"
        case All(parts):
            return f" {says.get('AND', 'AND')} ".join(_bracketed(part, words) for part in parts)
        case OneOf(parts):
            return f" {says.get('OR', 'OR')} ".join(_bracketed(part, words) for part in parts)
        case Without(part, excluded):
            left = "".join(f" {says.get('NOT', 'NOT')} {_bracketed(e, words)}" for e in excluded)
            return _bracketed(part, words) + left


def _bracketed(node: Node, words: dict[str, str] | None) -> str:
    return told(node, words) if isinstance(node, Term) else f"({told(node, words)})"


def terms(node: Node, *, wanted_only: bool = False) -> list[Term]:
    """Every term of the query, in order; with `wanted_only` without those that NOT leaves out."""
    match node:
        case Term():
            return [node]
        case Without(part, excluded):
            inside = terms(part, wanted_only=wanted_only)
            return inside if wanted_only else inside + [t for e in excluded for t in terms(e)]
        case All(parts) | OneOf(parts):
            return [t for part in parts for t in terms(part, wanted_only=wanted_only)]
