"""What the linter's rules and findings are. The checks stand in `linter/`, one per file; all of it is pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any


class RuleKind(StrEnum):
    TONE = "tone"
    FORBIDDEN = "forbidden"
    CONFIDENTIAL = "confidential"
    PERSONAL_DATA = "personal_data"
    CREDIT = "credit"
    LENGTH = "length"
    PROMISE = "promise"


class Severity(StrEnum):
    BLOCK = "block"
    WARN = "warn"


@dataclass(frozen=True)
class RuleData:
    """One rule as the linter reads it; the fields are those of the table `Rule`."""

    key: str
    kind: str
    severity: str = Severity.WARN
    title: str = ""
    words: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    fix: str = ""


@dataclass(frozen=True)
class Finding:
    """What a rule says about a text. `start` and `end` are character offsets (equal: about the whole text).

    A finding of a built-in check carries msgids in `title`, `reason` and `fix`, and what goes into their places in
    `facts`; `policy.queries` shows them translated. A brand's own rule speaks its own words.
    """

    rule: str
    severity: str
    start: int
    end: int
    words: str
    title: str
    reason: str
    fix: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        return self.severity == Severity.BLOCK


@dataclass(frozen=True)
class Draft:
    """What is to go out: the text, its pictures (`{origin, licence, credit, description}`) and where it goes."""

    text: str
    media: tuple[Mapping[str, str], ...] = ()
    kind: str = "post"
    language: str = ""
    limit: int | None = None
    count: Callable[[str], int] = len
    today: date = date.max


def blocking(findings: Iterable[Finding]) -> bool:
    """Whether any of the findings stops the text from going out."""
    return any(finding.blocks for finding in findings)
