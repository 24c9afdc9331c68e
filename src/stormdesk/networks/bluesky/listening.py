"""Asking: notifications, search, an account's posts, a thread. Lists come newest first and are walked back to the cursor.

The walk goes one page a question: `since` moves only when a walk has reached it, so a kill in the middle loses nothing,
and what is met twice is dropped by whoever stores it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from stormdesk.core.clock import utcnow
from stormdesk.networks.base import Author, Batch, Incoming, NetworkError, Secret, Settings
from stormdesk.networks.bluesky import session as sessions
from stormdesk.networks.bluesky import words, xrpc

PAGE = 100
"""The most a server gives at once."""
OVERLAP = timedelta(minutes=10)
"""The network indexes late and sorts by the author's clock: so much is asked for again, every time."""
PAGES = 60
"""Pages one walk may take; further back the server gives no more anyway."""
SPEAKING = ("mention", "reply", "quote")

List = Callable[[str], Any]


async def hear(kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    match kind:
        case "notifications":
            return await _notifications(settings, secret, cursor)
        case "search":
            params = {"q": str(settings.get("query", "")), "sort": "latest"}
            return await _walk(settings, secret, cursor, "app.bsky.feed.searchPosts", params, "posts")
        case "account":
            params = {
                "actor": str(settings.get("actor", "")).strip().lstrip("@"),
                "filter": "posts_with_replies",
            }
            return await _walk(settings, secret, cursor, "app.bsky.feed.getAuthorFeed", params, "feed")
        case "thread":
            items = await thread(settings, secret, str(settings.get("uri", "")))
            return Batch(items, {})
    raise ValueError(f"Bluesky has no source called {kind!r}")


async def found_since(settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> list[Incoming]:
    """What a search still finds of the time a stream lost; nothing where there is no account or nothing to look for."""
    if not settings.get("query") or not sessions.has_account(settings, secret) or not cursor.get("us"):
        return []
    here: Mapping[str, Any] = {"since": datetime.fromtimestamp(int(cursor["us"]) / 1e6, UTC).isoformat()}
    items: list[Incoming] = []
    try:
        for _ in range(PAGES):
            batch = await hear("search", settings, secret, here)
            items, here = items + batch.items, batch.cursor
            if not batch.more:
                break
    except NetworkError:
        pass  # what was found until then is more than nothing, and the gap is told anyway
    return items


async def _notifications(settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    """Who speaks to the account. The network forgets some notifications, so a search for mentions stands beside them."""
    session = await sessions.session(settings, secret)
    told = await _walk(
        settings, secret, cursor.get("told") or {}, "app.bsky.notification.listNotifications",
        {"reasons": list(SPEAKING)}, "notifications",
    )  # fmt: skip
    items = [replace(item, addressed=True) for item in told.items]
    try:
        named = await _walk(
            settings, secret, cursor.get("named") or {}, "app.bsky.feed.searchPosts",
            {"q": session.handle, "mentions": session.did, "sort": "latest"}, "posts",
        )  # fmt: skip
    except NetworkError:
        # The second look is an addition; a server without search must not silence the first.
        named = Batch([], dict(cursor.get("named") or {}))
    known = {item.native_id for item in items}
    items += [replace(item, addressed=True) for item in named.items if item.native_id not in known]
    items.sort(key=lambda item: item.published_at)
    return Batch(items, {"told": told.cursor, "named": named.cursor}, told.more or named.more)


async def _walk(
    settings: Settings, secret: Secret, cursor: Mapping[str, Any], name: str, params: Mapping[str, Any], list_name: str
) -> Batch:  # fmt: skip
    since = words.moment(str(cursor.get("since", "")))
    page, turn = cursor.get("page"), int(cursor.get("turn") or 0)
    asked: dict[str, Any] = {**params, "limit": PAGE} | ({"cursor": page} if page else {})
    if since and name == "app.bsky.feed.searchPosts":
        asked["since"] = (since - OVERLAP).isoformat().replace("+00:00", "Z")
    answer = await xrpc.query(
        settings, secret, name, asked, public=name != "app.bsky.notification.listNotifications"
    )
    entries = answer.get(list_name)
    found = list(_views(entries if isinstance(entries, list) else []))
    times = [at for view in found if (at := words.moment(view.indexedAt))]
    newest = max([*times, *filter(None, [words.moment(str(cursor.get("newest", "")))])], default=since)
    own = await _own_did(settings, secret)
    items = [
        item
        for view in reversed(found)
        if (not own or view.author.did != own) and (item := words.seen(view, own)) is not None
    ]
    following = answer.get("cursor")
    reached = since is None or not times or min(times) < since - OVERLAP or turn + 1 >= PAGES
    if isinstance(following, str) and following and following != page and not reached:
        here = {"since": _iso(since), "page": following, "turn": turn + 1, "newest": _iso(newest)}
        return Batch(items, here, more=True)
    return Batch(items, {"since": _iso(newest or utcnow())})


def _views(entries: Iterable[Any]) -> Iterable[words.View]:
    for entry in entries:
        if isinstance(entry, dict) and "post" in entry:
            if entry.get("reason") is not None:  # shared by the account, written by somebody else
                continue
            entry = entry["post"]
        found = words.view(entry)
        if found and found.reason in ("", *SPEAKING):
            yield found


async def thread(settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
    """What stands above and below a post, oldest first, as far as the network shows it."""
    params = {"uri": native_id, "depth": 1000, "parentHeight": 1000}
    answer = await xrpc.query(settings, secret, "app.bsky.feed.getPostThread", params, public=True)
    own = await _own_did(settings, secret)
    found: dict[str, Incoming] = {}
    waiting: list[Any] = [answer.get("thread")]
    while waiting and len(found) < 5000:
        node = waiting.pop()
        if not isinstance(node, dict):
            continue
        waiting.append(node.get("parent"))
        replies = node.get("replies")
        waiting += replies if isinstance(replies, list) else []
        view = words.view(node.get("post"))
        item = words.seen(view, own) if view and view.uri not in found else None
        if item and item.native_id != native_id:
            found[item.native_id] = item
    return sorted(found.values(), key=lambda item: item.published_at)


async def own_posts(settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
    """Everything the account itself said since then, newest first, answers included."""
    own = (await sessions.session(settings, secret)).did
    params: dict[str, Any] = {"actor": own, "filter": "posts_with_replies", "limit": PAGE}
    found: dict[str, Incoming] = {}
    for _ in range(PAGES):
        answer = await xrpc.query(settings, secret, "app.bsky.feed.getAuthorFeed", params)
        entries = answer.get("feed")
        page = [v for v in _views(entries if isinstance(entries, list) else []) if v.author.did == own]
        fresh = [item for v in page if (item := words.seen(v, own)) and item.native_id not in found]
        found |= {item.native_id: item for item in fresh if item.published_at >= since}
        following = answer.get("cursor")
        # A pinned post may be old and stand first: go on while a page has anything recent.
        if not isinstance(following, str) or not any(item.published_at >= since for item in fresh):
            break
        params["cursor"] = following
    return list(found.values())


async def complete(settings: Settings, secret: Secret, items: list[Incoming]) -> list[Incoming]:
    """Streams name people by their did only: put names and followers in, 25 people a question."""
    people: dict[str, Author] = {}
    unknown = list(dict.fromkeys(item.author.id for item in items if item.author.handle == item.author.id))
    for start in range(0, len(unknown), 25):
        try:
            params = {"actors": unknown[start : start + 25]}
            answer = await xrpc.query(settings, secret, "app.bsky.actor.getProfiles", params, public=True)
        except NetworkError:
            break
        profiles = answer.get("profiles")
        for value in profiles if isinstance(profiles, list) else []:
            if person := words.profile(value):
                people[person.did] = words.author(person)
    return [replace(item, author=people.get(item.author.id, item.author)) for item in items]


async def _own_did(settings: Settings, secret: Secret) -> str:
    return (await sessions.session(settings, secret)).did if sessions.has_account(settings, secret) else ""


def _iso(moment: datetime | None) -> str:
    return (moment or datetime(1970, 1, 1, tzinfo=UTC)).isoformat()
