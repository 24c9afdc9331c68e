"""Hearing what is new. Listings come newest first and end after a thousand (www.reddit.com/dev/api#listings).

`before` finds nothing once the thing it names is removed, so a listing is read from its top down to where the last
reading ended, a little further than needed: what moderators approve and what search finds late stands further below.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.networks import newest
from stormdesk.networks.base import Batch, Secret, Settings
from stormdesk.networks.reddit import own, words
from stormdesk.networks.reddit.listings import PAGES, community, pages

OVERLAP = 900.0
"""Seconds that are read again."""


async def hear(kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    """What is new in one source, oldest first. `lost`: more was said than Reddit still lists."""
    match kind:
        case "search":
            sub = community(settings, "community", needed=False)
            query = {"q": str(settings.get("query") or ""), "sort": "new", "type": "link", "t": "week"}
            path = f"/r/{sub}/search" if sub else "/search"
            return await _newest(
                settings, secret, path, query | ({"restrict_sr": "1"} if sub else {}), cursor, False
            )
        case "subreddit" | "comments":
            end = "new" if kind == "subreddit" else "comments"
            path = f"/r/{community(settings, 'community')}/{end}"
            return await _newest(settings, secret, path, {}, cursor, False)
        case "inbox":
            return await _newest(settings, secret, "/message/inbox", {"mark": "false"}, cursor, True)
        case "thread":
            root = str(settings.get("post") or "").strip()
            return await _newest_below(settings, secret, root, cursor)
    raise ValueError(f"Reddit has no source called {kind!r}")


async def _newest(
    settings: Settings,
    secret: Secret,
    path: str,
    query: Mapping[str, Any],
    cursor: Mapping[str, Any],
    addressed: bool,
) -> Batch:
    since = newest.start(cursor, OVERLAP)
    found, whole = await pages(settings, secret, path, query, since or 0.0, 1 if since is None else PAGES)
    return newest.batch(_told(settings, found, addressed), cursor, OVERLAP, whole=whole)


async def _newest_below(settings: Settings, secret: Secret, root: str, cursor: Mapping[str, Any]) -> Batch:
    found = [t for t in await own.below(settings, secret, root) if t.name.startswith("t1")]
    # All of it is given every time, so all names are kept.
    here = {"seen": cursor.get("seen")}
    batch = newest.batch(_told(settings, found, False), here, OVERLAP)
    return Batch(batch.items, {"seen": batch.cursor.get("seen") or []})


def _told(settings: Settings, found: list[words.Thing], addressed: bool) -> list[newest.Told]:
    name = str(settings.get("handle") or "")
    return [
        newest.Told(words.version(t), t.created_utc, words.incoming(t, name, addressed=addressed))
        for t in found
    ]
