"""What the servers send, and how it reads here. Shapes: docs.joinmastodon.org/entities/."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from stormdesk.networks.base import Author, Incoming, Media, Outgoing, Sent
from stormdesk.networks.plain import from_html

_LINK = re.compile(r"https?://[^\s]+", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w/])@(\w+)@[\w.-]+\w")
_LEADING = re.compile(r"^(?:@\w+\s+)+")
_PUBLIC = ("public", "unlisted", None, "")
LINK_LENGTH = 23


class Account(msgspec.Struct):
    id: str | int
    acct: str = ""
    username: str = ""
    display_name: str | None = ""
    followers_count: int | None = None
    created_at: str | None = None


class Mention(msgspec.Struct):
    id: str | int | None = None
    acct: str = ""


class Attachment(msgspec.Struct):
    url: str | None = ""
    description: str | None = ""
    type: str | None = ""


class Status(msgspec.Struct):
    id: str | int
    created_at: datetime
    account: Account
    content: str | None = ""
    spoiler_text: str | None = ""
    visibility: str | None = "public"
    url: str | None = ""
    uri: str | None = ""
    language: str | None = None
    in_reply_to_id: str | int | None = None
    in_reply_to_account_id: str | int | None = None
    edited_at: datetime | None = None
    mentions: list[Mention] = []
    media_attachments: list[Attachment] = []
    reblog: Status | None = None


class Notification(msgspec.Struct):
    id: str | int
    type: str
    status: Status | None = None


def status(value: Any) -> Status | None:
    """The status in a piece of JSON; None if it is not one: a stranger's nonsense must not stop the listening."""
    try:
        return msgspec.convert(value, Status, strict=False)
    except (msgspec.ValidationError, RecursionError):
        return None


def notified(value: Any) -> Status | None:
    """What a notification is about, if it is somebody speaking to the account."""
    try:
        found = msgspec.convert(value, Notification, strict=False)
    except (msgspec.ValidationError, RecursionError):
        return None
    return found.status if found.type == "mention" else None


def incoming(found: Status, own_id: str = "") -> Incoming | None:
    """A status as something said. None for the account's own words: those are `own_posts`."""
    return None if own_id and str(found.account.id) == own_id else said(found, own_id)


def said(found: Status, own_id: str = "") -> Incoming:
    """A status as something said, whoever said it."""
    shared = found.reblog
    body = shared or found
    text = from_html(body.content or "")
    if body.spoiler_text:
        text = f"{from_html(body.spoiler_text)}\n\n{text}"
    # "private" is for followers only, "direct" for the mentioned only: neither may be shown as public.
    public = found.visibility in _PUBLIC
    return Incoming(
        network="mastodon",
        native_id=str(found.id),
        text=text,
        published_at=_aware(found.created_at),
        author=_author(found.account),
        url=found.url or found.uri or "",
        language=body.language or None,
        in_reply_to=_text(found.in_reply_to_id),
        thread=str(shared.id) if shared else None,
        kind="repost"
        if shared
        else "direct"
        if not public
        else "comment"
        if found.in_reply_to_id
        else "post",
        visibility="public" if public else "direct",
        edited_at=_aware(found.edited_at) if found.edited_at else None,
        addressed=bool(own_id)
        and (
            own_id == _text(found.in_reply_to_account_id)
            or any(_text(m.id) == own_id for m in found.mentions)
        ),
        media=tuple(Media(url=a.url or "", description=a.description or "") for a in body.media_attachments),
    )


def gone(native_id: str, now: datetime) -> Incoming:
    """A removal, as streams report it: all that is known is the id."""
    return Incoming("mastodon", native_id, "", now, Author("", ""), deleted=True)


def sent(found: Status) -> Sent:
    return Sent(str(found.id), found.url or found.uri or "", _aware(found.created_at))


def is_it(outgoing: Outgoing, found: Status) -> bool:
    """Is this own status that post: same words, place, audience and addressee?

    Leading mentions do not count as words: `publish` puts them there itself.
    """
    addressees = {m.acct.split("@")[0].casefold() for m in found.mentions}
    to = (outgoing.to_handle or "").lstrip("@").split("@")[0].casefold()
    return (
        _comparable(outgoing.text) == _comparable(found.content or "")
        and _text(found.in_reply_to_id) == outgoing.in_reply_to
        and ("public" if found.visibility in _PUBLIC else "direct") == outgoing.visibility
        and (not to or to in addressees)
    )


def counted(text: str) -> int:
    """Length as Mastodon counts it: a link is 23 characters, a mention is its local name."""
    return len(_MENTION.sub(r"@\1", _LINK.sub("x" * LINK_LENGTH, text)))


def _comparable(text: str) -> str:
    # Servers make HTML of links, drop the host of mentions, and some lose what looks like a tag: bare words only.
    return _LEADING.sub("", " ".join(_MENTION.sub(r"@\1", from_html(text)).split()))


def _author(account: Account) -> Author:
    created = None
    if account.created_at:
        try:
            created = _aware(datetime.fromisoformat(account.created_at))
        except ValueError:
            pass
    name = account.acct or account.username
    return Author(str(account.id), name, account.display_name or "", account.followers_count, created)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(value: str | int | None) -> str | None:
    return None if value in (None, "") else str(value)
