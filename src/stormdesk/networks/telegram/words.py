"""What the Bot API sends, and how it reads here. Shapes: core.telegram.org/bots/api#message and below it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from stormdesk.networks.base import Author, Incoming, Kind, Media
from stormdesk.networks.telegram.place import Place, link


class User(msgspec.Struct):
    id: int
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    is_bot: bool = False


class Chat(msgspec.Struct):
    id: int
    type: str = ""
    title: str = ""
    username: str = ""
    first_name: str = ""
    last_name: str = ""


class Entity(msgspec.Struct):
    type: str
    offset: int
    length: int
    user: User | None = None


class Origin(msgspec.Struct):
    type: str
    chat: Chat | None = None
    message_id: int | None = None


class Message(msgspec.Struct):
    message_id: int
    date: int
    chat: Chat
    from_: User | None = msgspec.field(default=None, name="from")
    sender_chat: Chat | None = None
    text: str = ""
    caption: str = ""
    entities: list[Entity] = []
    caption_entities: list[Entity] = []
    edit_date: int | None = None
    is_automatic_forward: bool = False
    reply_to_message: Message | None = None
    message_thread_id: int | None = None
    forward_origin: Origin | None = None
    author_signature: str = ""
    business_connection_id: str = ""
    media_group_id: str = ""
    photo: list[Any] = []
    video: Any = None
    animation: Any = None
    document: Any = None
    audio: Any = None
    voice: Any = None
    video_note: Any = None
    sticker: Any = None
    migrate_to_chat_id: int | None = None


class Removed(msgspec.Struct):
    business_connection_id: str
    chat: Chat
    message_ids: list[int]


@dataclass(frozen=True, slots=True)
class Us:
    """How the account is known: the bot's id and name, and the chat it speaks in (number or @name)."""

    bot: str
    handle: str = ""
    chat: str = ""

    def is_our_chat(self, chat: Chat) -> bool:
        name = f"@{chat.username}".casefold() if chat.username else ""
        return self.chat != "" and self.chat.casefold() in (str(chat.id), name)

    def names(self) -> set[str]:
        return {name.lstrip("@").casefold() for name in (self.handle, self.chat) if name.lstrip("@-")}


def message(value: Any) -> Message | None:
    """The message in a piece of JSON; None if it is not one: a stranger's nonsense must not stop the listening."""
    try:
        return msgspec.convert(value, Message)
    except (msgspec.ValidationError, RecursionError):
        return None


def removed(value: Any, now: datetime) -> list[Incoming]:
    """Messages taken back in a business account's chats: all that is known is where they stood."""
    try:
        found = msgspec.convert(value, Removed)
    except (msgspec.ValidationError, RecursionError):
        return []
    return [
        Incoming(
            network="telegram",
            native_id=Place(str(found.chat.id), (number,), found.business_connection_id).native_id,
            text="",
            published_at=now,
            author=Author("", ""),
            kind="direct",
            visibility="direct",
            deleted=True,
        )
        for number in found.message_ids
    ]


def incoming(found: Message, us: Us) -> Incoming | None:
    """A message as something said. None for the account's own words and for service messages ("joined", "pinned")."""
    media = _media(found)
    text = found.text or found.caption
    at = moment(found.date)
    if at is None or not (text or media) or _ours(found, us):
        return None
    chat, number = found.chat, found.message_id
    if found.is_automatic_forward and (origin := found.forward_origin) and origin.chat and origin.message_id:
        # In the group of comments the post stands as a copy; it is the post of the channel that was said.
        chat, number = origin.chat, origin.message_id
    # Numbers of people are positive, of groups and channels negative.
    private = found.chat.id > 0 or bool(found.business_connection_id)
    if found.media_group_id and not text and not private:
        # An album comes picture by picture, its words under one of them: the others say nothing of their own.
        return None
    at_us, answered = _answered(found, us)
    return Incoming(
        network="telegram",
        native_id=Place(str(chat.id), (number,), found.business_connection_id).native_id,
        text=text,
        published_at=at,
        author=_author(found, chat),
        url="" if private else link(str(chat.id), chat.username, number),
        in_reply_to=answered,
        thread=None
        if private or not found.message_thread_id
        else f"{found.chat.id}/{found.message_thread_id}",
        kind=_kind(found, private),
        visibility="direct" if private else "public",
        edited_at=moment(found.edit_date) if found.edit_date is not None else None,
        addressed=private or at_us or _named(found, us),
        media=media,
    )


def moment(seconds: int) -> datetime | None:
    """Unix time as a moment, None if no calendar has it."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _ours(found: Message, us: Us) -> bool:
    if found.business_connection_id:
        # Customers write in the chat that carries their number; whatever else stands there the business said.
        return found.from_ is None or found.from_.id != found.chat.id
    if us.is_our_chat(found.chat) and found.chat.type == "channel":
        return True
    if found.sender_chat is not None and us.is_our_chat(found.sender_chat):
        return True
    return found.from_ is not None and us.bot != "" and str(found.from_.id) == us.bot


def _kind(found: Message, private: bool) -> Kind:
    if private:
        return "direct"
    if found.is_automatic_forward:
        return "post"
    if found.forward_origin is not None:
        return "repost"
    return "comment" if found.reply_to_message or found.message_thread_id else "post"


def _answered(found: Message, us: Us) -> tuple[bool, str | None]:
    """Does it answer us, and what does it answer? A comment under a channel's post answers the post itself."""
    parent = found.reply_to_message
    if parent is None:
        return False, None
    origin = parent.forward_origin
    if parent.is_automatic_forward and origin and origin.chat and origin.message_id:
        return us.is_our_chat(origin.chat), f"{origin.chat.id}/{origin.message_id}"
    here = Place(str(parent.chat.id), (parent.message_id,), found.business_connection_id).native_id
    return _ours(parent, us), here


def _named(found: Message, us: Us) -> bool:
    """Does it mention the bot or the channel? Offsets count UTF-16 units (core.telegram.org/bots/api#messageentity)."""
    text, entities = (found.text, found.entities) if found.text else (found.caption, found.caption_entities)
    units = text.encode("utf-16-le", "surrogatepass")
    names = us.names()
    for entity in entities:
        if entity.type == "text_mention" and entity.user and str(entity.user.id) == us.bot:
            return True
        if entity.type == "mention" and entity.offset >= 0 and entity.length > 0:
            piece = units[entity.offset * 2 : (entity.offset + entity.length) * 2]
            if piece.decode("utf-16-le", "replace").lstrip("@").casefold() in names:
                return True
    return False


def _author(found: Message, chat: Chat) -> Author:
    who = chat if chat.type == "channel" else found.sender_chat
    if who is not None:
        return Author(str(who.id), who.username or str(who.id), who.title or found.author_signature)
    if found.from_ is None:
        return Author(str(chat.id), chat.username or str(chat.id), chat.title)
    person = found.from_
    return Author(
        str(person.id), person.username or str(person.id), f"{person.first_name} {person.last_name}".strip()
    )


def _media(found: Message) -> tuple[Media, ...]:
    # A file's address would carry the bot's token: what is there is said, the file stays where it is.
    names = ("photo", "video", "animation", "document", "audio", "voice", "video_note", "sticker")
    return tuple(Media(name=name) for name in names if getattr(found, name))[:1]
