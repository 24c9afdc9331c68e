"""Hearing what the bot is told, waited for or handed over, and the comments under the channel's newest posts.

MAX calls waiting (long polling) a thing for development, limited in rate and in how long events are kept, and wants
webhooks in production (dev.max.ru/docs-api/methods/GET/updates); comments are therefore also read from their posts.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from stormdesk.core.clock import utcnow
from stormdesk.networks import calls
from stormdesk.networks.base import (
    Batch,
    Incoming,
    Permanent,
    Secret,
    Settings,
    Unauthorised,
    gettext_noop,
)
from stormdesk.networks.max import api, words
from stormdesk.networks.max.place import MID

PAGE = 100
WAIT = 25
POSTS = 10
"""Newest posts of the channel whose comments are read in one turn."""
KEPT = 2000
MAX_BYTES = 2**20
TOLD = ("message_created", "message_edited", "comment_created", "comment_edited")


def chat_id(settings: Settings) -> int:
    """The number of the account's channel or chat. Raises Permanent."""
    written = str(settings.get("chat") or "").strip()
    number = _number(written)
    if number is None:
        raise Permanent(
            gettext_noop("The account names no channel or group by its number; enter it in the account."),
            code="no_chat",
        )
    return number


async def hear(settings: Settings, secret: Secret, cursor: Mapping[str, Any], wait: int = 0) -> Batch:
    """What the bot was told since the cursor. Without one MAX gives the last event only."""
    params: dict[str, Any] = {"limit": PAGE, "timeout": wait}
    marker = cursor.get("marker")
    if isinstance(marker, int):
        params["marker"] = marker
    page = await api.ask(settings, secret, "/updates", params, timeout=wait + 20.0)
    updates, here = page.get("updates"), page.get("marker")
    if not isinstance(updates, list):
        raise calls.unreadable(api.address(settings))
    own = _number(str(settings.get("chat") or ""))
    items = [item for update in updates for item in _read(update, own)]
    moved = isinstance(here, int) and not isinstance(here, bool)
    return Batch(items, {"marker": here} if moved else dict(cursor), more=moved and len(updates) >= PAGE)


async def stream(settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> AsyncIterator[Batch]:
    """Ask again and again, each time held open until something happens; the first answer closes the gap."""
    here = dict(cursor)
    while True:
        batch = await hear(settings, secret, here, WAIT)
        if batch.items or batch.cursor != here:
            yield batch
        here = batch.cursor


def receive(headers: Mapping[str, str], body: bytes, settings: Settings, secret: Secret) -> Batch:
    """One event that MAX hands over (dev.max.ru/docs-api/methods/POST/subscriptions).

    `headers`: any case. `secret`: `webhook_secret`, as given when subscribing. MAX sends an event again until it is
    answered with 200; the same event gives the same items. Raises Unauthorised and Permanent; then nothing was taken.
    """
    given = {name.lower(): value for name, value in headers.items()}
    expected, said = secret.get("webhook_secret", ""), given.get("x-max-bot-api-secret", "")
    if not expected or not hmac.compare_digest(expected.encode(), said.encode("utf-8", "surrogatepass")):
        raise Unauthorised(
            gettext_noop("The message does not carry the webhook's secret; it was not taken."),
            code="signature",
        )
    try:
        update = json.loads(body) if len(body) <= MAX_BYTES else None
    except (ValueError, RecursionError):
        update = None
    if not isinstance(update, dict) or not isinstance(update.get("update_type"), str):
        raise Permanent(
            gettext_noop("The message is not an event of MAX; nothing of it was taken."), code="unreadable"
        )
    return Batch(_read(update, _number(str(settings.get("chat") or ""))), {})


async def comments(settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    """New and changed comments under the newest posts of the account's channel."""
    own = chat_id(settings)
    seen = cursor.get("seen")
    seen = seen if isinstance(seen, Mapping) else {}
    items: list[Incoming] = []
    marks: dict[str, str] = {}
    for post in (await messages(settings, secret, own, POSTS))[::-1]:
        mid = post.body.mid if post.body else ""
        for found in await under(settings, secret, mid):
            item = words.heard(found, own, mid)
            if item is None:
                continue
            marks[item.native_id] = mark = _mark(item.text)
            if seen.get(item.native_id) != mark:
                known = item.native_id in seen
                items.append(words.heard(found, own, mid, utcnow()) or item if known else item)
    items.sort(key=lambda item: item.published_at)
    return Batch(items, {"seen": dict(list((dict(seen) | marks).items())[-KEPT:])})


async def messages(settings: Settings, secret: Secret, chat: int, count: int = PAGE) -> list[words.Message]:
    """The newest messages of a chat, newest first, a hundred at most: how to ask for older ones is told unclearly."""
    page = await api.ask(settings, secret, "/messages", {"chat_id": chat, "count": count})
    return _messages(settings, page)


async def under(settings: Settings, secret: Secret, post: str) -> list[words.Message]:
    """The newest comments under a post, a hundred at most, oldest first."""
    page = await api.ask(settings, secret, f"/messages/{post}/comments", {"count": PAGE})
    return sorted(_messages(settings, page), key=words.order)


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def _messages(settings: Settings, page: Mapping[str, Any]) -> list[words.Message]:
    listed = page.get("messages")
    if not isinstance(listed, list):
        raise calls.unreadable(api.address(settings))
    return [found for value in listed if (found := words.message(value))]


def _read(update: Any, own: int | None) -> list[Incoming]:
    kind = update.get("update_type") if isinstance(update, dict) else None
    if kind in TOLD:
        found = words.message(update.get("message"))
        edited = words.moment(_whole(update.get("timestamp"))) if kind.endswith("_edited") else None
        item = words.heard(found, own, edited=edited) if found else None
        return [item] if item else []
    if kind == "message_removed":
        chat, mid = update.get("chat_id"), update.get("message_id")
        if (
            isinstance(chat, int)
            and not isinstance(chat, bool)
            and isinstance(mid, str)
            and MID.fullmatch(mid)
        ):
            return [words.gone(chat, mid, utcnow())]
    return []


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _number(written: str) -> int | None:
    written = written.strip()
    digits = written.removeprefix("-")
    return int(written) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
