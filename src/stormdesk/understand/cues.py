"""Cue words and marks: named evidence in a text, in Russian and English, with the words that showed it."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import ahocorasick

from stormdesk.understand.fold import fold
from stormdesk.understand.vocabulary import words

TEXT_LIMIT = 5_000
_HITS = 40

_AMOUNT = re.compile(
    r"[$€£₽]\s?\d|\d[\d .,]{0,9}\s?(?:[$€£₽]|руб|р\b|тыс|млн|k\b|usd|eur|gbp|dollar|bucks|pounds)",
    re.IGNORECASE,
)
_QUESTION_WORD = re.compile(
    r"(?:^|[.!?…] |@\w{1,30} )(?:почему|когда|где|куда|как|что|кто|сколько|зачем|можно ли|есть ли|будет ли|а можно|"
    r"why|when|where|how|what|who|which|is|are|do|does|did|can|could|will|would|has|have|should)\b",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"(?:https?://|www\.)?(?P<host>(?:[\w-]{1,63}\.){1,4}[a-zа-я]{2,12})(?P<rest>/\S*)?", re.IGNORECASE
)
_SCHEME_IP = re.compile(r"https?://\d{1,3}(?:\.\d{1,3}){3}")
_FIRST_PERSON = re.compile(
    r"\b(?:я|мне|меня|мой|моя|мое|мои|моей|моего|мою|у нас|нам|наш[аеиу]?|i|my|me|mine|we|our|us|i'm|i've)\b",
    re.IGNORECASE,
)
_SECOND_PERSON = re.compile(
    r"\b(?:вы|вас|вам|вами|ваш[аеиу]?|вашей|вашего|ваших|ты|тебя|тебе|you|your|yours|you're|u|ur)\b",
    re.IGNORECASE,
)


class Mark(NamedTuple):
    """One piece of evidence: the cue's name and the words in the text that showed it (may be empty)."""

    name: str
    words: str


@cache
def _automaton() -> ahocorasick.Automaton:
    lists = tomllib.loads(Path(__file__).with_name("cues.toml").read_text(encoding="utf-8"))
    entries: dict[str, list[tuple[str, bool]]] = {}
    for cue, languages in lists.items():
        for entries_of in languages.values():
            for entry in entries_of:
                # A star inside a phrase ends a word early: the part before it is enough evidence to match from.
                stem, open_end = fold(entry), entry.endswith("*")
                if "*" in stem.rstrip("*"):
                    stem, open_end = stem.split("*")[0], True
                entries.setdefault(stem.rstrip("*"), []).append((cue, open_end))
    automaton = ahocorasick.Automaton()
    for stem, meanings in entries.items():
        automaton.add_word(stem, (len(stem), tuple(meanings)))
    automaton.make_automaton()
    return automaton


def marks(text: str) -> list[Mark]:
    """The cues in a text, each once, in order of appearance; then marks of tone (capitals, ‘!’, first person…)."""
    text = text[:TEXT_LIMIT]
    folded = fold(text)
    found: dict[str, str] = {}
    for end, (length, meanings) in _automaton().iter(folded):
        start = end - length + 1
        if start and folded[start - 1].isalnum():
            continue
        after = end + 1
        closed = after == len(folded) or not folded[after].isalnum()
        for cue, open_end in meanings:
            if (closed or open_end) and cue not in found:
                stop = after
                while stop < len(folded) and stop - start < 30 and folded[stop].isalnum():
                    stop += 1
                found[cue] = folded[start:stop]
        if len(found) == _HITS:
            break
    return [Mark(name, said) for name, said in found.items()] + _tone(text, folded)


def _tone(text: str, folded: str) -> list[Mark]:
    result = []
    if "?" in folded:
        result.append(Mark("question mark", "?"))
    if _QUESTION_WORD.search(folded):
        result.append(Mark("question word", ""))
    if "!!" in folded or folded.count("!") > 2:
        result.append(Mark("exclamation", "!!"))
    if amount := _AMOUNT.search(folded):
        result.append(Mark("amount", amount.group()))
    if person := _FIRST_PERSON.search(folded):
        result.append(Mark("first person", person.group()))
    if person := _SECOND_PERSON.search(folded):
        result.append(Mark("second person", person.group()))
    letters = sum(map(str.isalpha, text))
    if letters > 12 and sum(map(str.isupper, text)) > letters * 0.5:
        result.append(Mark("capitals", ""))
    if text.startswith("@"):
        result.append(Mark("addressed", ""))
    if text.startswith(("RT @", "RT:")):
        result.append(Mark("repost", "RT"))
    return result + _links(text)


def _links(text: str) -> list[Mark]:
    if "." not in text:
        return []
    result: dict[str, str] = {}
    if bare := _SCHEME_IP.search(text):
        result["link to a bare address"] = bare.group()
    for count, match in enumerate(_LINK.finditer(text)):
        if count >= 20:
            break
        host = match.group("host").lower().removeprefix("www.")
        ending = host.rsplit(".", 1)[-1]
        if host in words("shorteners"):
            result.setdefault("shortened link", host)
        if ending in words("cheap_domains"):
            result.setdefault("link to a cheap domain", host)
        if "xn--" in host or (not host.isascii() and any(c.isascii() and c.isalpha() for c in host)):
            result.setdefault("link with disguised letters", host)
        name = host.rsplit(".", 1)[0]
        if name.count("-") >= 2 or (any(c.isdigit() for c in name) and "-" in name):
            result.setdefault("link with a patched name", host)
    return [Mark(name, said) for name, said in result.items()]
