"""Where something stands.

-70/mid.1            a message or post in chat or channel -70
d70/mid.1            a message in the private conversation 70
-70/mid.1/mid.9      a comment under post mid.1
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stormdesk.networks.base import Permanent, gettext_noop

# Never a step in a path: the id goes into addresses.
_MID = r"(?!\.{1,2}(?:/|$))[\w.-]{1,128}"
_ID = re.compile(rf"(d?)(-?\d{{1,19}})/({_MID})(?:/({_MID}))?", re.ASCII)
MID = re.compile(_MID, re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    chat: int
    message: str
    comment: str | None = None
    private: bool = False

    @property
    def native_id(self) -> str:
        here = f"{'d' if self.private else ''}{self.chat}/{self.message}"
        return here if self.comment is None else f"{here}/{self.comment}"


def place(native_id: str) -> Place:
    """Raises Permanent for an id that nothing in MAX has here."""
    found = _ID.fullmatch(native_id)
    if not found:
        raise Permanent(
            gettext_noop("“%(id)s” is not the number of a message in MAX; choose the message again."),
            code="no_message",
            id=native_id[:60],
        )
    return Place(int(found[2]), found[3], found[4], bool(found[1]))
