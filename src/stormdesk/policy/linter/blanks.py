"""A blank of a template that nobody filled: `{{hotline}}`. Half a brace is a blank too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stormdesk.policy.linter.mark import gettext_noop as _
from stormdesk.policy.rules import Draft, Finding, RuleData, Severity

BLANK = re.compile(r"\{\{\s*([^{}]{0,80}?)\s*\}\}|\{\{|\}\}")


def names(text: str) -> list[str]:
    """The names of the blanks still open, each once, in order."""
    return list(dict.fromkeys(match[1] or "" for match in BLANK.finditer(text)))


def check(draft: Draft, rules: Iterable[RuleData]) -> Iterator[Finding]:
    for match in BLANK.finditer(draft.text):
        yield Finding(
            "blank",
            Severity.BLOCK,
            match.start(),
            match.end(),
            match[0],
            _("Blank: %(name)s"),
            _("A blank left open blocks sending everywhere."),
            _("Fill it in, or take the sentence out."),
            {"name": match[1] or match[0]},
        )
