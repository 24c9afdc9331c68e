"""A text as its readers see it: paragraphs with the words that rules found, and the difference of two versions. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

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


def distinct(findings: Iterable[Finding]) -> list[Finding]:
    """The first of each finding that says the same: one line for a blank that stands in two places."""
    return list({finding.title: finding for finding in reversed(list(findings))}.values())[::-1]


def labelled(findings: Iterable[Finding], blanks: Mapping[str, tuple[str, str]]) -> list[Finding]:
    """Findings about a template's blanks with the label and the hint of the blank instead of its key."""
    result = []
    for finding in findings:
        label, hint = blanks.get(str(finding.facts.get("name", "")), ("", ""))
        if finding.rule == "blank" and label:
            title = finding.title.replace(str(finding.facts["name"]), label)
            finding = replace(finding, title=title, fix=hint or finding.fix)
        result.append(finding)
    return result


def paragraphs(
    text: str, findings: Iterable[Finding], blanks: Mapping[str, tuple[str, str]] | None = None
) -> list[Paragraph]:
    """The text by paragraphs, each finding with its place in `distinct`. Overlaps go to the earlier finding.

    `blanks` are label and hint by the key of a template's blank; a blank is shown with its label.
    """
    findings = labelled(findings, blanks or {})
    places = {finding.title: number for number, finding in enumerate(distinct(findings), start=1)}
    numbered = [(places[finding.title], finding) for finding in findings]
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
            if look == "blank":
                key = words.strip("{} ")
                words = (blanks or {}).get(key, ("", ""))[0] or key or words
            paragraph.pieces.append(Piece(words, look))
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
