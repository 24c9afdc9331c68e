"""A label for a narrative in plain words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from stormdesk.understand.fold import clean, fold, stems
from stormdesk.understand.narrative import NOISE
from stormdesk.understand.vocabulary import words

_READ = 500


_LABEL_WORD = re.compile(r"#?\w+(?:[-']\w+)*")


def label(texts: Iterable[str]) -> str:
    """What the posts of one narrative have in common, as their own words: the longest phrase most of them share.

    Phrases of up to five words that neither begin nor end with a stop word, counted by stem once a post, weighed
    by how many posts have them and how much they say. Empty when there is nothing to name. Reads at most 500 posts.
    """
    counted: Counter[str] = Counter()
    spelled: dict[str, Counter[str]] = {}
    for read, text in enumerate(texts):
        if read == _READ:
            break
        spoken = _LABEL_WORD.findall(clean(NOISE.sub(" ", text[:1000])))[:120]
        folded = [fold(word) for word in spoken]
        stemmed = [stems(word) for word in spoken]
        seen: dict[str, str] = {}
        for i in range(len(spoken)):
            for n in range(1, 6):
                part = folded[i : i + n]
                if len(part) < n or _dull(part[0]) or _dull(part[-1]):
                    continue
                seen.setdefault(" ".join(stemmed[i : i + n]), " ".join(spoken[i : i + n]))
        for key, surface in seen.items():
            counted[key] += 1
            spelled.setdefault(key, Counter())[surface] += 1
    if not counted:
        return ""
    best = max(counted, key=lambda key: (_weight(key, counted[key]), key))
    surface = spelled[best].most_common(1)[0][0]
    return surface[:1].upper() + surface[1:]


def _dull(word: str) -> bool:
    return word in words("stop") or word.isdigit() or len(word) < 2


def _weight(phrase: str, posts: int) -> float:
    telling = sum(min(len(word), 8) for word in phrase.split() if word not in words("stop"))
    return posts * telling**0.7
