"""What each shipped head is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from stormdesk.understand.reading import SENTIMENTS
from stormdesk.understand.training import sources
from stormdesk.understand.training.sources import Example

_OWN = frozenset({"own ru", "own en"})
_BRAND_SOURCES = frozenset({"sentirueval banks", "sentirueval telecoms", "rusentitweet"})
_UNSAID = 0.1
"""Weight of labels that are only likely: chatter taken for nothing in particular, anger at a brand for a complaint."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The examples, the classes, the inverse regularisation strength, the table size, the sources measured on,
    and how far rare classes are lifted."""

    examples: Callable[[Path], list[Example]]
    classes: Callable[[list[Example]], tuple[str, ...]]
    strength: float = 0.2
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
    return sources.semeval(data) + [e for e in sources.own("sentiment") if e.lang == "en"]


def _russian(data: Path) -> list[Example]:
    return sources.rusentitweet(data) + [e for e in sources.own("sentiment") if e.lang == "ru"]


def _brand(data: Path) -> list[Example]:
    moods = [e for e in sources.rusentitweet(data) if e.label in SENTIMENTS]
    return (
        sources.sentirueval(data, "train") + moods + [e for e in sources.own("sentiment") if e.lang == "ru"]
    )


def _many(data: Path) -> list[Example]:
    return (
        sources.xlmt(data, ("train", "val"))
        + _weighed(sources.kazakh(data), 0.5)
        + sources.turkish(data)
        + _weighed(sources.semeval(data)[::6], 0.5)
    )


def _complaint(data: Path) -> list[Example]:
    toward_brands = sources.sentirueval(data, "train")[::2]
    return (
        sources.complaints(data)
        + sources.own("complaint", weight=3.0)
        + _weighed([e for e in toward_brands if e.label == "negative"], _UNSAID, "yes")
        + _weighed([e for e in toward_brands if e.label != "negative"], _UNSAID, "no")
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
    "sentiment_en": Recipe(_english, _three, strength=0.1, measure=frozenset({"semeval"}), evenly=0.5),
    "sentiment_ru": Recipe(_russian, _seen, buckets=1 << 17, measure=frozenset({"rusentitweet"}), evenly=0.5),
    "sentiment_ru_brand": Recipe(_brand, _three, measure=_BRAND_SOURCES, evenly=0.5),
    "sentiment_many": Recipe(_many, _three, measure=frozenset({"xlmt"})),
    "complaint": Recipe(_complaint, _yes, buckets=1 << 17, measure=frozenset({"complaints", *_OWN})),
    "needs_reply": Recipe(_needs_reply, _yes, buckets=1 << 17, measure=_OWN),
    "scam": Recipe(_scam, _yes, buckets=1 << 17, strength=1.0, measure=frozenset({"sms", *_OWN})),
    "language": Recipe(sources.spoken, _seen, buckets=1 << 15),
}


def urgency_examples(data: Path) -> list[Example]:
    """Own posts with levels 0–3; public posts as ordinary chatter of level 0."""
    chatter = sources.rusentitweet(data)[::6] + sources.semeval(data)[::25]
    return sources.own("urgency") + _weighed(chatter, _UNSAID, "0")
