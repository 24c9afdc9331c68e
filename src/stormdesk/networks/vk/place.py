"""Where something stands, written as in VK's own addresses.

wall-1_5          a post: wall of community 1, post 5
wall-1_5_r7       a comment under it
topic-1_5_7       a comment in a discussion
photo-1_5_r7      a comment under a photo; video and market likewise
im100_7           message 7 of the conversation with user 100
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stormdesk.networks.base import Permanent, gettext_noop

_ID = re.compile(
    r"(?:(wall|photo|video|market)(-?\d{1,18})_(\d{1,18})(?:_r(\d{1,18}))?|topic(-\d{1,18})_(\d{1,18})_(\d{1,18})"
    r"|im(-?\d{1,18})_(c?)(\d{1,18}))",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Place:
    """`kind`: wall, topic, photo, video, market or im. `owner`: negative for communities; for im the other side."""

    kind: str
    owner: int
    item: int
    comment: int | None = None

    @property
    def native_id(self) -> str:
        if self.comment is None:
            return f"{self.kind}{self.owner}_{self.item}"
        if self.kind == "im":
            return f"im{self.owner}_c{self.comment}"
        return f"{self.kind}{self.owner}_{self.item}_{'' if self.kind == 'topic' else 'r'}{self.comment}"

    @property
    def url(self) -> str:
        """Where a person opens it; empty for messages."""
        if self.kind == "im":
            return ""
        base = f"https://vk.com/{self.kind}{self.owner}_{self.item}"
        if self.comment is None:
            return base
        return f"{base}?{'post' if self.kind == 'topic' else 'reply'}={self.comment}"


def place(native_id: str) -> Place:
    """Raises Permanent for an id that nothing in VK has here."""
    found = _ID.fullmatch(native_id)
    if not found:
        raise Permanent(
            gettext_noop("“%(id)s” is not the number of anything in VK; choose the message again."),
            code="no_message",
            id=native_id[:60],
        )
    kind, owner, item, comment, group, topic, answer, peer, within, message = found.groups()
    if kind:
        return Place(kind, int(owner), int(item), int(comment) if comment else None)
    if group:
        return Place("topic", int(group), int(topic), int(answer))
    return Place("im", int(peer), 0, int(message)) if within else Place("im", int(peer), int(message))
