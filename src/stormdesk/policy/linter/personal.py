"""Personal data in what goes out (P2); the brand's own contacts are listed in its rule and pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stormdesk.policy.linter.mark import gettext_noop as _
from stormdesk.policy.rules import Draft, Finding, RuleData, RuleKind, Severity
from stormdesk.understand import personal_data

KINDS = {
    "phone": _("telephone number"),
    "email": _("e-mail address"),
    "card": _("card number"),
    "iban": _("account number"),
    "inn": _("taxpayer number"),
    "snils": _("pension insurance number"),
    "passport": _("passport number"),
    "order": _("order number"),
    "address": _("home address"),
    "birth_date": _("date of birth"),
}


def check(draft: Draft, rules: Iterable[RuleData]) -> Iterator[Finding]:
    own = [rule for rule in rules if rule.kind == RuleKind.PERSONAL_DATA]
    allow = {str(value) for rule in own for value in [*rule.words, *rule.settings.get("allow", ())]}
    severity = own[0].severity if own else Severity.BLOCK
    kinds = {kind for rule in own for kind in rule.settings.get("kinds", ())} or set(KINDS)
    for span in personal_data(draft.text, allow):
        if span.kind not in kinds:
            continue
        yield Finding(
            own[0].key if own else "personal_data",
            severity,
            span.start,
            span.end,
            draft.text[span.start : span.end],
            _("Personal data: %(kind)s"),
            _("Personal matters belong in private channels; once public, this cannot be taken back."),
            _("Take it out. If it is the brand's own contact, add it to the rule."),
            {"kind": KINDS.get(span.kind, span.kind)},
        )
