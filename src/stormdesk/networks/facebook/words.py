"""What a page is told, and how it reads here. Shapes: developers.facebook.com/docs/graph-api/reference/page-post, …/comment."""

from __future__ import annotations

from typing import Any

import msgspec

from stormdesk.networks import exchange
from stormdesk.networks.base import Author, Incoming, Media, Sent
from stormdesk.networks.facebook import graph
from stormdesk.networks.newest import Told

COMMENT = "id,message,created_time,from,parent{id},permalink_url,is_hidden,comment_count,attachment"
POST = "id,message,story,created_time,updated_time,from,permalink_url,full_picture,parent_id"


class Who(msgspec.Struct):
    id: str
    name: str | None = ""


class Parent(msgspec.Struct):
    id: str


class Post(msgspec.Struct):
    id: str
    created_time: str
    message: str | None = None
    story: str | None = None
    from_: Who | None = msgspec.field(default=None, name="from")
    permalink_url: str | None = None
    full_picture: str | None = None
    parent_id: str | None = None
    comments: Any = None


class Comment(msgspec.Struct):
    id: str
    created_time: str
    message: str | None = None
    from_: Who | None = msgspec.field(default=None, name="from")
    parent: Parent | None = None
    permalink_url: str | None = None
    is_hidden: bool | None = None
    attachment: Any = None


def post(value: Any) -> Post | None:
    """The post in a piece of JSON; None if it is none."""
    found = exchange.shaped(value, Post)
    return found if found and _good(found.id, found.created_time) else None


def comment(value: Any) -> Comment | None:
    """The comment in a piece of JSON; None if it is none."""
    found = exchange.shaped(value, Comment)
    return found if found and _good(found.id, found.created_time) else None


def posted(found: Post, *, addressed: bool = False) -> Incoming:
    """A post as something said, whoever said it."""
    at = graph.moment(found.created_time)
    assert at is not None, "post() lets no other in"
    return Incoming(
        network="facebook",
        native_id=found.id,
        text=found.message or found.story or "",
        published_at=at,
        author=_author(found.from_),
        url=found.permalink_url or "",
        kind="repost" if found.parent_id else "post",
        thread=found.parent_id or None,
        addressed=addressed,
        media=(Media(url=found.full_picture),) if found.full_picture else (),
    )


def commented(found: Comment, under: str, *, addressed: bool = True) -> Incoming:
    """A comment as something said. `under`: the post it stands below."""
    at = graph.moment(found.created_time)
    assert at is not None, "comment() lets no other in"
    shown = found.attachment.get("media") if isinstance(found.attachment, dict) else None
    image = shown.get("image") if isinstance(shown, dict) else None
    source = image.get("src") if isinstance(image, dict) else None
    return Incoming(
        network="facebook",
        native_id=found.id,
        text=found.message or "",
        published_at=at,
        author=_author(found.from_),
        url=found.permalink_url or "",
        in_reply_to=found.parent.id if found.parent else under,
        thread=under,
        kind="comment",
        addressed=addressed,
        media=(Media(url=source),) if isinstance(source, str) else (),
    )


def told(found: Comment, under: str, own: str) -> Told:
    """A comment for a list that is read again and again; the page's own are passed over."""
    at = graph.moment(found.created_time)
    assert at is not None, "comment() lets no other in"
    item = None if is_own(found, own) else commented(found, under)
    return Told(found.id, at.timestamp(), item)


def is_own(found: Post | Comment, own: str) -> bool:
    return found.from_ is not None and found.from_.id == own


def sent(found: Post | Comment) -> Sent:
    at = graph.moment(found.created_time)
    assert at is not None, "post() and comment() let no other in"
    return Sent(found.id, found.permalink_url or "", at)


def comparable(text: str | None) -> str:
    return " ".join((text or "").split())


def _good(number: str, at: str) -> bool:
    try:
        graph.node(number)
    except exchange.NetworkError:
        return False
    return graph.moment(at) is not None


def _author(who: Who | None) -> Author:
    # Who comments is told only with pages_read_user_content, and not of everybody.
    return Author(who.id, who.id, who.name or "") if who else Author("", "")
