"""Shipped statement templates and reply macros, by language. Data and pure functions, no Django."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from stormdesk.core.errors import BadInput

_ROOT = Path(__file__).parent
_BLANK = re.compile(r"\{\{([a-z_]+)\}\}")
LANGUAGES = ("ru", "en")
TYPES = (
    "employee_conduct", "faulty_product", "industry_spillover", "account_takeover", "insensitive_post", "rumour",
    "data_leak", "outage", "executive", "disaster",
)  # fmt: skip
STAGES = ("first", "update", "detailed", "closing")


@dataclass(frozen=True, slots=True)
class Blank:
    """A hole in a text, `{{key}}`, that must be filled before it is sent."""

    key: str
    label: str
    hint: str


@dataclass(frozen=True, slots=True)
class Strategy:
    """A posture of situational crisis communication theory: advice, its source and the evidence against it."""

    key: str  # deny | diminish | rebuild | bolster
    title: str
    advice: str
    source: str
    against: str


@dataclass(frozen=True, slots=True)
class Template:
    """A statement template; `medium` and `short` say the same within 500 and 300 characters."""

    type: str
    stage: str
    language: str
    title: str
    body: str
    medium: str
    short: str
    strategy: Strategy
    blanks: tuple[Blank, ...]

    @property
    def key(self) -> str:
        """The name a playbook offers it by: "faulty_product.first"."""
        return f"{self.type}.{self.stage}"


@dataclass(frozen=True, slots=True)
class Macro:
    """A short ready answer to one person; `channel` says where it belongs: public or private."""

    key: str
    language: str
    title: str
    channel: str
    body: str
    blanks: tuple[Blank, ...]


def load(language: str, type: str | None = None, stage: str | None = None) -> list[Template]:
    """Templates in a language, of one type and stage if named, in the order of types and stages."""
    for value, known in ((type, TYPES), (stage, STAGES)):
        if value is not None and value not in known:
            raise BadInput(f"“{value}” is not known here; choose one of {', '.join(known)}.")
    return [
        template
        for template in _templates(language)
        if type in (None, template.type) and stage in (None, template.stage)
    ]


@cache
def macros(language: str) -> tuple[Macro, ...]:
    """The shipped reply macros, in the order they were written."""
    return tuple(
        Macro(**row, language=language, blanks=_blanks(row["body"], language))
        for row in _read(language, "macros.toml")["macro"]
    )


@cache
def strategies(language: str) -> dict[str, Strategy]:
    """The four postures by key."""
    return {key: Strategy(key=key, **row) for key, row in _read(language, "strategies.toml").items()}


def blank_keys(text: str) -> tuple[str, ...]:
    """The blanks still open in a text, each once, in the order they stand."""
    return tuple(dict.fromkeys(_BLANK.findall(text)))


@cache
def _templates(language: str) -> tuple[Template, ...]:
    files = ("employee_conduct", "faulty_product", "industry_spillover", "others")
    found = [
        Template(
            type=row.get("type", name),
            stage=row["stage"],
            language=language,
            title=row["title"],
            body=row["body"].strip(),
            medium=row["medium"],
            short=row["short"],
            strategy=strategies(language)[row["strategy"]],
            blanks=_blanks(row["body"], language),
        )
        for name in files
        for row in _read(language, f"{name}.toml")["template"]
    ]
    return tuple(sorted(found, key=lambda t: (TYPES.index(t.type), STAGES.index(t.stage))))


def _blanks(text: str, language: str) -> tuple[Blank, ...]:
    known = _read(language, "blanks.toml")
    return tuple(Blank(key=key, **known[key]) for key in blank_keys(text))


@cache
def _read(language: str, file: str) -> dict[str, Any]:
    if language not in LANGUAGES:
        raise BadInput(f"There are no templates in “{language}”; choose ru or en.")
    return tomllib.loads((_ROOT / language / file).read_text("utf-8"))
