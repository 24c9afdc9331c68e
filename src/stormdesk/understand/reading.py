"""Reads posts in batches: language, sentiment, needs, urgency, scam, personal data, and the words that decided."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from stormdesk.understand.cues import Mark, marks
from stormdesk.understand.fold import clean, fold
from stormdesk.understand.hashing import STAND_INS, TEXT_LIMIT, Grams, grams, tokens
from stormdesk.understand.head import Head, Scored, shipped
from stormdesk.understand.language import UNKNOWN, languages
from stormdesk.understand.personal import personal_data
from stormdesk.understand.text import Reading, Text
from stormdesk.understand.vocabulary import words

_BATCH = 512
_REASONS = 3
SENTIMENTS = ("negative", "neutral", "positive")
_SHOWN = 0.4
"""Reasons are given for what is at least this likely."""

_CYRILLIC = re.compile(r"[а-я]")
_NOT_LANGUAGE = re.compile(r"https?://\S*|www\.\S+|[@#]\w+")
_HAS_LETTER = re.compile(r"[^\W\d_]|[\u2190-\U0001faff]|[)(!?:]")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch made ready for the heads: also what training feeds them, so that both see the same.

    `spoken` are the grams of real words alone, for the language head.
    """

    grams: Grams
    spoken: Grams
    marks: list[list[Mark]]
    folded: list[str]


def prepare(texts: Sequence[str]) -> Prepared:
    """Clean, fold, split and hash a batch."""
    cleaned = [clean(text[: 2 * TEXT_LIMIT])[:TEXT_LIMIT] for text in texts]
    found = [marks(text) for text in cleaned]
    listed = [tokens(text) for text in cleaned]
    folded = [fold(_NOT_LANGUAGE.sub(" ", text)) for text in cleaned]
    hashed = grams(listed, found)
    count = sum(map(len, listed))
    is_word = np.array(
        [i < count and word not in STAND_INS for i, word in enumerate(hashed.words)], dtype=bool
    )
    return Prepared(hashed, hashed.only(is_word), found, folded)


def sentiment_head(language: str, brand: str | None, folded: str) -> str:
    """Which head judges sentiment: a language's own, the one for posts about a named brand, or the many-language one.

    A few words in Cyrillic that are too few to tell the language are read as Russian.
    """
    if language == "ru" or (language == UNKNOWN and _CYRILLIC.search(folded)):
        return "sentiment_ru_brand" if brand else "sentiment_ru"
    return "sentiment_en" if language == "en" else "sentiment_many"


_TO_THREE = {
    "negative": "negative",
    "neutral": "neutral",
    "positive": "positive",
    # RuSentiTweet's classes: greetings and thanks sound positive, what cannot be judged is neutral.
    "speech": "positive",
    "skip": "neutral",
}


def three(head: Head, probabilities: np.ndarray) -> np.ndarray:
    """Probabilities of negative, neutral and positive from those of the head's own classes."""
    result = np.zeros((len(probabilities), 3))
    for column, name in enumerate(head.labels):
        result[:, SENTIMENTS.index(_TO_THREE[name])] += probabilities[:, column]
    return result


def read(texts: Sequence[Text]) -> list[Reading]:
    """Read posts; one reading each, in the same order. Deterministic, never raises for any text, in bounded time."""
    result: list[Reading] = []
    for start in range(0, len(texts), _BATCH):
        result += _read_batch(texts[start : start + _BATCH])
    return result


def _read_batch(texts: Sequence[Text]) -> list[Reading]:
    ready = prepare([text.text for text in texts])
    spoken = languages(ready.folded, [text.language for text in texts], ready.spoken)
    order = _by_text(ready.grams)
    sentiment = np.zeros((len(texts), 3))
    why: list[dict[str, list[str]]] = [{} for _ in texts]
    chosen = np.array(
        [
            sentiment_head(code, text.brand, folded)
            for code, text, folded in zip(spoken, texts, ready.folded, strict=True)
        ]
    )
    for name in sorted(set(chosen)):
        rows = chosen == name
        head = shipped(name)
        scored = head.score(ready.grams.of(rows))
        sentiment[rows] = three(head, scored.probabilities)[rows]
        for row in np.flatnonzero(rows):
            winner = SENTIMENTS[int(sentiment[row].argmax())]
            if winner != "neutral":
                columns = [i for i, label in enumerate(head.labels) if _TO_THREE[label] == winner]
                others = [i for i in range(len(head.labels)) if i not in columns]
                part = scored.by_token[order[row]]
                for_winner = part[:, columns].mean(axis=1) - part[:, others].mean(axis=1)
                why[row]["sentiment"] = _words(ready.grams, order[row], for_winner)
    binary: dict[str, np.ndarray] = {}
    for name in ("complaint", "needs_reply", "scam"):
        scored = shipped(name).score(ready.grams)
        binary[name] = scored.probabilities[:, 0]
        for row in np.flatnonzero(binary[name] >= _SHOWN):
            why[row][name] = _words(ready.grams, order[row], scored.by_token[order[row], 0])
    scored = shipped("urgency").score(ready.grams)
    urgency = levels(scored.probabilities)
    for row in np.flatnonzero(urgency):
        why[row]["urgency"] = _words(ready.grams, order[row], scored.by_token[order[row], urgency[row] - 1])
    return [
        Reading(
            language=spoken[row],
            sentiment=dict(zip(SENTIMENTS, map(float, sentiment[row]), strict=True)),
            complaint=float(binary["complaint"][row]),
            needs_reply=float(binary["needs_reply"][row]),
            urgency=int(urgency[row]),
            scam=float(binary["scam"][row]),
            personal_data=personal_data(text.text),
            reasons=why[row],
        )
        for row, text in enumerate(texts)
    ]


def levels(above: np.ndarray) -> np.ndarray:
    """Urgency 0–3 from the probabilities of being at least 1, 2 and 3: the highest level reached without a gap."""
    return np.cumprod(above >= 0.5, axis=1).sum(axis=1)


def _by_text(found: Grams) -> list[np.ndarray]:
    """The token numbers of each text."""
    order = np.argsort(found.token_text, kind="stable")
    return np.split(order, np.cumsum(np.bincount(found.token_text, minlength=found.texts))[:-1])


@lru_cache(maxsize=20_000)
def _telling(word: str) -> bool:
    """Whether a word may be named as a reason: stop words say nothing to a person, negations do."""
    if word in STAND_INS or (word in words("stop") and word not in words("negations")):
        return False
    return bool(_HAS_LETTER.search(word))


def _words(found: Grams, at: np.ndarray, parts: np.ndarray) -> list[str]:
    """Up to three words or phrases that spoke most for the decision, strongest first, none inside another."""
    chosen: list[str] = []
    for i in np.argsort(-parts, kind="stable")[:12]:
        word = found.words[at[i]]
        if parts[i] <= 0 or len(chosen) == _REASONS:
            break
        if not _telling(word) or any(word in other for other in chosen):
            continue
        chosen = [other for other in chosen if other not in word] + [word]
    return chosen


__all__ = ["SENTIMENTS", "Prepared", "Scored", "levels", "prepare", "read", "sentiment_head", "three"]
