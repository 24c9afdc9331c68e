"""What OK sends, and how it reads here. Shapes: apiok.ru/dev/graph_api/methods/graph.user/graph.user.messages/get."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from stormdesk.networks.base import Author, Incoming, Media, Outgoing, Permanent, Sent, gettext_noop
from stormdesk.networks.plain import clean, clean_line

_NATIVE = re.compile(r"(chat:[A-Za-z0-9_.-]{1,80})(?:/(.{0,160}))?\Z")


class Chat(msgspec.Struct):
    chat_id: str
    type: str = ""
    lastEventTime: int = 0
    participants: dict[str, Any] = {}


class Sender(msgspec.Struct):
    user_id: str = ""
    name: str = ""


class Body(msgspec.Struct):
    mid: str
    text: str = ""
    attachments: list[dict[str, Any]] = []


class Message(msgspec.Struct):
    message: Body
    timestamp: int
    sender: Sender = msgspec.field(default_factory=Sender)


def chat(value: Any) -> Chat | None:
    """The chat in a piece of JSON; None if it is not one."""
    found = _convert(value, Chat)
    return found if found and _NATIVE.match(found.chat_id) and found.lastEventTime > 0 else None


def message(value: Any) -> Message | None:
    """The message in a piece of JSON; None for news about the chat itself, and for nonsense."""
    found = _convert(value, Message)
    return found if found and found.message.mid and when(found.timestamp) else None


def _convert(value: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind, strict=False)
    except (msgspec.ValidationError, RecursionError):
        return None


def is_own(found: Message) -> bool:
    """Did the group itself say it?"""
    return found.sender.user_id.startswith("group:")


def said(chat_id: str, found: Message) -> Incoming:
    """A message as something said, whoever said it."""
    who = clean_line(found.sender.user_id.partition(":")[2] or found.sender.user_id or "?", 100)
    return Incoming(
        network="ok",
        native_id=f"{chat_id}/{clean_line(found.message.mid, 150)}",
        text=found.message.text,
        published_at=when(found.timestamp) or datetime.fromtimestamp(0, UTC),
        author=Author(who, who, found.sender.name),
        in_reply_to=None,
        thread=chat_id,
        kind="direct",
        visibility="direct",
        addressed=not is_own(found),
        media=tuple(_media(a) for a in found.message.attachments[:20]),
    )


def place(native_id: str) -> str:
    """The chat a message stands in. Raises Permanent."""
    found = _NATIVE.match(native_id)
    if not found:
        raise Permanent(
            gettext_noop("There is no such conversation in OK; choose the message again."), code="gone"
        )
    return found[1]


def sent(chat_id: str, found: Message) -> Sent:
    return Sent(
        f"{chat_id}/{clean_line(found.message.mid, 150)}", "", when(found.timestamp) or datetime.now(UTC)
    )


def is_it(outgoing: Outgoing, found: Message) -> bool:
    """Is this own message that one: the same words?"""
    return is_own(found) and " ".join(clean(outgoing.text).split()) == " ".join(
        clean(found.message.text).split()
    )


def when(milliseconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _media(value: dict[str, Any]) -> Media:
    payload = value.get("payload")
    url = payload.get("url") if isinstance(payload, dict) else ""
    return Media(url=url if isinstance(url, str) else "")
