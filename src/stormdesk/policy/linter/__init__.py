"""Every check on everything outgoing (P1 to P4, P8). `lint(draft, rules)` is pure and quick enough for each keystroke.

Always checked, with or without a rule: blanks left open, invisible and direction marks, personal data, pictures
without origin or licence, the network's length, promises nobody can keep. A brand's rules add words, tone, confidential
terms with embargo dates, own lengths; a rule of a built-in kind changes that check's severity and settings.
"""

from __future__ import annotations

from collections.abc import Iterable

from stormdesk.policy.linter import blanks, hidden, length, media, personal, promises, tone, words
from stormdesk.policy.rules import Draft, Finding, RuleData

_CHECKS = (blanks, hidden, personal, media, length, promises, words, tone)


def lint(draft: Draft, rules: Iterable[RuleData] = ()) -> list[Finding]:
    """All findings: what blocks first, then in the order of the text."""
    rules = tuple(rules)
    found = [finding for check in _CHECKS for finding in check.check(draft, rules)]
    return sorted(found, key=lambda f: (not f.blocks, f.start, f.end, f.rule))
