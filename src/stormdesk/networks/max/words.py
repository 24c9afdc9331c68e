"""What MAX sends, and how it reads here. Shapes: github.com/max-messenger/api-schema, dev.max.ru/docs-api/objects."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from stormdesk.networks.base import Author, Incoming, Kind, Media
from stormdesk.networks.max.place import MID, Place


class User(msgspec.Struct):
    user_id: int
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    is_bot: bool = False


class Recipient(msgspec.Struct):
    chat_id: int | None = None
    chat_type: str = ""
    user_id: int | None = None
    post_id: str | None = None


class Body(msgspec.Struct):
    mid: str
    seq: int = 0
    text: str | None = None
    attachments: list[Any] | None = None
    markup: list[Any] | None = None


class Linked(msgspec.Struct):
    type: str
    message: Body
    sender: User | None = None


class Stat(msgspec.Struct):
    views: int = 0


class Message(msgspec.Struct):
    """A message, a post of a channel, or a comment (then `recipient.post_id` may name the post)."""

    recipient: Recipient
    timestamp: int
    body: Body | None = None
    sender: User | None = None
    link: Linked | None = None
    stat: Stat | None = None
    url: str | None = None


def message(value: Any) -> Message | None:
    """The message in a piece of JSON; None if it is not one: a stranger's nonsense must not stop the listening."""
    try:
        found = msgspec.convert(value, Message)
    except (msgspec.ValidationError, RecursionError):
        return None
    sound = found.body is not None and MID.fullmatch(found.body.mid) and found.recipient.chat_id is not None
    return found if sound and moment(found.timestamp) else None


def where(found: Message, post: str = "") -> Place:
    """Where it stands. `post`: the post it is a comment under, if the question was for its comments."""
    chat, mid = found.recipient.chat_id or 0, found.body.mid if found.body else ""
    under = post or found.recipient.post_id or ""
    if MID.fullmatch(under):
        return Place(chat, under, mid)
    return Place(chat, mid, private=found.recipient.chat_type == "dialog")


def said(
    found: Message, chat: int | None = None, post: str = "", edited: datetime | None = None
) -> Incoming | None:
    """A message as something said, whoever said it. `chat`: the account's own, so that we know who is spoken to."""
    here = where(found, post)
    body, linked = found.body, found.link
    at = moment(found.timestamp)
    if body is None or at is None:
        return None
    forwarded = linked if linked and linked.type == "forward" else None
    text = body.text or (forwarded.message.text if forwarded else None) or ""
    shown = media((body.attachments or []) + ((forwarded.message.attachments or []) if forwarded else []))
    if not (text or shown):
        return None
    answered = (
        linked.message.mid
        if linked and linked.type == "reply" and MID.fullmatch(linked.message.mid)
        else None
    )
    root = Place(here.chat, here.message).native_id if here.comment else None
    kind: Kind = (
        "direct"
        if here.private
        else "comment"
        if here.comment or answered
        else "repost"
        if forwarded
        else "post"
    )
    if answered:
        above = replace(here, comment=answered) if here.comment else replace(here, message=answered)
        root_or_above = above.native_id
    else:
        root_or_above = root or ""
    return Incoming(
        network="max",
        native_id=here.native_id,
        text=text,
        published_at=at,
        author=_author(found),
        url=found.url or "",
        in_reply_to=root_or_above or None,
        thread=root,
        kind=kind,
        visibility="direct" if here.private else "public",
        edited_at=edited,
        reach=found.stat.views if found.stat and found.stat.views > 0 else None,
        addressed=here.private or (here.comment is not None and here.chat == chat),
        media=shown,
    )


def heard(
    found: Message, chat: int | None, post: str = "", edited: datetime | None = None
) -> Incoming | None:
    """The same of strangers. None for the channel's own words and for what bots say, the account's among them."""
    if (found.sender is not None and found.sender.is_bot) or is_ours(found, chat):
        return None
    return said(found, chat, post, edited)


def is_ours(found: Message, chat: int | None) -> bool:
    """What is said in a channel's name carries no sender; in the account's own channel it is ours."""
    return found.sender is None and found.recipient.chat_id == chat


def gone(chat: int, mid: str, now: datetime) -> Incoming:
    """A removal: all that is known is where it stood. Numbers of conversations are positive, of chats negative."""
    here = Place(chat, mid, private=chat > 0)
    return Incoming("max", here.native_id, "", now, Author("", ""), deleted=True)


def moment(milliseconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def order(found: Message) -> tuple[int, int]:
    """Sorts messages as they were said."""
    return found.timestamp, found.body.seq if found.body else 0


def comparable(text: str) -> str:
    return " ".join(text.split())


def media(attachments: list[Any]) -> tuple[Media, ...]:
    """Pictures with their addresses; of other files only that they are there."""
    shown = []
    for one in attachments:
        kind = one.get("type") if isinstance(one, dict) else None
        payload = one.get("payload") if isinstance(one, dict) else None
        url = payload.get("url") if kind == "image" and isinstance(payload, dict) else ""
        if kind in ("image", "video", "audio", "file", "sticker"):
            shown.append(Media(url=url if isinstance(url, str) else "", name=kind))
    return tuple(shown[:10])


def _author(found: Message) -> Author:
    who = found.sender
    if who is None:
        chat = str(found.recipient.chat_id)
        return Author(chat, chat)
    name = f"{who.first_name or ''} {who.last_name or ''}".strip()
    return Author(str(who.user_id), who.username or str(who.user_id), name)
