"""One folding for the whole product: what is equal here is equal in search, in queries and in the models."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

import Stemmer

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer

_WORD = re.compile(r"\w+")
_LATIN_ENDING = "'s"


def _unseen() -> str:
    """A character class of what cannot be seen: control, format, private-use and surrogate code points."""
    codes = [c for c in range(0x10000) if unicodedata.category(chr(c)) in {"Cf", "Cs", "Cc", "Co"}]
    codes = [c for c in codes if chr(c) not in "\t\n\r"] + [0xFFFD]
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "[" + "".join(f"\\u{a:04x}-\\u{b:04x}" for a, b in ranges) + "\U000e0000-\U000e007f]"


_UNSEEN = re.compile(_unseen())
_PLAIN = re.compile(r"[\t\n\r\x20-\x7eА-яЁё«»—–“”]*")
"""Text in which folding has nothing to do but case and ё: nearly all of it, so it gets the short way."""
_QUOTES = re.compile("[’ʼ`]")
_MARK = r"[\u0300-\u036f\u0483-\u0489\u20d0-\u20ff]"
_CROWDED_MARKS = re.compile(f"({_MARK}{{2}}){_MARK}+")
"""More than two marks on a letter are decoration meant to hide a word."""
_SAME_LETTER = re.compile("(?<=е)\\u0308|(?<=i)\\u0307")


def clean(text: str) -> str:
    """The text without what cannot be seen: zero-width, control and direction marks, broken surrogates.

    Letters keep their case and compatibility forms, so that a person still recognises the text.
    """
    return _UNSEEN.sub("", text)


def fold(text: str) -> str:
    """The text as the product compares it: NFKC, no case, ё as е, nothing invisible, one space between words.

    >>> fold("  Ёлки\\u200b  ＡＢＣ ")
    'елки abc'
    """
    if _PLAIN.fullmatch(text):
        return " ".join(text.lower().replace("ё", "е").replace("`", "'").split())
    text = unicodedata.normalize("NFKD", _UNSEEN.sub("", text)).casefold()
    text = _CROWDED_MARKS.sub(r"\1", _UNSEEN.sub("", unicodedata.normalize("NFKD", text)))
    text = unicodedata.normalize("NFC", _SAME_LETTER.sub("", text))
    return " ".join(_QUOTES.sub("'", text).split())


class _Stemmers(threading.local):
    """Snowball's stemmers keep a cache that threads may not share."""

    def __init__(self) -> None:
        self.russian = Stemmer.Stemmer("russian")
        self.english = Stemmer.Stemmer("english")


_stemmers = _Stemmers()


def stems(text: str) -> str:
    """The folded stems of all words, separated by spaces: what full-text search stores and what it is asked.

    Russian stems for words with Cyrillic letters, English ones for the rest (Snowball).
    """
    words = _WORD.findall(fold(text))
    cyrillic = [not word.isascii() and "\u0400" <= word[0] <= "\u04ff" for word in words]
    russian = iter(_stemmers.russian.stemWords([w for w, c in zip(words, cyrillic, strict=True) if c]))
    english = iter(_stemmers.english.stemWords([w for w, c in zip(words, cyrillic, strict=True) if not c]))
    return " ".join(next(russian) if c else next(english) for c in cyrillic)


@lru_cache(maxsize=1)
def _morphology() -> MorphAnalyzer:
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer(lang="ru")


@lru_cache(maxsize=4096)
def _one_word_forms(word: str) -> dict[str, frozenset[str]]:
    """Forms by grammatical case ('' holds forms without one)."""
    found: dict[str, set[str]] = {"": {word}}
    if not re.search(r"[а-я]", word):
        return {"": frozenset({word, word + _LATIN_ENDING})}
    parses = _morphology().parse(word)
    own = [parse for parse in parses if fold(parse.normal_form) == word] or parses[:1]
    for parse in own:
        for form in parse.lexeme:
            found.setdefault(form.tag.case or "", set()).add(fold(form.word))
    return {case: frozenset(words) for case, words in found.items()}


def forms(word: str) -> set[str]:
    """Every Russian form of a brand's name, folded, the name itself included; unknown words are guessed.

    In a phrase either all parts agree in case («красное и белое» → «красного и белого») or only the last
    part declines («альфа банк» → «альфа банка»). Latin names get the English possessive.
    """
    parts = [_one_word_forms(part) for part in fold(word).split()[:5]]
    if not parts:
        return set()
    if len(parts) == 1:
        return set().union(*parts[0].values())
    name = fold(word)
    head = name.rsplit(" ", 1)[0]
    result = {name} | {f"{head} {form}" for forms_ in parts[-1].values() for form in forms_}
    for case in {case for part in parts for case in part if case}:
        phrases = [""]
        for part, plain in zip(parts, name.split(), strict=False):
            options = part.get(case) or frozenset({plain})
            phrases = [f"{start} {option}".strip() for start in phrases for option in sorted(options)][:200]
        result.update(phrases)
    return result
