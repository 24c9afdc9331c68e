"""What each shipped head is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from stormdesk.understand.reading import SENTIMENTS
from stormdesk.understand.training import sources
from stormdesk.understand.training.sources import Example

_UNSAID = 0.1
"""Weight of posts taken as ordinary chatter without anybody having checked."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The examples, the classes, the inverse regularisation strength, the table size, the sources measured on,
    and how far rare classes are lifted."""

    examples: Callable[[Path], list[Example]]
    classes: Callable[[list[Example]], tuple[str, ...]]
    strength: float = 4.0
    buckets: int = 1 << 18
    measure: frozenset[str] | None = None
    evenly: float = 0.0


def _three(_: list[Example]) -> tuple[str, ...]:
    return SENTIMENTS


def _yes(_: list[Example]) -> tuple[str, ...]:
    return ("yes",)


def _seen(examples: list[Example]) -> tuple[str, ...]:
    return tuple(sorted({e.label for e in examples}))


def _weighed(examples: list[Example], weight: float, label: str | None = None) -> list[Example]:
    return [replace(e, weight=weight, label=label or e.label) for e in examples]


def _english(data: Path) -> list[Example]:
    return (
        sources.semeval(data)
        + sources.tweeteval(data)
        + [e for e in sources.own("sentiment") if e.lang == "en"]
    )


def _russian(data: Path) -> list[Example]:
    return sources.rusentitweet(data) + [e for e in sources.own("sentiment") if e.lang == "ru"]


def _brand(data: Path) -> list[Example]:
    return sources.sentirueval(data, "train") + [e for e in sources.own("sentiment") if e.lang == "ru"]


def _many(data: Path) -> list[Example]:
    return (
        sources.xlmt(data, ("train", "val"))
        + _weighed(sources.kazakh(data), 0.5)
        + sources.turkish(data)
        + _weighed(sources.semeval(data)[::6], 0.5)
    )


def _complaint(data: Path) -> list[Example]:
    return (
        sources.complaints(data)
        + sources.own("complaint")
        + _weighed(sources.rusentitweet(data)[::6] + sources.semeval(data)[::25], _UNSAID, "no")
    )


def _needs_reply(data: Path) -> list[Example]:
    return (
        sources.own("needs_reply")
        + sources.banking(data)[::8]
        + _weighed(sources.rusentitweet(data)[::6] + sources.semeval(data)[::25], _UNSAID, "no")
    )


def _scam(data: Path) -> list[Example]:
    return (
        sources.sms(data)
        + sources.own("scam")
        + _weighed(sources.rusentitweet(data)[::6] + sources.complaints(data)[::2], _UNSAID, "no")
    )


RECIPES: dict[str, Recipe] = {
    "language": Recipe(sources.spoken, _seen, buckets=1 << 15, strength=8.0),
    "sentiment_en": Recipe(_english, _three, strength=1.0, measure=frozenset({"semeval"}), evenly=0.5),
    "sentiment_ru": Recipe(
        _russian, _seen, buckets=1 << 17, strength=2.0, measure=frozenset({"rusentitweet"})
    ),
    "sentiment_ru_brand": Recipe(_brand, _three, strength=2.0),
    "sentiment_many": Recipe(_many, _three, strength=2.0, measure=frozenset({"xlmt"})),
    "complaint": Recipe(
        _complaint, _yes, buckets=1 << 17, measure=frozenset({"complaints", "own ru", "own en"})
    ),
    "needs_reply": Recipe(_needs_reply, _yes, buckets=1 << 17, measure=frozenset({"own ru", "own en"})),
    "scam": Recipe(
        _scam, _yes, buckets=1 << 17, strength=8.0, measure=frozenset({"sms", "own ru", "own en"})
    ),
}


def urgency_examples(data: Path) -> list[Example]:
    """Own posts with levels 0–3; public posts as ordinary chatter of level 0."""
    chatter = sources.rusentitweet(data)[::6] + sources.semeval(data)[::25]
    return sources.own("urgency") + _weighed(chatter, _UNSAID, "0")
