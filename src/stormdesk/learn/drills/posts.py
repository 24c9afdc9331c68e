"""Reading the posts of a drill that were written by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from stormdesk.core.errors import BadInput

LANGUAGES = ("ru", "en")
PHASES = ("background", "first", "growth", "peak", "after_statement", "decline")
KINDS = (
    "complaint", "question", "joke", "defender", "scam", "personal", "journalist", "rumour", "thanks",
    "praise", "neutral", "competitor",
)  # fmt: skip

_ROOT = Path(__file__).parent
_MARKED = re.compile(r"([!>hfm]{1,4})\|(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class WrittenPost:
    """One hand-written post: what it is, when it belongs, whether a person waits for an answer."""

    phase: str
    kind: str
    text: str
    needs_reply: bool = False
    health: bool = False
    is_reply: bool = False
    author_gender: str = ""  # "f", "m" or "" where the words fit anyone


def names() -> list[str]:
    """The shipped drills, by folder name."""
    return sorted(path.parent.name for path in _ROOT.glob("*/truth.toml"))


def folder(name: str, language: str = "") -> Path:
    """The folder of a drill or of its language; `BadInput` when it is not shipped."""
    path = _ROOT / name / language
    if name not in names() or (language and language not in LANGUAGES):
        raise BadInput(f"There is no drill “{name}” in “{language}”; choose one of {', '.join(names())}.")
    return path


@cache
def posts(language: str, name: str = "faulty_batch") -> tuple[WrittenPost, ...]:
    """Every hand-written post of a drill, in the order of the files; `BadInput` names a line that cannot be read."""
    found: list[WrittenPost] = []
    for kind in KINDS:
        path = folder(name, language) / f"{kind}.txt"
        phase = ""
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            where = f"{name}/{language}/{kind}.txt:{number}"
            if line.startswith("== "):
                phase = line[3:].strip()
                if phase not in PHASES:
                    raise BadInput(f"“{phase}” is no phase; use one of {', '.join(PHASES)}.", where=where)
            elif line.strip():
                if not phase:
                    raise BadInput(
                        "This post stands before the first phase; put “== peak” above it.", where=where
                    )
                found.append(_written(line, phase, kind))
    return tuple(found)


def _written(line: str, phase: str, kind: str) -> WrittenPost:
    marked = _MARKED.fullmatch(line)
    marks, text = marked.groups() if marked else ("", line)
    return WrittenPost(
        phase=phase,
        kind=kind,
        text=text.strip(),
        needs_reply="!" in marks,
        health="h" in marks,
        is_reply=">" in marks,
        author_gender="f" if "f" in marks else "m" if "m" in marks else "",
    )
