"""The story around a drill's posts (brief, brand, facts, promos) and the truth its score is counted against."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from stormdesk.learn.drills.posts import folder


@dataclass(frozen=True, slots=True)
class Brief:
    """What the team reads before the drill; `text` is Markdown."""

    title: str
    summary: str
    text: str
    trains: str
    duration: str


@dataclass(frozen=True, slots=True)
class Brand:
    """The drill's brand and what to listen for; `query` is in the query language of the brand's listening."""

    name: str
    handles: tuple[str, ...]
    hashtags: tuple[str, ...]
    words: tuple[str, ...]
    named_by: str  # regular expression: a text that matches names the brand
    competitors: tuple[str, ...]
    industry: tuple[str, ...]
    danger_words: tuple[str, ...]
    query: str
    query_competitors: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that reaches the ledger so many seconds after the drill began."""

    key: str
    offset_seconds: int
    status: str  # confirmed | checking | unknown | refuted
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Promo:
    """A cheerful post of the brand's own calendar that the pause must catch."""

    key: str
    offset_seconds: int
    text: str


@dataclass(frozen=True, slots=True)
class Narrative:
    """A narrative that must be found; `kinds` say which posts belong to it, `words` what marks it in this language."""

    key: str
    title: str
    says: str
    words: tuple[str, ...]
    kinds: tuple[str, ...]
    main: bool
    offset_seconds: int
    find_within_seconds: int
    posts_at_least: int


@dataclass(frozen=True, slots=True)
class ExpectedAction:
    """One line of the score. `after` names the moment the clock starts from; None where there is no clock."""

    key: str
    title: str
    after: str
    within_seconds: int | None
    points: int
    count: int | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """How many posts of each sort the schedule holds at least, once the storm has begun."""

    journalists: int
    personal_data: int
    health: int
    needs_reply: int


@dataclass(frozen=True, slots=True)
class Truth:
    """When the storm starts, what must be found and what the team should do by when (offsets in seconds)."""

    starts_at_seconds: int
    peak_at_seconds: int
    ends_at_seconds: int
    local_start: str
    crisis_type: str
    severity: int
    alert_within_seconds: int
    narratives: tuple[Narrative, ...]
    expect: Expectation
    actions: tuple[ExpectedAction, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """Everything of a drill in one language that is not a crowd's post."""

    brief: Brief
    brand: Brand
    promos: tuple[Promo, ...]
    facts: tuple[Fact, ...]


@cache
def read(name: str, path: str) -> dict[str, Any]:
    """A TOML file of the drill, as it is written; `path` is relative to the drill's folder."""
    return tomllib.loads((folder(name) / path).read_text("utf-8"))


@cache
def story(language: str, name: str = "faulty_batch") -> Story:
    """The brief, the brand, the scheduled promos and the facts as they become known."""
    told = read(name, f"{language}/story.toml")
    start = storm_start(name)
    brand: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in told["brand"].items()
    }
    return Story(
        brief=Brief(**told["brief"]),
        brand=Brand(**brand),
        promos=tuple(
            Promo(promo["key"], start + promo["at_minutes"] * 60, promo["text"]) for promo in told["promo"]
        ),
        facts=tuple(
            Fact(fact["key"], start + fact["at_minutes"] * 60, fact["status"], fact["text"], fact["source"])
            for fact in told["fact"]
        ),
    )


@cache
def truth(language: str, name: str = "faulty_batch") -> Truth:
    """What the drill expects; titles are in the language, numbers are the same in every language."""
    numbers = read(name, "truth.toml")
    told = read(name, f"{language}/story.toml")
    start = storm_start(name)
    words = {narrative["key"]: narrative for narrative in told["narrative"]}
    return Truth(
        starts_at_seconds=start,
        peak_at_seconds=start + numbers["peak_minutes"] * 60,
        ends_at_seconds=start + numbers["storm_hours"] * 3600,
        local_start=numbers["local_start"],
        crisis_type=numbers["crisis_type"],
        severity=numbers["severity"],
        alert_within_seconds=numbers["alert_within_minutes"] * 60,
        narratives=tuple(
            Narrative(
                key=narrative["key"],
                title=words[narrative["key"]]["title"],
                says=words[narrative["key"]]["says"],
                words=tuple(words[narrative["key"]]["words"]),
                kinds=tuple(narrative["kinds"]),
                main=narrative.get("main", False),
                offset_seconds=start + narrative["from_minutes"] * 60,
                find_within_seconds=narrative["find_within_minutes"] * 60,
                posts_at_least=narrative["posts_at_least"],
            )
            for narrative in numbers["narrative"]
        ),
        expect=Expectation(
            **{key.removesuffix("_at_least"): value for key, value in numbers["expect"].items()}
        ),
        actions=tuple(
            ExpectedAction(
                key=action["key"],
                title=told["actions"][action["key"]],
                after=action["after"],
                within_seconds=action["within_minutes"] * 60 if "within_minutes" in action else None,
                points=action["points"],
                count=action.get("count"),
                share=action.get("share"),
            )
            for action in numbers["action"]
        ),
    )


def storm_start(name: str) -> int:
    """Seconds from the beginning of the drill to the first post of the storm."""
    return int(read(name, "truth.toml")["background_hours"]) * 3600
