"""Hearing by asking: search, walls, comments and mentions. What a community is told of itself: see `events`.

VK gives the newest first and has no cursor, so a stretch of time is read to its end and given oldest first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from stormdesk.core.clock import utcnow
from stormdesk.networks import calls
from stormdesk.networks.base import (
    Author,
    Batch,
    Incoming,
    NetworkError,
    Permanent,
    Secret,
    Settings,
    gettext_noop,
)
from stormdesk.networks.vk import api, words
from stormdesk.networks.vk.place import Place

READING = (api.USER, api.SERVICE)
FIELDS = "screen_name,followers_count,members_count"
DAY = 86_400
PAGE, MOST = 200, 1000
"""newsfeed.search: results of one page, and of one search whatever is asked (dev.vk.com/ru/method/newsfeed.search)."""
OVERLAP = 120
"""Seconds that are searched again: VK finds posts some time after they were written."""
KEPT = 600
WALL_PAGE, WALL_PAGES = 100, 10
WATCHED, THREADS = 50, 20
"""Posts of a wall whose comments are followed, and threads of comments opened in one turn."""


async def search(settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    """Public posts with the words of `query`, from where the last search ended."""
    now = int(utcnow().timestamp())
    start = cursor.get("since")
    start = start if isinstance(start, int) and 0 < start <= now else now - DAY
    width = cursor.get("width")
    end = min(now, start + width) if isinstance(width, int) and width > OVERLAP else now
    found, who, whole = await _stretch(settings, secret, start - OVERLAP, end)
    while not whole and end - start > OVERLAP:
        # More was said than one search gives: read a shorter stretch first, or the older part would be lost.
        end = start + (end - start) // 2
        found, who, whole = await _stretch(settings, secret, start - OVERLAP, end)
    known = _strings(cursor.get("seen"))
    items = [item for post in found if (item := words.said_in_post(post, who, _group(settings)))]
    fresh = [item for item in items if item.native_id not in known]
    fresh.sort(key=lambda item: item.published_at)
    seen = list(dict.fromkeys([*known, *(item.native_id for item in items)]))[-KEPT - MOST :]
    here: dict[str, Any] = {"since": end, "seen": seen}
    if end < now:
        here["width"] = end - start
    # More in two minutes than one search gives: what it left out is missing, and that is told.
    return Batch(fresh, here, more=end < now, lost=not whole)


async def _stretch(
    settings: Settings, secret: Secret, start: int, end: int
) -> tuple[list[words.Post], dict[int, Any], bool]:
    """All posts between two moments, and whether that were really all."""
    query = {
        "q": str(settings.get("query", "")),
        "count": PAGE,
        "extended": 1,
        "fields": FIELDS,
        "start_time": max(start, 1),
        "end_time": end,
    }
    posts: dict[tuple[int, int], words.Post] = {}
    who: dict[int, Any] = {}
    turn: str | None = None
    for _ in range(MOST // PAGE):
        more = {"start_from": turn} if turn else {}
        page = await _items(settings, secret, READING, "newsfeed.search", **query, **more)
        who |= words.people(page)
        posts |= {(p.owner_id, p.id): p for value in page["items"] if (p := words.convert(value, words.Post))}
        turn = page.get("next_from") if isinstance(page.get("next_from"), str) else None
        if not turn or not page["items"]:
            return list(posts.values()), who, True
    return list(posts.values()), who, False


async def wall(settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    """Posts on one wall by others than its account; of a foreign wall, all."""
    owner = _owner(settings)
    last = cursor.get("after")
    last = last if isinstance(last, int) else 0
    posts, who = await own_wall(
        settings, secret, owner, "all", lambda post: post.id <= last, pages=1 if not last else WALL_PAGES
    )
    ours = -_group(settings)
    items = [
        item
        for post in sorted(posts, key=lambda post: post.id)
        if post.id > last and post.from_id != ours and (item := words.said_in_post(post, who, -ours))
    ]
    # As many new ones as are read at once: there may have been more, and older ones do not come again.
    lost = bool(last) and len(posts) >= WALL_PAGE * WALL_PAGES
    return Batch(items, {"after": max([last, *(post.id for post in posts)])}, lost=lost)


async def own_wall(
    settings: Settings,
    secret: Secret,
    owner: int,
    filter_: str,
    ended: Callable[[words.Post], bool],
    *,
    pages: int = WALL_PAGES,
) -> tuple[list[words.Post], dict[int, Any]]:
    """Posts of a wall, newest first, until `ended(post)` is true of one that is not pinned."""
    posts: dict[int, words.Post] = {}
    who: dict[int, Any] = {}
    for number in range(pages):
        page = await _items(
            settings, secret, READING, "wall.get", owner_id=owner, filter=filter_, count=WALL_PAGE,
            offset=number * WALL_PAGE, extended=1, fields=FIELDS,
        )  # fmt: skip
        who |= words.people(page)
        fresh = [post for value in page["items"] if (post := words.convert(value, words.Post))]
        posts |= {post.id: post for post in fresh if not ended(post)}
        if len(page["items"]) < WALL_PAGE or any(ended(post) and not post.is_pinned for post in fresh):
            break
    return list(posts.values()), who


async def comments(settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    """Comments under the newest posts of a wall: only posts whose number of comments changed are opened."""
    owner = _owner(settings)
    page = await _items(
        settings, secret, READING, "wall.get", owner_id=owner, filter="owner", count=WATCHED, offset=0
    )
    posts = [post for value in page["items"] if (post := words.convert(value, words.Post))]
    counts = cursor.get("counts")
    counts = counts if isinstance(counts, Mapping) else {}
    last = cursor.get("after")
    last = last if isinstance(last, int) else 0
    items: list[Incoming] = []
    newest, now_counts = last, {}
    for post in posts:
        here = post.comments.count if post.comments else 0
        now_counts[str(post.id)] = here
        if not here or counts.get(str(post.id)) == here:
            continue
        for found, who in await under(settings, secret, Place("wall", owner, post.id)):
            newest = max(newest, found.id)
            ours = found.from_id == -_group(settings)
            item = words.said_in_comment(found, Place("wall", owner, post.id), who, _group(settings))
            if item and not ours and found.id > last:
                items.append(item)
    items.sort(key=lambda item: item.published_at)
    return Batch(items, {"after": newest, "counts": now_counts})


async def under(
    settings: Settings, secret: Secret, where: Place
) -> list[tuple[words.Comment, dict[int, Any]]]:
    """Comments under a post, those in threads included, in the order they were written; a thousand or so at most."""
    query = {"owner_id": where.owner, "post_id": where.item, "sort": "desc", "count": 100, "extended": 1,
             "fields": FIELDS, "preview_length": 0, "thread_items_count": 10}  # fmt: skip
    found: dict[int, tuple[words.Comment, dict[int, Any]]] = {}
    opened = 0
    for number in range(WALL_PAGES):
        page = await _items(settings, secret, READING, "wall.getComments", **query, offset=number * 100)
        who = words.people(page)
        top = [one for value in page["items"] if (one := words.convert(value, words.Comment))]
        for one in top:
            found[one.id] = one, who
            thread = one.thread or words.Thread()
            inner = [c for value in thread.items if (c := words.convert(value, words.Comment))]
            found |= {comment.id: (comment, who) for comment in inner}
            if thread.count > len(inner) and opened < THREADS:
                opened += 1
                more = await _items(
                    settings, secret, READING, "wall.getComments", **query, comment_id=one.id, offset=0
                )
                names = words.people(more)
                answers = [c for value in more["items"] if (c := words.convert(value, words.Comment))]
                found |= {comment.id: (comment, names) for comment in answers}
        # An answer may be new under an old comment, so old comments do not end the reading.
        if len(page["items"]) < 100:
            break
    return [found[number] for number in sorted(found)]


async def mentions(settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    """Posts and comments that mention the community, or the owner of the key where none is named."""
    now = int(utcnow().timestamp())
    start = cursor.get("since")
    start = start if isinstance(start, int) and 0 < start <= now else now - DAY
    group = _group(settings)
    owner = {"owner_id": -group} if group else {}
    posts: dict[tuple[int, int], words.Post] = {}
    whole = False
    for number in range(WALL_PAGES * 2):
        page = await _items(
            settings, secret, (api.USER,), "newsfeed.getMentions",
            start_time=max(start - OVERLAP, 1), end_time=now, offset=number * 50, count=50, **owner,
        )  # fmt: skip
        posts |= {(p.owner_id, p.id): p for value in page["items"] if (p := words.convert(value, words.Post))}
        if len(page["items"]) < 50:
            whole = True
            break
    known = _strings(cursor.get("seen"))
    items = [
        item
        for post in posts.values()
        if post.from_id != -group and (item := words.said_in_post(post, {}, group))
    ]
    fresh = sorted((i for i in items if i.native_id not in known), key=lambda item: item.published_at)
    seen = list(dict.fromkeys([*known, *(item.native_id for item in items)]))[-KEPT:]
    return Batch([_addressed(item) for item in fresh], {"since": now, "seen": seen}, lost=not whole)


async def complete(settings: Settings, secret: Secret, items: list[Incoming]) -> list[Incoming]:
    """The same items with the names and followers that events leave out; as they are where VK does not answer."""
    unknown = {item.author.id for item in items if item.author.id and not item.author.name}
    users = sorted(number for number in unknown if number.isdigit())[:1000]
    groups = sorted(number[1:] for number in unknown if number.startswith("-"))[:500]
    keys = (api.COMMUNITY, api.USER, api.SERVICE)
    who: dict[int, Author] = {}
    try:
        if users:
            found = await api.ask(
                settings, secret, keys, "users.get", user_ids=",".join(users), fields=FIELDS
            )
            who |= words.people({"profiles": found})
        if groups:
            found = await api.ask(
                settings, secret, keys, "groups.getById", group_ids=",".join(groups), fields=FIELDS
            )
            who |= words.people(found if isinstance(found, dict) else {"groups": found})
    except NetworkError:
        pass
    known = {author.id: author for author in who.values()}
    return [replace(item, author=known.get(item.author.id, item.author)) for item in items]


async def _items(
    settings: Settings, secret: Secret, keys: tuple[str, ...], method: str, **params: Any
) -> dict[str, Any]:
    page = await api.ask(settings, secret, keys, method, **params)
    if not isinstance(page, dict) or not isinstance(page.get("items"), list):
        raise calls.unreadable(str(settings.get("server") or api.SERVER))
    return page


def _addressed(item: Incoming) -> Incoming:
    return replace(item, addressed=True)


def _owner(settings: Settings) -> int:
    """Whose wall: the source's, else the account's own community."""
    written = str(settings.get("wall") or "").strip().lower()
    if not written:
        return -api.group(settings)
    sign, number = (
        (-1, written[4:])
        if written.startswith("club")
        else (1, written[2:])
        if written.startswith("id")
        else (0, written)
    )
    if number.lstrip("-").isdigit() and number.isascii() and len(number) < 19:
        return sign * int(number) if sign else int(number)
    raise Permanent(
        gettext_noop(
            "“%(name)s” is not the number of a wall; give it as club… for a community or id… for a person."
        ),
        code="no_wall",
        name=written[:60],
    )


def _group(settings: Settings) -> int:
    try:
        return api.group(settings)
    except Permanent:
        return 0


def _strings(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
