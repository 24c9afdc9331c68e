"""Where a message stands: `chat/message`, `chat/first,second,…` for an album, `chat/message/connection` for business.

The chat is its number, negative for groups and channels (core.telegram.org/bots/api#chat), or `@name`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stormdesk.networks.base import Permanent, gettext_noop

_ID = re.compile(r"(-?\d{1,20}|@\w{1,64})/(\d{1,19}(?:,\d{1,19}){0,9})(?:/([\w=-]{1,128}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """One message, or the messages of one album."""

    chat: str
    messages: tuple[int, ...]
    connection: str = ""

    @property
    def chat_id(self) -> int | str:
        return self.chat if self.chat.startswith("@") else int(self.chat)

    @property
    def private(self) -> bool:
        """Between two people: numbers of users are positive."""
        return not self.chat.startswith(("@", "-"))

    @property
    def native_id(self) -> str:
        numbers = ",".join(map(str, self.messages))
        return f"{self.chat}/{numbers}/{self.connection}" if self.connection else f"{self.chat}/{numbers}"


def place(native_id: str) -> Place:
    """Raises Permanent for an id that no message of Telegram has here."""
    found = _ID.fullmatch(native_id)
    if not found:
        raise Permanent(
            gettext_noop("“%(id)s” is not the number of a Telegram message; choose the message again."),
            code="no_message",
            id=native_id[:60],
        )
    return Place(found[1], tuple(int(number) for number in found[2].split(",")), found[3] or "")


def link(chat: str, username: str, message: int) -> str:
    """The address of a message: by name where the chat is public, else for its members; none in private."""
    if username:
        return f"https://t.me/{username}/{message}"
    return f"https://t.me/c/{chat[4:]}/{message}" if chat.startswith("-100") else ""
