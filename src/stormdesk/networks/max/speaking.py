"""Saying something: files first, then one request, sent at most once; finding, changing and removing what was said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from stormdesk.networks import calls
from stormdesk.networks.base import (
    Incoming,
    Media,
    Outgoing,
    Permanent,
    Retryable,
    Secret,
    Sent,
    Settings,
    Unauthorised,
    Unknown,
    gettext_noop,
)
from stormdesk.networks.max import api, listening, words
from stormdesk.networks.max.place import Place, place

TEXT_LIMIT = 4000
FILES = 12
CLOCKS = timedelta(minutes=2)
"""How far MAX's clock may be from ours when a sent post is looked for."""


async def publish(settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
    """A post, an answer in a chat, a comment or a private message. Raises as `Network.publish` does."""
    _fits(outgoing)
    answered = place(outgoing.in_reply_to) if outgoing.in_reply_to else None
    own = None if outgoing.visibility == "direct" or answered else listening.chat_id(settings)
    if (
        outgoing.visibility != "direct"
        and answered is not None
        and await _commented(settings, secret, answered)
    ):
        return await _comment(settings, secret, outgoing, answered)
    content: dict[str, Any] = {"text": outgoing.text or None, "link": None, "attachments": None}
    if (
        answered is not None
        and answered.comment is None
        and answered.private == (outgoing.visibility == "direct")
    ):
        content["link"] = {"type": "reply", "mid": answered.message}
    to = (
        _private(outgoing, answered)
        if outgoing.visibility == "direct"
        else {"chat_id": own if answered is None else answered.chat}
    )
    if outgoing.media:
        content["attachments"] = [await _file(settings, secret, media) for media in outgoing.media]
    try:
        said = await api.act(settings, secret, "POST", "/messages", to, content)
    except Unauthorised as error:
        if outgoing.visibility == "direct" and error.code == "forbidden":
            raise _writes_first(outgoing.to_handle or "") from None
        raise
    return _sent(settings, said)


async def find(settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime) -> Sent | None:
    """The message that `outgoing` became; None if MAX has none like it among those said since then.

    Raises Unknown(`unknowable`) where MAX does not show enough to tell: then a person must look.
    """
    answered = place(outgoing.in_reply_to) if outgoing.in_reply_to else None
    post = ""
    if outgoing.visibility == "direct":
        if answered is None or not answered.private:
            raise _unknowable()
        said = await listening.messages(settings, secret, answered.chat)
    elif answered is not None and await _commented(settings, secret, answered):
        post = answered.message
        said = await listening.under(settings, secret, post)
    else:
        chat = answered.chat if answered else listening.chat_id(settings)
        said = await listening.messages(settings, secret, chat)
    recent = [found for found in said if (at := words.moment(found.timestamp)) and at >= since - CLOCKS]
    above = (answered.comment if post else answered.message) if answered else None
    for found in sorted(recent, key=words.order):
        ours = found.sender is None or found.sender.is_bot
        link = found.link.message.mid if found.link and found.link.type == "reply" else None
        body = found.body
        if (
            ours
            and link == above
            and body
            and words.comparable(body.text or "") == words.comparable(outgoing.text)
        ):
            return _place_of(settings, found, post)
    if len(said) >= listening.PAGE and len(recent) == len(said):
        raise _unknowable()
    return None


async def own_posts(settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
    """What was said in the account's channel in its name since then, oldest first, the newest hundred at most."""
    own = listening.chat_id(settings)
    said = [
        item
        for found in await listening.messages(settings, secret, own)
        if (found.sender is None or found.sender.is_bot)
        and (item := words.said(found))
        and item.published_at >= since
    ]
    return sorted(said, key=lambda item: item.published_at)


async def thread(settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
    """A post and the comments under it, oldest first."""
    where = place(native_id)
    page = await api.ask(settings, secret, f"/messages/{where.message}")
    root = words.message(page)
    said = [item for found in [root] if found and (item := words.said(found))]
    if await _commented(settings, secret, where):
        own = where.chat
        under = await listening.under(settings, secret, where.message)
        said += [item for found in under if (item := words.said(found, own, where.message))]
    return said


async def edit(settings: Settings, secret: Secret, native_id: str, text: str) -> None:
    """New words; files stay (`attachments` null). MAX edits comments for 26 hours, private messages for a week."""
    where = place(native_id)
    path, query = _path(where)
    content = {"text": text} if where.comment else {"text": text, "attachments": None, "link": None}
    await api.act(settings, secret, "PUT", path, query, content)


async def delete(settings: Settings, secret: Secret, native_id: str) -> None:
    """Remove a message or a comment; content if it is gone."""
    path, query = _path(place(native_id))
    try:
        await api.act(settings, secret, "DELETE", path, query)
    except Permanent as error:
        if error.code != "gone":
            raise


def _path(where: Place) -> tuple[str, dict[str, str]]:
    if where.comment:
        return f"/messages/{where.message}/comments", {"comment_id": where.comment}
    return "/messages", {"message_id": where.message}


async def _commented(settings: Settings, secret: Secret, answered: Place) -> bool:
    """Is an answer there a comment? Under posts of channels it is; in chats it is a message that answers."""
    if answered.comment is not None:
        return True
    if answered.private:
        return False
    found = await api.ask(settings, secret, f"/chats/{answered.chat}")
    return bool(found.get("type") == "channel")


async def _comment(settings: Settings, secret: Secret, outgoing: Outgoing, answered: Place) -> Sent:
    if outgoing.media:
        raise Permanent(
            gettext_noop("Comments in MAX carry words only; send the picture as a post."), code="words_only"
        )
    link = {"type": "reply", "mid": answered.comment} if answered.comment else None
    content: Mapping[str, Any] = {"text": outgoing.text, "link": link}
    said = await api.act(settings, secret, "POST", f"/messages/{answered.message}/comments", {}, content)
    return _sent(settings, said, answered.message)


def _private(outgoing: Outgoing, answered: Place | None) -> dict[str, Any]:
    if answered is not None and answered.private:
        return {"chat_id": answered.chat}
    to = (outgoing.to_handle or "").lstrip("@").strip()
    if not (to.isascii() and to.isdigit() and len(to) < 19):
        raise _writes_first(to)
    return {"user_id": int(to)}


def _writes_first(who: str) -> Permanent:
    return Permanent(
        gettext_noop(
            "A bot cannot write to “%(who)s” in MAX first. "
            "Ask the person to write to the bot; their message can then be answered."
        ),
        code="writes_first",
        who=who or "–",
    )


async def _file(settings: Settings, secret: Secret, media: Media) -> dict[str, Any]:
    """Hand one file over (dev.max.ru/docs-api/methods/POST/uploads); nobody sees it before the message is sent."""
    if media.content is None:
        raise Permanent(gettext_noop("A picture is missing its file; attach it again."), code="no_file")
    kind = {"image": "image", "video": "video", "audio": "audio"}.get(
        media.content_type.partition("/")[0], "file"
    )
    opened = await api.ask(settings, secret, "/uploads", {"type": kind}, method="POST")
    address = opened.get("url")
    if not isinstance(address, str):
        raise calls.unreadable(api.address(settings))
    file = (media.name or kind, media.content, media.content_type or "application/octet-stream")
    try:
        answer = await calls.write("POST", address, files={"data": file}, timeout=300.0)
        # Of videos and sounds the key comes with the address, and what the upload answers says nothing.
        token = opened.get("token")
        payload = {"token": token} if isinstance(token, str) and token else answer.json()
        if not isinstance(payload, dict) or not payload:
            raise ValueError("no file")
    except (Unknown, ValueError):
        raise Retryable(
            gettext_noop("The picture could not be handed over; nothing was posted. It will be tried again.")
        ) from None
    return {"type": kind, "payload": payload}


def _fits(outgoing: Outgoing) -> None:
    if len(outgoing.text) > TEXT_LIMIT:
        raise Permanent(
            gettext_noop("The text is longer than the %(limit)s characters MAX allows; shorten it."),
            code="too_long",
            limit=TEXT_LIMIT,
        )
    if len(outgoing.media) > FILES:
        raise Permanent(
            gettext_noop("MAX takes at most %(limit)s files in one post; choose fewer."),
            code="too_many",
            limit=FILES,
        )
    if not outgoing.text.strip() and not outgoing.media:
        raise Permanent(gettext_noop("The post is empty; write something or attach a picture."), code="empty")


def _sent(settings: Settings, said: Mapping[str, Any], post: str = "") -> Sent:
    found = words.message(said.get("message"))
    if found is None:
        raise calls.unclear(api.address(settings))
    return _place_of(settings, found, post)


def _place_of(settings: Settings, found: words.Message, post: str) -> Sent:
    at = words.moment(found.timestamp)
    if at is None:
        raise calls.unclear(api.address(settings))
    return Sent(words.where(found, post).native_id, found.url or "", at)


def _unknowable() -> Unknown:
    return Unknown(
        gettext_noop(
            "MAX does not show enough to tell whether the message arrived; look in the chat and say whether it is there."
        ),
        code="unknowable",
    )
