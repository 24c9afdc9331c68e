"""Saying something: pictures first, then one request, sent at most once; and changing or removing what was said.

`guid` keeps VK from taking the same post or comment twice within an hour (dev.vk.com/ru/method/wall.post), `random_id`
the same message within an hour and the last hundred messages (dev.vk.com/ru/method/messages.send).
"""

from __future__ import annotations

import hashlib
from typing import Any

from stormdesk.core import http
from stormdesk.core.clock import utcnow
from stormdesk.networks import calls
from stormdesk.networks.base import (
    Outgoing,
    Permanent,
    Secret,
    Sent,
    Settings,
    gettext_noop,
)
from stormdesk.networks.vk import api, pictures, words
from stormdesk.networks.vk.place import Place, place

MESSAGE_LIMIT = 9000
"""dev.vk.com/ru/method/messages.send."""
MEDIA = 10
WALLS = (api.USER,)
COMMENTS = (api.USER, api.COMMUNITY)
MESSAGES = (api.COMMUNITY, api.USER)


def random_id(key: str) -> int:
    """The same 31-bit number for the same key, never 0: VK does not compare zeros."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") % (2**31 - 1) + 1


async def publish(settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
    """A post of the community, a comment or a message. Raises as `Network.publish` does."""
    _fits(outgoing)
    if outgoing.visibility == "direct":
        return await _message(settings, secret, outgoing)
    if outgoing.in_reply_to:
        return await _comment(settings, secret, outgoing, place(outgoing.in_reply_to))
    group = api.group(settings)
    content: dict[str, Any] = {"owner_id": -group, "from_group": 1, "guid": outgoing.key}
    content |= _text(outgoing.text, await pictures.hand_over(settings, secret, outgoing.media, group))
    said = await api.act(settings, secret, WALLS, "wall.post", **content)
    return _sent(settings, Place("wall", -group, _number(settings, said, "post_id")))


async def peer(settings: Settings, secret: Secret, outgoing: Outgoing) -> int:
    """The number of the person a message goes to. Raises Permanent, Retryable."""
    if outgoing.in_reply_to and (answered := place(outgoing.in_reply_to)).kind == "im":
        return answered.owner
    handle = (outgoing.to_handle or "").lstrip("@").strip()
    number = handle.removeprefix("id")
    if number.isascii() and number.isdigit() and len(number) < 18:
        return int(number)
    found = await api.ask(settings, secret, MESSAGES, "users.get", user_ids=handle) if handle else []
    first = found[0] if isinstance(found, list) and found else None
    if not isinstance(first, dict) or not isinstance(first.get("id"), int):
        raise Permanent(
            gettext_noop("VK knows nobody called “%(who)s”; check the name."),
            code="nobody",
            who=handle or "–",
        )
    return int(first["id"])


async def edit(settings: Settings, secret: Secret, native_id: str, text: str) -> None:
    """New words for what the community said. Its pictures are named again: VK would drop them otherwise."""
    where = place(native_id)
    if where.kind == "im":
        await api.act(
            settings, secret, MESSAGES, "messages.edit",
            peer_id=where.owner, message_id=where.item, message=text, group_id=api.group(settings),
            keep_forward_messages=1, keep_snippets=1,
        )  # fmt: skip
        return
    if where.kind != "wall":
        raise _elsewhere(where)
    kept = words.attached(await _attachments(settings, secret, where))
    more = {"attachments": kept} if kept else {}
    if where.comment is None:
        await api.act(
            settings,
            secret,
            WALLS,
            "wall.edit",
            owner_id=where.owner,
            post_id=where.item,
            message=text,
            **more,
        )
    else:
        await api.act(
            settings, secret, WALLS, "wall.editComment",
            owner_id=where.owner, comment_id=where.comment, message=text, **more,
        )  # fmt: skip


async def delete(settings: Settings, secret: Secret, native_id: str) -> None:
    """Remove a post, a comment (anybody's, under own posts) or an own message; content if it is gone."""
    where = place(native_id)
    if where.kind == "im":
        await api.act(
            settings, secret, MESSAGES, "messages.delete",
            message_ids=where.item, delete_for_all=1, group_id=api.group(settings),
        )  # fmt: skip
        return
    if where.kind != "wall":
        raise _elsewhere(where)
    try:
        if where.comment is None:
            await api.act(settings, secret, WALLS, "wall.delete", owner_id=where.owner, post_id=where.item)
        else:
            await api.act(
                settings, secret, WALLS, "wall.deleteComment", owner_id=where.owner, comment_id=where.comment
            )
    except Permanent:
        # VK says "access denied" of what is gone as well: believe it only if it is so.
        if await stands(settings, secret, where):
            raise


async def hide(settings: Settings, secret: Secret, native_id: str, hidden: bool) -> None:
    """VK hides nothing; what is removed can be restored, as long as VK keeps it."""
    where = place(native_id)
    if where.kind != "wall" or where.comment is None:
        raise _elsewhere(where)
    if hidden:
        await delete(settings, secret, native_id)
    else:
        await api.act(
            settings, secret, WALLS, "wall.restoreComment", owner_id=where.owner, comment_id=where.comment
        )


async def stands(settings: Settings, secret: Secret, where: Place) -> bool:
    """Is it there? A post or comment VK does not show counts as gone."""
    return bool(await _shown(settings, secret, where))


async def _shown(settings: Settings, secret: Secret, where: Place) -> list[dict[str, Any]]:
    try:
        if where.comment is None:
            page = await api.ask(
                settings, secret, (api.USER, api.SERVICE), "wall.getById", posts=f"{where.owner}_{where.item}"
            )
        else:
            page = await api.ask(
                settings, secret, WALLS, "wall.getComment", owner_id=where.owner, comment_id=where.comment
            )
    except Permanent as error:
        if error.code in ("no_key", "captcha") or error.facts.get("status") in (4, 5, 17, 27, 28):
            raise
        return []
    # Up to 5.199 `wall.getById` answered with a bare list.
    items = page.get("items") if isinstance(page, dict) else page
    return (
        [i for i in items if isinstance(i, dict) and not i.get("deleted") and not i.get("is_deleted")]
        if isinstance(items, list)
        else []
    )


async def _attachments(settings: Settings, secret: Secret, where: Place) -> list[Any]:
    found = await _shown(settings, secret, where)
    attachments = found[0].get("attachments") if found else None
    return attachments if isinstance(attachments, list) else []


async def _comment(settings: Settings, secret: Secret, outgoing: Outgoing, where: Place) -> Sent:
    group = api.group(settings)
    shown = await pictures.hand_over(settings, secret, outgoing.media, group)
    content: dict[str, Any] = {**_text(outgoing.text, shown), "guid": outgoing.key}
    if where.kind == "wall":
        content |= {"owner_id": where.owner, "post_id": where.item, "from_group": group}
        content |= {"reply_to_comment": where.comment} if where.comment is not None else {}
        said = await api.act(settings, secret, COMMENTS, "wall.createComment", **content)
        return _sent(settings, Place("wall", where.owner, where.item, _number(settings, said, "comment_id")))
    if where.kind == "topic":
        content |= {"group_id": -where.owner, "topic_id": where.item, "from_group": 1}
        said = await api.act(settings, secret, WALLS, "board.createComment", **content)
        number = said if isinstance(said, int) and not isinstance(said, bool) else 0
        if number <= 0:
            raise calls.unclear(str(settings.get("server") or api.SERVER))
        return _sent(settings, Place("topic", where.owner, where.item, number))
    raise _elsewhere(where)


async def _message(settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
    group = api.group(settings)
    to = await peer(settings, secret, outgoing)
    shown = await pictures.hand_over(settings, secret, outgoing.media, group, to)
    content: dict[str, Any] = {"peer_id": to, "random_id": random_id(outgoing.key), "group_id": group}
    content |= {"message": outgoing.text} if outgoing.text else {}
    content |= {"attachment": shown} if shown else {}
    said = await api.act(settings, secret, MESSAGES, "messages.send", **content)
    if not isinstance(said, int) or isinstance(said, bool) or said <= 0:
        raise calls.unclear(str(settings.get("server") or api.SERVER))
    return _sent(settings, Place("im", to, said))


def _fits(outgoing: Outgoing) -> None:
    if outgoing.visibility == "direct" and len(outgoing.text) > MESSAGE_LIMIT:
        raise Permanent(
            gettext_noop("The message is longer than the %(limit)s characters VK allows; shorten it."),
            code="too_long",
            limit=MESSAGE_LIMIT,
        )
    if len(outgoing.media) > MEDIA:
        raise Permanent(
            gettext_noop("VK takes at most %(limit)s pictures in one post; choose fewer."),
            code="too_many",
            limit=MEDIA,
        )
    for media in outgoing.media:
        if media.content_type and not media.content_type.startswith("image/"):
            raise Permanent(
                gettext_noop("“%(name)s” is no picture; only pictures are handed to VK from here."),
                code="no_picture",
                name=media.name or media.content_type,
            )
        if media.content is not None and len(media.content) > pictures.MOST_BYTES:
            raise Permanent(
                gettext_noop("“%(name)s” is larger than the %(limit)s MB VK takes; make it smaller."),
                code="too_large",
                name=media.name or "–",
                limit=pictures.MOST_BYTES // 2**20,
            )
    if not outgoing.text.strip() and not outgoing.media:
        raise Permanent(gettext_noop("The post is empty; write something or attach a picture."), code="empty")


def _text(text: str, attachments: str) -> dict[str, str]:
    return ({"message": text} if text else {}) | ({"attachments": attachments} if attachments else {})


def _number(settings: Settings, said: Any, name: str) -> int:
    number = said.get(name) if isinstance(said, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
        raise calls.unclear(str(settings.get("server") or api.SERVER))
    return number


def _sent(settings: Settings, where: Place) -> Sent:
    # VK does not say when; its clock and ours are near enough.
    return Sent(where.native_id, where.url, utcnow())


def _elsewhere(where: Place) -> Permanent:
    return Permanent(
        gettext_noop("VK does not let programs do this there; open %(url)s and do it by hand."),
        code="not_offered",
        url=where.url or http.host("https://vk.com/"),
    )
