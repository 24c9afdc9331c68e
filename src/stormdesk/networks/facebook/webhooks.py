"""What Meta calls us with (developers.facebook.com/docs/graph-api/webhooks, …/messenger-platform/webhooks).

A call is signed with the app's secret, may come again, and tells of comments and posts by `feed` and of messages by
`messaging`. Instagram's comments and mentions come by `comments` and `mentions`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from stormdesk.networks.base import (
    Author,
    Batch,
    Incoming,
    Permanent,
    Received,
    Secret,
    Settings,
    Unauthorised,
    gettext_noop,
)

KEPT = 2000
"""Names of what was told, remembered so that a call that comes again tells nothing."""


def received(
    headers: Mapping[str, str],
    body: bytes,
    settings: Settings,
    secret: Secret,
    cursor: Mapping[str, Any],
    own: set[str],
    network: str,
) -> Received:
    """One call, checked and read. The query of Meta's first question, which is a GET, is given as `body`.

    Raises Unauthorised for a call that is not Meta's, Permanent for one that cannot be read.
    """
    if body.startswith(b"hub.") or b"&hub." in body:
        answer = challenge(
            dict(parse_qsl(body.decode("utf-8", "replace"))), secret.get("verify_token", "").strip()
        )
        if answer is None:
            raise _foreign()
        return Received(Batch([], dict(cursor)), answer)
    signature = next((v for k, v in headers.items() if k.lower() == "x-hub-signature-256"), "")
    if not genuine(body, signature, secret.get("client_secret", "").strip()):
        raise _foreign()
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise Permanent(
            gettext_noop("Meta's call cannot be read; nothing was taken from it."), code="unreadable"
        )
    given = cursor.get("seen")
    known = [name for name in given if isinstance(name, str)] if isinstance(given, list) else []
    fresh: dict[str, Incoming] = {}
    for item in parse(body, own):
        name = f"{item.native_id}{'-' if item.deleted else ''}{item.edited_at or ''}"
        if item.network == network and name not in known:
            fresh[name] = item
    return Received(Batch(list(fresh.values()), {**cursor, "seen": [*known, *fresh][-KEPT:]}))


def genuine(body: bytes, signature: str, client_secret: str) -> bool:
    """Does `X-Hub-Signature-256` belong to this body?"""
    good = hmac.new(client_secret.encode(), body, hashlib.sha256).hexdigest()
    return bool(client_secret) and hmac.compare_digest(f"sha256={good}".encode(), signature.strip().encode())


def challenge(params: Mapping[str, str], verify_token: str) -> str | None:
    """What to answer when Meta asks whether we expect its calls; None if it is not ours."""
    mine = params.get("hub.mode") == "subscribe" and bool(verify_token)
    known = mine and hmac.compare_digest(params.get("hub.verify_token", "").encode(), verify_token.encode())
    return params.get("hub.challenge", "") if known else None


def parse(body: bytes, own: set[str]) -> list[Incoming]:
    """What a call tells, own words passed over; nothing if it is nonsense. `own`: the account's numbers."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return []
    found: list[Incoming] = []
    for entry in _dicts(content.get("entry") if isinstance(content, dict) else None):
        for change in _dicts(entry.get("changes")):
            value = change.get("value")
            if isinstance(value, dict):
                item = (
                    _facebook(value, own)
                    if change.get("field") == "feed"
                    else _instagram(change.get("field"), value, own, entry)
                )
                found += [item] if item else []
        network = "instagram" if content.get("object") == "instagram" else "facebook"
        for event in _dicts(entry.get("messaging")):
            item = _message(event, own, network)
            found += [item] if item else []
    return found


def _foreign() -> Unauthorised:
    return Unauthorised(
        gettext_noop(
            "The call is not signed with the application's secret, so it is not Meta's or the secret here is an old one; "
            "nothing was taken from it."
        ),
        code="signature",
    )


def _facebook(value: Mapping[str, Any], own: set[str]) -> Incoming | None:
    who = value.get("from")
    who = who if isinstance(who, dict) else {}
    comment = value.get("item") == "comment"
    number = value.get("comment_id" if comment else "post_id")
    at = _moment(value.get("created_time"))
    if not isinstance(number, str) or not number or at is None or who.get("id") in own:
        return None
    if not comment and value.get("item") not in ("post", "status", "photo", "video", "share"):
        return None
    text, post, above = (value.get(name) for name in ("message", "post_id", "parent_id"))
    post = post if isinstance(post, str) and comment else None
    return Incoming(
        network="facebook",
        native_id=number,
        text=text if isinstance(text, str) else "",
        published_at=at,
        author=_author(who.get("id"), who.get("name")),
        in_reply_to=above if comment and isinstance(above, str) else post,
        thread=post,
        kind="comment" if comment else "post",
        deleted=value.get("verb") == "remove",
        edited_at=at if value.get("verb") == "edited" else None,
        addressed=True,
    )


def _instagram(
    field: Any, value: Mapping[str, Any], own: set[str], entry: Mapping[str, Any]
) -> Incoming | None:
    who = value.get("from")
    who = who if isinstance(who, dict) else {}
    number, media, above = value.get("id"), value.get("media"), value.get("parent_id")
    under = media.get("id") if isinstance(media, dict) else None
    at = _moment(entry.get("time"))
    if field != "comments" or not isinstance(number, str) or not number or at is None or who.get("id") in own:
        return None
    thread = f"media/{under}" if isinstance(under, str) else None
    text = value.get("text")
    return Incoming(
        network="instagram",
        native_id=f"comment/{above}/{number}" if isinstance(above, str) else f"comment/{number}",
        text=text if isinstance(text, str) else "",
        published_at=at,
        author=_author(who.get("id"), "", who.get("username")),
        in_reply_to=f"comment/{above}" if isinstance(above, str) else thread,
        thread=thread,
        kind="comment",
        addressed=True,
    )


def _message(event: Mapping[str, Any], own: set[str], network: str) -> Incoming | None:
    sender, message = event.get("sender"), event.get("message")
    who = sender.get("id") if isinstance(sender, dict) else None
    number = message.get("mid") if isinstance(message, dict) else None
    at = _moment(event.get("timestamp"))
    if not isinstance(message, dict) or not isinstance(who, str) or not isinstance(number, str) or not number:
        return None
    if at is None or who in own or message.get("is_echo") is True:
        return None
    text = message.get("text")
    return Incoming(
        network=network,
        native_id=f"m/{who}/{number}",
        text=text if isinstance(text, str) else "",
        published_at=at,
        author=_author(who, ""),
        thread=f"m/{who}",
        kind="direct",
        visibility="direct",
        deleted=message.get("is_deleted") is True,
        addressed=True,
    )


def _author(number: Any, name: Any, handle: Any = "") -> Author:
    number, name, handle = (n if isinstance(n, str) else "" for n in (number, name, handle))
    return Author(number, handle or number, name)


def _moment(value: Any) -> datetime | None:
    """Epoch seconds; large ones are thousandths of them."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value / 1000 if value > 10**11 else value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
