"""The network's limit, and the brand's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stormdesk.policy.linter.mark import gettext_noop as _
from stormdesk.policy.rules import Draft, Finding, RuleData, RuleKind, Severity


def check(draft: Draft, rules: Iterable[RuleData]) -> Iterator[Finding]:
    length = draft.count(draft.text)
    if not draft.text.strip() and not draft.media:
        yield Finding(
            "empty",
            Severity.BLOCK,
            0,
            0,
            "",
            _("No text"),
            _("There is nothing to send."),
            _("Write the text."),
        )
    if draft.limit is not None and length > draft.limit:
        yield Finding(
            "length",
            Severity.BLOCK,
            min(draft.limit, len(draft.text)),
            len(draft.text),
            draft.text[draft.limit :][:40],
            _("%(over)s characters too long"),
            _("The network takes %(limit)s characters; this has %(length)s."),
            _("Shorten it for this network; the other versions stay as they are."),
            {"over": length - draft.limit, "limit": draft.limit, "length": length},
        )
    for rule in rules:
        if rule.kind != RuleKind.LENGTH or not _meant(rule, draft.kind):
            continue
        longest = rule.settings.get("max")
        if longest and length > int(longest):
            yield Finding(
                rule.key,
                rule.severity,
                min(int(longest), len(draft.text)),
                len(draft.text),
                "",
                rule.title or _("%(over)s characters too long"),
                rule.reason or _("The brand's own limit is %(limit)s characters; this has %(length)s."),
                rule.fix,
                {"over": length - int(longest), "limit": longest, "length": length},
            )


def _meant(rule: RuleData, kind: str) -> bool:
    kinds = rule.settings.get("for") or [kind]
    return kind in kinds
