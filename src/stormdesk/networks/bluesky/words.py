"""What the network sends, and how it reads here. Shapes: the lexicons app.bsky.feed.post and app.bsky.feed.defs."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from stormdesk.networks.base import Author, Incoming, Media
from stormdesk.networks.bluesky import keys

PICTURES = "https://cdn.bsky.app/img/feed_fullsize/plain"
_LINK = re.compile(r"[\w:./-]{1,300}")


class Ref(msgspec.Struct):
    uri: str = ""
    cid: str = ""


class Reply(msgspec.Struct):
    root: Ref = msgspec.field(default_factory=Ref)
    parent: Ref = msgspec.field(default_factory=Ref)


class Feature(msgspec.Struct):
    did: str = ""


class Facet(msgspec.Struct):
    features: list[Feature] = []


class Record(msgspec.Struct):
    """app.bsky.feed.post. Pictures are read apart: their shape differs between records and views."""

    text: str
    createdAt: str
    langs: list[str] | None = None
    reply: Reply | None = None
    facets: list[Facet] | None = None
    embed: Any = None


class Profile(msgspec.Struct):
    did: str
    handle: str = ""
    displayName: str | None = ""
    followersCount: int | None = None
    createdAt: str | None = None


class View(msgspec.Struct):
    """app.bsky.feed.defs#postView, and a notification, which is shaped like one."""

    uri: str
    author: Profile
    record: Any
    indexedAt: str
    cid: str = ""
    embed: Any = None
    reason: str = ""


_RECORD = msgspec.json.Decoder(Record)


def record(value: Any) -> Record | None:
    """The post in a piece of JSON (text or read already); None if it is none."""
    try:
        if isinstance(value, msgspec.Raw | bytes):
            return _RECORD.decode(value)
        return msgspec.convert(value, Record)
    except (msgspec.ValidationError, msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def view(value: Any) -> View | None:
    """The post view in a piece of JSON; None if it is none: a stranger's nonsense must not stop the listening."""
    try:
        return msgspec.convert(value, View)
    except (msgspec.ValidationError, RecursionError):
        return None


def profile(value: Any) -> Profile | None:
    """Who somebody is; None for nonsense."""
    try:
        return msgspec.convert(value, Profile)
    except (msgspec.ValidationError, RecursionError):
        return None


def author(person: Profile) -> Author:
    """The same as the house knows people."""
    created = moment(person.createdAt or "")
    return Author(
        person.did, person.handle or person.did, person.displayName or "", person.followersCount, created
    )


def seen(found: View, own_did: str = "") -> Incoming | None:
    """A view as something said; None if its record is no post."""
    what = record(found.record)
    at = moment(found.indexedAt)
    if what is None or at is None or not found.uri.startswith("at://"):
        return None
    return said(found.uri, what, at, author(found.author), own_did, found.embed)


def said(
    native_id: str,
    what: Record,
    at: datetime,
    by: Author,
    own_did: str = "",
    embed: Any = None,
    edited: bool = False,
) -> Incoming:
    """A post as something said. `at`: when the network saw it; a post that claims a later time is not believed."""
    did, _, key = native_id.removeprefix("at://").partition(f"/{keys.POST}/")
    claimed = moment(what.createdAt)
    parent = what.reply.parent.uri if what.reply else ""
    named = {feature.did for facet in what.facets or () for feature in facet.features}
    return Incoming(
        network="bluesky",
        native_id=native_id,
        text=what.text,
        published_at=min(claimed, at) if claimed else at,
        author=by,
        url=keys.web(did, key),
        language=what.langs[0].split("-")[0].lower()[:3] if what.langs else None,
        in_reply_to=parent or None,
        thread=(what.reply.root.uri or parent or None) if what.reply else None,
        kind="comment" if what.reply else "post",
        edited_at=at if edited else None,
        addressed=bool(own_did) and (own_did in named or parent.startswith(f"at://{own_did}/")),
        media=tuple(_pictures(did, embed or what.embed)),
    )


def gone(native_id: str, at: datetime) -> Incoming:
    """A removal, as streams report it."""
    did = native_id.removeprefix("at://").partition("/")[0]
    return Incoming("bluesky", native_id, "", at, Author(did, did), deleted=True)


def moment(text: str) -> datetime | None:
    """A time of the network; None for what is none or lies outside the calendar."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _pictures(did: str, embed: Any) -> list[Media]:
    """Pictures and videos with what is said of them for blind readers, out of a record's embed or a view's."""
    if not isinstance(embed, dict):
        return []
    inner = embed.get("media")
    if isinstance(inner, dict):  # a quotation with pictures
        return _pictures(did, inner)
    images = embed.get("images")
    found = []
    for image in images[:10] if isinstance(images, list) else ():
        if isinstance(image, dict):
            found.append(Media(url=_address(did, image), description=_text(image.get("alt"))))
    if embed.get("video") or embed.get("playlist"):
        found.append(
            Media(
                url=_text(embed.get("thumbnail")),
                description=_text(embed.get("alt")),
                content_type="video/mp4",
            )
        )
    return found


def _address(did: str, image: dict[str, Any]) -> str:
    if isinstance(image.get("fullsize"), str):
        return image["fullsize"]
    blob = image.get("image")
    link = (
        blob.get("ref", {}).get("$link")
        if isinstance(blob, dict) and isinstance(blob.get("ref"), dict)
        else None
    )
    if not isinstance(link, str) or not _LINK.fullmatch(link) or not _LINK.fullmatch(did):
        return ""
    return f"{PICTURES}/{did}/{link}@jpeg"


def _text(value: Any) -> str:
    return value[:2000] if isinstance(value, str) else ""
