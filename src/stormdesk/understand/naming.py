"""A label for a narrative in plain words: the clause of its posts that says most of what they all say."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

from stormdesk.understand.fold import clean, fold, stems
from stormdesk.understand.narrative import NOISE
from stormdesk.understand.personal import mask, personal_data
from stormdesk.understand.vocabulary import words

LONGEST = 60
"""Characters of a label."""
_READ = 200
_TEXT_LIMIT = 600
_CLAUSES = 8
_MOST_WORDS = 12
_ENOUGH_WORDS = 3

_PREPOSITIONS = frozenset(
    [
        "в",
        "во",
        "на",
        "с",
        "со",
        "из",
        "у",
        "от",
        "по",
        "для",
        "о",
        "об",
        "при",
        "за",
        "под",
        "без",
        "к",
        "in",
        "on",
        "at",
        "for",
        "from",
        "with",
        "of",
        "to",
        "the",
        "a",
        "an",
        "my",
        "our",
        "your",
    ]
)
_CLAUSE_END = re.compile(
    r"[.!?;…\n|«»\"“”()\[\]]+(?=\s|$)|\s[-–—]\s|(?<=\w)[,:]\s|[*_]{2,}|[\u2190-\u2bff\U0001f000-\U0001faff\ufe0f]+"
)
_WORD = re.compile(r"#?[\w‹›]+(?:[-'’./][\w‹›]+)*%?")


def label(texts: Iterable[str]) -> str:
    """What the posts of one narrative say, in the words of one of them: at most 60 characters, personal data masked.

    The clause whose words most of the posts share, without filler at its ends. Empty when there is nothing to name.
    Reads at most 200 posts.
    """
    posts = [_clauses(text) for text in islice(texts, _READ)]
    told = Counter(stem for post in posts for stem in {s for clause in post for s in _telling(clause)})
    count = max(1, len(posts))
    best, most = "", 0.0
    for post in posts:
        for place, clause in enumerate(post):
            value = _worth(clause, told, count) * (1.0 if place == 0 else 0.97)
            if value > most + 1e-9:
                best, most = " ".join(clause), value
    return _shown(best)


def _clauses(text: str) -> list[list[str]]:
    """The first clauses of a post as words, personal data masked, filler taken from both ends."""
    seen = clean(text[:_TEXT_LIMIT])
    seen = NOISE.sub(" ", mask(seen, personal_data(seen)))
    found = []
    for part in islice(_CLAUSE_END.split(seen), 4 * _CLAUSES):
        spoken = _WORD.findall(part)[: 2 * _MOST_WORDS]
        begun = next((i for i, word in enumerate(spoken) if not _filler(word)), len(spoken))
        if begun and fold(spoken[begun - 1]) in _PREPOSITIONS:
            begun -= 1  # «В Лукошке продали», not «Лукошке продали»
        spoken = _within(spoken[begun:])
        while spoken and _filler(spoken[-1]):
            spoken = spoken[:-1]
        if spoken:
            found.append(spoken)
    return found[:_CLAUSES]


def _within(spoken: Sequence[str]) -> list[str]:
    """As many words as a label has room for."""
    kept: list[str] = []
    room = LONGEST
    for word in spoken[:_MOST_WORDS]:
        room -= len(word) + 1
        if room < -1:
            break
        kept.append(word)
    return kept


def _filler(word: str) -> bool:
    folded = fold(word)
    return (folded in words("stop") and folded not in words("negations")) or not any(map(str.isalnum, folded))


def _telling(clause: Sequence[str]) -> list[str]:
    return [stems(word) for word in clause if len(word) > 1 and not _filler(word) and not word.isdigit()]


def _worth(clause: Sequence[str], told: Counter[str], count: int) -> float:
    """How much of what all say the clause says, against how many of its words only it has."""
    stem_set = set(_telling(clause))
    if not stem_set:
        return 0.0
    shares = [told[stem] / count for stem in stem_set]
    short = min(1.0, len(clause) / _ENOUGH_WORDS) if len(stem_set) > 1 or count == 1 else 0.5
    return short * sum(share * share for share in shares) / math.sqrt(len(shares) + 1)


def _shown(words_: str) -> str:
    if sum(map(str.isupper, words_)) > 0.6 * sum(map(str.isalpha, words_)) and len(words_) > 8:
        words_ = words_.lower()
    words_ = words_[:LONGEST].strip(" -–—,:;'’./")
    return words_[:1].upper() + words_[1:]
