"""Reads posts in batches: language, sentiment, needs, urgency, scam, personal data, and the words that decided."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from stormdesk.understand.cues import Mark, marks
from stormdesk.understand.encoder import Encoder, encoder
from stormdesk.understand.fold import clean, fold
from stormdesk.understand.hashing import BRAND, STAND_INS, TEXT_LIMIT, Grams, grams, tokens
from stormdesk.understand.head import Head, Scored, shipped
from stormdesk.understand.language import UNKNOWN, languages
from stormdesk.understand.network import shipped_network
from stormdesk.understand.personal import personal_data
from stormdesk.understand.scam import scam_evidence
from stormdesk.understand.text import Reading, Text
from stormdesk.understand.toward import ABOUT, INSTEAD, Split, split
from stormdesk.understand.vocabulary import words

if TYPE_CHECKING:
    from stormdesk.understand.learning import BrandHeads

Path = Literal["light", "full"]

_BATCH = 512
_REASONS = 3
SENTIMENTS = ("negative", "neutral", "positive")
_SHOWN = 0.4
"""Reasons are given for what is at least this likely."""

_CYRILLIC = re.compile(r"[а-я]")
_NOT_LANGUAGE = re.compile(r"https?://\S*|www\.\S+|[@#]\w+")
_HAS_LETTER = re.compile(r"[^\W\d_]|[\u2190-\U0001faff]|[)(!?]|:\S")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch made ready for the heads: also what training feeds them, so that both see the same.

    `spoken` are the grams of real words alone, for the language head; `about` the words about the brand, for the encoder.
    """

    grams: Grams
    spoken: Grams
    marks: list[list[Mark]]
    folded: list[str]
    about: list[str]
    away: np.ndarray


def prepare(texts: Sequence[str], brands: Sequence[str | None] | None = None) -> Prepared:
    """Clean, divide by what is about the brand, fold, split and hash a batch."""
    cleaned = [clean(text[: 2 * TEXT_LIMIT])[:TEXT_LIMIT] for text in texts]
    divided = [split(text, brand) for text, brand in zip(cleaned, brands or [None] * len(texts), strict=True)]
    about = [text if part.whole else part.about() for text, part in zip(cleaned, divided, strict=True)]
    found = [marks(text) + beside(part) for text, part in zip(about, divided, strict=True)]
    listed: list[list[str]] = []
    roles: list[int] = []
    for part in divided:
        said: list[str] = []
        for piece in part.parts:
            new = [BRAND] if piece.is_name else tokens(piece.text)
            said += new
            roles += [
                INSTEAD if part.away and piece.role == ABOUT and not piece.is_name else piece.role
            ] * len(new)
        listed.append(said)
    folded = [fold(_NOT_LANGUAGE.sub(" ", text)) for text in cleaned]
    hashed = grams(listed, found, roles)
    count = sum(map(len, listed))
    is_word = np.array(
        [i < count and word not in STAND_INS for i, word in enumerate(hashed.words)], dtype=bool
    )
    spoken = grams(listed).only(is_word[:count]) if any(roles) else hashed.only(is_word)
    return Prepared(
        hashed, spoken, found, folded, about, np.array([part.away for part in divided], dtype=bool)
    )


def beside(divided: Split) -> list[Mark]:
    """Marks of how the brand stands to others in the post: “than”, “left … for”, and the words next to its name."""
    if divided.whole:
        return []
    found = [Mark(f"before the brand: {word}", "") for word in divided.before.split()]
    found += [Mark(f"after the brand: {word}", "") for word in divided.after.split()]
    if divided.away:
        found.append(Mark("compared with the brand", divided.before))
    return found


def sentiment_head(language: str, brand: str | None, folded: str) -> str:
    """Which head judges sentiment: a language's own, the one for posts about a named brand, or the many-language one.

    A few words in Cyrillic that are too few to tell the language are read as Russian.
    """
    if language == "ru" or (language == UNKNOWN and _CYRILLIC.search(folded)):
        return "sentiment_ru_brand" if brand else "sentiment_ru"
    if language == "en":
        return "sentiment_en_brand" if brand else "sentiment_en"
    return "sentiment_many"


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


def read(
    texts: Sequence[Text], path: Path = "light", heads: Mapping[str, BrandHeads] | None = None
) -> list[Reading]:
    """Read posts; one reading each, in the same order. Deterministic, never raises for any text, in bounded time.

    `path` "full" joins the sentence encoder where it is installed and what it was when the heads were trained; it costs
    several times the time, and 120 MB from its first use on. "light" reads n-grams and cue words alone: for a backlog.
    The path taken is in the reading. `heads` are what brands' people taught (`learn`), by the brand named in the text.
    """
    model = encoder() if path == "full" else None
    result: list[Reading] = []
    for start in range(0, len(texts), _BATCH):
        result += _read_batch(texts[start : start + _BATCH], model, heads or {})
    return result


@dataclass(slots=True)
class Judge:
    """What the heads say of one batch; `hidden` is the network's view of it on the full path."""

    texts: Sequence[Text]
    ready: Prepared
    hidden: np.ndarray | None

    @classmethod
    def of(cls, texts: Sequence[Text], model: Encoder | None) -> Judge:
        ready = prepare([text.text for text in texts], [text.brand for text in texts])
        return cls(texts, ready, shipped_network().hidden(model.encode(ready.about)) if model else None)

    def scored(self, name: str, grams: Grams | None = None) -> Scored:
        """A shipped head's scores for the batch."""
        head = shipped(name)
        scored = head.score(grams or self.ready.grams)
        if self.hidden is None:
            return scored
        answers = [shipped_network().answers(self.hidden, question, head.labels) for question in head.asks]
        return replace(scored, probabilities=head.blended(scored.scores, np.stack(answers)))

    def languages(self) -> list[str]:
        hints = [text.language for text in self.texts]
        return languages(self.ready.folded, hints, self.ready.spoken)

    def sentiment(self, spoken: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Texts × three probabilities, and tokens × three parts, by the head that fits each text."""
        names = [
            sentiment_head(code, text.brand, folded)
            for code, text, folded in zip(spoken, self.texts, self.ready.folded, strict=True)
        ]
        chosen = np.array(names)
        grams = self.ready.grams
        probabilities, parts = np.zeros((len(names), 3)), np.zeros((len(grams.token_text), 3))
        for name in sorted(set(names)):
            rows = chosen == name
            scored = self.scored(name, grams.of(rows))
            probabilities[rows] = three(shipped(name), scored.probabilities)[rows]
            parts += three(shipped(name), scored.by_token)
        return probabilities, parts

    def taught(
        self, field: str, heads: Mapping[str, BrandHeads], general: np.ndarray, parts: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities and parts after the brands' own heads, where one was better than the general one."""
        path: Path = "light" if self.hidden is None else "full"
        for brand in sorted({text.brand for text in self.texts if text.brand} & set(heads)):
            if (own := heads[brand].heads.get((field, path))) is None:
                continue
            rows = np.array([text.brand == brand for text in self.texts])
            scored = own.score(self.ready.grams.of(rows), self.hidden, general)
            general = np.where(rows[:, None], scored.probabilities, general)
            parts = parts + scored.by_token
        return general, parts


def general(field: str, texts: Sequence[Text], path: Path) -> tuple[Judge, np.ndarray]:
    """What the shipped heads say of one field: for learning. Probabilities of the three sentiments, or of no and yes."""
    judge = Judge.of(texts, encoder() if path == "full" else None)
    if field == "sentiment":
        return judge, judge.sentiment(judge.languages())[0]
    return judge, _no_and_yes(judge.scored(field).probabilities)


def _no_and_yes(yes: np.ndarray) -> np.ndarray:
    return np.concatenate([1 - yes, yes], axis=1)


def _read_batch(
    texts: Sequence[Text], model: Encoder | None, heads: Mapping[str, BrandHeads]
) -> list[Reading]:
    judge = Judge.of(texts, model)
    grams = judge.ready.grams
    order = _by_text(grams)
    why: list[dict[str, list[str]]] = [{} for _ in texts]
    spoken = judge.languages()
    sentiment, parts = judge.taught("sentiment", heads, *judge.sentiment(spoken))
    for row, winner in enumerate(sentiment.argmax(axis=1).tolist()):
        if SENTIMENTS[winner] != "neutral":
            part = parts[order[row]]
            others = [i for i in range(3) if i != winner]
            why[row]["sentiment"] = _words(grams, order[row], part[:, winner] - part[:, others].mean(axis=1))
    yes: dict[str, np.ndarray] = {}
    for name in ("complaint", "needs_reply", "scam"):
        scored = judge.scored(name)
        both, parts = judge.taught(
            name,
            heads,
            _no_and_yes(scored.probabilities),
            np.concatenate([-scored.by_token, scored.by_token], axis=1),
        )
        yes[name] = both[:, 1]
        for row in np.flatnonzero(yes[name] >= _SHOWN).tolist():
            why[row][name] = _words(grams, order[row], parts[order[row], 1])
            if name == "scam":
                why[row][name] = _trap(texts[row].text, why[row][name])
    steps = [judge.scored(f"urgency_{level}") for level in (1, 2, 3)]
    urgency = levels(np.concatenate([step.probabilities for step in steps], axis=1))
    for row in np.flatnonzero(urgency).tolist():
        why[row]["urgency"] = _words(grams, order[row], steps[urgency[row] - 1].by_token[order[row], 0])
    return [
        Reading(
            language=spoken[row],
            sentiment=dict(zip(SENTIMENTS, map(float, sentiment[row]), strict=True)),
            complaint=float(yes["complaint"][row]),
            needs_reply=float(yes["needs_reply"][row]),
            urgency=int(urgency[row]),
            scam=float(yes["scam"][row]),
            personal_data=personal_data(text.text),
            reasons=why[row],
            path="light" if model is None else "full",
        )
        for row, text in enumerate(texts)
    ]


def _trap(text: str, said: Sequence[str]) -> list[str]:
    """The post's own phrases that do what traps do, strongest first, then words that weighed in the head."""
    phrases = [evidence.words for evidence in scam_evidence(text).evidence[:_REASONS]]
    others = [word for word in said if not any(word in phrase for phrase in phrases)]
    return (phrases + others)[:_REASONS]


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
