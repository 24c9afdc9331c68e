"""What the community itself said or will say: posts, comments and messages found again, and postponed posts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from stormdesk.networks import calls
from stormdesk.networks.base import (
    Incoming,
    Outgoing,
    Permanent,
    Scheduled,
    Secret,
    Sent,
    Settings,
    gettext_noop,
)
from stormdesk.networks.vk import api, listening, speaking, words
from stormdesk.networks.vk.place import Place, place

CLOCKS = timedelta(minutes=2)
"""How far VK's clock may be from ours when a sent post is looked for."""
HISTORY = 200


async def find(settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime) -> Sent | None:
    """The post, comment or message that `outgoing` became; None if VK has none like it."""
    if outgoing.visibility == "direct":
        return await _message(settings, secret, outgoing)
    group = api.group(settings)
    after = (since - CLOCKS).timestamp()
    text = words.comparable(outgoing.text)
    if outgoing.in_reply_to:
        return await _comment(settings, secret, outgoing.in_reply_to, text, after, group)
    posts, _ = await listening.own_wall(settings, secret, -group, "owner", lambda post: post.date < after)
    for post in sorted(posts, key=lambda post: post.date):
        # VK may attach a preview of a link by itself; pictures it does not.
        shown = any(isinstance(one, dict) and one.get("type") == "photo" for one in post.attachments)
        same = words.comparable(post.text) == text and shown == bool(outgoing.media)
        if post.from_id == -group and same:
            return _found(Place("wall", post.owner_id, post.id), post.date)
    return None


async def posts(settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
    """Posts in the name of the community since then, oldest first, whoever of its team pressed the button."""
    group, after = api.group(settings), since.timestamp()
    found, who = await listening.own_wall(settings, secret, -group, "owner", lambda post: post.date < after)
    said = [item for post in found if post.from_id == -group and (item := words.said_in_post(post, who))]
    return sorted(said, key=lambda item: item.published_at)


async def thread(settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
    """The post and the comments under it, oldest first."""
    where = place(native_id)
    if where.kind != "wall":
        raise Permanent(
            gettext_noop("VK shows the conversation only under posts; open %(url)s."),
            code="not_offered",
            url=where.url or "https://vk.com/im",
        )
    root = Place("wall", where.owner, where.item)
    page = await api.ask(
        settings, secret, listening.READING, "wall.getById",
        posts=f"{where.owner}_{where.item}", extended=1, fields=listening.FIELDS,
    )  # fmt: skip
    items = page.get("items") if isinstance(page, dict) else None
    who = words.people(page) if isinstance(page, dict) else {}
    found = (
        [post for value in items if (post := words.convert(value, words.Post))]
        if isinstance(items, list)
        else []
    )
    said = [item for post in found[:1] if (item := words.said_in_post(post, who))]
    group = api.group(settings)
    for comment, names in await listening.under(settings, secret, root):
        if item := words.said_in_comment(comment, root, names, group):
            said.append(item)
    return sorted(said, key=lambda item: item.published_at)


async def schedules(settings: Settings, secret: Secret) -> list[Scheduled]:
    """Every postponed post of the community (dev.vk.com/ru/method/wall.get, filter=postponed)."""
    found, _ = await listening.own_wall(
        settings, secret, -api.group(settings), "postponed", lambda post: False
    )
    waiting = [
        Scheduled(
            Place("wall", post.owner_id, post.id).native_id, words.plain(post.text), due, _content(post)
        )
        for post in found
        if (due := words.moment(post.date))
    ]
    return sorted(waiting, key=lambda one: one.due_at)


async def restore(
    settings: Settings, secret: Secret, waiting: Scheduled, due_at: datetime, key: str
) -> Scheduled:
    """Postpone a removed one again. Raises as `Network.publish` does."""
    group = api.group(settings)
    content = {
        name: str(waiting.content[name]) for name in ("message", "attachments") if waiting.content.get(name)
    }
    said = await api.act(
        settings, secret, speaking.WALLS, "wall.post",
        owner_id=-group, from_group=1, publish_date=int(due_at.timestamp()), guid=key, **content,
    )  # fmt: skip
    number = said.get("post_id") if isinstance(said, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise calls.unclear(str(settings.get("server") or api.SERVER))
    return Scheduled(Place("wall", -group, number).native_id, waiting.text, due_at, content)


async def _comment(
    settings: Settings, secret: Secret, in_reply_to: str, text: str, after: float, group: int
) -> Sent | None:
    answered = place(in_reply_to)
    if answered.kind == "topic":
        page = await api.ask(
            settings, secret, listening.READING, "board.getComments",
            group_id=-answered.owner, topic_id=answered.item, sort="desc", count=100,
        )  # fmt: skip
        items = page.get("items") if isinstance(page, dict) else None
        found = (
            [c for value in items if (c := words.convert(value, words.Comment))]
            if isinstance(items, list)
            else []
        )
    else:
        root = Place("wall", answered.owner, answered.item)
        found = [comment for comment, _ in await listening.under(settings, secret, root)]
    for comment in sorted(found, key=lambda comment: comment.id):
        ours = comment.from_id == -group and comment.date >= after
        # In discussions VK does not say what a comment answers.
        there = answered.kind == "topic" or (comment.reply_to_comment or None) == answered.comment
        if ours and there and words.comparable(comment.text) == text:
            return _found(Place(answered.kind, answered.owner, answered.item, comment.id), comment.date)
    return None


async def _message(settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent | None:
    """By `random_id`, which VK keeps with the message (dev.vk.com/ru/method/messages.send)."""
    to = await speaking.peer(settings, secret, outgoing)
    page = await api.ask(
        settings, secret, speaking.MESSAGES, "messages.getHistory",
        peer_id=to, count=HISTORY, group_id=api.group(settings),
    )  # fmt: skip
    items = page.get("items") if isinstance(page, dict) else None
    if not isinstance(items, list):
        raise calls.unreadable(str(settings.get("server") or api.SERVER))
    ours = speaking.random_id(outgoing.key)
    for value in items:
        message = words.convert(value, words.Message)
        if message is not None and message.random_id == ours and message.from_id != to:
            return _found(Place("im", to, message.id), message.date)
    return None


def _found(where: Place, date: int) -> Sent | None:
    at = words.moment(date)
    return Sent(where.native_id, where.url, at) if at else None


def _content(post: words.Post) -> Mapping[str, Any]:
    attachments = words.attached(post.attachments)
    return {"message": post.text} | ({"attachments": attachments} if attachments else {})
