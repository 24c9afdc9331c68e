"""Hearing what is said: pages forward from a cursor, and streams that first close the gap."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from stormdesk.core import http
from stormdesk.core.clock import utcnow
from stormdesk.networks import calls
from stormdesk.networks.base import Batch, Incoming, Secret, Settings
from stormdesk.networks.errors import Permanent
from stormdesk.networks.mastodon import place, words

PAGE = 40
"""The most a Mastodon server gives at once."""
CHANNELS: Mapping[str, Callable[[Settings], tuple[str, Mapping[str, str]]]] = {
    "notifications": lambda settings: ("user/notification", {}),
    "hashtag": lambda settings: ("hashtag", {"tag": _tag(settings)}),
    "public": lambda settings: ("public", {}),
}


async def hear(kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    path, query, list_name, find = _source(kind, settings)
    after = cursor.get("min_id")
    params = query | ({"min_id": after} if after else {}) if query else {}
    url = place.server(settings) + path
    page = place.content(url, await calls.read(url, params=params, headers=place.headers(secret)))
    if list_name:
        page = page.get(list_name) if isinstance(page, dict) else None
    if not isinstance(page, list):
        raise calls.unreadable(url)
    # Whole threads come oldest first and have no cursor; everything else comes newest first.
    newest = _id(page[0]) if page and query else None
    entries = (find(value) for value in (reversed(page) if query else page))
    items = _items(entries, settings, told=kind == "notifications")
    # A server that ignores `min_id` would give the same full page for ever.
    more = bool(after) and len(page) >= PAGE and newest not in (None, after)
    here = newest or after
    return Batch(items, {"min_id": here} if here else {}, more)


async def thread(settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
    """What stands above and below a status, oldest first: as much of it as the server has heard of."""
    url = f"{place.server(settings)}/api/v1/statuses/{quote(native_id, safe='')}/context"
    page = place.content(url, await calls.read(url, headers=place.headers(secret)))
    if not isinstance(page, dict):
        raise calls.unreadable(url)
    around = [page.get("ancestors"), page.get("descendants")]
    own_id = str(settings.get("account_id", ""))
    found = [words.status(value) for part in around if isinstance(part, list) for value in part]
    said = {str(it.id): words.said(it, own_id) for it in found if it}
    return sorted(said.values(), key=lambda item: item.published_at)


async def stream(
    kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]
) -> AsyncIterator[Batch]:
    channel, params = CHANNELS[kind](settings)
    url = f"{await _streaming(settings)}/api/v1/streaming/{channel}"
    try:
        async with http.events(url, params=params, headers=place.headers(secret)) as (answer, events):
            calls.judge(url, answer)
            # The stream is open and keeps what happens from now on; first give what happened until now.
            here: dict[str, Any] = dict(cursor)
            more = True
            while more:
                batch = await hear(kind, settings, secret, here)
                here, more = batch.cursor, batch.more
                yield batch
            async for event in events:
                batch = _event(event.event, event.data, settings, here)
                here = batch.cursor
                if batch.items:
                    yield batch
    except http.HttpError as error:
        raise calls.stream_ended(error) from error


def _event(name: str, data: str, settings: Settings, here: Mapping[str, Any]) -> Batch:
    if name == "delete":
        return Batch([words.gone(data, utcnow())] if data.strip() else [], dict(here))
    find = {"update": words.status, "status.update": words.status, "notification": words.notified}.get(name)
    if find is None:
        return Batch([], dict(here))
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return Batch([], dict(here))
    newest = _id(value) if name != "status.update" else None
    return Batch(
        _items([find(value)], settings, told=name == "notification"),
        {"min_id": newest} if newest else dict(here),
    )


def _items(found: Iterable[words.Status | None], settings: Settings, told: bool) -> list[Incoming]:
    """`told`: the server itself says that these speak to us; its lists of mentions may name us differently."""
    own_id = str(settings.get("account_id", ""))
    items = [item for status in found if status and (item := words.incoming(status, own_id))]
    return [replace(item, addressed=True) for item in items] if told else items


def _source(
    kind: str, settings: Settings
) -> tuple[str, dict[str, Any], str, Callable[[Any], words.Status | None]]:
    """Path, query ({} where pages do not exist), name of the list in the answer, and how one entry is read."""
    page = {"limit": PAGE}
    match kind:
        case "notifications":
            return "/api/v1/notifications", page | {"types[]": "mention"}, "", words.notified
        case "search":
            query = {"q": settings.get("query", ""), "type": "statuses"}
            return "/api/v2/search", page | query, "statuses", words.status
        case "hashtag":
            return f"/api/v1/timelines/tag/{quote(_tag(settings), safe='')}", page, "", words.status
        case "public":
            return "/api/v1/timelines/public", page, "", words.status
        case "thread":
            status_id = quote(str(settings.get("status_id", "")), safe="")
            return f"/api/v1/statuses/{status_id}/context", {}, "descendants", words.status
    raise ValueError(f"Mastodon has no source called {kind!r}")


def _tag(settings: Settings) -> str:
    return str(settings.get("tag", "")).strip().lstrip("#")


def _id(value: Any) -> str | None:
    found = value.get("id") if isinstance(value, dict) else None
    return str(found) if isinstance(found, str | int) and found != "" else None


async def _streaming(settings: Settings) -> str:
    """Streams may live on a host of their own, which the server names; else they are where everything is."""
    server = place.server(settings)
    try:
        instance = (await calls.read(f"{server}/api/v2/instance")).json()
        named = instance["configuration"]["urls"]["streaming"]
        parts = urlsplit(named)
        scheme = {"wss": "https", "ws": "http", "https": "https", "http": "http"}[parts.scheme]
        return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
    except (Permanent, ValueError, KeyError, TypeError):
        return server
