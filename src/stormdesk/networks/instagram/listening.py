"""Hearing comments, tags, hashtags and messages (developers.facebook.com/docs/instagram-platform)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.networks import newest
from stormdesk.networks.base import Batch, Incoming, Permanent, Secret, Settings, gettext_noop
from stormdesk.networks.facebook import graph, messages
from stormdesk.networks.instagram import words

PAGE, PAGES = 50, 5
OVERLAP = 900.0
WATCHED, BELOW, ANSWERS, DEEP = 25, 50, 50, 10
"""The newest posts whose comments are followed, what comes along with each, and pages read of those with more."""


async def hear(kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    """What is new in one source, oldest first."""
    match kind:
        case "comments":
            return await _comments(settings, secret, cursor)
        case "tags":
            return await _posts(
                settings, secret, f"{account(settings)}/tags", {"fields": words.MEDIA}, cursor, addressed=True
            )
        case "hashtag":
            return await _hashtag(settings, secret, cursor)
        case "messages":
            own = {account(settings), str(settings.get("page_id") or "")}
            return await messages.hear(settings, secret, cursor, "instagram", "instagram", own)
    raise ValueError(f"Instagram has no source called {kind!r}")


def account(settings: Settings) -> str:
    """The number of the account. Raises Permanent."""
    number = str(settings.get("account_id") or "").strip()
    if not number.isascii() or not number.isdigit():
        raise Permanent(
            gettext_noop("The number of the Instagram account is missing; sign in again, then it is known."),
            code="no_account",
        )
    return number


async def posts(
    settings: Settings, secret: Secret, path: str, query: Mapping[str, Any], since: float, most: int = PAGES
) -> tuple[list[words.Post], bool]:
    """Posts of a list, newest first, down to the moment `since`, and whether that were really all."""
    found: dict[str, words.Post] = {}
    turn: dict[str, str] = {}
    for _ in range(most):
        answer = await graph.ask(settings, secret, path, {**query, "limit": PAGE, **turn})
        fresh = [p for v in graph.entries(settings, answer) if (p := words.post(v)) and p.id not in found]
        found |= {p.id: p for p in fresh if _at(p) >= since}
        after = graph.following(answer)
        if not after or not fresh or all(_at(p) < since for p in fresh):
            return list(found.values()), True
        turn = {"after": after}
    return list(found.values()), False


async def below(
    settings: Settings, secret: Secret, path: str, since: float, most: int = DEEP
) -> list[words.Comment]:
    """Comments of a list with their answers, down to the moment `since`."""
    found: dict[str, words.Comment] = {}
    turn: dict[str, str] = {}
    fields = (
        f"{words.COMMENT},replies.limit({ANSWERS}){{{words.COMMENT}}}"
        if path.endswith("/comments")
        else words.COMMENT
    )
    for _ in range(most):
        answer = await graph.ask(settings, secret, path, {"fields": fields, "limit": BELOW, **turn})
        fresh = [c for v in graph.entries(settings, answer) if (c := words.comment(v)) and c.id not in found]
        found |= {c.id: c for one in fresh for c in (one, *words.answers(one))}
        after = graph.following(answer)
        if not after or not fresh or all(_at(c) < since for c in fresh):
            break
        turn = {"after": after}
    return [c for c in found.values() if _at(c) >= since]


async def thread(settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
    """A post, or a comment, and what stands below it, oldest first."""
    if native_id.startswith("media/"):
        media = words.number(native_id, "media")
        first = words.post(await graph.ask(settings, secret, media, {"fields": words.MEDIA}))
        items = [words.posted(first)] if first else []
        found = await below(settings, secret, f"{media}/comments", 0.0)
    else:
        top = native_id.split("/")[1] if native_id.count("/") == 2 else words.number(native_id, "comment")
        value = await graph.ask(settings, secret, graph.node(top), {"fields": f"{words.COMMENT},media{{id}}"})
        where = value.get("media")
        media = where["id"] if isinstance(where, dict) and isinstance(where.get("id"), str) else "0"
        one = words.comment(value)
        items = []
        found = ([one] if one else []) + await below(settings, secret, f"{graph.node(top)}/replies", 0.0)
        for answer in found[1:]:
            answer.parent_id = answer.parent_id or top
    items += [words.commented(c, media) for c in found]
    return sorted(items, key=lambda item: item.published_at)


async def _comments(settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    since = newest.start(cursor, OVERLAP) or 0.0
    own = str(settings.get("handle") or "")
    inner = f"comments.limit({BELOW}){{{words.COMMENT},replies.limit({ANSWERS}){{{words.COMMENT}}}}}"
    query = {"fields": f"id,timestamp,{inner}", "limit": WATCHED}
    answer = await graph.ask(settings, secret, f"{account(settings)}/media", query)
    told: dict[str, newest.Told] = {}
    for value in graph.entries(settings, answer):
        if (post := words.post(value)) is None:
            continue
        listed = post.comments.get("data") if isinstance(post.comments, dict) else None
        found = [c for v in (listed if isinstance(listed, list) else []) if (c := words.comment(v))]
        if graph.following(post.comments) and "at" in cursor and all(_at(c) >= since for c in found):
            every = await below(settings, secret, f"{post.id}/comments", since)
        else:
            every = [c for one in found for c in (one, *words.answers(one))]
        told |= {c.id: words.told(c, post.id, own) for c in every if _at(c) >= since}
    return newest.batch(told.values(), cursor, OVERLAP)


async def _posts(
    settings: Settings,
    secret: Secret,
    path: str,
    query: Mapping[str, Any],
    cursor: Mapping[str, Any],
    *,
    addressed: bool,
) -> Batch:
    since = newest.start(cursor, OVERLAP)
    found, whole = await posts(settings, secret, path, query, since or 0.0, 1 if since is None else PAGES)
    own = str(settings.get("handle") or "")
    told = [
        newest.Told(p.id, _at(p), None if words.is_own(p, own) else words.posted(p, addressed=addressed))
        for p in found
    ]
    return newest.batch(told, cursor, OVERLAP, whole=whole)


async def _hashtag(settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    """Public posts of the last day with a hashtag; its number is asked for once and kept in the cursor."""
    word = str(settings.get("tag") or "").strip().lstrip("#")
    who = {"user_id": account(settings)}
    kept = cursor.get("tag")
    number = kept if isinstance(kept, str) and kept.isascii() and kept.isdigit() else ""
    if not number:
        found = graph.entries(
            settings, await graph.ask(settings, secret, "ig_hashtag_search", who | {"q": word})
        )
        first = found[0].get("id") if found and isinstance(found[0], dict) else None
        if not isinstance(first, str) or not first.isascii() or not first.isdigit():
            raise Permanent(
                gettext_noop("Instagram knows no hashtag “%(tag)s”; check how it is written."),
                code="no_tag",
                tag=word[:60] or "–",
            )
        number = first
    # Hashtags do not tell whose a post is.
    query = who | {"fields": words.MEDIA.replace(",username", "")}
    batch = await _posts(settings, secret, f"{number}/recent_media", query, cursor, addressed=False)
    return Batch(batch.items, batch.cursor | {"tag": number}, lost=batch.lost)


def _at(found: words.Post | words.Comment) -> float:
    at = graph.moment(found.timestamp)
    return at.timestamp() if at else 0.0
