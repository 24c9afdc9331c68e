"""What an Instagram account is told, and how it reads here (developers.facebook.com/docs/instagram-platform/reference).

Native ids: `media/…` for posts, `comment/…` for comments, `comment/<comment>/…` for answers to them, `m/…` for messages.
"""

from __future__ import annotations

from typing import Any

import msgspec

from stormdesk.networks import exchange
from stormdesk.networks.base import Author, Incoming, Media, Permanent, Sent, gettext_noop
from stormdesk.networks.facebook import graph
from stormdesk.networks.newest import Told

MEDIA = "id,caption,media_type,media_url,permalink,timestamp,username"
COMMENT = "id,text,timestamp,username,from,hidden,parent_id"


class Who(msgspec.Struct):
    id: str | None = None
    username: str | None = None


class Post(msgspec.Struct):
    id: str
    timestamp: str
    caption: str | None = None
    media_type: str | None = None
    media_url: str | None = None
    permalink: str | None = None
    username: str | None = None
    comments: Any = None


class Comment(msgspec.Struct):
    id: str
    timestamp: str
    text: str | None = None
    username: str | None = None
    from_: Who | None = msgspec.field(default=None, name="from")
    parent_id: str | None = None
    replies: Any = None


def post(value: Any) -> Post | None:
    """The post in a piece of JSON; None if it is none."""
    found = exchange.shaped(value, Post)
    return (
        found
        if found and found.id.isascii() and found.id.isdigit() and graph.moment(found.timestamp)
        else None
    )


def comment(value: Any) -> Comment | None:
    """The comment in a piece of JSON; None if it is none."""
    found = exchange.shaped(value, Comment)
    if found is None or graph.moment(found.timestamp) is None:
        return None
    numbers = (found.id, found.parent_id or "0")
    return found if all(number.isascii() and number.isdigit() for number in numbers) else None


def answers(found: Comment) -> list[Comment]:
    """What came along below a comment."""
    data = found.replies.get("data") if isinstance(found.replies, dict) else None
    below = [c for v in (data if isinstance(data, list) else []) if (c := comment(v))]
    for one in below:
        one.parent_id = one.parent_id or found.id
    return below


def posted(found: Post, *, addressed: bool = False) -> Incoming:
    """A post as something said. Posts found by a hashtag do not tell whose they are."""
    at = graph.moment(found.timestamp)
    assert at is not None, "post() lets no other in"
    name = found.username or ""
    return Incoming(
        network="instagram",
        native_id=f"media/{found.id}",
        text=found.caption or "",
        published_at=at,
        author=Author(name, name),
        url=found.permalink or "",
        addressed=addressed,
        media=(Media(url=found.media_url),) if found.media_url else (),
    )


def commented(found: Comment, media: str, *, addressed: bool = True) -> Incoming:
    """A comment as something said. `media`: the number of the post it stands below."""
    at = graph.moment(found.timestamp)
    assert at is not None, "comment() lets no other in"
    who = found.from_ or Who()
    name = found.username or who.username or ""
    return Incoming(
        network="instagram",
        native_id=_native(found),
        text=found.text or "",
        published_at=at,
        author=Author(who.id or name, name),
        in_reply_to=f"comment/{found.parent_id}" if found.parent_id else f"media/{media}",
        thread=f"media/{media}",
        kind="comment",
        addressed=addressed,
    )


def told(found: Comment, media: str, own: str) -> Told:
    """A comment for a list that is read again and again; the account's own are passed over."""
    at = graph.moment(found.timestamp)
    assert at is not None, "comment() lets no other in"
    return Told(found.id, at.timestamp(), None if is_own(found, own) else commented(found, media))


def is_own(found: Post | Comment, own: str) -> bool:
    return bool(own) and (found.username or "").casefold() == own.casefold()


def sent(found: Post | Comment) -> Sent:
    at = graph.moment(found.timestamp)
    assert at is not None, "post() and comment() let no other in"
    if isinstance(found, Post):
        return Sent(f"media/{found.id}", found.permalink or "", at)
    return Sent(_native(found), "", at)


def number(native_id: str, kind: str) -> str:
    """The number at the end of a native id of this kind (media, comment). Raises Permanent."""
    start, _, rest = native_id.partition("/")
    last = rest.rpartition("/")[2]
    if start != kind or not last.isascii() or not last.isdigit():
        raise Permanent(
            gettext_noop("Instagram does not offer this for “%(id)s”; do it in Instagram itself."),
            code="not_offered",
            id=native_id[:60] or "–",
        )
    return last


def _native(found: Comment) -> str:
    return f"comment/{found.parent_id}/{found.id}" if found.parent_id else f"comment/{found.id}"
