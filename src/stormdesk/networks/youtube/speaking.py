"""Saying something as a comment, once; finding it again; changing and hiding. YouTube knows no key against repetition."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from stormdesk.networks import calls, exchange
from stormdesk.networks.base import Incoming, Outgoing, Permanent, Secret, Sent, Settings, gettext_noop
from stormdesk.networks.youtube import api, listening, words

LIMIT = 10_000
"""Characters of a comment; longer ones are refused with commentTextTooLong (…/docs/comments/insert#errors)."""
CLOCKS = timedelta(minutes=2)
OLD, OPENED = 30 * 86_400, 50
"""Threads up to so many seconds older than what is looked for are read, and so many opened: each costs a unit."""


async def publish(settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
    """An answer below a comment, or a comment under a video. Raises as `Network.publish` does."""
    if not outgoing.text.strip():
        raise exchange.empty()
    if len(outgoing.text) > LIMIT:
        raise exchange.too_long("YouTube", len(outgoing.text), LIMIT)
    if outgoing.visibility == "direct":
        raise Permanent(
            gettext_noop("YouTube has no private messages; answer in public."), code="not_offered"
        )
    where, video = place(settings, outgoing)
    if video:
        owner = await _owner(settings, secret, video)
        top = {"snippet": {"textOriginal": outgoing.text}}
        body = {"snippet": {"channelId": owner, "videoId": video, "topLevelComment": top}}
        said = await api.act(settings, secret, "POST", "commentThreads", {"part": "snippet"}, body)
        found = words.thread(said)
        made = found[0] if found else None
    else:
        body = {"snippet": {"parentId": where, "textOriginal": outgoing.text}}
        made = words.comment(await api.act(settings, secret, "POST", "comments", {"part": "snippet"}, body))
    if made is None:
        raise calls.unclear(api.SERVER)
    return words.sent(made)


def place(settings: Settings, outgoing: Outgoing) -> tuple[str, str]:
    """The comment at the top of a thread, or the video, where `outgoing` is to stand. Raises Permanent."""
    if outgoing.in_reply_to and not outgoing.in_reply_to.startswith("video/"):
        return outgoing.in_reply_to.partition(".")[0], ""
    if outgoing.in_reply_to:
        return "", listening.video({"video": outgoing.in_reply_to})
    if not settings.get("statement"):
        raise Permanent(
            gettext_noop(
                "YouTube takes no posts from programs, only comments; name in the account the video under which "
                "statements are to stand, or answer a comment."
            ),
            code="no_video",
        )
    return "", listening.video(settings, "statement")


async def find(settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime) -> Sent | None:
    """The comment `outgoing` became; None if YouTube shows none like it. A held comment is seen by its author only."""
    where, video = place(settings, outgoing)
    own = await own_channel(settings, secret)
    after = since - CLOCKS
    if video:
        found, _ = await listening.threads(settings, secret, {"videoId": video}, after.timestamp())
        comments = [top for top, _, _ in found]
    else:
        comments = await listening.replies(settings, secret, where)
    text = words.comparable(outgoing.text)
    mine = [
        words.sent(one)
        for one in comments
        if words.is_own(one, own)
        and text == words.comparable(one.snippet.textOriginal or one.snippet.textDisplay)
    ]
    return min((one for one in mine if one.at >= after), key=lambda one: one.at, default=None)


async def own_posts(settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
    """The account's comments on its own channel since then, oldest first; YouTube lists no others."""
    own = await own_channel(settings, secret)
    where = {"allThreadsRelatedToChannelId": own}
    found, _ = await listening.threads(settings, secret, where, since.timestamp() - OLD, 2)
    comments: list[words.Comment] = []
    opened = 0
    for top, count, below in found:
        comments += [top, *below]
        if count > len(below) and opened < OPENED:
            opened += 1
            comments += await listening.replies(settings, secret, top.id)
    comments = list({one.id: one for one in comments}.values())
    mine = [words.said(one, own) for one in comments if words.is_own(one, own)]
    return sorted((i for i in mine if i.published_at >= since), key=lambda i: i.published_at)


async def thread(settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
    """The comment at the top and what stands below it, oldest first; of a video, its newest threads."""
    own = listening.channel(settings)
    if native_id.startswith("video/"):
        where = {"videoId": listening.video({"video": native_id})}
        found, _ = await listening.threads(settings, secret, where, 0.0, 1)
        comments = [one for top, _, below in found for one in (top, *below)]
    else:
        top_id = native_id.partition(".")[0]
        query = {"part": "snippet,replies", "id": top_id, "textFormat": "plainText"}
        page = listening.items(await api.ask(settings, secret, "commentThreads", query))
        tops = [t for v in page if (t := words.thread(v))]
        comments = [top for top, _, _ in tops] + await listening.replies(settings, secret, top_id)
    return sorted((words.said(one, own) for one in comments), key=lambda item: item.published_at)


async def edit(settings: Settings, secret: Secret, native_id: str, text: str) -> None:
    """New words for an own comment."""
    if len(text) > LIMIT:
        raise exchange.too_long("YouTube", len(text), LIMIT)
    body = {"id": native_id, "snippet": {"textOriginal": text}}
    await api.act(settings, secret, "PUT", "comments", {"part": "snippet"}, body)


async def delete(settings: Settings, secret: Secret, native_id: str) -> None:
    """Remove an own comment; content if it is gone."""
    try:
        await api.act(settings, secret, "DELETE", "comments", {"id": native_id})
    except Permanent as error:
        if error.code != "gone":
            raise


async def moderate(settings: Settings, secret: Secret, native_id: str, status: str) -> None:
    """heldForReview, published or rejected; only comments on the account's own channel and videos."""
    query = {"id": native_id, "moderationStatus": status}
    await api.act(settings, secret, "POST", "comments/setModerationStatus", query)


async def own_channel(settings: Settings, secret: Secret) -> str:
    """The number of the account's channel."""
    if found := listening.channel(settings):
        return found
    return (await who(settings, secret))[0]


async def who(settings: Settings, secret: Secret) -> tuple[str, str]:
    """Number and name of the channel the account speaks for. Raises Permanent if it has none."""
    page = listening.items(await api.ask(settings, secret, "channels", {"part": "snippet", "mine": "true"}))
    first: Any = page[0] if page and isinstance(page[0], dict) else {}
    number, snippet = first.get("id"), first.get("snippet")
    if not isinstance(number, str) or not number:
        raise Permanent(
            gettext_noop("This Google account has no channel on YouTube; make one there first."),
            code="no_channel",
        )
    names = snippet if isinstance(snippet, dict) else {}
    name = next((n for key in ("customUrl", "title") if isinstance(n := names.get(key), str) and n), number)
    return number, name.lstrip("@")


async def _owner(settings: Settings, secret: Secret, video: str) -> str:
    page = listening.items(await api.ask(settings, secret, "videos", {"part": "snippet", "id": video}))
    snippet = page[0].get("snippet") if page and isinstance(page[0], dict) else None
    owner = snippet.get("channelId") if isinstance(snippet, dict) else None
    if not isinstance(owner, str):
        raise Permanent(
            gettext_noop("YouTube does not show this video any more; it may be private or deleted."),
            code="gone",
        )
    return owner
