"""Saying something: pictures first, then one post or comment, sent at most once; and what was said or waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from stormdesk.core.clock import utcnow
from stormdesk.networks import calls
from stormdesk.networks.base import (
    Media,
    Outgoing,
    Permanent,
    Retryable,
    Scheduled,
    Secret,
    Settings,
    Unknown,
    gettext_noop,
)
from stormdesk.networks.plain import from_html
from stormdesk.networks.wordpress import place, words

PAGE = 100
PAGES = 10
"""How far back own words are followed: a thousand of each kind."""
JUST = timedelta(seconds=60)
SPOKEN = "publish,private,pending,future"
_SCHEDULE = ("title", "content", "excerpt")


async def say(settings: Settings, secret: Secret, outgoing: Outgoing) -> words.Comment | words.Post:
    """A comment where it answers something, else a post."""
    if outgoing.in_reply_to:
        return await _comment(settings, secret, outgoing, outgoing.in_reply_to)
    pictures = [(await _upload(settings, secret, shown), shown) for shown in outgoing.media]
    title, content = words.as_post(outgoing.text, tuple(pictures))
    body = {"title": title, "content": content, "status": "publish"}
    made = words.post(await place.write(settings, secret, "POST", "posts", json=body))
    if made is None:
        raise calls.unclear(place.site(settings))
    return made


async def _comment(settings: Settings, secret: Secret, outgoing: Outgoing, to: str) -> words.Comment:
    if outgoing.media:
        raise Permanent(
            gettext_noop("A comment in WordPress carries no pictures; leave them out or publish a post."),
            code="no_media",
        )
    kind, number = words.place(to)
    content: dict[str, Any] = {"post": number, "content": words.as_comment(outgoing.text)}
    if kind == "comment":
        value, _ = await place.read(settings, secret, f"comments/{number}")
        above = words.comment(value)
        if above is None:
            raise calls.unreadable(place.site(settings))
        content |= {"post": above.post, "parent": number}
    try:
        made = words.comment(await place.write(settings, secret, "POST", "comments", json=content))
    except Permanent as error:
        # “Too soon” is a 400 like every other; it is one if we have only just spoken.
        if error.facts.get("status") != 400 or not await own_comments(settings, secret, utcnow() - JUST):
            raise
        raise Retryable(
            gettext_noop("“%(host)s” asks us to slow down; it will be tried again later."),
            code="slow_down",
            after=place.FLOOD_SECONDS,
            **error.facts,
        ) from error
    if made is None:
        raise calls.unclear(place.site(settings))
    return made


async def find(
    settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime
) -> words.Comment | words.Post | None:
    """The account's own comment or post that is `outgoing`, the oldest of them if there were several."""
    own: list[Any] = (
        await own_comments(settings, secret, since)
        if outgoing.in_reply_to
        else await own_posts(settings, secret, since)
    )
    return next((said for said in own if words.is_it(outgoing, said)), None)


async def own_posts(settings: Settings, secret: Secret, since: datetime) -> list[words.Post]:
    """Posts of the account since then, oldest first."""
    return await _own(settings, secret, "posts", words.post, since, "date", SPOKEN)


async def own_comments(settings: Settings, secret: Secret, since: datetime) -> list[words.Comment]:
    """Comments of the account since then, oldest first."""
    return await _own(settings, secret, "comments", words.comment, since, "date_gmt", "all")


async def _own(
    settings: Settings, secret: Secret, what: str, read: Any, since: datetime, by: str, status: str
) -> list[Any]:
    me = settings.get("account_id") or await whoami(settings, secret)
    after = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    query = {"author": me, "after": after, "orderby": by, "order": "asc", "status": status, "per_page": PAGE}
    # Only who may edit is told the words as they were given; others compare what is shown.
    query |= {"context": "edit"}
    found: dict[int, Any] = {}
    pages, page = 1, 1
    while page <= min(pages, PAGES):
        try:
            listed, pages = await place.listed(settings, secret, what, **query, page=page)
        except Permanent as error:
            if error.code != "not_allowed" or query["context"] == "view":
                raise
            query["context"] = "view"
            continue
        found |= {one.id: one for value in listed if (one := read(value))}
        page += 1
    return list(found.values())


async def whoami(settings: Settings, secret: Secret) -> int:
    """The number of the account on its site."""
    me, _ = await place.read(settings, secret, "users/me")
    number = me.get("id") if isinstance(me, dict) else None
    if not isinstance(number, int):
        raise calls.unreadable(place.site(settings))
    return number


async def take_away(settings: Settings, secret: Secret, native_id: str, for_good: bool) -> None:
    """Into the site's bin, or past it. One that is gone already is fine."""
    kind, number = words.place(native_id)
    path = f"{kind}s/{number}"
    try:
        await place.write(settings, secret, "DELETE", path, {"force": "true"} if for_good else {})
    except Unknown as error:
        # 501 is how a site says that it keeps no bin.
        if error.facts.get("status") != 501:
            raise
        await take_away(settings, secret, native_id, for_good=True)
    except Permanent as error:
        if error.code != "gone":
            raise


async def schedules(settings: Settings, secret: Secret) -> list[Scheduled]:
    """Every post that the site will publish by itself, whoever of its people wrote it."""
    found: dict[str, Scheduled] = {}
    pages, page = 1, 1
    while page <= min(pages, PAGES):
        listed, pages = await place.listed(
            settings, secret, "posts", status="future", context="edit", per_page=PAGE, page=page,
            orderby="date", order="asc",
        )  # fmt: skip
        waiting = [_scheduled(post) for value in listed if (post := words.post(value))]
        found |= {s.native_id: s for s in waiting if s}
        page += 1
    return sorted(found.values(), key=lambda s: s.due_at)


async def unschedule(settings: Settings, secret: Secret, native_id: str) -> None:
    """Make a draft of it: everything about the post is kept on the site, and nothing publishes it."""
    kind, number = words.place(native_id)
    try:
        value, _ = await place.read(settings, secret, f"{kind}s/{number}", context="edit")
        waiting = words.post(value)
        if waiting is None:
            raise calls.unreadable(place.site(settings))
        # What was published in the meantime must not disappear again.
        if waiting.status == "future":
            await place.write(settings, secret, "POST", f"{kind}s/{number}", json={"status": "draft"})
    except Permanent as error:
        if error.code != "gone":
            raise


async def schedule(settings: Settings, secret: Secret, waiting: Scheduled, due_at: datetime) -> Scheduled:
    """Put it back: the same draft if it is still there, else a new post with the same words."""
    kind, number = words.place(waiting.native_id)
    when = {"status": "future", "date_gmt": due_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")}
    try:
        made = await place.write(settings, secret, "POST", f"{kind}s/{number}", json=when)
    except Permanent as error:
        if error.code != "gone":
            raise
        content = {name: waiting.content[name] for name in _SCHEDULE if waiting.content.get(name)}
        made = await place.write(settings, secret, "POST", "posts", json=content | when)
    post = words.post(made)
    back = _scheduled(post) if post else None
    if back is None:
        raise calls.unclear(place.site(settings))
    return back


def _scheduled(post: words.Post) -> Scheduled | None:
    due = words.when(post.date_gmt)
    if due is None:
        return None
    content = {name: text.raw or "" for name in _SCHEDULE if (text := getattr(post, name)).raw}
    title, body = from_html(post.title.rendered, 1000), from_html(post.content.rendered)
    return Scheduled(f"post-{post.id}", f"{title}\n\n{body}".strip(), due, content)


async def _upload(settings: Settings, secret: Secret, media: Media) -> str:
    """Put a picture into the site's library; its address."""
    if media.content is None:
        raise Permanent(gettext_noop("A picture is missing its file; attach it again."), code="no_file")
    name = media.name or "picture"
    try:
        made: Mapping[str, Any] = await place.write(
            settings, secret, "POST", "media",
            files={"file": (name, media.content, media.content_type or "application/octet-stream")},
            data={"alt_text": media.description}, timeout=120.0,
        )  # fmt: skip
        url = made["source_url"]
        if not isinstance(url, str) or not url:
            raise KeyError("source_url")
    except (Unknown, KeyError):
        # A file in the library that no post shows does no harm.
        raise Retryable(
            gettext_noop("The picture could not be handed over; nothing was posted. It will be tried again.")
        ) from None
    return quote(url, safe=":/?&=%#+,;@!~")
