"""What Reddit sends, and how it reads here. Shapes: github.com/reddit-archive/reddit/wiki/JSON, www.reddit.com/dev/api."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from stormdesk.networks import exchange
from stormdesk.networks.base import Author, Incoming, Media, Outgoing, Sent

SITE = "https://www.reddit.com"
TITLE_LIMIT = 300
GONE = ("[deleted]", "[removed]", "[deleted by user]", "[removed by reddit]")
_LINK = re.compile(r"https?://\S+")


class Thing(msgspec.Struct):
    """A post (t3), a comment (t1) or a message (t4), as far as they are read."""

    name: str
    created_utc: float
    author: str | None = None
    author_fullname: str | None = None
    title: str | None = None
    selftext: str | None = None
    body: str | None = None
    url: str | None = None
    is_self: bool | None = None
    permalink: str | None = None
    context: str | None = None
    subreddit: str | None = None
    parent_id: str | None = None
    link_id: str | None = None
    edited: bool | float | None = None
    crosspost_parent: str | None = None
    post_hint: str | None = None
    removed_by_category: str | None = None
    subject: str | None = None
    dest: str | None = None
    first_message_name: str | None = None
    replies: Any = None


def thing(value: Any, kinds: tuple[str, ...] = ("t1", "t3", "t4")) -> Thing | None:
    """The thing in `{"kind": …, "data": …}`; None if it is none: a stranger's nonsense must not stop the listening."""
    if not isinstance(value, dict) or value.get("kind") not in kinds:
        return None
    found = exchange.shaped(value.get("data"), Thing)
    if found is None:
        return None
    kind, _, number = found.name.partition("_")
    if (
        kind != value["kind"]
        or not number.isascii()
        or not number.isalnum()
        or moment(found.created_utc) is None
    ):
        return None
    return found


def children(listing: Any) -> list[Any] | None:
    """What stands in a listing; None if it is no listing."""
    data = listing.get("data") if isinstance(listing, dict) else None
    found = data.get("children") if isinstance(data, dict) else None
    return found if isinstance(found, list) else None


def following(listing: Any) -> str | None:
    """Where the next, older page of a listing begins."""
    after = listing["data"].get("after")
    return after if isinstance(after, str) and after else None


def walk(values: list[Any], unread: list[str], depth: int = 0) -> Iterator[Thing]:
    """Comments with all that stands below them; numbers of those Reddit left out are put into `unread`."""
    for value in values:
        if isinstance(value, dict) and value.get("kind") == "more":
            data = value.get("data")
            named = data.get("children") if isinstance(data, dict) else None
            unread += (
                [n for n in named if isinstance(n, str) and n.isalnum()] if isinstance(named, list) else []
            )
        elif (found := thing(value, ("t1",))) is not None:
            yield found
            if depth < 100:
                yield from walk(children(found.replies) or [], unread, depth + 1)


def incoming(found: Thing, own: str = "", *, addressed: bool = False) -> Incoming | None:
    """A thing as something said; None for the account's own words: those are `own_posts`."""
    return (
        None
        if own and (found.author or "").casefold() == own.casefold()
        else said(found, addressed=addressed)
    )


def said(found: Thing, *, addressed: bool = False) -> Incoming:
    """A thing as something said, whoever said it."""
    kind = found.name[:2]
    body = (found.selftext if kind == "t3" else found.body) or ""
    gone = _gone(found)
    parts = [found.title or "", body] if kind == "t3" else [body]
    if kind == "t4" and found.subject:
        parts = [found.subject, body]
    if kind == "t3" and not found.is_self and found.url and not found.url.startswith("/"):
        parts.append(found.url)
    author = found.author or ""
    at = moment(found.created_utc)
    assert at is not None, "thing() lets no other in"
    edited = moment(found.edited) if isinstance(found.edited, float) and found.edited > 1 else None
    return Incoming(
        network="reddit",
        native_id=found.name,
        text="" if gone else "\n\n".join(part for part in parts if part.strip()),
        published_at=at,
        author=Author(found.author_fullname or author, "" if author == "[deleted]" else author),
        url=_url(found),
        in_reply_to=found.parent_id or None,
        thread=found.crosspost_parent
        or found.link_id
        or (found.first_message_name if kind == "t4" else None),
        kind="direct"
        if kind == "t4"
        else "comment"
        if kind == "t1"
        else "repost"
        if found.crosspost_parent
        else "post",
        visibility="direct" if kind == "t4" else "public",
        edited_at=edited,
        deleted=gone,
        addressed=addressed,
        media=(Media(url=found.url or ""),) if found.post_hint == "image" and not gone else (),
    )


def sent(found: Thing) -> Sent:
    at = moment(found.created_utc)
    assert at is not None, "thing() lets no other in"
    return Sent(found.name, _url(found), at)


def divided(text: str) -> tuple[str, str, str]:
    """Title, text and link of a post: the first line is the title, a single address below it makes it a link post."""
    title, _, rest = text.strip().partition("\n")
    rest = rest.strip()
    return title.strip(), "" if _LINK.fullmatch(rest) else rest, rest if _LINK.fullmatch(rest) else ""


def is_it(outgoing: Outgoing, found: Thing) -> bool:
    """Is this own thing what was to be said: the same words at the same place?"""
    if outgoing.visibility == "direct" or found.name.startswith("t4"):
        same_place = (
            found.parent_id == outgoing.in_reply_to
            if outgoing.in_reply_to
            else (found.dest or "").casefold()
            == (outgoing.to_handle or "").lstrip("@").removeprefix("u/").casefold()
        )
        return same_place and _words(found.body) == _words(outgoing.text)
    if outgoing.in_reply_to:
        return found.parent_id == outgoing.in_reply_to and _words(found.body) == _words(outgoing.text)
    title, text, link = divided(outgoing.text)
    return (
        found.name.startswith("t3")
        and _words(found.title) == _words(title)
        and _words(found.selftext) == _words(text)
        and (not link or found.url == link)
    )


def version(found: Thing) -> str:
    """The name of a thing as it stands: another one once it was edited or removed."""
    edited = int(found.edited) if isinstance(found.edited, float) and 1 < found.edited < 2**53 else 0
    return found.name + ("-" if _gone(found) else f"+{edited}" if edited else "")


def _gone(found: Thing) -> bool:
    body = found.selftext if found.name.startswith("t3") else found.body
    return body in GONE or (found.name.startswith("t3") and found.removed_by_category is not None)


def moment(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _url(found: Thing) -> str:
    path = found.permalink or (found.context or "").partition("?")[0]
    return SITE + path if path.startswith("/") else ""


def _words(text: str | None) -> str:
    return " ".join((text or "").split())
