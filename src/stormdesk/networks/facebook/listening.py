"""Hearing what is said on a page and of it (developers.facebook.com/docs/graph-api/reference/page/feed, …/tagged)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.networks import newest
from stormdesk.networks.base import Batch, Incoming, Permanent, Secret, Settings, gettext_noop
from stormdesk.networks.facebook import graph, messages, words

PAGE, PAGES = 50, 5
OVERLAP = 900.0
WATCHED, BELOW, DEEP = 25, 50, 10
"""The newest posts whose comments are followed, comments that come along with each, pages read of those with more."""


async def hear(kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    """What is new in one source, oldest first."""
    match kind:
        case "posts":
            return await _posts(settings, secret, "feed", cursor, addressed=True)
        case "mentions":
            return await _posts(settings, secret, "tagged", cursor, addressed=True)
        case "comments":
            return await _comments(settings, secret, cursor)
        case "messages":
            return await messages.hear(settings, secret, cursor, "facebook", "messenger", {page(settings)})
    raise ValueError(f"Facebook has no source called {kind!r}")


def page(settings: Settings) -> str:
    """The number of the page. Raises Permanent."""
    number = str(settings.get("page_id") or "").strip()
    if not number.isascii() or not number.isdigit():
        raise Permanent(
            gettext_noop("The number of the page is missing; sign in again, then it is known."),
            code="no_page",
        )
    return number


async def posts(
    settings: Settings, secret: Secret, edge: str, since: float, most: int = PAGES, fields: str = words.POST
) -> tuple[list[words.Post], bool]:
    """Posts of a list, newest first, down to the moment `since`, and whether that were really all."""
    found: dict[str, words.Post] = {}
    turn: dict[str, str] = {}
    for _ in range(most):
        query = {"fields": fields, "limit": PAGE, **turn}
        answer = await graph.ask(settings, secret, f"{page(settings)}/{edge}", query)
        fresh = [p for v in graph.entries(settings, answer) if (p := words.post(v)) and p.id not in found]
        found |= {p.id: p for p in fresh if _at(p) >= since}
        after = graph.following(answer)
        if not after or not fresh or all(_at(p) < since for p in fresh):
            return list(found.values()), True
        turn = {"after": after}
    return list(found.values()), False


async def below(
    settings: Settings, secret: Secret, number: str, since: float, most: int = DEEP
) -> list[words.Comment]:
    """Comments under a post or a comment, answers among them, down to the moment `since`."""
    found: dict[str, words.Comment] = {}
    turn: dict[str, str] = {}
    for _ in range(most):
        query = {
            "fields": words.COMMENT,
            "filter": "stream",
            "order": "reverse_chronological",
            "limit": BELOW,
            **turn,
        }
        answer = await graph.ask(settings, secret, f"{graph.node(number)}/comments", query)
        fresh = [c for v in graph.entries(settings, answer) if (c := words.comment(v)) and c.id not in found]
        found |= {c.id: c for c in fresh}
        after = graph.following(answer)
        if not after or not fresh or all(_at(c) < since for c in fresh):
            break
        turn = {"after": after}
    return [c for c in found.values() if _at(c) >= since]


async def _posts(
    settings: Settings, secret: Secret, edge: str, cursor: Mapping[str, Any], *, addressed: bool
) -> Batch:
    since = newest.start(cursor, OVERLAP)
    found, whole = await posts(settings, secret, edge, since or 0.0, 1 if since is None else PAGES)
    own = page(settings)
    told = [
        newest.Told(p.id, _at(p), None if words.is_own(p, own) else words.posted(p, addressed=addressed))
        for p in found
    ]
    return newest.batch(told, cursor, OVERLAP, whole=whole)


async def _comments(settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    since = newest.start(cursor, OVERLAP)
    own = page(settings)
    inner = f"comments.limit({BELOW}).order(reverse_chronological).filter(stream){{{words.COMMENT}}}"
    query = {"fields": f"id,created_time,{inner}", "limit": WATCHED}
    answer = await graph.ask(settings, secret, f"{own}/feed", query)
    told: dict[str, newest.Told] = {}
    for value in graph.entries(settings, answer):
        if (post := words.post(value)) is None:
            continue
        listed = post.comments.get("data") if isinstance(post.comments, dict) else None
        found = [c for v in (listed if isinstance(listed, list) else []) if (c := words.comment(v))]
        more = bool(graph.following(post.comments))
        if more and since is not None and all(_at(c) >= since for c in found):
            found = await below(settings, secret, post.id, since)
        told |= {c.id: words.told(c, post.id, own) for c in found if _at(c) >= (since or 0.0)}
    return newest.batch(told.values(), cursor, OVERLAP)


async def thread(settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
    """A post, or a comment, and what stands below it, oldest first."""
    number = graph.node(native_id)
    items: list[Incoming] = []
    # A page's posts carry its number in front; Meta answers nothing if asked for what a thing does not have.
    if number.startswith(f"{page(settings)}_"):
        post = words.post(await graph.ask(settings, secret, number, {"fields": words.POST}))
        items += [words.posted(post)] if post else []
        under = number
    else:
        first = words.comment(await graph.ask(settings, secret, number, {"fields": words.COMMENT}))
        under = first.parent.id if first and first.parent else f"{page(settings)}_{number.partition('_')[0]}"
        items += [words.commented(first, under)] if first else []
    items += [words.commented(c, under) for c in await below(settings, secret, number, 0.0)]
    return sorted(items, key=lambda item: item.published_at)


def _at(found: words.Post | words.Comment) -> float:
    at = graph.moment(found.created_time)
    return at.timestamp() if at else 0.0
