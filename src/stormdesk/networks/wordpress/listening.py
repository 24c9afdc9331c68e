"""Hearing comments: forward from the newest time with some overlap, and another look at those heard lately."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from stormdesk.core.clock import utcnow
from stormdesk.networks.base import Author, Batch, Incoming, Permanent, Secret, Settings
from stormdesk.networks.wordpress import place, speaking, words

PAGE = 100
"""The most WordPress gives at once."""
PAGES = 20
OVERLAP = timedelta(minutes=2)
"""Comments of one second, or saved late, are heard although the cursor has passed their time."""
LOOKED_AT_AGAIN = 100
"""Of so many of the newest comments, edits and deletions are noticed."""
MISSING = 10
"""So many that are not listed any more are asked for one by one at a time: a list may be wrong."""
KEPT = 500


async def hear(settings: Settings, secret: Secret, cursor: Mapping[str, Any], own_site: bool) -> Batch:
    """New comments, oldest first, then what became of the ones heard lately.

    `own_site`: the brand's own, where comments that wait for moderation are heard as well.
    """
    now = utcnow()
    seen = {str(k): str(v) for k, v in (cursor.get("seen") or {}).items()}
    newest = words.when(str(cursor.get("newest") or ""))
    # Own words are left out; an account whose password was pasted does not know its number yet.
    own = str(settings.get("account_id") or cursor.get("own") or "") if own_site else ""
    if own_site and not own:
        own = str(await speaking.whoami(settings, secret))
    fresh, more = await _since(settings, secret, newest, own_site)
    items = []
    for found in fresh:
        item = _item(found, seen.get(str(found.id)), own, now, own_site)
        items += [item] if item else []
    again = [i for i in list(seen)[-LOOKED_AT_AGAIN:] if i not in {str(c.id) for c in fresh}]
    known, gone = await _again(settings, secret, again, own_site)
    for found in known:
        item = _item(found, seen.get(str(found.id)), own, now, own_site)
        items += [item] if item else []
    items += [Incoming("wordpress", f"comment-{i}", "", now, Author("", ""), deleted=True) for i in gone]
    marks = {i: m for i, m in seen.items() if i not in gone} | {
        str(c.id): words.mark(c) for c in known + fresh
    }
    kept = sorted(marks.items(), key=lambda pair: int(pair[0]))[-KEPT:]
    at = max([t for c in fresh if (t := words.when(c.date_gmt)) and t <= now + OVERLAP], default=newest)
    at = max(at, newest) if at and newest else at
    here: dict[str, Any] = {"seen": dict(kept)} | ({"own": own} if own else {})
    return Batch(items, here | ({"newest": at.isoformat()} if at else {}), more)


async def thread(settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
    """A post and what stands under it, oldest first; the newest five hundred comments of it."""
    kind, number = words.place(native_id)
    if kind == "comment":
        value, _ = await place.read(settings, secret, f"comments/{number}")
        under = words.comment(value)
        words.place(f"post-{under.post}" if under else "")
        number = under.post if under else 0
    value, _ = await place.read(settings, secret, f"posts/{number}")
    above = words.post(value)
    found: list[words.Comment] = []
    pages = 1
    for page in range(1, KEPT // PAGE + 1):
        if page > pages:
            break
        listed, pages = await place.listed(
            settings,
            secret,
            "comments",
            post=number,
            per_page=PAGE,
            page=page,
            orderby="date_gmt",
            order="desc",
        )
        found += [c for value in listed if (c := words.comment(value))]
    said = [words.heard(c, own_site=True) for c in reversed(found)]
    return ([words.written(above, utcnow())] if above else []) + said


async def _since(
    settings: Settings, secret: Secret, newest: datetime | None, own_site: bool
) -> tuple[list[words.Comment], bool]:
    """Comments from some minutes before `newest` on, oldest first, and whether there are more of them."""
    query: dict[str, Any] = {"per_page": PAGE, "orderby": "date_gmt"} | (
        {"status": "all"} if own_site else {}
    )
    if newest is None:
        # At first the latest page only: what was said years ago is no news.
        listed, _ = await place.listed(settings, secret, "comments", **query, order="desc")
        return [c for value in reversed(listed) if (c := words.comment(value))], False
    after = (newest - OVERLAP).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    found: dict[int, words.Comment] = {}
    for page in range(1, PAGES + 1):
        listed, pages = await place.listed(
            settings, secret, "comments", **query, order="asc", after=after, page=page
        )
        before = len(found)
        found |= {c.id: c for value in listed if (c := words.comment(value))}
        if page >= pages or len(found) == before:
            return list(found.values()), False
    return list(found.values()), True


async def _again(
    settings: Settings, secret: Secret, ids: list[str], own_site: bool
) -> tuple[list[words.Comment], list[str]]:
    """How comments that were heard before look now, and which of them are no longer shown."""
    if not ids:
        return [], []
    status = {"status": "all"} if own_site else {}
    listed, _ = await place.listed(settings, secret, "comments", include=ids, per_page=PAGE, **status)
    known = [c for value in listed if (c := words.comment(value)) and str(c.id) in ids]
    missing = [i for i in ids if i not in {str(c.id) for c in known}]
    return known, [i for i in missing[:MISSING] if not await _shown(settings, secret, i)]


async def _shown(settings: Settings, secret: Secret, number: str) -> bool:
    try:
        value, _ = await place.read(settings, secret, f"comments/{number}")
    except Permanent as error:
        return error.facts.get("status") not in (401, 403, 404, 410)
    found = words.comment(value)
    return found is None or found.status not in ("spam", "trash")


def _item(
    found: words.Comment, known: str | None, own: str, now: datetime, own_site: bool
) -> Incoming | None:
    """Something said, if it is news: not heard before or changed since, and not the account's own."""
    if known == words.mark(found) or (own and str(found.author) == own):
        return None
    item = words.heard(found, own_site)
    return replace(item, edited_at=now) if known else item
