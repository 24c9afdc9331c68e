"""Shipped playbooks: what to do first for a type of crisis. Data and pure functions, no Django.

A playbook is copied into the crisis when one is declared; nothing reads it afterwards.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from stormdesk.core.errors import BadInput

_ROOT = Path(__file__).parent
LANGUAGES = ("ru", "en")
DEPARTMENTS = ("pr", "legal", "care", "social", "product", "hr", "executive")
ROLES = (
    "lead", "deputy", "legal", "spokesperson", "scribe", "care", "social", "product", "hr", "executive",
)  # fmt: skip
PAUSE_SCOPES = ("none", "brand")


@dataclass(frozen=True, slots=True)
class Severity:
    """What a level means for this type of crisis; 1 is the lightest, 3 the gravest."""

    level: int
    name: str
    means: str


@dataclass(frozen=True, slots=True)
class AtOnce:
    """What declaring proposes to do in the same step, at one severity."""

    severity: int
    pause: str  # none | brand: brands are walls, a playbook never stops another one
    lock: bool
    statement: bool
    call: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Role:
    """A role this crisis needs and what the person in it does."""

    key: str
    does: str


@dataclass(frozen=True, slots=True)
class Tell:
    """Somebody who must be told, by whom and until when after declaring."""

    who: str
    by: str
    within_minutes: int
    why: str


@dataclass(frozen=True, slots=True)
class Task:
    """One task; due so many minutes after declaring, startable when every task in `blocked_by` is done."""

    key: str
    title: str
    department: str
    owner: str
    due_minutes: int
    blocked_by: tuple[str, ...]
    checklist: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Playbook:
    """A playbook in one language. `statements` are keys of the template library, "type.stage"."""

    type: str
    language: str
    title: str
    summary: str
    when_to_use: tuple[str, ...]
    not_for: str
    promise_minutes: tuple[int, int, int]
    statements: tuple[str, ...]
    stand_down: tuple[str, ...]
    severities: tuple[Severity, ...]
    at_once: tuple[AtOnce, ...]
    roles: tuple[Role, ...]
    tell: tuple[Tell, ...]
    tasks: tuple[Task, ...]

    def defaults(self, severity: int) -> AtOnce:
        """What declaring at this severity proposes to do at once; `BadInput` outside 1 to 3."""
        for at_once in self.at_once:
            if at_once.severity == severity:
                return at_once
        raise BadInput(f"Severity {severity} is not in this playbook; choose 1, 2 or 3.")

    def promise_interval(self, severity: int) -> int:
        """Minutes until the next word that a statement at this severity should promise."""
        return self.promise_minutes[self.defaults(severity).severity - 1]


def types() -> tuple[str, ...]:
    """The types of crisis a playbook is shipped for."""
    return tuple(sorted(path.name.removesuffix(".en.toml") for path in _ROOT.glob("*.en.toml")))


@cache
def load(type: str, language: str) -> Playbook:
    """The playbook for a type of crisis; `BadInput` when none is shipped for it in this language."""
    if type not in types() or language not in LANGUAGES:
        raise BadInput(f"There is no playbook “{type}” in “{language}”; choose one of {', '.join(types())}.")
    told = tomllib.loads((_ROOT / f"{type}.{language}.toml").read_text("utf-8"))
    return Playbook(
        type=type,
        language=language,
        title=told["title"],
        summary=told["summary"],
        when_to_use=tuple(told["when_to_use"]),
        not_for=told["not_for"],
        promise_minutes=tuple(told["promise_minutes"]),
        statements=tuple(told["statements"]),
        stand_down=tuple(told["stand_down"]),
        severities=tuple(Severity(**row) for row in told["severity"]),
        at_once=tuple(AtOnce(**_frozen(row)) for row in told["at_once"]),
        roles=tuple(Role(**row) for row in told["role"]),
        tell=tuple(Tell(**row) for row in told["tell"]),
        tasks=tuple(Task(**_frozen(row)) for row in told["task"]),
    )


def all(language: str) -> tuple[Playbook, ...]:
    """Every shipped playbook in a language, by type."""
    return tuple(load(type, language) for type in types())


def _frozen(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
