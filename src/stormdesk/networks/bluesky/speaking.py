"""Saying something: everything that can fail first, then one record under its own key, sent at most once."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from PIL import Image

from stormdesk.core.clock import utcnow
from stormdesk.networks import calls
from stormdesk.networks.base import (
    Media,
    NetworkError,
    Outgoing,
    Permanent,
    Retryable,
    Secret,
    Sent,
    Settings,
    Unknown,
    Wrong,
    gettext_noop,
)
from stormdesk.networks.bluesky import facets, keys, words, xrpc
from stormdesk.networks.bluesky import session as sessions

PICTURE_LIMIT = 2_000_000
"""Bytes of one picture (lexicon app.bsky.embed.images)."""
PICTURES = 4
MENTIONS = 20
_REASONS = {
    Wrong.SPAM: "com.atproto.moderation.defs#reasonSpam",
    Wrong.SCAM: "com.atproto.moderation.defs#reasonMisleading",
    Wrong.ABUSE: "com.atproto.moderation.defs#reasonRude",
    Wrong.ILLEGAL: "com.atproto.moderation.defs#reasonViolation",
    Wrong.OTHER: "com.atproto.moderation.defs#reasonOther",
}


async def publish(settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
    """Say it. The record key makes a second one impossible: a server that has it refuses, and then it is found."""
    own = (await sessions.session(settings, secret)).did
    record = await prepare(settings, secret, outgoing)
    key = keys.record_key(outgoing.key)
    body = {"repo": own, "collection": keys.POST, "rkey": key, "record": record}
    try:
        answer = await xrpc.change(settings, secret, "com.atproto.repo.createRecord", json=body)
    except Unknown:
        # An own key answers the question at once; a server that has the record already fails with 500.
        found = await _there(settings, secret, own, key)
        if found is None:
            raise
        return found
    url = f"{sessions.server(settings)}/xrpc/com.atproto.repo.createRecord"
    made = answer.get("uri")
    if made != keys.uri(own, key):
        raise calls.unclear(url)
    return Sent(made, keys.web(own, key), words.moment(record["createdAt"]) or utcnow())


async def reconcile(settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent | None:
    """Is the record of this sending in the account's own repository? Asked of its server, which knows at once."""
    own = (await sessions.session(settings, secret)).did
    return await _record(settings, secret, own, keys.record_key(outgoing.key))


async def _there(settings: Settings, secret: Secret, did: str, key: str) -> Sent | None:
    try:
        return await _record(settings, secret, did, key)
    except NetworkError:
        return None


async def _record(settings: Settings, secret: Secret, did: str, key: str) -> Sent | None:
    params = {"repo": did, "collection": keys.POST, "rkey": key}
    try:
        found = await xrpc.query(settings, secret, "com.atproto.repo.getRecord", params)
    except Permanent as error:
        if error.code == "gone":
            return None
        raise
    value = found.get("value")
    if not isinstance(value, dict):
        raise calls.unreadable(sessions.server(settings))
    at = words.moment(str(value.get("createdAt", "")))
    return Sent(keys.uri(did, key), keys.web(did, key), at or utcnow())


async def prepare(settings: Settings, secret: Secret, outgoing: Outgoing) -> dict[str, Any]:
    """The record; nothing here says anything in public."""
    text = outgoing.text
    length = facets.graphemes(text)
    if length > facets.TEXT_LIMIT or len(text.encode()) > facets.BYTE_LIMIT:
        raise Permanent(
            gettext_noop(
                "The text has %(length)s signs and Bluesky takes %(limit)s; shorten it or make it a thread."
            ),
            code="too_long",
            length=length,
            limit=facets.TEXT_LIMIT,
        )
    record: dict[str, Any] = {
        "$type": keys.POST,
        "text": text,
        "createdAt": _iso(utcnow()),
    }
    if outgoing.in_reply_to:
        record["reply"] = await _reply(settings, secret, outgoing.in_reply_to)
    if outgoing.language:
        record["langs"] = [outgoing.language]
    if found := await _facets(settings, secret, text):
        record["facets"] = found
    if outgoing.media:
        images = [await _image(settings, secret, media) for media in outgoing.media[:PICTURES]]
        record["embed"] = {"$type": "app.bsky.embed.images", "images": images}
    return record


async def _facets(settings: Settings, secret: Secret, text: str) -> list[dict[str, Any]]:
    people: dict[str, str] = {}
    found = []
    for piece in facets.find(text):
        if piece.kind == "mention":
            if piece.value not in people and len(people) < MENTIONS:
                people[piece.value] = await _did(settings, secret, piece.value)
            if did := people.get(piece.value, ""):
                found.append(facets.facet(text, piece, did))
        else:
            found.append(facets.facet(text, piece))
    return found


async def _did(settings: Settings, secret: Secret, handle: str) -> str:
    """Whose handle it is; empty for nobody's: then it is plain text."""
    try:
        answer = await xrpc.query(settings, secret, "com.atproto.identity.resolveHandle", {"handle": handle})
    except Permanent:
        return ""
    return str(answer.get("did") or "")


async def _reply(settings: Settings, secret: Secret, parent: str) -> dict[str, Any]:
    """References to the answered post and to the beginning of its conversation, both with the state they are in."""
    where = keys.place(parent)
    answer = await xrpc.query(settings, secret, "app.bsky.feed.getPosts", {"uris": [parent]}, public=True)
    posts = answer.get("posts")
    view = words.view(posts[0]) if isinstance(posts, list) and posts else None
    if view is not None:
        cid, record = view.cid, view.record
    else:
        # The index may be seconds behind the servers.
        params = {"repo": where.did, "collection": where.collection, "rkey": where.key}
        found = await xrpc.query(settings, secret, "com.atproto.repo.getRecord", params)
        cid, record = str(found.get("cid") or ""), found.get("value")
    read = words.record(record)
    if not cid or read is None:
        raise Permanent(
            gettext_noop("The post that was to be answered is gone; write a post of your own instead."),
            code="gone",
        )
    here = {"uri": parent, "cid": cid}
    root = read.reply.root if read.reply else None
    return {"root": {"uri": root.uri, "cid": root.cid} if root and root.uri else here, "parent": here}


async def _image(settings: Settings, secret: Secret, media: Media) -> dict[str, Any]:
    if media.content is None:
        raise Permanent(gettext_noop("A picture is missing its file; attach it again."), code="no_file")
    if len(media.content) > PICTURE_LIMIT:
        raise Permanent(
            gettext_noop("A picture has %(size)s MB and Bluesky takes %(limit)s MB; make it smaller."),
            code="too_large",
            size=f"{len(media.content) / 1e6:.1f}",
            limit=f"{PICTURE_LIMIT / 1e6:.0f}",
        )
    kind = media.content_type or "application/octet-stream"
    try:
        answer = await xrpc.change(
            settings,
            secret,
            "com.atproto.repo.uploadBlob",
            {"Content-Type": kind},
            content=media.content,
            timeout=120.0,
        )
        blob = answer["blob"]
    except (Unknown, KeyError):
        # A blob that no record names is thrown away by the server: trying again does no harm.
        raise Retryable(
            gettext_noop("The picture could not be handed over; nothing was posted. It will be tried again.")
        ) from None
    image = {"image": blob, "alt": media.description}
    return image | ({"aspectRatio": size} if (size := _size(media.content)) else {})


def _size(content: bytes) -> dict[str, int] | None:
    """Width and height, so that readers see the whole picture and not its middle."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return {"width": picture.width, "height": picture.height}
    except Exception:  # whatever it is, the network decides whether it is a picture
        return None


async def delete(settings: Settings, secret: Secret, native_id: str) -> None:
    """Take an own post back; one that is gone is fine."""
    where = keys.place(native_id)
    own = (await sessions.session(settings, secret)).did
    if where.did != own:
        raise Permanent(
            gettext_noop("This post belongs to somebody else; it can be reported, not deleted."),
            code="not_own",
        )
    body = {"repo": own, "collection": where.collection, "rkey": where.key}
    await xrpc.change(settings, secret, "com.atproto.repo.deleteRecord", json=body)


async def report(settings: Settings, secret: Secret, native_id: str, wrong: Wrong, said: str) -> str:
    """Tell the moderators about a post, as it is now."""
    keys.place(native_id)
    answer = await xrpc.query(settings, secret, "app.bsky.feed.getPosts", {"uris": [native_id]})
    posts = answer.get("posts")
    view = words.view(posts[0]) if isinstance(posts, list) and posts else None
    if view is None or not view.cid:
        raise Permanent(gettext_noop("The post is gone already; there is nothing to report."), code="gone")
    subject = {"$type": "com.atproto.repo.strongRef", "uri": native_id, "cid": view.cid}
    body = {"reasonType": _REASONS[wrong], "subject": subject} | ({"reason": said[:2000]} if said else {})
    made = await xrpc.change(settings, secret, "com.atproto.moderation.createReport", json=body)
    return str(made.get("id") or "")


async def hide(settings: Settings, secret: Secret, native_id: str, hidden: bool) -> None:
    """Hide somebody's answer in a conversation that the account began, or show it again (app.bsky.feed.threadgate)."""
    keys.place(native_id)
    own = (await sessions.session(settings, secret)).did
    root = (await _reply(settings, secret, native_id))["root"]["uri"]
    where = keys.place(root)
    if where.did != own:
        raise Permanent(
            gettext_noop(
                "Only the one who began a conversation can hide answers in it; report the answer instead."
            ),
            code="not_own",
        )
    gate = {"repo": own, "collection": "app.bsky.feed.threadgate", "rkey": where.key}
    try:
        present = await xrpc.query(settings, secret, "com.atproto.repo.getRecord", gate)
    except Permanent as error:
        if error.code != "gone":
            raise
        present = {}
    value = present.get("value")
    record: dict[str, Any] = dict(value) if isinstance(value, dict) else {}
    kept = [uri for uri in record.get("hiddenReplies") or [] if uri != native_id]
    record = {"createdAt": _iso(utcnow())} | record
    record |= {
        "$type": "app.bsky.feed.threadgate",
        "post": root,
        "hiddenReplies": [*kept, native_id][-300:] if hidden else kept,
    }
    # The record as it was read is named, so that two people hiding at once do not undo each other.
    await xrpc.change(
        settings,
        secret,
        "com.atproto.repo.putRecord",
        json=gate | {"record": record, "swapRecord": present.get("cid")},
    )


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
