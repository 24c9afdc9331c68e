"""Words the brand never uses, and confidential names until their embargo ends (P1, P3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from stormdesk.policy.linter.mark import gettext_noop as _
from stormdesk.policy.linter.matching import find
from stormdesk.policy.rules import Draft, Finding, RuleData, RuleKind


def embargo(rule: RuleData) -> date | None:
    """The day on which a confidential term becomes free, or None for one that never does."""
    until = rule.settings.get("until")
    try:
        return date.fromisoformat(str(until)[:10]) if until else None
    except ValueError:
        return None


def check(draft: Draft, rules: Iterable[RuleData]) -> Iterator[Finding]:
    for rule in rules:
        if rule.kind not in (RuleKind.FORBIDDEN, RuleKind.CONFIDENTIAL, RuleKind.TONE):
            continue
        until = embargo(rule) if rule.kind == RuleKind.CONFIDENTIAL else None
        if until and draft.today >= until:
            continue
        for _term, start, end in find(draft.text, rule.words):
            words = draft.text[start:end]
            yield Finding(
                rule.key,
                rule.severity,
                start,
                end,
                words,
                f"{rule.title}: “{words}”",
                rule.reason
                or (_("Confidential until %(until)s.") if until else _("The brand does not say this.")),
                rule.fix or _("Say it in other words."),
                {"until": until.isoformat() if until else ""},
            )
