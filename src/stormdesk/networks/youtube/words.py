"""What YouTube sends, and how it reads here. Shapes: developers.google.com/youtube/v3/docs/comments and …/search.

Native ids: a comment's own id (a reply's begins with that of the comment above it and a dot); `video/…` for videos.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from stormdesk.networks import exchange
from stormdesk.networks.base import Author, Incoming, Media, Sent
from stormdesk.networks.newest import Told

SITE = "https://www.youtube.com"
_ID = re.compile(r"[\w.=-]{1,200}", re.ASCII)


class ChannelId(msgspec.Struct):
    value: str = ""


class Snippet(msgspec.Struct):
    publishedAt: str
    textOriginal: str | None = None
    textDisplay: str | None = None
    authorDisplayName: str | None = None
    authorChannelId: ChannelId | None = None
    parentId: str | None = None
    videoId: str | None = None
    channelId: str | None = None
    updatedAt: str | None = None
    moderationStatus: str | None = None


class Comment(msgspec.Struct):
    id: str
    snippet: Snippet


class ThreadSnippet(msgspec.Struct):
    topLevelComment: Any = None
    totalReplyCount: int | None = 0
    videoId: str | None = None


class Replies(msgspec.Struct):
    comments: list[Any] = []


class Thread(msgspec.Struct):
    id: str
    snippet: ThreadSnippet
    replies: Replies | None = None


class Thumbnail(msgspec.Struct):
    url: str | None = ""


class Thumbnails(msgspec.Struct):
    high: Thumbnail | None = None


class VideoSnippet(msgspec.Struct):
    publishedAt: str
    channelId: str | None = ""
    channelTitle: str | None = ""
    title: str | None = ""
    description: str | None = ""
    thumbnails: Thumbnails | None = None


class VideoId(msgspec.Struct):
    videoId: str


class Found(msgspec.Struct):
    id: VideoId
    snippet: VideoSnippet


def comment(value: Any) -> Comment | None:
    """The comment in a piece of JSON; None if it is none."""
    found = exchange.shaped(value, Comment)
    good = found and _ID.fullmatch(found.id) and moment(found.snippet.publishedAt)
    return found if good else None


def thread(value: Any) -> tuple[Comment, int, list[Comment]] | None:
    """The comment at the top, how many stand below it, and those that came along."""
    found = exchange.shaped(value, Thread)
    top = comment(found.snippet.topLevelComment) if found else None
    if found is None or top is None:
        return None
    if not top.snippet.videoId:
        top.snippet.videoId = found.snippet.videoId
    below = [c for v in (found.replies.comments if found.replies else []) if (c := comment(v))]
    for one in below:
        one.snippet.videoId = one.snippet.videoId or top.snippet.videoId
    return top, max(found.snippet.totalReplyCount or 0, 0), below


def said(found: Comment, own: str = "") -> Incoming:
    """A comment as something said, whoever said it. `own`: the account's channel."""
    snippet = found.snippet
    at = moment(snippet.publishedAt)
    assert at is not None, "comment() lets no other in"
    edited = moment(snippet.updatedAt or "")
    video = f"video/{snippet.videoId}" if snippet.videoId and _ID.fullmatch(snippet.videoId) else None
    top = found.id.partition(".")[0]
    author = snippet.authorChannelId.value if snippet.authorChannelId else ""
    name = snippet.authorDisplayName or ""
    return Incoming(
        network="youtube",
        native_id=found.id,
        text=snippet.textOriginal or snippet.textDisplay or "",
        published_at=at,
        author=Author(author or name, name if name.startswith("@") else author or name, name.lstrip("@")),
        url=f"{SITE}/watch?v={snippet.videoId}&lc={found.id}" if video else "",
        in_reply_to=(snippet.parentId or top) if top != found.id else video,
        thread=video,
        kind="comment",
        edited_at=edited if edited and edited > at else None,
        addressed=bool(own) and snippet.channelId == own,
    )


def told(found: Comment, own: str) -> Told:
    """A comment for a list that is read again and again; our own words are passed over."""
    at = moment(found.snippet.publishedAt)
    assert at is not None, "comment() lets no other in"
    return Told(version(found), at.timestamp(), None if is_own(found, own) else said(found, own))


def version(found: Comment) -> str:
    """The id of a comment as it stands: another one once it was edited."""
    edited = found.snippet.updatedAt
    return found.id if not edited or edited == found.snippet.publishedAt else f"{found.id}+{edited[:40]}"


def is_own(found: Comment, own: str) -> bool:
    return (
        bool(own) and found.snippet.authorChannelId is not None and found.snippet.authorChannelId.value == own
    )


def video(value: Any) -> Incoming | None:
    """A search result as something said; None if it is none."""
    found = exchange.shaped(value, Found)
    at = moment(found.snippet.publishedAt) if found else None
    if found is None or at is None or not _ID.fullmatch(found.id.videoId):
        return None
    snippet = found.snippet
    shown = snippet.thumbnails.high.url if snippet.thumbnails and snippet.thumbnails.high else ""
    return Incoming(
        network="youtube",
        native_id=f"video/{found.id.videoId}",
        text="\n\n".join(part for part in (snippet.title, snippet.description) if part),
        published_at=at,
        author=Author(snippet.channelId or "", snippet.channelId or "", snippet.channelTitle or ""),
        url=f"{SITE}/watch?v={found.id.videoId}",
        media=(Media(url=shown or ""),) if shown else (),
    )


def sent(found: Comment) -> Sent:
    made = said(found)
    return Sent(found.id, made.url, made.published_at)


def moment(text: str) -> datetime | None:
    """An RFC 3339 time; None if it is none."""
    try:
        found = datetime.fromisoformat(text[:40])
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def comparable(text: str | None) -> str:
    return " ".join((text or "").split())
