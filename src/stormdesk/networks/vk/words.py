"""What VK sends, and how it reads here. Shapes: the published schema, github.com/VKCOM/vk-api-schema (objects.json)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from stormdesk.networks.base import Author, Incoming, Kind, Media
from stormdesk.networks.vk.place import Place

# [id1|Pavel], [club1|Team], [public1|…], [event1|…]: a mention, with the name people see.
_MENTION = re.compile(r"\[(id|club|public|event)(\d{1,18})\|([^\[\]|]{1,300})\]", re.ASCII)


class Count(msgspec.Struct):
    count: int = 0


class Thread(msgspec.Struct):
    count: int = 0
    items: list[Any] = []


class Post(msgspec.Struct):
    """A post, or a comment where search and mentions give one as a post (`post_type` "reply", `post_id`)."""

    id: int
    owner_id: int
    from_id: int
    date: int
    text: str = ""
    post_type: str = "post"
    post_id: int | None = None
    edited: int | None = None
    copy_history: list[Any] = []
    attachments: list[Any] = []
    views: Count | None = None
    comments: Count | None = None
    is_pinned: int | bool = False


class Comment(msgspec.Struct):
    id: int
    from_id: int
    date: int
    text: str = ""
    owner_id: int | None = None
    post_id: int | None = None
    parents_stack: list[int] = []
    reply_to_comment: int | None = None
    attachments: list[Any] = []
    thread: Thread | None = None
    deleted: int | bool = False


class Message(msgspec.Struct):
    peer_id: int
    from_id: int
    date: int
    id: int = 0
    conversation_message_id: int = 0
    text: str = ""
    update_time: int | None = None
    random_id: int = 0
    attachments: list[Any] = []


def convert(value: Any, kind: type[Any]) -> Any:
    """`value` as a Post, Comment or Message; None if it is none: a stranger's nonsense must not stop the listening."""
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, RecursionError):
        return None


def people(response: Mapping[str, Any]) -> dict[int, Author]:
    """Who the `profiles` and `groups` of an extended response are, by number (negative for communities)."""
    found: dict[int, Author] = {}
    for name, sign in (("profiles", 1), ("groups", -1)):
        entries = response.get(name)
        for entry in entries if isinstance(entries, list) else []:
            number = entry.get("id") if isinstance(entry, dict) else None
            if not isinstance(number, int) or isinstance(number, bool):
                continue
            full = entry.get("name") or f"{entry.get('first_name') or ''} {entry.get('last_name') or ''}"
            handle = entry.get("screen_name")
            followers = entry.get("members_count") if sign < 0 else entry.get("followers_count")
            found[sign * abs(number)] = Author(
                str(sign * abs(number)),
                handle if isinstance(handle, str) and handle else named(sign * abs(number)),
                str(full),
                followers if isinstance(followers, int) and not isinstance(followers, bool) else None,
            )
    return found


def named(number: int) -> str:
    """The handle everybody has: id1 or club1."""
    return f"id{number}" if number > 0 else f"club{-number}"


def said_in_post(found: Post, who: Mapping[int, Author], group: int = 0) -> Incoming | None:
    """A post as something said, whoever said it."""
    at = moment(found.date)
    if at is None:
        return None
    shared = convert(found.copy_history[0], Post) if found.copy_history else None
    text = plain(found.text)
    if shared is not None:
        text = f"{text}\n\n{plain(shared.text)}".strip()
    reply = found.post_type == "reply" and found.post_id is not None
    where = Place("wall", found.owner_id, found.post_id, found.id) if reply and found.post_id else Place(
        "wall", found.owner_id, found.id
    )  # fmt: skip
    post = Place("wall", found.owner_id, found.post_id).native_id if reply and found.post_id else None
    kind: Kind = "comment" if reply else "repost" if shared is not None else "post"
    return Incoming(
        network="vk",
        native_id=where.native_id,
        text=text,
        published_at=at,
        author=who.get(found.from_id) or Author(str(found.from_id), named(found.from_id)),
        url=where.url,
        in_reply_to=post,
        thread=post,
        kind=kind,
        edited_at=moment(found.edited) if found.edited else None,
        reach=found.views.count if found.views and found.views.count > 0 else None,
        addressed=found.owner_id == -group or speaks_to(found.text, group),
        media=media(found.attachments),
    )


def said_in_comment(
    found: Comment, where: Place, who: Mapping[int, Author], group: int = 0
) -> Incoming | None:
    """A comment as something said. `where`: the post, photo or discussion it stands under."""
    at = moment(found.date)
    if at is None or found.deleted:
        return None
    here = Place(where.kind, where.owner, where.item, found.id)
    above = found.reply_to_comment or (found.parents_stack[-1] if found.parents_stack else None)
    root = Place(where.kind, where.owner, where.item).native_id
    return Incoming(
        network="vk",
        native_id=here.native_id,
        text=plain(found.text),
        published_at=at,
        author=who.get(found.from_id) or Author(str(found.from_id), named(found.from_id)),
        url=here.url,
        in_reply_to=Place(where.kind, where.owner, where.item, above).native_id if above else root,
        thread=root,
        kind="comment",
        addressed=where.owner == -group or speaks_to(found.text, group),
        media=media(found.attachments),
    )


def said_in_message(found: Message, who: Mapping[int, Author]) -> Incoming | None:
    """A message to the community as something said. None for its own words and for what stands in group chats."""
    at = moment(found.date)
    if at is None or found.from_id != found.peer_id:
        return None
    if found.id > 0:
        where = Place("im", found.peer_id, found.id)
    elif found.conversation_message_id > 0:
        where = Place("im", found.peer_id, 0, found.conversation_message_id)
    else:
        return None
    shown = media(found.attachments)
    if not (found.text or shown):
        return None
    return Incoming(
        network="vk",
        native_id=where.native_id,
        text=plain(found.text),
        published_at=at,
        author=who.get(found.from_id) or Author(str(found.from_id), named(found.from_id)),
        kind="direct",
        visibility="direct",
        edited_at=moment(found.update_time) if found.update_time else None,
        addressed=True,
        media=shown,
    )


def gone(where: Place, now: datetime) -> Incoming:
    """A removal, as events report it: all that is known is where it stood."""
    return Incoming("vk", where.native_id, "", now, Author("", ""), kind="comment", deleted=True)


def plain(text: str) -> str:
    """Text as people see it: mentions by their names."""
    return _MENTION.sub(lambda found: found[3], text)


def speaks_to(text: str, group: int) -> bool:
    """Does it mention the community?"""
    return bool(group) and any(
        kind != "id" and int(number) == group for kind, number, _ in _MENTION.findall(text)
    )


def moment(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def comparable(text: str) -> str:
    """What is the same however VK writes it: mentions by name, spaces as one."""
    return " ".join(plain(text).split())


def attached(attachments: Iterable[Any]) -> str:
    """What stands under a post, as `wall.post` and `wall.edit` take it: photo-1_5,video1_2,https://…"""
    found = []
    for attachment in attachments:
        kind = attachment.get("type") if isinstance(attachment, dict) else None
        thing = attachment.get(kind) if isinstance(kind, str) else None
        if not isinstance(thing, dict):
            continue
        if kind == "link":
            found.append(str(thing.get("url") or ""))
        elif isinstance(thing.get("owner_id"), int) and isinstance(thing.get("id"), int):
            key = thing.get("access_key")
            found.append(
                f"{kind}{thing['owner_id']}_{thing['id']}"
                + (f"_{key}" if isinstance(key, str) and key else "")
            )
    return ",".join(one for one in found if one and "," not in one)


def media(attachments: Iterable[Any]) -> tuple[Media, ...]:
    """Pictures with their addresses; of videos only that there is one."""
    shown = []
    for attachment in attachments:
        kind = attachment.get("type") if isinstance(attachment, dict) else None
        if kind == "photo" and isinstance(photo := attachment.get("photo"), dict):
            sizes = photo.get("sizes")
            urls = (
                [s["url"] for s in sizes if isinstance(s, dict) and isinstance(s.get("url"), str)]
                if isinstance(sizes, list)
                else []
            )
            text = photo.get("text")
            shown.append(
                Media(
                    url=urls[-1] if urls else "",
                    description=text if isinstance(text, str) else "",
                    name="photo",
                )
            )
        elif kind in ("video", "doc", "audio_message", "sticker"):
            shown.append(Media(name=str(kind)))
    return tuple(shown[:10])
