"""Messages from other programs: signed, fresh, not seen before, and either taken whole or refused with a reason.

POST …                                 Stormdesk-Timestamp: 1772366400
{"items": [{"id": "…", "text": "…",    Stormdesk-Signature: v1=<hex of HMAC-SHA256(key, timestamp + "." + body)>
  "published_at": "2026-03-01T12:00:00Z", "author": {"handle": "anna"}}]}
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec

from stormdesk.networks.base import (
    Author,
    Batch,
    Capability,
    Field,
    Incoming,
    Network,
    Permanent,
    Received,
    Secret,
    Settings,
    Source,
    Unauthorised,
    gettext_noop,
)
from stormdesk.networks.plain import from_html

MAX_BYTES = 2**20
MAX_ITEMS = 1000
FRESH = timedelta(minutes=5)
REMEMBERED = timedelta(minutes=10)
"""How long a signature is remembered: longer than it stays fresh."""


class Webhook(Network):
    name = "webhook"
    title = gettext_noop("Webhook")
    tested_against = "generated and hostile messages"
    capabilities = frozenset({Capability.RECEIVE})
    fields = (
        Field(
            "signing_key",
            gettext_noop("Signing key"),
            "password",
            secret=True,
            help=gettext_noop("At least 16 characters; the sending program signs every message with it."),
        ),
    )
    sources = (Source("receive", gettext_noop("Messages from other programs"), fields),)

    def receive(
        self,
        headers: Mapping[str, str],
        body: bytes,
        settings: Settings,
        secret: Secret,
        cursor: Mapping[str, Any],
        now: datetime,
    ) -> Received:
        oldest = (now - REMEMBERED).timestamp()
        seen = {mark: at for mark, at in cursor.get("seen", {}).items() if at > oldest}
        batch = receive(headers, body, secret, now, seen)
        seen[batch.cursor["signature"]] = now.timestamp()
        return Received(replace(batch, cursor={"seen": seen}))


NETWORK = Webhook()


class _Author(msgspec.Struct, forbid_unknown_fields=True):
    handle: str
    id: str = ""
    name: str = ""
    followers: int | None = None


class _Item(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    published_at: datetime
    author: _Author
    text: str = ""
    html: str = ""
    url: str = ""
    language: str | None = None
    in_reply_to: str | None = None
    thread: str | None = None
    kind: Literal["post", "comment", "direct", "repost"] = "post"
    visibility: Literal["public", "direct"] = "public"
    edited_at: datetime | None = None
    deleted: bool = False
    reach: int | None = None
    addressed: bool = False


class _Message(msgspec.Struct, forbid_unknown_fields=True):
    items: list[_Item]


def sign(key: str, timestamp: int, body: bytes) -> str:
    """The signature header of a message, for senders and tests."""
    return "v1=" + hmac.new(key.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def receive(
    headers: Mapping[str, str], body: bytes, secret: Secret, now: datetime, seen: Container[str] = ()
) -> Batch:
    """Check and read one message.

    `headers`: any case. `secret`: `signing_key`, and `previous_key` while a key is being changed. `seen`: the
    signatures of the last ten minutes; the signature of this one is in the batch's cursor, to be stored with the
    items. Raises Unauthorised (unsigned, wrong, old or repeated) and Permanent (not the shape above); then nothing
    was taken.
    """
    given = {name.lower(): value.strip() for name, value in headers.items()}
    signature, timestamp = given.get("stormdesk-signature", ""), given.get("stormdesk-timestamp", "")
    if len(body) > MAX_BYTES:
        raise Permanent(
            gettext_noop("The message is larger than %(limit)s bytes; send it in parts."),
            code="too_large",
            limit=MAX_BYTES,
        )
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Unauthorised(
            gettext_noop("The message has no Stormdesk-Timestamp in seconds; it was not taken."),
            code="unsigned",
        )
    keys = [secret[name] for name in ("signing_key", "previous_key") if secret.get(name)]
    expected = [sign(key, int(timestamp), body).encode() for key in keys]
    if not any(hmac.compare_digest(one, signature.encode()) for one in expected):
        raise Unauthorised(
            gettext_noop("The signature of the message is wrong; it was not taken. Check the signing key."),
            code="signature",
        )
    if abs(now - datetime.fromtimestamp(int(timestamp), UTC)) > FRESH:
        raise Unauthorised(
            gettext_noop(
                "The message was signed too long ago, or the sender's clock is wrong; it was not taken."
            ),
            code="stale",
        )
    if signature in seen:
        raise Unauthorised(
            gettext_noop("The same message came before; it was not taken twice."), code="repeated"
        )
    try:
        message = msgspec.json.decode(body, type=_Message)
        if len(message.items) > MAX_ITEMS:
            raise ValueError(f"more than {MAX_ITEMS} items")
        items = [_incoming(number, item) for number, item in enumerate(message.items)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise Permanent(
            gettext_noop("The message cannot be read (%(reason)s); nothing of it was taken."),
            code="unreadable",
            reason=str(error)[:200],
        ) from None
    return Batch(items, {"signature": signature})


def _incoming(number: int, item: _Item) -> Incoming:
    try:
        return Incoming(
            network="webhook",
            native_id=item.id,
            text=item.text or from_html(item.html),
            published_at=item.published_at,
            author=Author(
                item.author.id or item.author.handle,
                item.author.handle,
                item.author.name,
                item.author.followers,
            ),
            url=item.url,
            language=item.language,
            in_reply_to=item.in_reply_to,
            thread=item.thread,
            kind=item.kind,
            visibility=item.visibility,
            edited_at=item.edited_at,
            deleted=item.deleted,
            reach=item.reach,
            addressed=item.addressed,
        )
    except ValueError as error:
        raise ValueError(f"{error} - at `$.items[{number}]`") from None
