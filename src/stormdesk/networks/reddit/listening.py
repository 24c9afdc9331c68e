"""Hearing what is new. Listings come newest first and end after a thousand (www.reddit.com/dev/api#listings).

`before` finds nothing once the thing it names is removed, so a listing is read from its top down to where the last
reading ended, a little further than needed: what moderators approve and what search finds late stands further below.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.core.clock import utcnow
from stormdesk.networks.base import Batch, Secret, Settings
from stormdesk.networks.reddit import own, words
from stormdesk.networks.reddit.listings import PAGE, PAGES, community, pages

OVERLAP = 900.0
"""Seconds that are read again."""
KEPT = 2 * PAGE * PAGES


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
    at = cursor.get("at")
    at = float(at) if isinstance(at, int | float) and not isinstance(at, bool) and words.moment(at) else None
    since = at - OVERLAP if at is not None else 0.0
    found, whole = await pages(settings, secret, path, query, since, PAGES if at is not None else 1)
    return _batch(settings, found, cursor, at, addressed, lost=at is not None and not whole)


async def _newest_below(settings: Settings, secret: Secret, root: str, cursor: Mapping[str, Any]) -> Batch:
    found = [t for t in await own.below(settings, secret, root) if t.name.startswith("t1")]
    return _batch(settings, found, cursor, None, False, lost=False)


def _batch(
    settings: Settings,
    found: list[words.Thing],
    cursor: Mapping[str, Any],
    at: float | None,
    addressed: bool,
    *,
    lost: bool,
) -> Batch:
    given = cursor.get("seen")
    known = {name for name in given if isinstance(name, str)} if isinstance(given, list) else set()
    name = str(settings.get("handle") or "")
    fresh = sorted((t for t in found if words.version(t) not in known), key=lambda t: t.created_utc)
    items = [item for t in fresh if (item := words.incoming(t, name, addressed=addressed))]
    newest = max([*(t.created_utc for t in found), *([at] if at is not None else [])], default=None)
    if newest is None:
        return Batch(items, dict(cursor), lost=lost)
    # A time to come is a lie, and would make us pass over all that is said until then.
    newest = min(newest, utcnow().timestamp())
    # Only what the next reading will meet again must be remembered.
    seen = [words.version(t) for t in found if at is None or t.created_utc >= newest - OVERLAP]
    return Batch(items, {"seen": seen[:KEPT], "at": newest}, lost=lost)
