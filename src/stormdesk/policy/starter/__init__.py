"""The policy a brand begins with: a document to read and sign, and rules with the examples that prove them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from stormdesk.core.errors import BadInput

_ROOT = Path(__file__).parent
LANGUAGES = ("ru", "en")


@dataclass(frozen=True, slots=True)
class StarterRule:
    """One rule; the fields are those of the table `Rule`. `good` must pass it and every `bad` must be found."""

    key: str
    kind: str  # tone | forbidden | confidential | personal_data | credit | length | promise
    severity: str  # block | warn
    title: str
    words: tuple[str, ...]
    settings: Mapping[str, Any]
    reason: str
    fix: str
    good: tuple[str, ...]
    bad: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Starter:
    """The document (Markdown, with `{{brand}}` where the name belongs) and the rules, in one language."""

    language: str
    document: str
    rules: tuple[StarterRule, ...]

    def document_for(self, brand: str) -> str:
        """The document with the brand's name in its place."""
        return self.document.replace("{{brand}}", brand)


@cache
def load(language: str) -> Starter:
    """The starter policy in a language; `BadInput` when there is none."""
    if language not in LANGUAGES:
        raise BadInput(f"There is no starter policy in “{language}”; choose ru or en.")
    told = tomllib.loads((_ROOT / f"{language}.toml").read_text("utf-8"))
    rules = tuple(StarterRule(**_frozen(row)) for row in told["rule"])
    return Starter(language, told["document"].strip() + "\n", rules)


def _frozen(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
