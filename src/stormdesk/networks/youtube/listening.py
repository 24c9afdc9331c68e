"""Hearing comments and finding videos. Threads come by the time of their first comment, whenever they were answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from stormdesk.core.clock import utcnow
from stormdesk.networks import calls, newest
from stormdesk.networks.base import Batch, Permanent, Secret, Settings, gettext_noop
from stormdesk.networks.newest import Told
from stormdesk.networks.youtube import api, words

PAGE, PAGES = 100, 10
SEARCH_PAGE, SEARCH_PAGES = 50, 2
"""Two pages of a search cost a fiftieth of the daily budget."""
OVERLAP = 3600.0
OPENED = 20
"""Threads with new answers that are opened in one turn: each costs a unit. The number of answers comes with a thread."""
_VIDEO = re.compile(r"(?:v=|youtu\.be/|shorts/|live/|^|video/)([\w-]{11})(?![\w-])")
_CHANNEL = re.compile(r"UC[\w-]{22}")


async def hear(kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    """What is new in one source, oldest first."""
    match kind:
        case "channel":
            where = {"allThreadsRelatedToChannelId": channel(settings, "of") or needed_channel(settings)}
            return await _comments(settings, secret, where, cursor)
        case "video":
            return await _comments(settings, secret, {"videoId": video(settings)}, cursor)
        case "held":
            where = {
                "allThreadsRelatedToChannelId": needed_channel(settings),
                "moderationStatus": "heldForReview",
            }
            return await _comments(settings, secret, where, cursor)
        case "search":
            return await _search(settings, secret, cursor)
    raise ValueError(f"YouTube has no source called {kind!r}")


def channel(settings: Settings, name: str = "channel") -> str:
    """The channel in the setting `name` (UC…); empty if there is none."""
    found = _CHANNEL.search(str(settings.get(name) or ""))
    return found[0] if found else ""


def needed_channel(settings: Settings) -> str:
    """The account's own channel. Raises Permanent if it is not named."""
    if found := channel(settings):
        return found
    raise Permanent(
        gettext_noop("The channel is missing or not one; give its number, which begins with UC."),
        code="no_channel",
    )


def video(settings: Settings, name: str = "video") -> str:
    """The video in the setting `name`, an address or its eleven signs. Raises Permanent if there is none."""
    if found := _VIDEO.search(str(settings.get(name) or "").strip()):
        return found[1]
    raise Permanent(
        gettext_noop("The video is missing or not one; give its address on YouTube."), code="no_video"
    )


async def threads(
    settings: Settings, secret: Secret, where: Mapping[str, Any], since: float, most: int = PAGES
) -> tuple[list[tuple[words.Comment, int, list[words.Comment]]], bool]:
    """Threads, newest first, down to the moment `since`, and whether that were really all."""
    found: dict[str, tuple[words.Comment, int, list[words.Comment]]] = {}
    turn: dict[str, str] = {}
    query = {
        "part": "snippet,replies",
        "order": "time",
        "maxResults": PAGE,
        "textFormat": "plainText",
        **where,
    }
    for _ in range(most):
        page = await api.ask(settings, secret, "commentThreads", query | turn)
        values = items(page)
        fresh = [t for v in values if (t := words.thread(v)) and t[0].id not in found]
        found |= {t[0].id: t for t in fresh}
        token = page.get("nextPageToken")
        past = all(_at(t[0]) < since for t in fresh)
        if not isinstance(token, str) or not token or not fresh or past:
            return list(found.values()), True
        turn = {"pageToken": token}
    return list(found.values()), False


async def replies(settings: Settings, secret: Secret, parent: str, most: int = PAGES) -> list[words.Comment]:
    """What stands below a comment."""
    found: dict[str, words.Comment] = {}
    turn: dict[str, str] = {}
    query = {"part": "snippet", "parentId": parent, "maxResults": PAGE, "textFormat": "plainText"}
    for _ in range(most):
        page = await api.ask(settings, secret, "comments", query | turn)
        fresh = [c for v in items(page) if (c := words.comment(v)) and c.id not in found]
        found |= {c.id: c for c in fresh}
        token = page.get("nextPageToken")
        if not isinstance(token, str) or not token or not fresh:
            break
        turn = {"pageToken": token}
    return list(found.values())


def items(page: Mapping[str, Any]) -> list[Any]:
    """The entries of a page. Raises Retryable if it is none."""
    found = page.get("items")
    if not isinstance(found, list):
        raise calls.unreadable(api.SERVER)
    return found


async def _comments(
    settings: Settings, secret: Secret, where: Mapping[str, Any], cursor: Mapping[str, Any]
) -> Batch:
    own = channel(settings)
    since = newest.start(cursor, OVERLAP)
    found, whole = await threads(settings, secret, where, since or 0.0, 1 if since is None else PAGES)
    given = cursor.get("counts")
    counts = given if isinstance(given, Mapping) else {}
    told = [words.told(top, own) for top, _, _ in found if _at(top) >= (since or 0.0)]
    kept: dict[str, int] = {}
    opened = 0
    for top, count, below in found:
        known = counts.get(top.id)
        kept[top.id] = count
        if count > len(below) and known != count:
            if opened == OPENED:
                # Left for the next turn: an old number there makes it look again.
                kept[top.id] = known if isinstance(known, int) else 0
                continue
            opened += 1
            below = await replies(settings, secret, top.id)
        told += [words.told(_placed(one, top), own) for one in below]
    # Answers come under old comments as well, so their time says nothing of where the list is to be read from.
    batch = newest.batch(
        [t for t in told if "." not in t.name.partition("+")[0]], cursor, OVERLAP, whole=whole
    )
    return _with_answers(batch, [t for t in told if "." in t.name.partition("+")[0]], cursor, kept)


def _with_answers(
    batch: Batch, answers: list[Told], cursor: Mapping[str, Any], counts: dict[str, int]
) -> Batch:
    given = cursor.get("answers")
    known = [name for name in given if isinstance(name, str)] if isinstance(given, list) else []
    fresh = [t for t in answers if t.name not in set(known)]
    together = [*batch.items, *(t.item for t in fresh if t.item)]
    together.sort(key=lambda item: item.published_at)
    names = list(dict.fromkeys([*known, *(t.name for t in answers)]))[-5 * newest.KEPT :]
    return Batch(together, batch.cursor | {"answers": names, "counts": counts}, lost=batch.lost)


def _placed(below: words.Comment, top: words.Comment) -> words.Comment:
    below.snippet.videoId = below.snippet.videoId or top.snippet.videoId
    below.snippet.channelId = below.snippet.channelId or top.snippet.channelId
    return below


async def _search(settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    since = newest.start(cursor, OVERLAP)
    start = datetime.fromtimestamp(since, UTC) if since else utcnow() - timedelta(days=1)
    query: dict[str, Any] = {
        "part": "snippet",
        "type": "video",
        "order": "date",
        "maxResults": SEARCH_PAGE,
        "q": str(settings.get("query") or ""),
        "publishedAfter": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    told: dict[str, Told] = {}
    whole = False
    for _ in range(SEARCH_PAGES):
        page = await api.ask(settings, secret, "search", query)
        for value in items(page):
            if item := words.video(value):
                mine = channel(settings) and item.author.id == channel(settings)
                told[item.native_id] = Told(
                    item.native_id, item.published_at.timestamp(), None if mine else item
                )
        token = page.get("nextPageToken")
        if not isinstance(token, str) or not token:
            whole = True
            break
        query["pageToken"] = token
    return newest.batch(told.values(), cursor, OVERLAP, whole=whole)


def _at(found: words.Comment) -> float:
    at = words.moment(found.snippet.publishedAt)
    return at.timestamp() if at else 0.0
