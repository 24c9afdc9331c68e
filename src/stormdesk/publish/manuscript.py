"""A text as its readers see it: paragraphs with the words that rules found, and the difference of two versions. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from stormdesk.policy.rules import Finding


@dataclass(frozen=True)
class Piece:
    """A stretch of text in one look: "" plain, "stop" blocks, "warn" advises, "blank" is to be filled."""

    text: str
    look: str = ""


@dataclass
class Paragraph:
    """One paragraph and the findings that begin in it."""

    pieces: list[Piece] = field(default_factory=list)
    findings: list[tuple[int, Finding]] = field(default_factory=list)


def look_of(finding: Finding) -> str:
    """How a finding is drawn in the text."""
    if finding.rule == "blank":
        return "blank"
    return "stop" if finding.blocks else "warn"


def paragraphs(text: str, findings: Iterable[Finding]) -> list[Paragraph]:
    """The text by paragraphs, findings numbered from 1 in the order given. Overlaps go to the earlier finding."""
    numbered = list(enumerate(findings, start=1))
    spans = sorted((f.start, f.end, n, f) for n, f in numbered if f.end > f.start)
    result: list[Paragraph] = []
    at = 0
    for match in re.finditer(r"[^\n]*(?:\n(?!\s*\n)[^\n]*)*(?:\n\s*\n|\n*$)", text):
        if not match[0]:
            continue
        start, end = match.span()
        paragraph = Paragraph()
        at = start
        for begin, finish, number, finding in spans:
            if not start <= begin < end:
                continue
            paragraph.findings.append((number, finding))
            if begin < at:
                continue
            if begin > at:
                paragraph.pieces.append(Piece(text[at:begin]))
            finish = min(finish, end)
            words = text[begin:finish]
            look = look_of(finding)
            paragraph.pieces.append(Piece(words.strip("{} ") or words if look == "blank" else words, look))
            at = finish
        if text[at:end].strip():
            paragraph.pieces.append(Piece(text[at:end].rstrip("\n")))
        if paragraph.pieces:
            result.append(paragraph)
    return result


@dataclass(frozen=True)
class Change:
    """A stretch of two versions: "same", "del" or "ins"."""

    text: str
    kind: str


def difference(old: str, new: str) -> list[Change]:
    """What changed from one version to the next, word by word; long unchanged stretches are shortened."""
    before, after = (re.findall(r"\S+\s*|\s+", text) for text in (old, new))
    changes: list[Change] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            words = before[a:b]
            if len(words) > 24:
                words = [*words[:10], "… ", *words[-10:]]
            changes.append(Change("".join(words), "same"))
            continue
        if b > a:
            changes.append(Change("".join(before[a:b]), "del"))
        if d > c:
            changes.append(Change("".join(after[c:d]), "ins"))
    return changes
