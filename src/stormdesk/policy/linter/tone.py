"""Tone that is not a matter of single words: ты or вы, shouting, exclamation marks, emoji (P1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stormdesk.policy.linter.mark import gettext_noop as _
from stormdesk.policy.rules import Draft, Finding, RuleData, RuleKind

_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\U0001f1e6-\U0001f1ff]\ufe0f?")
_SHOUT = re.compile(r"\b[^\W\d_a-zа-яё]{4,}(?:\s+[^\W\d_a-zа-яё]{2,})+\b")
_TY = re.compile(
    r"\b(?:ты|тебя|тебе|тобой|тобою|твой|твоя|твоё|твое|твои|твоего|твоей|твоих|твоим|твоими|твоём)\b", re.I
)
_VY = re.compile(
    r"\b(?:вы|вас|вам|вами|ваш|ваша|ваше|ваши|вашего|вашей|ваших|вашим|вашими|вашем|вашу)\b", re.I
)


def check(draft: Draft, rules: Iterable[RuleData]) -> Iterator[Finding]:
    for rule in rules:
        if rule.kind == RuleKind.TONE:
            yield from _tone(draft.text, rule)


def _tone(text: str, rule: RuleData) -> Iterator[Finding]:
    settings = rule.settings
    address = settings.get("address")
    if address in ("вы", "ты"):
        for match in (_TY if address == "вы" else _VY).finditer(text):
            yield _finding(
                rule,
                match.start(),
                match.end(),
                match[0],
                _("The brand says %(address)s to its readers: “%(words)s”"),
                {"address": f"«{address}»"},
            )
    most = settings.get("emoji")
    emoji = list(_EMOJI.finditer(text))
    if isinstance(most, int) and len(emoji) > most:
        first = emoji[most]
        yield _finding(
            rule,
            first.start(),
            first.end(),
            first[0],
            _("More emoji than the brand uses: %(number)s"),
            {"number": len(emoji)},
        )
    most = settings.get("exclamations")
    marks = [match.start() for match in re.finditer("!", text)]
    if isinstance(most, int) and len(marks) > most:
        yield _finding(
            rule,
            marks[most],
            marks[most] + 1,
            "!",
            _("More exclamation marks than the brand uses: %(number)s"),
            {"number": len(marks)},
        )
    if settings.get("shouting") is False:
        for match in _SHOUT.finditer(text):
            yield _finding(
                rule, match.start(), match.end(), match[0], _("Capitals read as shouting: “%(words)s”"), {}
            )


def _finding(rule: RuleData, start: int, end: int, words: str, title: str, facts: dict) -> Finding:
    return Finding(
        rule.key,
        rule.severity,
        start,
        end,
        words,
        title,
        rule.reason or _("It does not sound like the brand."),
        rule.fix or _("Say it in the brand's voice."),
        {"words": words, **facts},
    )
