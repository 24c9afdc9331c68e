"""Characters nobody sees: they break words for search and screen readers, or turn the direction of a line around."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from stormdesk.policy.linter.mark import gettext_noop as _
from stormdesk.policy.rules import Draft, Finding, RuleData, Severity

_ZWJ = "\u200d"
_NO_WARNING = "\u00ad"
_DIRECTION = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


def check(draft: Draft, rules: Iterable[RuleData]) -> Iterator[Finding]:
    text = draft.text
    if text.isascii() and text.isprintable():
        return
    for at, char in enumerate(text):
        if char in "\n\t\r" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co"}:
            continue
        if char == _ZWJ and 0 < at < len(text) - 1 and not text[at - 1].isalnum():
            continue  # joins two signs into one picture
        facts = {"name": unicodedata.name(char, f"U+{ord(char):04X}").lower(), "code": f"U+{ord(char):04X}"}
        turns = bool(_DIRECTION.match(char))
        yield Finding(
            "hidden",
            Severity.WARN if char == _NO_WARNING else Severity.BLOCK,
            at,
            at + 1,
            facts["code"],
            _("Direction mark: %(code)s") if turns else _("Invisible character: %(code)s"),
            _("%(name)s can make the text read differently from what was approved.")
            if turns
            else _("%(name)s is not seen by those who approve, but is sent."),
            _("Delete it: put the cursor behind it and press Backspace."),
            facts,
        )
