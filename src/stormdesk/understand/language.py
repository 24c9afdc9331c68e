"""The language of short posts: the script first, then letters only some languages have, then a trained head."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from stormdesk.understand.foreign import unlike_known
from stormdesk.understand.hashing import Grams
from stormdesk.understand.head import shipped

UNKNOWN = "unknown"
_SURE = 0.45
"""Below this probability the language is reported as unknown rather than guessed."""
_RARE = frozenset({"az", "be", "bg", "mk", "sr"})
_RARITY = 0.3
"""Languages close to a common one that seldom occur: how likely they are beforehand, compared with the others."""
_HINTED = 3.0
"""How much more likely a language becomes when the network itself named it."""

_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("cyrillic", re.compile(r"[\u0400-\u052f]")),
    ("latin", re.compile(r"[A-Za-z\u00c0-\u024f]")),
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("arabic", re.compile(r"[\u0600-\u06ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("hy", re.compile(r"[\u0530-\u058f]")),
    ("ka", re.compile(r"[\u10a0-\u10ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("devanagari", re.compile(r"[\u0900-\u097f]")),
)
_SHARED = {"cyrillic", "latin", "arabic", "devanagari"}
"""Scripts several languages write in; the others name their language."""
_CYRILLIC = frozenset({"ru", "uk", "be", "bg", "kk", "mk", "sr"})
_OTHER = frozenset({"ar", "hi"})

_ONLY_IN: tuple[tuple[str, frozenset[str]], ...] = (
    ("їєґ", frozenset({"uk"})),
    ("ў", frozenset({"be"})),
    ("әғқңөұүһ", frozenset({"kk"})),
    ("і", frozenset({"uk", "be", "kk"})),
    ("ыэ", frozenset({"ru", "be", "kk"})),
    ("ъ", frozenset({"ru", "bg", "kk"})),
    ("ѓќѕ", frozenset({"mk"})),
    ("ђћ", frozenset({"sr"})),
    ("љњјџ", frozenset({"sr", "mk"})),
    ("щ", frozenset({"ru", "uk", "bg", "kk"})),
    ("ß", frozenset({"de"})),
    ("ñ¿¡", frozenset({"es"})),
    ("ğışİ", frozenset({"tr", "az"})),
    ("ə", frozenset({"az"})),
    ("łśżźćąę", frozenset({"pl"})),
    ("ãõ", frozenset({"pt"})),
)
_NEVER_LONG_WITHOUT = (("іїєґ", "uk"), ("іў", "be"))
_LONG = 15
"""Letters after which a text of these languages without these letters would be a curiosity."""
_SLIP = 0.03
"""How likely a letter stands in a post of a language that does not have it: names, quotations, typing slips."""


def _script(text: str) -> str | None:
    """The script of most letters; kana anywhere makes it Japanese."""
    if text.isascii():
        return "latin" if any(map(str.isalpha, text)) else None
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPTS}
    best = max(counts, key=lambda name: counts[name])
    if not counts[best]:
        return None
    return "ja" if best == "zh" and counts["ja"] else best


def languages(folded: Sequence[str], hints: Sequence[str | None], grams: Grams) -> list[str]:
    """The language code of each folded text without links and mentions, or “unknown”."""
    head = shipped("language")
    labels = list(head.labels)
    probabilities = head.probabilities(grams)
    column = {label: i for i, label in enumerate(labels)}
    in_script = {
        "cyrillic": np.array([label in _CYRILLIC for label in labels]),
        "latin": np.array([label not in _CYRILLIC | _OTHER for label in labels]),
        "arabic": np.array([label == "ar" for label in labels]),
        "devanagari": np.array([label == "hi" for label in labels]),
    }
    beforehand = np.array([_RARITY if label in _RARE else 1.0 for label in labels])
    result = []
    for row, (text, hint) in enumerate(zip(folded, hints, strict=True)):
        script = _script(text)
        if script is None or script not in _SHARED:
            result.append(script or UNKNOWN)
            continue
        if unlike_known(text):
            result.append(UNKNOWN)
            continue
        likely = probabilities[row] * in_script[script] * beforehand
        present = set(text)
        for letters, owners in () if text.isascii() else _ONLY_IN:
            if not present.isdisjoint(letters):
                likely = likely * np.array([1.0 if label in owners else _SLIP for label in labels])
        for letters, language in _NEVER_LONG_WITHOUT:
            if len(text) >= _LONG and present.isdisjoint(letters):
                likely[column[language]] *= _SLIP
        if hint and (code := hint.lower()[:2]) in column:
            likely[column[code]] *= _HINTED
        total = likely.sum()
        best = int(likely.argmax())
        sure = total > 0 and likely[best] / total >= _SURE
        result.append(labels[best] if sure else UNKNOWN)
    return result
