"""Hearing what the bot is told: fetched from a cursor, waited for, or handed over by webhook.

core.telegram.org/bots/api#getting-updates: Telegram keeps news for the bot for 24 hours, and forgets them as soon as
a later `offset` was asked for. The cursor is that offset, so nothing is forgotten before it is stored here.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncIterator, Iterable, Mapping
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
from stormdesk.networks.telegram import api, words

PAGE = 100
"""The most Telegram gives at once."""
WAIT = 25
"""Seconds Telegram holds a question open until something happens."""
SPOKEN = ("message", "edited_message", "channel_post", "edited_channel_post")
BUSINESS = ("business_message", "edited_business_message")
ALLOWED = (*SPOKEN, *BUSINESS, "deleted_business_messages")
MAX_BYTES = 2**20


async def hear(settings: Settings, secret: Secret, cursor: Mapping[str, Any], wait: int = 0) -> Batch:
    """What the bot was told since the cursor, at most a hundred at once; `wait`: seconds to wait for something."""
    params: dict[str, Any] = {"limit": PAGE, "timeout": wait, "allowed_updates": list(ALLOWED)}
    offset = cursor.get("offset")
    if isinstance(offset, int):
        params["offset"] = offset
    page = await api.ask(settings, secret, "getUpdates", params, timeout=wait + 20.0)
    if not isinstance(page, list):
        raise calls.unreadable(str(settings.get("server") or api.SERVER))
    return _batch(page, settings, secret, cursor, more=len(page) >= PAGE)


async def stream(settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> AsyncIterator[Batch]:
    """Ask again and again, each time held open until something happens; the first answer closes the gap."""
    here = dict(cursor)
    while True:
        batch = await hear(settings, secret, here, WAIT)
        if batch.items or batch.cursor != here:
            yield batch
        here = batch.cursor


def receive(
    headers: Mapping[str, str], body: bytes, settings: Settings, secret: Secret, cursor: Mapping[str, Any]
) -> Batch:
    """One update that Telegram hands over (core.telegram.org/bots/api#setwebhook).

    `headers`: any case. `secret`: `webhook_secret`, as given to setWebhook. One that came before gives an empty
    batch: answer it with success, else Telegram sends it again. Raises Unauthorised (not from Telegram) and
    Permanent (no update); then nothing was taken.
    """
    given = {name.lower(): value for name, value in headers.items()}
    expected = secret.get("webhook_secret", "")
    said = given.get("x-telegram-bot-api-secret-token", "")
    if not expected or not hmac.compare_digest(expected.encode(), said.encode("utf-8", "surrogatepass")):
        raise Unauthorised(
            gettext_noop("The message does not carry the webhook's secret; it was not taken."),
            code="signature",
        )
    try:
        update = json.loads(body) if len(body) <= MAX_BYTES else None
    except (ValueError, RecursionError):
        update = None
    if not isinstance(update, dict) or _number(update) is None:
        raise Permanent(
            gettext_noop("The message is not an update of Telegram; nothing of it was taken."),
            code="unreadable",
        )
    offset = cursor.get("offset")
    if isinstance(offset, int) and offset - PAGE * 100 <= (_number(update) or 0) < offset:
        return Batch([], dict(cursor))
    return _batch([update], settings, secret, cursor)


def us(settings: Settings, secret: Secret) -> words.Us:
    """How the account is known to the people who speak to it."""
    return words.Us(
        bot=api.bot_id(secret),
        handle=str(settings.get("handle") or ""),
        chat=str(settings.get("chat") or "").strip(),
    )


def _batch(
    page: Iterable[Any], settings: Settings, secret: Secret, cursor: Mapping[str, Any], *, more: bool = False
) -> Batch:
    known = us(settings, secret)
    items: list[Incoming] = []
    here = dict(cursor)
    moved = False
    for update in page:
        number = _number(update)
        if number is None:
            continue
        # Numbers go up, except that they begin anew by chance after a week of silence: follow whatever comes.
        here["offset"] = max(number + 1, here["offset"]) if moved else number + 1
        moved = True
        items += _said(update, known)
    return Batch(items, here, more and moved)


def _said(update: Mapping[str, Any], known: words.Us) -> list[Incoming]:
    for name in (*SPOKEN, *BUSINESS):
        if name in update and (found := words.message(update[name])):
            item = words.incoming(found, known)
            return [item] if item else []
    if "deleted_business_messages" in update:
        return words.removed(update["deleted_business_messages"], utcnow())
    return []


def _number(update: Any) -> int | None:
    number = update.get("update_id") if isinstance(update, dict) else None
    return (
        number if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**62 else None
    )
