"""Which words of a post are about a named brand, and which are about somebody else."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from stormdesk.understand.fold import clean
from stormdesk.understand.head import MODELS
from stormdesk.understand.vocabulary import words

ABOUT, OTHER, INSTEAD = 0, 1, 2
"""About the brand; about others; about somebody preferred to the brand or blamed in comparison with it."""

_READ = 2_000
"""Characters searched for the brand's name; a post that names it later is read as one."""
_CUT = re.compile(
    r"[.!?…;\n]+\s|[,:]\s|\s[-–—]+\s|[()]|\s(?=(?:а|но|зато|but|while|whereas|and|и)\s)", re.IGNORECASE
)
_SENTENCE = re.compile(r"[.!?…\n]")
_ENDINGS = "(?:[аеиоуыьюя]|[аеиоуыюя][веийхмюя]|[оеи]го|[ое]му|[аеияы]ми)?"
_AWAY = re.compile(
    r"(?:в отличие от|нежели|чем(?: у| в| на| с)?|вместо|не то что|не сравн\w+ с|unlike|than(?: at| with| on)?|instead of|"
    r"compared (?:to|with)|not like|left|leaving|ditched|quit|dropped|уш(?:ел|ла|ли) (?:от|из|с)|перешл?[а-я]{0,3} (?:с|от|из)|"
    r"после)\s+(?:\w+\s+)?[«\"“'@#]*$"
)
"""What stands before a name when the rest of the sentence praises or blames somebody in its place."""
_CONTRAST = re.compile(r"(?:^|[\s,])(?:а|зато|but|while|whereas)\s+(?:\w+\s+){0,2}[«\"“'@#]*$")
"""Before a name: what was said until then was said of somebody else."""
_COMPETITOR = re.compile(
    r"\b(?:конкурент\w*|competitors?|rivals?|other (?:bank|shop|store|airline|app|brand|provider|compan)\w*|другой (?:банк|магазин|оператор)\w*)"
)
_NAME = re.compile(r"[«\"“]\s*\w[^»\"”]{1,40}[»\"”]|@\w{2,}|\b[A-ZА-ЯЁ]\w+(?:[-.]\w+)*")
_LATIN = re.compile(r"\b[A-Za-z][A-Za-z0-9]{2,}\b")
_PLACING = frozenset({"в", "во", "на", "из", "по", "под", "до", "in", "at", "from", "near", "to", "on"})
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)


class Part(NamedTuple):
    """A stretch of the text, whether it is about the brand, and whether it is the brand's name itself."""

    text: str
    role: int
    is_name: bool


class Split(NamedTuple):
    """The stretches of a post in order; `before` and `after` are the words beside the brand's first mention;
    `away` says that the brand is what somebody else is compared with or left for."""

    parts: Sequence[Part]
    before: str = ""
    after: str = ""
    away: bool = False

    @property
    def whole(self) -> bool:
        """Whether everything is about the brand."""
        return not self.away and all(part.role == ABOUT for part in self.parts)

    def about(self) -> str:
        """The words about the brand alone; all words when there are none."""
        said = " ".join(part.text for part in self.parts if part.role == ABOUT)
        named = "".join(part.text for part in self.parts if part.is_name)
        return said if len(said) > len(named) + 8 else " ".join(part.text for part in self.parts)


@lru_cache(maxsize=512)
def _pattern(brand: str) -> re.Pattern[str] | None:
    """The name in any Russian case or with an English ending: whole, or by the one word that tells it apart."""
    found = re.findall(r"[^\W_]+", _plain(clean(brand[:100])))
    if not found:
        return None
    inflected = [_inflected(word) for word in found[:5]]
    names = [r"[\W_]{0,3}".join(inflected)]
    telling = [
        (word, form)
        for word, form in zip(found, inflected, strict=False)
        if len(word) > 2 and word not in words("trades") and word not in words("stop")
    ]
    if len(found) > 1 and telling:
        names.append(telling[0][1])
    return re.compile(r"(?<![^\W_])(?:" + "|".join(names) + r")(?:'s|s')?(?![^\W_])")


def _inflected(word: str) -> str:
    if not _CYRILLIC.search(word) or len(word) < 3:
        return re.escape(word)
    stem = re.sub(r"(?:[аяоеиы][яейю]|[аоеуыияьй])$", "", word)
    if len(stem) < 2:
        stem = word
    # A vowel between the last two letters comes and goes: «Гудок», «Гудка»; «Гонки», «Гонок».
    if len(stem) > 3 and re.search(r"[^аеиоуыэюя][оеь]?[^аеиоуыэюя]$", stem):
        root = stem[:-2] if stem[-2] in "оеь" else stem[:-1]
        return f"{re.escape(root)}[оеь]?{stem[-1]}{_ENDINGS}"
    return re.escape(stem) + _ENDINGS


def split(text: str, brand: str | None) -> Split:
    """A post divided into what is about `brand` and what is about others; one part when the brand is not named."""
    nothing = Split([Part(text, ABOUT, is_name=False)])
    if not brand or (pattern := _pattern(brand)) is None:
        return nothing
    plain = _plain(text[:_READ])
    found = [match.span() for match in pattern.finditer(plain)]
    if not found:
        return nothing
    clauses = _clauses(text, plain)
    loud = sum(map(str.isupper, text)) > sum(map(str.islower, text))
    if loud or _addressed(plain, found):
        clauses = [(0, len(text))]
    contrasted = bool(_CONTRAST.search(plain[: found[0][0]]))
    cyrillic = bool(_CYRILLIC.search(text))
    owners: list[int | None] = []
    for start, end in clauses:
        if any(a < end and b > start for a, b in found):
            owners.append(ABOUT)
        else:
            opens = not start or bool(_SENTENCE.search(text[max(0, start - 3) : start]))
            opens = opens and not (contrasted and end <= found[0][0])
            other = _names_another(text[start:end], plain[start:end], opens=opens, cyrillic=cyrillic)
            owners.append(OTHER if other else None)
    away = all(_AWAY.search(plain[max(0, a - 40) : a]) for a, _ in found[:3])
    parts: list[Part] = []
    at = 0
    for (start, end), owner in zip(clauses, _inherited(owners), strict=True):
        for a, b in found:
            if start <= a < end:
                parts += [Part(text[at:a], owner, is_name=False), Part(text[a:b], ABOUT, is_name=True)]
                at = b
        parts.append(Part(text[at:end], owner, is_name=False))
        at = max(at, end)
    first, last = found[0]
    before = re.findall(r"[^\W_]+", plain[:first])
    after = re.findall(r"[^\W_]+", plain[last : last + 40])
    return Split([p for p in parts if p.text.strip()], " ".join(before[-2:]), " ".join(after[:1]), away)


_STRAIGHT = str.maketrans({"’": "'", "ʼ": "'", "`": "'", "ё": "е"})


def _plain(text: str) -> str:
    """Lower case, ё as е, quotes straight; as long as the text, so that places agree."""
    low = text.lower()
    return low.translate(_STRAIGHT) if len(low) == len(text) else "".join(map(_lower, text))


def _lower(char: str) -> str:
    low = char.lower()
    return low.translate(_STRAIGHT) if len(low) == 1 else char


def _clauses(text: str, plain: str) -> list[tuple[int, int]]:
    edges = [0]
    for match in _CUT.finditer(plain):
        if len(edges) > 60:
            break
        if match.end() - edges[-1] > 1:
            edges.append(match.end())
    edges.append(len(text))
    return [(a, b) for a, b in pairwise(edges) if a < b]


def _names_another(said: str, plain: str, *, opens: bool, cyrillic: bool) -> bool:
    """Whether a clause names somebody; the capital that `opens` a sentence says little, places and dates nothing."""
    if _COMPETITOR.search(plain):
        return True
    for match in _NAME.finditer(said):
        name, before = match.group(), said[: match.start()].split()
        if not name[0].isalpha():
            return True
        if (
            len(name) < 3
            or (name.isupper() and len(name) < 5)
            or plain[match.start() : match.end()] in words("dates")
        ):
            continue
        if not before:
            # A capital that begins a sentence makes a name of a word nobody writes without one.
            if not opens or not _is_common(re.split(r"[^\w]", plain[match.start() : match.end()])[0]):
                return True
        elif len(before) == 1 or before[-1].lower() not in _PLACING:
            return True
    return cyrillic and any(
        len(found.group()) > 3 and not found.group().startswith("http") for found in _LATIN.finditer(said)
    )


def _addressed(plain: str, found: Sequence[tuple[int, int]]) -> bool:
    """Whether the post speaks to the brand: all of it is then about the brand."""
    for a, b in found:
        opens = not plain[:a].strip(' «"@#') or plain[:a].rstrip(' «"@#')[-1:] in set(".!?,\n")
        if opens and plain[b : b + 2].lstrip('»"')[:1] == ",":
            return True
        if plain[:a].rstrip(' «"@#')[-1:] == "," and not plain[b : b + 2].strip(' »".!?)'):
            return True
    return False


@cache
def _common() -> np.ndarray:
    """Hashes of words that people write without a capital, sorted."""
    with np.load(MODELS / "common.npz", allow_pickle=False) as stored:
        hashes: np.ndarray = stored["hashes"]
    return hashes


def word_hash(word: str) -> int:
    """Of a folded word, 32 bits: one word in about a hundred thousand is taken for another."""
    return int.from_bytes(hashlib.blake2b(word.encode(errors="replace"), digest_size=4).digest(), "little")


@lru_cache(maxsize=4096)
def _is_common(word: str) -> bool:
    """Whether a word at the beginning of a sentence is no name: English known in lower case; Russian has too many forms."""
    if len(word) < 3 or not word.isascii():
        return True
    hashes, wanted = _common(), word_hash(word)
    at = int(np.searchsorted(hashes, wanted))
    return at < len(hashes) and int(hashes[at]) == wanted


def _inherited(owners: Sequence[int | None]) -> list[int]:
    """Clauses that name nobody go on about whoever was named last; opening ones about whoever is named first."""
    last = next(owner for owner in owners if owner is not None)
    result = []
    for owner in owners:
        last = last if owner is None else owner
        result.append(last)
    return result


__all__ = ["ABOUT", "OTHER", "Part", "Split", "split"]
