"""A mention as a page shows it: personal data hidden from those who need not see it, the deciding words marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stormdesk.listen.matching import Node, parse
from stormdesk.listen.matching.syntax import QueryError, terms
from stormdesk.listen.models import Mention
from stormdesk.understand import Span, mask, stems

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a text; `marked` runs are shown as marked."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A mention and its text for one reader."""

    mention: Mention
    pieces: list[Piece]
    masked: bool


def text_for(mention: Mention, *, sees_personal: bool) -> str:
    """The text, with personal data hidden unless the reader works with it."""
    if sees_personal or not mention.personal_data:
        return mention.text
    spans = [Span(str(span["kind"]), int(span["start"]), int(span["end"])) for span in mention.personal_data]
    return mask(mention.text, spans)


def show(
    mentions: Iterable[Mention], *, sees_personal: bool, marked: Iterable[str] = (), most: int = 0
) -> list[Shown]:
    """Mentions for a page; words with a stem of `marked` are marked, texts are cut after `most` letters (0: never)."""
    wanted = {stem for word in marked for stem in stems(word).split()}
    shown = []
    for mention in mentions:
        text = text_for(mention, sees_personal=sees_personal)
        if most and len(text) > most:
            text = text[:most].rstrip() + "…"
        shown.append(Shown(mention, pieces(text, wanted), not sees_personal and bool(mention.personal_data)))
    return shown


def pieces(text: str, wanted: set[str]) -> list[Piece]:
    """The text cut at its marked words."""
    if not wanted:
        return [Piece(text)]
    found: list[Piece] = []
    reached = 0
    for match in _WORD.finditer(text):
        if stems(match.group()) in wanted:
            if match.start() > reached:
                found.append(Piece(text[reached : match.start()]))
            found.append(Piece(match.group(), True))
            reached = match.end()
    if reached < len(text):
        found.append(Piece(text[reached:]))
    return found


def words_of_search(expression: str) -> list[str]:
    """The words a search marks in what it found."""
    try:
        tree: Node = parse(expression)
    except QueryError:
        return []
    return [term.value for term in terms(tree, wanted_only=True)]


def words_of_reasons(mention: Mention, fields: Sequence[str]) -> list[str]:
    """The words that decided what was understood, of these fields."""
    return [word for field in fields for word in mention.reasons.get(field, ())]
