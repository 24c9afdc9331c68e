"""The same straight from a server or relay: com.atproto.sync.subscribeRepos, commits as blocks of DAG-CBOR.

For networks without a Jetstream (an own server); the wire carries everything, so it costs more to read.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any
from urllib.parse import urlsplit

import libipld
import msgspec

from stormdesk.core import http
from stormdesk.core.clock import utcnow
from stormdesk.networks import calls
from stormdesk.networks.base import Batch, Retryable, gettext_noop
from stormdesk.networks.bluesky import jetstream, keys, words
from stormdesk.networks.live import bursts

METHOD = "/xrpc/com.atproto.sync.subscribeRepos"
MAX_FRAME = 8 * 2**20
"""A commit may carry 2 MB of blocks; the specification's frames are at most 5 MB."""
_PREFIX = f"{keys.POST}/"
_DEEPEST = 64
_ENCODE = msgspec.json.Encoder(enc_hook=lambda value: None)


def read(frame: str | bytes) -> tuple[int, list[jetstream.Event], jetstream.Told]:
    """One frame: its number in the stream (0: none), the changes of posts in it, and what else it says."""
    nothing = jetstream.Told()
    parts = _parts(frame)
    if parts is None:
        return 0, [], nothing
    head, body = parts
    if head.get("op") == -1:
        return 0, [], jetstream.Told(over=str(body.get("error") or "error"))
    if head.get("t") == "#info":
        return 0, [], jetstream.Told(lost=body.get("name") == "OutdatedCursor")
    number = body.get("seq")
    seq = number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else 0
    if head.get("t") != "#commit":
        return seq, [], nothing
    return seq, list(_events(body)), nothing


def _parts(frame: str | bytes) -> tuple[dict[str, Any], dict[str, Any]] | None:
    if isinstance(frame, str):
        return None
    try:
        head, body = libipld.decode_dag_cbor_multi(frame)
    except Exception:  # the decoder's faults on hostile input are of its own kinds
        return None
    return (head, body) if isinstance(head, dict) and isinstance(body, dict) else None


def _events(body: Mapping[str, Any]) -> list[jetstream.Event]:
    did, operations = body.get("repo"), body.get("ops")
    at = words.moment(str(body.get("time", "")))
    if not isinstance(did, str) or not isinstance(operations, list) or at is None:
        return []
    wanted = [op for op in operations if isinstance(op, dict) and str(op.get("path", "")).startswith(_PREFIX)]
    if not wanted:
        return []
    blocks = _blocks(body.get("blocks"))
    found = []
    for op in wanted:
        action, key, cid = op.get("action"), str(op["path"])[len(_PREFIX) :], op.get("cid")
        raw = msgspec.Raw(b"")
        if action in ("create", "update"):
            record = blocks.get(cid) if isinstance(cid, bytes) else None
            if not isinstance(record, dict):
                continue
            try:
                raw = msgspec.Raw(_ENCODE.encode(_plain(record)))
            except (TypeError, ValueError, RecursionError):
                continue
        elif action != "delete":
            continue
        found.append(jetstream.Event(jetstream.microseconds(at), did, key, str(action), raw))
    return found


def _blocks(blocks: Any) -> Mapping[bytes, Any]:
    if not isinstance(blocks, bytes):
        return {}
    try:
        return libipld.decode_car(blocks)[1]
    except Exception:
        return {}


def _plain(value: Any, deep: int = 0) -> Any:
    """The record as JSON knows it: links become {"$link": …} as the data model says, other bytes nothing."""
    if deep > _DEEPEST:
        return None
    if isinstance(value, dict):
        return {str(k): _plain(v, deep + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v, deep + 1) for v in value]
    if isinstance(value, bytes):
        try:
            return {"$link": libipld.encode_cid(value)}
        except Exception:
            return None
    return value


def address(settings: Mapping[str, Any], server: str) -> str:
    """Where to connect: the given address, else the account's own server."""
    given = str(settings.get("address") or server).strip().rstrip("/")
    given = given if "://" in given else f"wss://{given}"
    return given if urlsplit(given).path else given + METHOD


async def stream(
    settings: Mapping[str, Any], cursor: Mapping[str, Any], server: str, own_did: str = ""
) -> AsyncGenerator[Batch, None]:
    """Batches from `cursor` on. Ends by NetworkError. Numbers count on one server only: a cursor names its host."""
    url = address(settings, server)
    host = urlsplit(url).hostname or ""
    here = int(cursor.get("seq") or 0) if cursor.get("host") == host else 0
    try:
        async with http.frames(
            url,
            params=[("cursor", str(here))] if here else [],
            silence=jetstream.SILENCE,
            max_frame_bytes=MAX_FRAME,
        ) as (answer, frames):
            calls.judge(url, answer)
            if answer.status != 101:
                raise calls.unreadable(url)
            yield Batch([], {"seq": here, "host": host} if here else {})
            async for pieces in bursts(frames, most=jetstream.BURST, quiet=jetstream.QUIET, host=host):
                told = [read(frame) for frame in pieces]
                events = [event for _, found, _ in told for event in found]
                here = max([here, *(seq for seq, _, _ in told)])
                items = [item for event in events if (item := jetstream.incoming(event, own_did))]
                newest = max((event.us for event in events), default=0)
                behind = max(0.0, utcnow().timestamp() - newest / 1e6) if newest else None
                lost = any(it.lost for _, _, it in told)
                yield Batch(items, {"seq": here, "host": host} if here else {}, lost=lost, behind=behind)
                if over := next((it.over for _, _, it in told if it.over), ""):
                    raise Retryable(
                        gettext_noop("“%(host)s” ended the stream (%(said)s); it is opened again."),
                        code="ended",
                        host=host,
                        said=over[:60],
                    )
    except http.HttpError as error:
        raise calls.stream_ended(error) from error
