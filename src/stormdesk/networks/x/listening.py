"""Hearing what is new: from the newest down to where the last reading ended, in as many turns as it takes.

`since_id` and `until_id` bound a reading (docs.x.com/x-api/posts/search/integrate/paginate); X searches seven days back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stormdesk.networks import calls
from stormdesk.networks.base import Batch, Incoming, Permanent, Secret, Settings, gettext_noop
from stormdesk.networks.x import api, words

PAGE, PAGES = 100, 5
MESSAGES = 100
_NUMBER = re.compile(r"[0-9]{1,19}")


async def hear(kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    """What is new in one source."""
    match kind:
        case "search":
            return await _bounded(settings, secret, "/tweets/search/recent", _query(settings), cursor)
        case "mentions":
            path = f"/users/{account(settings)}/mentions"
            return await _bounded(settings, secret, path, {}, cursor, turn="pagination_token", addressed=True)
        case "thread":
            root = number(str(settings.get("post") or ""))
            query = {"query": f"conversation_id:{root}", "sort_order": "recency"}
            return await _bounded(settings, secret, "/tweets/search/recent", query, cursor)
        case "messages":
            return await _messages(settings, secret, cursor)
    raise ValueError(f"X has no source called {kind!r}")


def account(settings: Settings) -> str:
    """The account's number. Raises Permanent."""
    found = str(settings.get("account_id") or "").strip()
    if not _NUMBER.fullmatch(found):
        raise Permanent(
            gettext_noop("The account's number at X is missing; sign in again, then it is known."),
            code="no_account",
        )
    return found


def number(text: str) -> str:
    """The number of a post, alone or at the end of its address. Raises Permanent."""
    found = re.search(r"(?:^|/)([0-9]{1,19})(?:$|[/?])", text.strip())
    if found is None:
        raise Permanent(
            gettext_noop("“%(post)s” is not a post on X; give its address or its number."),
            code="no_post",
            post=text[:60] or "–",
        )
    return found[1]


def posts(page: Mapping[str, Any]) -> list[words.Post]:
    """The posts of a page; none where X found none. Raises Retryable if it is no page."""
    values = page.get("data", [])
    if not isinstance(values, list) or not ("data" in page or "meta" in page):
        raise calls.unreadable(api.SERVER)
    return [found for value in values if (found := words.post(value))]


def following(page: Mapping[str, Any]) -> str:
    """Where the next, older page begins; empty at the end."""
    meta = page.get("meta")
    token = meta.get("next_token") if isinstance(meta, dict) else None
    return token if isinstance(token, str) else ""


def _query(settings: Settings) -> dict[str, str]:
    query = str(settings.get("query") or "").strip()
    # A repost repeats words already paid for.
    if "is:retweet" not in query:
        query = f"({query}) -is:retweet" if " OR " in query else f"{query} -is:retweet"
    return {"query": query, "sort_order": "recency"}


async def _bounded(
    settings: Settings,
    secret: Secret,
    path: str,
    query: Mapping[str, Any],
    cursor: Mapping[str, Any],
    *,
    turn: str = "next_token",
    addressed: bool = False,
) -> Batch:
    last, until, newest = (_known(cursor.get(name)) for name in ("since", "until", "newest"))
    params: dict[str, Any] = {**words.FIELDS, **query, "max_results": PAGE}
    params |= ({"since_id": last} if last else {}) | ({"until_id": until} if until else {})
    found: dict[str, tuple[words.Post, words.Beside]] = {}
    lost, whole = False, False
    for _ in range(PAGES if last else 1):
        try:
            page = await api.ask(settings, secret, path, params)
        except Permanent as error:
            if "since_id" not in params or "since_id" not in str(error.facts.get("said", "")):
                raise
            # What the last reading ended with is older than X looks back.
            del params["since_id"]
            lost = True
            continue
        beside = words.Beside(page)
        found |= {one.id: (one, beside) for one in posts(page)}
        token = following(page)
        if not token:
            whole = True
            break
        params |= {turn: token}
    own = str(settings.get("account_id") or "")
    items = [
        words.said(one, beside, own, addressed=addressed)
        for one, beside in found.values()
        if one.author_id != own or not own
    ]
    items.sort(key=lambda item: item.published_at)
    numbers = [*map(int, found), *([int(newest)] if newest else [])]
    top = str(max(numbers)) if numbers else ""
    if last and not whole and found:
        # More was said than one turn reads: the older part comes next, and only then newer things are asked for.
        here = {"since": last, "until": min(found, key=int), "newest": top}
        return Batch(items, here, more=True, lost=lost)
    done = str(max(int(top), int(last))) if top and last else top or last
    return Batch(items, {"since": done} if done else {}, lost=lost)


async def _messages(settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    last = int(_known(cursor.get("since")) or 0)
    params: dict[str, Any] = {
        "max_results": MESSAGES,
        "event_types": "MessageCreate",
        "dm_event.fields": "id,text,event_type,created_at,sender_id,dm_conversation_id",
        "expansions": "sender_id",
        "user.fields": words.FIELDS["user.fields"],
    }
    found: dict[int, Incoming | None] = {}
    own = account(settings)
    whole = False
    for _ in range(PAGES if last else 1):
        page = await api.ask(settings, secret, "/dm_events", params)
        values = page.get("data", [])
        if not isinstance(values, list) or not ("data" in page or "meta" in page):
            raise calls.unreadable(api.SERVER)
        beside = words.Beside(page)
        fresh = [one for value in values if (one := words.message(value)) and int(one.id) > last]
        found |= {int(one.id): None if one.sender_id == own else words.written(one, beside) for one in fresh}
        token = following(page)
        if not token or len(fresh) < len(values):
            whole = True
            break
        params["pagination_token"] = token
    items = sorted((item for item in found.values() if item), key=lambda item: item.published_at)
    newest = max([last, *found])
    return Batch(items, {"since": str(newest)} if newest else {}, lost=bool(last) and not whole)


def _known(value: Any) -> str:
    return value if isinstance(value, str) and _NUMBER.fullmatch(value) else ""
