"""What a community is told of itself: handed over (Callback API) or waited for (Bots Long Poll API); one shape for both.

dev.vk.com/ru/api/callback/getting-started, dev.vk.com/ru/api/bots-long-poll/getting-started,
dev.vk.com/ru/api/community-events/json-schema. Long poll keeps the last events for a while; older ones are lost, which
VK says with `failed` 1 or 3.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncIterator, Container, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from stormdesk.core.clock import utcnow
from stormdesk.networks import calls
from stormdesk.networks.base import (
    Batch,
    Incoming,
    Permanent,
    Received,
    Secret,
    Settings,
    Unauthorised,
    gettext_noop,
)
from stormdesk.networks.vk import api, words
from stormdesk.networks.vk.place import Place

WAIT = 25
MAX_BYTES = 2**20
REMEMBERED = timedelta(days=1)
MOST_REMEMBERED = 5_000
KEYS = (api.COMMUNITY, api.USER)
# The fields that name the thing a comment stands under differ with the thing.
_UNDER = {
    "wall_reply": ("wall", "post_owner_id", "post_id"),
    "board_post": ("topic", "topic_owner_id", "topic_id"),
    "photo_comment": ("photo", "photo_owner_id", "photo_id"),
    "video_comment": ("video", "video_owner_id", "video_id"),
    "market_comment": ("market", "market_owner_id", "item_id"),
}


def receive(body: bytes, settings: Settings, secret: Secret, seen: Container[str] = ()) -> Received:
    """Check and read one event of the Callback API.

    `settings`: `community`, `confirmation` (the string VK shows in the community's settings). `secret`:
    `callback_secret`. `seen`: the `event_id`s of the last day; the one of this event is in the batch's cursor, to be
    stored with the items. One that came before gives an empty batch. Raises Unauthorised (not from VK, another
    community) and Permanent (no event); then nothing was taken.
    """
    try:
        event = json.loads(body) if len(body) <= MAX_BYTES else None
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise Permanent(
            gettext_noop("The message is not an event of VK; nothing of it was taken."), code="unreadable"
        )
    expected, said = secret.get("callback_secret", ""), event.get("secret")
    if (
        not expected
        or not isinstance(said, str)
        or not hmac.compare_digest(expected.encode(), said.encode("utf-8", "surrogatepass"))
    ):
        raise Unauthorised(
            gettext_noop("The message does not carry the community's secret; it was not taken."),
            code="signature",
        )
    if event.get("group_id") != api.group(settings):
        raise Unauthorised(
            gettext_noop("The message is about another community; it was not taken."), code="community"
        )
    if event["type"] == "confirmation":
        return Received(Batch([], {}), str(settings.get("confirmation", "")))
    number = event.get("event_id")
    if not isinstance(number, str) or number in seen:
        return Received(Batch([], {}), "ok")
    item = read(event)
    return Received(Batch([item] if item else [], {"event_id": number}), "ok")


def received(
    body: bytes, settings: Settings, secret: Secret, cursor: Mapping[str, Any], now: datetime
) -> Received:
    """The same, with the events of the last day remembered in the cursor: VK repeats one until it reads “ok”."""
    oldest = (now - REMEMBERED).timestamp()
    known = cursor.get("seen")
    seen = {mark: at for mark, at in (known if isinstance(known, dict) else {}).items() if at > oldest}
    found = receive(body, settings, secret, seen)
    if number := found.batch.cursor.get("event_id"):
        seen[number] = now.timestamp()
    kept = dict(sorted(seen.items(), key=lambda pair: pair[1])[-MOST_REMEMBERED:])
    return replace(found, batch=replace(found.batch, cursor={"seen": kept}))


async def hear(settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    """Events since the cursor. Where to wait is asked anew each time: the key of it is no thing to store."""
    line = await _open(settings, secret)
    batch, _ = await _next(line, _ts(cursor) or line.ts, 1)
    return batch


async def stream(settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> AsyncIterator[Batch]:
    """Ask again and again, each time held open until something happens; the first answer closes the gap."""
    here = _ts(cursor)
    line = await _open(settings, secret)
    while True:
        batch, close = await _next(line, here or line.ts, WAIT)
        if batch.items or batch.lost or _ts(batch.cursor) != here:
            yield batch
        here = _ts(batch.cursor)
        if close:
            line = await _open(settings, secret)


@dataclass(frozen=True, slots=True)
class _Line:
    server: str
    key: str
    ts: str


async def _open(settings: Settings, secret: Secret) -> _Line:
    """Where to wait, and the newest event there is."""
    opened = await api.ask(settings, secret, KEYS, "groups.getLongPollServer", group_id=api.group(settings))
    given = opened if isinstance(opened, dict) else {}
    found = [given.get(name) for name in ("server", "key", "ts")]
    if not all(isinstance(value, str | int) and value for value in found):
        raise calls.unreadable(str(settings.get("server") or api.SERVER))
    return _Line(*map(str, found))


async def _next(line: _Line, ts: str, wait: int) -> tuple[Batch, bool]:
    """What happened after `ts`, and whether the line is closed."""
    query = {"act": "a_check", "key": line.key, "ts": ts, "wait": str(wait)}
    answer = await calls.read(line.server, params=query, timeout=wait + 20.0)
    try:
        content = answer.json()
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise calls.unreadable(line.server)
    here = content.get("ts")
    here = str(here) if isinstance(here, str | int) and not isinstance(here, bool) else ""
    if "failed" in content:
        # 1: what lies between is lost, go on from here. 2: the key is old. 3: the key is old and the events are lost.
        failed = content["failed"]
        lost = failed != 2
        return Batch([], {"ts": here if failed == 1 else ts if failed == 2 else ""}, lost=lost), failed != 1
    updates = content.get("updates")
    if not here or not isinstance(updates, list):
        raise calls.unreadable(line.server)
    return Batch(
        [item for event in updates if isinstance(event, dict) and (item := read(event))], {"ts": here}
    ), False


def _ts(cursor: Mapping[str, Any]) -> str:
    ts = cursor.get("ts")
    return ts if isinstance(ts, str) else ""


def read(event: Mapping[str, Any]) -> Incoming | None:
    """One event as something said, edited or removed. None for own words and everything else."""
    kind, thing = event.get("type"), event.get("object")
    if not isinstance(kind, str) or not isinstance(thing, dict):
        return None
    group = event.get("group_id")
    group = group if isinstance(group, int) and not isinstance(group, bool) else 0
    if kind in ("message_new", "message_edit"):
        inner = thing.get("message", thing)
        message = words.convert(inner, words.Message)
        return words.said_in_message(message, {}) if message else None
    if kind in ("wall_post_new", "wall_repost"):
        post = words.convert(thing, words.Post)
        if post is None or post.from_id == -group or post.post_type in ("postpone", "suggest"):
            return None
        return words.said_in_post(post, {}, group)
    place, _, what = kind.rpartition("_")
    if place not in _UNDER:
        return None
    if what == "delete":
        return _gone(place, thing)
    if what not in ("new", "edit", "restore"):
        return None
    return _commented(place, what, thing, group)


def _commented(place: str, what: str, thing: Mapping[str, Any], group: int) -> Incoming | None:
    kind, owner, item = _UNDER[place]
    comment = words.convert(thing, words.Comment)
    where = _place(kind, thing.get(owner, thing.get("owner_id")), thing.get(item))
    if comment is None or comment.from_id == -group or where is None:
        return None
    said = words.said_in_comment(comment, where, {}, group)
    if said is None or what != "edit":
        return said
    # When it was edited is not told; now is near.
    return replace(said, edited_at=utcnow())


def _gone(place: str, thing: Mapping[str, Any]) -> Incoming | None:
    kind, owner, item = _UNDER[place]
    where = _place(kind, thing.get(owner, thing.get("owner_id")), thing.get(item), thing.get("id"))
    return words.gone(where, utcnow()) if where else None


def _place(kind: str, *numbers: Any) -> Place | None:
    sound = all(isinstance(n, int) and not isinstance(n, bool) and abs(n) < 10**18 for n in numbers)
    return Place(kind, *numbers) if sound else None
