"""What each shipped head, light and full, is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from stormdesk.understand.reading import SENTIMENTS
from stormdesk.understand.training import sources
from stormdesk.understand.training.sources import Example

_UNSAID = 0.1
"""Weight of labels that are only likely: chatter taken for nothing in particular, anger at a brand for a complaint."""
_CONTRASTED = 1_000
"""Posts about two brands that are made of two own posts."""

YES = ("yes",)


@dataclass(frozen=True, slots=True)
class Recipe:
    """The examples, the classes (one name for a yes-no head, none for “all labels seen”), and how it is fitted.

    `measure` names the sources that calibrate it and are reported, `evenly` how far rare classes are lifted, `asks` the
    questions of the network that join it on the full path.
    """

    examples: Callable[[Path], list[Example]]
    classes: tuple[str, ...] = ()
    strength: float = 0.2
    buckets: int = 1 << 18
    measure: frozenset[str] | None = None
    evenly: float = 0.0
    asks: tuple[str, ...] = ()


def _weighed(examples: list[Example], weight: float, label: str | None = None) -> list[Example]:
    return [replace(e, weight=weight, label=label or e.label) for e in examples]


def _own(field: str, lang: str | None = None, weight: float = 1.0) -> list[Example]:
    return [e for e in sources.own(field, weight) if lang in {None, e.lang}]


def _english(data: Path) -> list[Example]:
    return sources.semeval(data) + _own("sentiment", "en")


def _english_brand(data: Path) -> list[Example]:
    return (
        _weighed(sources.semeval(data)[::2], 0.5)
        + _own("sentiment", "en", 3.0)
        + sources.contrasted("en", _CONTRASTED)
    )


def _russian(data: Path) -> list[Example]:
    return sources.rusentitweet(data) + _own("sentiment", "ru")


def _russian_brand(data: Path) -> list[Example]:
    moods = [e for e in sources.rusentitweet(data) if e.label in SENTIMENTS]
    return (
        sources.sentirueval(data, "train")
        + _weighed(moods, 0.5)
        + _own("sentiment", "ru", 2.0)
        + sources.contrasted("ru", _CONTRASTED)
    )


def _many(data: Path) -> list[Example]:
    return (
        sources.xlmt(data)
        + _weighed(sources.kazakh(data), 0.5)
        + sources.turkish(data)
        + _weighed(sources.semeval(data)[::6], 0.5)
    )


def _chatter(data: Path) -> list[Example]:
    return _weighed(sources.rusentitweet(data)[::6] + sources.semeval(data)[::25], _UNSAID, "no")


def _complaint(data: Path) -> list[Example]:
    toward_brands = sources.sentirueval(data, "train")[::2]
    return (
        sources.complaints(data)
        + _own("complaint", weight=2.0)
        + _weighed([e for e in toward_brands if e.label == "negative"], _UNSAID, "yes")
        + _weighed([e for e in toward_brands if e.label != "negative"], _UNSAID, "no")
        + _chatter(data)
    )


def _needs_reply(data: Path) -> list[Example]:
    return _own("needs_reply") + sources.banking(data)[::8] + _chatter(data)


def _scam(data: Path) -> list[Example]:
    return (
        sources.sms(data)
        + _own("scam")
        + _weighed(sources.rusentitweet(data)[::6] + sources.complaints(data)[::2], _UNSAID, "no")
    )


def _at_least(level: str) -> Callable[[Path], list[Example]]:
    """Own posts as “yes” from this urgency on; source: binary decomposition of ordered levels (Frank and Hall 2001)."""

    def examples(data: Path) -> list[Example]:
        own = [replace(e, label="yes" if e.label >= level else "no") for e in sources.own("urgency")]
        return own + _chatter(data)

    return examples


_OWN = frozenset({"own ru", "own en"})

RECIPES: dict[str, Recipe] = {
    "sentiment_en": Recipe(
        _english,
        SENTIMENTS,
        strength=0.1,
        measure=frozenset({"semeval"}),
        evenly=0.5,
        asks=("mood", "toward"),
    ),
    "sentiment_en_brand": Recipe(
        _english_brand,
        SENTIMENTS,
        strength=0.1,
        measure=frozenset({"own en"}),
        evenly=0.5,
        asks=("mood", "toward"),
    ),
    "sentiment_ru": Recipe(
        _russian, buckets=1 << 17, measure=frozenset({"rusentitweet"}), evenly=0.5, asks=("mood_ru",)
    ),
    "sentiment_ru_brand": Recipe(
        _russian_brand,
        SENTIMENTS,
        measure=frozenset({"sentirueval banks", "sentirueval telecoms", "own ru"}),
        evenly=0.5,
        asks=("mood", "toward"),
    ),
    "sentiment_many": Recipe(_many, SENTIMENTS, measure=frozenset({"xlmt"}), asks=("mood",)),
    "complaint": Recipe(
        _complaint, YES, buckets=1 << 17, measure=frozenset({"complaints", *_OWN}), asks=("complaint",)
    ),
    "needs_reply": Recipe(_needs_reply, YES, buckets=1 << 17, measure=_OWN, asks=("needs_reply",)),
    "scam": Recipe(
        _scam, YES, buckets=1 << 17, strength=1.0, measure=frozenset({"sms", *_OWN}), asks=("scam",)
    ),
    **{
        f"urgency_{level}": Recipe(
            _at_least(level), YES, buckets=1 << 16, measure=_OWN, asks=(f"urgency_{level}",)
        )
        for level in ("1", "2", "3")
    },
    "language": Recipe(sources.spoken, buckets=1 << 15),
}


def _mood(data: Path) -> list[Example]:
    return (
        sources.semeval(data)
        + sources.xlmt(data)
        + _weighed(sources.kazakh(data)[::4], 0.5)
        + sources.turkish(data)
        + _own("sentiment")
    )


QUESTIONS: dict[str, Callable[[Path], list[Example]]] = {
    "mood": _mood,
    "mood_ru": _russian,
    "toward": lambda data: sources.sentirueval(data, "train") + _own("sentiment", weight=2.0),
    **{
        name: RECIPES[name].examples
        for name in ("complaint", "needs_reply", "scam", "urgency_1", "urgency_2", "urgency_3")
    },
    # Not asked when reading: they teach the shared layer what words do.
    "emotion_ru": sources.emotions_ru,
    **{
        task: cache(lambda data, task=task: sources.tweeteval_task(data, task))
        for task in ("emotion", "irony", "offensive")
    },
}
"""What the network is asked: labels it learns, by question."""
SHIPPED_QUESTIONS = sorted({name for recipe in RECIPES.values() for name in recipe.asks})
