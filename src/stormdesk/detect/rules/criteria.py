"""What a brand calls a crisis: a budget of false alarms, its own conditions beside it, and who is called (D1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Condition(StrEnum):
    """A condition of the brand's own, over the last hour. Met, it raises an alert whatever the budget says."""

    VOLUME = "volume"  # times what is usual for this hour of the week
    NEGATIVE = "negative"  # share of negative, per cent
    AUTHORS = "authors"  # different people, counted per minute
    REACH = "reach"  # people reached
    NEEDS = "needs"  # people who ask for an answer
    SCAM = "scam"  # posts that deceive in the brand's name
    DANGER = "danger"  # people who use words of danger
    OUTRAGE = "outrage"  # share of posts with signs of outrage, per cent


LEAST = 30
"""Mentions in the hour below which neither a ratio nor a share means anything."""
SHARES = frozenset({Condition.NEGATIVE, Condition.OUTRAGE})
"""Conditions in per cent of the hour's mentions."""
CONTENT = SHARES | {Condition.NEEDS, Condition.SCAM, Condition.DANGER}
"""Conditions that speak of what was said, not of how much."""
SHIPPED: Mapping[str, float] = {Condition.SCAM: 5.0, Condition.DANGER: 3.0}
"""In force until a brand chooses: the two that no count of posts replaces."""
LARGEST = 10**9

DANGER_WORDS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "poisoned", "poisoning", "ambulance", "hospitalised", '"in hospital"', '"in the hospital"', '"emergency room"',
        "injured", "died", "suicide", "explosion", "exploded", '"caught fire"', "lawsuit", '"class action"',
        '"data breach"', '"data leak"', '"child abuse"', "harassment", "racist", "boycott",
    ),
    "ru": (
        "отравился", "отравление", '"скорая помощь"', '"вызвали скорую"', "реанимация", "больница", "пострадавший",
        "погиб", "умер", "ожог", "взорвался", "взрыв", "загорелся", "прокуратура", "роспотребнадзор",
        '"подать в суд"', '"коллективный иск"', '"утечка данных"', '"слили данные"', "домогательство", "бойкот",
    ),
}  # fmt: skip
"""Words of special danger, in the language of queries: any form of a word, "a phrase" exactly so."""


class Called(StrEnum):
    """Who hears of an alert at once. The steps of the escalation follow either way, unless it is nobody."""

    NOBODY = "nobody"  # it is shown on the page
    ON_CALL = "on_call"
    LEADERS = "leaders"  # whoever is on call, and the leads and owners
    EVERYBODY = "everybody"  # everybody who may answer alerts


CALLED: Mapping[int, str] = {1: Called.ON_CALL, 2: Called.ON_CALL, 3: Called.LEADERS, 4: Called.EVERYBODY}
BUDGET = (0.01, 20.0)


def shipped_words() -> tuple[str, ...]:
    """The words of danger of every language: people write in more than one."""
    return tuple(word for words in DANGER_WORDS.values() for word in words)


@dataclass(frozen=True)
class Criteria:
    """One definition. `conditions` holds only those that are switched on; `country` is whose public holidays count."""

    budget: float = 1.0
    conditions: Mapping[str, float] = field(default_factory=lambda: dict(SHIPPED))
    danger_words: tuple[str, ...] = field(default_factory=shipped_words)
    called: Mapping[int, str] = field(default_factory=lambda: dict(CALLED))
    country: str = ""

    @classmethod
    def of(cls, budget: float, settings: Mapping[str, Any]) -> Criteria:
        """As it was saved; what was saved before a setting existed has the shipped one."""
        shipped = cls(budget=budget)
        conditions = settings.get("conditions")
        return cls(
            budget,
            shipped.conditions
            if conditions is None
            else {str(Condition(k)): v for k, v in conditions.items()},
            tuple(settings.get("danger_words", shipped.danger_words)),
            {**CALLED, **{int(k): str(Called(v)) for k, v in settings.get("called", {}).items()}},
            settings.get("country", ""),
        )

    def settings(self) -> dict[str, Any]:
        """Everything but the budget, for keeping."""
        return {
            "conditions": {str(key): value for key, value in self.conditions.items()},
            "danger_words": list(self.danger_words),
            "called": {str(key): str(value) for key, value in self.called.items()},
            "country": self.country,
        }

    def danger(self) -> str:
        """The words of danger as one query, or nothing when they are not asked for."""
        return " OR ".join(self.danger_words) if Condition.DANGER in self.conditions else ""


@dataclass(frozen=True, slots=True)
class Hour:
    """Sums of the last hour; `expected` is what would be usual for it."""

    mentions: int = 0
    negative: int = 0
    authors: int = 0
    reach: int = 0
    needs: int = 0
    scam: int = 0
    danger: int = 0
    expected: float = 0.0
    outraged: int = 0

    def value(self, condition: str) -> float:
        """What a condition compares with its threshold; 0 where too little was said to tell."""
        enough = self.mentions >= LEAST
        if condition == Condition.VOLUME:
            return round(self.mentions / max(self.expected, 0.5), 1) if enough else 0.0
        if condition == Condition.NEGATIVE:
            return round(100.0 * self.negative / self.mentions, 1) if enough else 0.0
        if condition == Condition.OUTRAGE:
            return round(100.0 * self.outraged / self.mentions, 1) if enough else 0.0
        return float(getattr(self, condition))


def met(hour: Hour, criteria: Criteria) -> dict[str, tuple[float, float]]:
    """The conditions that are met: name → (what there is, from what on)."""
    found = {}
    for name, threshold in criteria.conditions.items():
        value = hour.value(name)
        if threshold > 0 and value >= threshold:
            found[str(name)] = (value, threshold)
    return found
