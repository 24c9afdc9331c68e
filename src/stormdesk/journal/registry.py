"""The sentence of each kind of entry. A kind without a sentence cannot be recorded.

A stage registers its kinds in its own `sentences.py`, which Django's start-up imports:

    register("pause.started", _("%(by)s paused publishing for %(scope)s: %(reason)s"), icon="pause")
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Sentence:
    """How a kind of entry is told: a lazy text with %(by)s and the names of its facts.

    `group` sorts the timeline: action, decision, outside, system.  `mark` entries are numbered on the chart.
    """

    text: str | Promise
    icon: str = "dot"
    group: str = "action"
    mark: bool = False


_SENTENCES: dict[str, Sentence] = {}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)")


def register(
    kind: str, text: str | Promise, *, icon: str = "dot", group: str = "action", mark: bool = False
) -> None:
    """Make `kind` recordable. Raises ValueError when two stages claim one name."""
    if kind in _SENTENCES:
        raise ValueError(f"The journal kind {kind} is registered twice.")
    _SENTENCES[kind] = Sentence(text, icon, group, mark)


def sentence_of(kind: str) -> Sentence:
    """Raises KeyError for a kind nobody registered."""
    return _SENTENCES[kind]


def kinds() -> list[str]:
    """All registered kinds, sorted."""
    return sorted(_SENTENCES)


def tell(kind: str, by_name: str, facts: dict) -> str:
    """The entry as a sentence in the active language. A fact that is missing shows as a dash."""
    known = _SENTENCES.get(kind)
    if known is None:
        return kind
    return str(known.text) % Told({**facts, "by": by_name or _("Stormdesk")})


class Told(dict):
    """Facts for a sentence: a missing one is a dash; one that is told in several languages (`{"en": …, "ru": …}`)
    comes in the active one; a moment comes in the reader's zone."""

    def __getitem__(self, key: str) -> object:
        value = super().__getitem__(key)
        if isinstance(value, dict):
            language = (get_language() or "en")[:2]
            return value.get(language) or next(iter(value.values()), "—")
        if isinstance(value, str) and _MOMENT.fullmatch(value):
            local = timezone.localtime(datetime.fromisoformat(value))
            return formats.date_format(
                local, "j E, H:i" if (get_language() or "").startswith("ru") else "j M, H:i"
            )
        return value

    def __missing__(self, key: str) -> str:
        return "—"


# People stand to the left of the journal: what is recorded of them is registered here.
register("people.invited", _("%(by)s invited %(email)s as %(roles)s"), icon="users")
register("people.roles", _("%(by)s gave %(person)s the roles: %(roles)s"), icon="users")
