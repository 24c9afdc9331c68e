"""Saying something on a page, once; finding it again; posts that wait (developers.facebook.com/docs/pages-api/posts)."""

from __future__ import annotations

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
    Scheduled,
    Secret,
    Sent,
    Settings,
    Unknown,
    gettext_noop,
)
from stormdesk.networks.facebook import graph, listening, messages, words

COMMENT_LIMIT, POST_LIMIT = 8000, 63_206
MEDIA, MOST_BYTES = 10, 10 * 10**6
CLOCKS = timedelta(minutes=2)
SOONEST, LATEST = timedelta(minutes=10), timedelta(days=30)
_WAITING = "id,message,scheduled_publish_time,attachments{media_type,unshimmed_url,target{id},subattachments{target{id}}}"


async def publish(settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
    """A post, a comment or a private message. Raises as `Network.publish` does."""
    if outgoing.visibility == "direct":
        return await messages.send(settings, secret, outgoing, "messenger")
    if not outgoing.text.strip() and not outgoing.media:
        raise exchange.empty()
    limit = COMMENT_LIMIT if outgoing.in_reply_to else POST_LIMIT
    if len(outgoing.text) > limit:
        raise exchange.too_long("Facebook", len(outgoing.text), limit)
    check(outgoing.media, 1 if outgoing.in_reply_to else MEDIA)
    where = graph.node(outgoing.in_reply_to) if outgoing.in_reply_to else listening.page(settings)
    numbers = [await picture(settings, secret, media) for media in outgoing.media]
    form: dict[str, Any] = {"message": outgoing.text} if outgoing.text else {}
    if outgoing.in_reply_to:
        form |= {"attachment_id": numbers[0]} if numbers else {}
        number = graph.identified(
            settings, await graph.act(settings, secret, "POST", f"{where}/comments", form)
        )
        return Sent(number, f"{graph.SITE}/{number}", utcnow())
    form |= {"attached_media": [{"media_fbid": number} for number in numbers]} if numbers else {}
    number = graph.identified(settings, await graph.act(settings, secret, "POST", f"{where}/feed", form))
    return Sent(number, f"{graph.SITE}/{number}", utcnow())


def check(media: tuple[Media, ...], most: int) -> None:
    """What Meta would not take, said before anything is sent. Raises Permanent."""
    if len(media) > most:
        raise Permanent(
            gettext_noop("Meta takes at most %(limit)s pictures here; choose fewer."),
            code="too_many",
            limit=most,
        )
    for one in media:
        if one.content is None:
            raise Permanent(gettext_noop("A picture is missing its file; attach it again."), code="no_file")
        if not one.content_type.startswith("image/"):
            raise Permanent(
                gettext_noop("“%(name)s” is no picture; only pictures are handed to Meta from here."),
                code="no_picture",
                name=one.name or one.content_type or "–",
            )
        if len(one.content) > MOST_BYTES:
            raise Permanent(
                gettext_noop("“%(name)s” is larger than the %(limit)s MB Meta takes; make it smaller."),
                code="too_large",
                name=one.name or "–",
                limit=MOST_BYTES // 10**6,
            )


async def picture(settings: Settings, secret: Secret, media: Media) -> str:
    """The number of an uploaded picture nobody sees yet. Raises Retryable, Permanent; never Unknown."""
    form = {"published": False} | ({"alt_text_custom": media.description} if media.description else {})
    source = {"source": (media.name or "file", media.content, media.content_type)}
    try:
        made = await graph.act(
            settings, secret, "POST", f"{listening.page(settings)}/photos", form, files=source
        )
        return graph.identified(settings, made)
    except Unknown:
        # A picture nobody posts stays unseen: trying again does no harm.
        raise Retryable(
            gettext_noop("The picture could not be handed over; nothing was posted. It will be tried again.")
        ) from None


async def find(settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime) -> Sent | None:
    """The post, comment or message `outgoing` became; None if there is none like it."""
    after = since - CLOCKS
    own = listening.page(settings)
    if outgoing.visibility == "direct":
        return await messages.find(settings, secret, outgoing, after, "messenger", {own})
    text = words.comparable(outgoing.text)
    found: list[words.Post] | list[words.Comment]
    if outgoing.in_reply_to:
        found = await listening.below(settings, secret, outgoing.in_reply_to, after.timestamp())
    else:
        found, _ = await listening.posts(settings, secret, "published_posts", after.timestamp())
    mine = [
        words.sent(one) for one in found if words.is_own(one, own) and words.comparable(one.message) == text
    ]
    return min((one for one in mine if one.at >= after), key=lambda one: one.at, default=None)


async def own_posts(settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
    """Posts of the page since then and its comments under its newest posts, oldest first."""
    own, start = listening.page(settings), since.timestamp()
    found, _ = await listening.posts(settings, secret, "published_posts", start)
    items = [words.posted(post) for post in found]
    recent, _ = await listening.posts(settings, secret, "published_posts", 0.0, 1)
    for post in recent[: listening.WATCHED]:
        below = await listening.below(settings, secret, post.id, start, 1)
        items += [words.commented(c, post.id, addressed=False) for c in below if words.is_own(c, own)]
    return sorted(items, key=lambda item: item.published_at)


async def edit(settings: Settings, secret: Secret, native_id: str, text: str) -> None:
    """New words for an own post or comment."""
    await graph.act(settings, secret, "POST", _public(native_id), {"message": text})


async def delete(settings: Settings, secret: Secret, native_id: str) -> None:
    """Remove a post or comment; content if it is gone."""
    try:
        await graph.act(settings, secret, "DELETE", _public(native_id))
    except Permanent as error:
        if error.code != "gone":
            raise


async def hide(settings: Settings, secret: Secret, native_id: str, hidden: bool) -> None:
    """Hide a comment from all but its author and their friends, or show it again."""
    await graph.act(settings, secret, "POST", _public(native_id), {"is_hidden": hidden})


async def schedules(settings: Settings, secret: Secret) -> list[Scheduled]:
    """Every post of the page that waits, the next one first."""
    found: dict[str, Scheduled] = {}
    turn: dict[str, str] = {}
    while True:
        query = {"fields": _WAITING, "limit": listening.PAGE, **turn}
        answer = await graph.ask(settings, secret, f"{listening.page(settings)}/scheduled_posts", query)
        fresh = [
            s for v in graph.entries(settings, answer) if (s := _scheduled(v)) and s.native_id not in found
        ]
        found |= {one.native_id: one for one in fresh}
        after = graph.following(answer)
        if not after or not fresh:
            return sorted(found.values(), key=lambda one: one.due_at)
        turn = {"after": after}


async def schedule(settings: Settings, secret: Secret, waiting: Scheduled, due_at: datetime) -> Scheduled:
    """Put a removed one back. Raises as `Network.publish` does."""
    now = utcnow()
    if not now + SOONEST <= due_at <= now + LATEST:
        raise Permanent(
            gettext_noop(
                "Facebook schedules posts from ten minutes to thirty days ahead; choose another time."
            ),
            code="time",
        )
    form = dict(waiting.content) | {"published": False, "scheduled_publish_time": int(due_at.timestamp())}
    made = await graph.act(settings, secret, "POST", f"{listening.page(settings)}/feed", form)
    return Scheduled(graph.identified(settings, made), waiting.text, due_at, waiting.content)


def _scheduled(value: Any) -> Scheduled | None:
    due = graph.moment(value.get("scheduled_publish_time")) if isinstance(value, dict) else None
    number = value.get("id") if isinstance(value, dict) else None
    if due is None or not isinstance(number, str) or not number:
        return None
    text = value.get("message")
    text = text if isinstance(text, str) else ""
    content: dict[str, Any] = {"message": text} if text else {}
    for one in _listed(value.get("attachments")):
        inside = [_target(sub) for sub in _listed(one.get("subattachments"))] or [_target(one)]
        numbers = [number for number in inside if number]
        if one.get("media_type") in ("photo", "album") and numbers:
            content["attached_media"] = [{"media_fbid": number} for number in numbers]
        elif one.get("media_type") == "link" and isinstance(one.get("unshimmed_url"), str):
            content["link"] = one["unshimmed_url"]
    return Scheduled(number, text, due, content)


def _listed(value: Any) -> list[dict[str, Any]]:
    data = value.get("data") if isinstance(value, dict) else None
    return [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []


def _target(value: dict[str, Any]) -> str:
    target = value.get("target")
    number = target.get("id") if isinstance(target, dict) else None
    return number if isinstance(number, str) else ""


def _public(native_id: str) -> str:
    if native_id.startswith("m/"):
        raise Permanent(
            gettext_noop(
                "Meta does not take back or change private messages for programs; write another one."
            ),
            code="not_offered",
        )
    return graph.node(native_id)
