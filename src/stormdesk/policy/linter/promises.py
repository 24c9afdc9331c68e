"""Promises nobody can keep: for ever, never again, everything, at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stormdesk.policy.linter.mark import gettext_noop as _
from stormdesk.policy.linter.matching import find
from stormdesk.policy.rules import Draft, Finding, RuleData, RuleKind, Severity

ABSOLUTE = (
    "never again",
    "we guarantee",
    "guaranteed",
    "100% safe",
    "completely safe",
    "absolutely safe",
    "will never happen",
    "every single customer",
    "больше никогда",
    "никогда больше",
    "никогда не повторится",
    "не повторится никогда",
    "гарантируем",
    "гарантирую",
    "стопроцентно",
    "совершенно безопасно",
    "абсолютно безопасно",
)


def check(draft: Draft, rules: Iterable[RuleData]) -> Iterator[Finding]:
    own = [rule for rule in rules if rule.kind == RuleKind.PROMISE]
    plain = RuleData("promise", RuleKind.PROMISE, Severity.WARN, words=ABSOLUTE)
    for rule in own or [plain]:
        for _term, start, end in find(draft.text, rule.words or ABSOLUTE):
            words = draft.text[start:end]
            yield Finding(
                rule.key,
                rule.severity,
                start,
                end,
                words,
                f"{rule.title}: “{words}”" if rule.title else _("A promise nobody can keep: “%(words)s”"),
                rule.reason or _("One exception, and this sentence becomes the next headline."),
                rule.fix or _("Promise only what has an owner and a date."),
                {"words": words},
            )
