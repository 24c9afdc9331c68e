"""Saying something, once: a post in two steps, comments, messages; and finding it again.

A post is prepared as a container and published by its number (developers.facebook.com/docs/instagram-platform/
content-publishing). Instagram fetches pictures from a public address, so ours are first handed, unseen, to the page.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from stormdesk.core.clock import utcnow
from stormdesk.networks import exchange
from stormdesk.networks.base import (
    Incoming,
    Media,
    Outgoing,
    Permanent,
    Retryable,
    Secret,
    Sent,
    Settings,
    Unknown,
    gettext_noop,
)
from stormdesk.networks.facebook import graph, messages
from stormdesk.networks.facebook import speaking as page
from stormdesk.networks.instagram import listening, words

LIMIT, MEDIA = 2200, 10
CLOCKS = timedelta(minutes=2)
PATIENCE, PAUSE = 20, 1.5
"""How often, and after how many seconds each, a container that is still being worked on is asked for."""


async def publish(settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
    """A post, a comment or a private message. Raises as `Network.publish` does."""
    if outgoing.visibility == "direct":
        return await messages.send(settings, secret, outgoing, "instagram")
    if len(outgoing.text) > LIMIT:
        raise exchange.too_long("Instagram", len(outgoing.text), LIMIT)
    if outgoing.in_reply_to:
        return await _comment(settings, secret, outgoing, outgoing.in_reply_to)
    if not outgoing.media:
        raise Permanent(gettext_noop("A post on Instagram needs a picture; attach one."), code="no_picture")
    page.check(outgoing.media, MEDIA)
    own = listening.account(settings)
    container = await _container(settings, secret, outgoing)
    # Published by its number: Instagram publishes a container once, whoever asks again.
    made = await graph.act(settings, secret, "POST", f"{own}/media_publish", {"creation_id": container})
    return Sent(f"media/{graph.identified(settings, made)}", "", utcnow())


async def find(settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime) -> Sent | None:
    """The post, comment or message `outgoing` became; None if there is none like it."""
    after = since - CLOCKS
    own = {listening.account(settings), str(settings.get("page_id") or "")}
    if outgoing.visibility == "direct":
        return await messages.find(settings, secret, outgoing, after, "instagram", own)
    text, name = _comparable(outgoing.text), str(settings.get("handle") or "")
    mine: list[Sent]
    if outgoing.in_reply_to:
        path = _below(outgoing.in_reply_to)
        comments = await listening.below(settings, secret, path, after.timestamp())
        if path.endswith("/replies"):
            for one in comments:
                one.parent_id = one.parent_id or path.partition("/")[0]
        mine = [words.sent(c) for c in comments if words.is_own(c, name) and _comparable(c.text) == text]
    else:
        query = {"fields": words.MEDIA}
        found, _ = await listening.posts(
            settings, secret, f"{listening.account(settings)}/media", query, after.timestamp()
        )
        mine = [words.sent(p) for p in found if _comparable(p.caption) == text]
    return min((one for one in mine if one.at >= after), key=lambda one: one.at, default=None)


async def own_posts(settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
    """Posts of the account since then and its comments under its newest posts, oldest first."""
    start, name = since.timestamp(), str(settings.get("handle") or "")
    path = f"{listening.account(settings)}/media"
    found, _ = await listening.posts(settings, secret, path, {"fields": words.MEDIA}, start)
    items = [words.posted(post) for post in found]
    recent, _ = await listening.posts(settings, secret, path, {"fields": words.MEDIA}, 0.0, 1)
    for post in recent[: listening.WATCHED]:
        below = await listening.below(settings, secret, f"{post.id}/comments", start, 1)
        items += [words.commented(c, post.id, addressed=False) for c in below if words.is_own(c, name)]
    return sorted(items, key=lambda item: item.published_at)


async def delete(settings: Settings, secret: Secret, native_id: str) -> None:
    """Remove a comment; content if it is gone. Posts and messages stay: Instagram lets no program remove them."""
    try:
        await graph.act(settings, secret, "DELETE", words.number(native_id, "comment"))
    except Permanent as error:
        if error.code != "gone":
            raise


async def hide(settings: Settings, secret: Secret, native_id: str, hidden: bool) -> None:
    """Hide somebody's comment under an own post, or show it again."""
    await graph.act(settings, secret, "POST", words.number(native_id, "comment"), {"hide": hidden})


async def _comment(settings: Settings, secret: Secret, outgoing: Outgoing, above: str) -> Sent:
    if not outgoing.text.strip():
        raise exchange.empty()
    if outgoing.media:
        raise Permanent(
            gettext_noop("A comment on Instagram carries no picture; leave it out."), code="too_many"
        )
    path = _below(above)
    made = await graph.act(settings, secret, "POST", path, {"message": outgoing.text})
    number = graph.identified(settings, made)
    top = path.partition("/")[0]
    return Sent(f"comment/{top}/{number}" if path.endswith("/replies") else f"comment/{number}", "", utcnow())


def _below(above: str) -> str:
    """Where an answer is put: Instagram keeps two levels, so the answer to an answer stands under the same comment."""
    if above.startswith("media/"):
        return f"{words.number(above, 'media')}/comments"
    number = words.number(above, "comment")
    top = above.split("/")[1] if above.count("/") == 2 else number
    return f"{words.number(f'comment/{top}', 'comment')}/replies"


async def _container(settings: Settings, secret: Secret, outgoing: Outgoing) -> str:
    """A prepared post nobody sees yet. Raises Retryable, Permanent; never Unknown."""
    own, many = listening.account(settings), len(outgoing.media) > 1
    caption = {"caption": outgoing.text} if outgoing.text else {}
    try:
        children = []
        for media in outgoing.media:
            form = {"image_url": await _address(settings, secret, media)}
            form |= {"alt_text": media.description} if media.description else {}
            form |= {"is_carousel_item": "true"} if many else caption
            made = await graph.act(settings, secret, "POST", f"{own}/media", form)
            children.append(graph.identified(settings, made))
        if many:
            form = {"media_type": "CAROUSEL", "children": ",".join(children), **caption}
            made = await graph.act(settings, secret, "POST", f"{own}/media", form)
            children = [graph.identified(settings, made)]
    except Unknown:
        # A container nobody publishes is thrown away after a day: trying again does no harm.
        raise Retryable(
            gettext_noop("The picture could not be handed over; nothing was posted. It will be tried again.")
        ) from None
    for _ in range(PATIENCE):
        state = (await graph.ask(settings, secret, children[0], {"fields": "status_code"})).get("status_code")
        if state == "FINISHED":
            return children[0]
        if state in ("ERROR", "EXPIRED"):
            raise Permanent(
                gettext_noop(
                    "Instagram could not make anything of the picture; nothing was posted. It takes JPEG between "
                    "4:5 and 1.91:1; try another one."
                ),
                code="no_picture",
            )
        await asyncio.sleep(PAUSE)
    raise Retryable(
        gettext_noop(
            "The server is still working on the picture; nothing was posted. It will be tried again."
        )
    )


async def _address(settings: Settings, secret: Secret, media: Media) -> str:
    """Where Instagram can fetch a picture: from the page, where it stays unseen."""
    number = await page.picture(settings, secret, media)
    told = await graph.ask(settings, secret, number, {"fields": "images"})
    images: Any = told.get("images")
    for image in images if isinstance(images, list) else []:
        source = image.get("source") if isinstance(image, dict) else None
        if isinstance(source, str) and source.startswith("https://"):
            return source
    raise Retryable(
        gettext_noop("The picture could not be handed over; nothing was posted. It will be tried again.")
    )


def _comparable(text: str | None) -> str:
    return " ".join((text or "").split())
