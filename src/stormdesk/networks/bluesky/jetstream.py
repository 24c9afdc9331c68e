"""The whole network as it happens, by Jetstream: JSON over a WebSocket, in either of its two dialects.

network.bsky.jetstream.subscribeEvents (github.com/bluesky-social/jetstream, lexicons/) and the older /subscribe; the
address tells which. Both take a time in microseconds as cursor, which also holds on another of their servers.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from stormdesk.core import http
from stormdesk.core.clock import utcnow
from stormdesk.networks import calls
from stormdesk.networks.base import Author, Batch, Incoming, Retryable, gettext_noop
from stormdesk.networks.bluesky import keys, words
from stormdesk.networks.live import bursts

ADDRESS = "wss://jetstream.us-east.bsky.network"
METHOD = "/xrpc/network.bsky.jetstream.subscribeEvents"
OLD = "/subscribe"
MAX_FRAME = 2**20
SILENCE = 60.0
QUIET = 300.0
"""Seconds without one event after which the connection is opened anew: the whole network is never that quiet."""
BURST = 200
"""Events put into one batch at most, when that many have come already."""


class Commit(msgspec.Struct):
    """One change of one record, as the newer dialect tells it."""

    did: str = ""
    time: str = ""
    witnessedAt: str = ""
    operation: str = ""
    collection: str = ""
    rkey: str = ""
    record: msgspec.Raw = msgspec.Raw(b"")
    name: str = ""
    type: str = msgspec.field(default="", name="$type")


class Frame(msgspec.Struct):
    """A frame of the newer dialect: a message, or the error that ends the stream."""

    type: str = msgspec.field(default="", name="$type")
    payload: Commit | None = None
    error: str = ""


class OldCommit(msgspec.Struct):
    operation: str = ""
    collection: str = ""
    rkey: str = ""
    record: msgspec.Raw = msgspec.Raw(b"")


class OldEvent(msgspec.Struct):
    """An event of /subscribe."""

    did: str = ""
    time_us: int = 0
    commit: OldCommit | None = None


_FRAME = msgspec.json.Decoder(Frame)
_OLD = msgspec.json.Decoder(OldEvent)


class Event(NamedTuple):
    """A change of a post. `us`: when the server saw it, microseconds; `operation`: create, update or delete."""

    us: int
    did: str
    key: str
    operation: str
    record: msgspec.Raw


class Told(NamedTuple):
    """What a frame says: a change of a post, that the cursor was too old (`lost`), or that the stream ends (`over`)."""

    event: Event | None = None
    lost: bool = False
    over: str = ""


_NOTHING = Told()


def read(frame: str | bytes) -> Told:
    """One frame of the newer dialect; nonsense and other records say nothing."""
    try:
        found = _FRAME.decode(frame)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _NOTHING
    if found.type == "error":
        return Told(over=found.error or "error")
    it = found.payload
    if it is None:
        return _NOTHING
    if it.name == "OutdatedCursor":
        return Told(lost=True)
    if it.collection != keys.POST or not it.did or not it.rkey:
        return _NOTHING
    at = words.moment(it.witnessedAt or it.time)
    return Told(Event(microseconds(at), it.did, it.rkey, it.operation, it.record)) if at else _NOTHING


def read_old(frame: str | bytes) -> Told:
    """One frame of /subscribe."""
    try:
        found = _OLD.decode(frame)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _NOTHING
    it = found.commit
    if it is None or it.collection != keys.POST or not found.did or not it.rkey:
        return _NOTHING
    return Told(Event(found.time_us, found.did, it.rkey, it.operation, it.record))


def incoming(event: Event, own_did: str = "") -> Incoming | None:
    """A change as something said, edited or taken back; None if it is no post."""
    try:
        at = datetime.fromtimestamp(event.us / 1e6, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    native_id = keys.uri(event.did, event.key)
    if event.operation == "delete":
        return words.gone(native_id, at)
    what = words.record(event.record)
    if what is None:
        return None
    by = Author(event.did, event.did)
    return words.said(native_id, what, at, by, own_did, edited=event.operation == "update")


def microseconds(moment: datetime) -> int:
    """A moment as the cursors count."""
    return round(moment.timestamp() * 1e6)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def address(settings: Mapping[str, Any]) -> tuple[str, bool]:
    """Where to connect and whether the older dialect is spoken there."""
    given = str(settings.get("address") or ADDRESS).strip().rstrip("/")
    given = given if "://" in given else f"wss://{given}"
    path = urlsplit(given).path
    old = path.endswith(OLD)
    return (given if path else given + METHOD), old


async def stream(
    settings: Mapping[str, Any], cursor: Mapping[str, Any], own_did: str = ""
) -> AsyncGenerator[Batch, None]:
    """Batches from `cursor` on, first what the server kept since then, then as it happens. Ends by NetworkError."""
    url, old = address(settings)
    here = int(cursor.get("us") or 0)
    params = [("wantedCollections" if old else "collections", keys.POST)]
    params += [] if old else [("kinds", "commit")]
    params += [("cursor", str(here))] if here else []
    understand = read_old if old else read
    protocols = () if old else ("xrpc.v1.json",)
    try:
        async with http.frames(
            url, params=params, protocols=protocols, silence=SILENCE, max_frame_bytes=MAX_FRAME
        ) as (answer, frames):
            calls.judge(url, answer)
            if answer.status != 101:
                raise calls.unreadable(url)
            yield Batch([], {"us": here} if here else {})
            async for pieces in bursts(frames, most=BURST, quiet=QUIET, host=_host(url)):
                told = [understand(frame) for frame in pieces]
                events = [it.event for it in told if it.event]
                here = max([here, *(event.us for event in events)])
                items = [item for event in events if (item := incoming(event, own_did))]
                behind = max(0.0, utcnow().timestamp() - here / 1e6) if events else None
                yield Batch(
                    items, {"us": here} if here else {}, lost=any(it.lost for it in told), behind=behind
                )
                if over := next((it.over for it in told if it.over), ""):
                    raise Retryable(
                        gettext_noop("“%(host)s” ended the stream (%(said)s); it is opened again."),
                        code="ended",
                        host=_host(url),
                        said=over[:60],
                    )
    except http.HttpError as error:
        raise calls.stream_ended(error) from error
