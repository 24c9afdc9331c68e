"""Every picture carries where it comes from, by what right it is used and whom to name (P4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stormdesk.policy.linter.mark import gettext_noop as _
from stormdesk.policy.rules import Draft, Finding, RuleData, RuleKind, Severity

OWN = "own"
"""The licence of what the brand made itself: nobody needs to be named."""

_MISSING = {
    "origin": (
        _("Picture %(number)s: no origin"),
        _("Nobody can check the right to use a picture from nowhere."),
    ),
    "licence": (
        _("Picture %(number)s: no licence"),
        _("Using it without a licence is what the next crisis is made of."),
    ),
    "credit": (_("Picture %(number)s: no credit line"), _("Its licence asks that the author is named.")),
    "description": (
        _("Picture %(number)s: no description"),
        _("Those who do not see the picture are told nothing."),
    ),
}


def check(draft: Draft, rules: Iterable[RuleData]) -> Iterator[Finding]:
    own = next((rule for rule in rules if rule.kind == RuleKind.CREDIT), None)
    severity = own.severity if own else Severity.BLOCK
    for number, medium in enumerate(draft.media, start=1):
        for name, (title, reason) in _MISSING.items():
            if str(medium.get(name) or "").strip():
                continue
            if name == "credit" and str(medium.get("licence", "")).strip().lower() == OWN:
                continue
            yield Finding(
                own.key if own else "credit",
                Severity.WARN if name == "description" else severity,
                len(draft.text),
                len(draft.text),
                "",
                title,
                reason,
                _("Fill in the field beside the picture, or remove the picture."),
                {"number": number},
            )
