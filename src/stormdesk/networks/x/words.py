"""What X sends, and how it reads here. Shapes: docs.x.com/x-api/fundamentals/data-dictionary.

Native ids: the number of a post; `dm/<conversation>/<event>` for private messages.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from stormdesk.networks import exchange
from stormdesk.networks.base import Author, Incoming, Media, Sent

SITE = "https://x.com"
FIELDS = {
    "tweet.fields": "author_id,created_at,conversation_id,in_reply_to_user_id,referenced_tweets,lang,public_metrics,"
    "entities,note_tweet,attachments,edit_history_tweet_ids",
    "expansions": "author_id,attachments.media_keys",
    "user.fields": "username,name,public_metrics,created_at",
    "media.fields": "url,preview_image_url,alt_text,type",
}
_NUMBER = re.compile(r"[0-9]{1,19}")
_CONVERSATION = re.compile(r"[0-9A-Za-z-]{1,60}")
_LEADING = re.compile(r"^(?:@\w{1,15}\s+)+")


class Link(msgspec.Struct):
    url: str = ""
    expanded_url: str | None = ""


class Mention(msgspec.Struct):
    id: str | None = None


class Entities(msgspec.Struct):
    urls: list[Link] = []
    mentions: list[Mention] = []


class Note(msgspec.Struct):
    text: str = ""
    entities: Entities | None = None


class Reference(msgspec.Struct):
    type: str = ""
    id: str = ""


class Attachments(msgspec.Struct):
    media_keys: list[str] = []


class Metrics(msgspec.Struct):
    impression_count: int | None = None
    followers_count: int | None = None


class Post(msgspec.Struct):
    id: str
    created_at: datetime
    text: str = ""
    author_id: str | None = ""
    conversation_id: str | None = None
    in_reply_to_user_id: str | None = None
    referenced_tweets: list[Reference] | None = None
    lang: str | None = None
    public_metrics: Metrics | None = None
    entities: Entities | None = None
    note_tweet: Note | None = None
    attachments: Attachments | None = None
    edit_history_tweet_ids: list[str] | None = None


class Message(msgspec.Struct):
    id: str
    created_at: datetime
    event_type: str = ""
    text: str | None = ""
    sender_id: str | None = ""
    dm_conversation_id: str | None = ""


class User(msgspec.Struct):
    id: str
    username: str = ""
    name: str | None = ""
    created_at: datetime | None = None
    public_metrics: Metrics | None = None


class Picture(msgspec.Struct):
    media_key: str
    url: str | None = ""
    preview_image_url: str | None = ""
    alt_text: str | None = ""


class Beside:
    """What a page tells beside its entries: authors and pictures."""

    def __init__(self, page: Mapping[str, Any]) -> None:
        includes = page.get("includes")
        includes = includes if isinstance(includes, dict) else {}
        self.users = {u.id: u for v in _list(includes.get("users")) if (u := exchange.shaped(v, User))}
        self.media = {
            p.media_key: p for v in _list(includes.get("media")) if (p := exchange.shaped(v, Picture))
        }

    def author(self, number: str | None) -> Author:
        user = self.users.get(number or "")
        if user is None:
            return Author(number or "", "")
        followers = user.public_metrics.followers_count if user.public_metrics else None
        return Author(
            user.id,
            user.username,
            user.name or "",
            followers,
            aware(user.created_at) if user.created_at else None,
        )


def post(value: Any) -> Post | None:
    """The post in a piece of JSON; None if it is none."""
    found = exchange.shaped(value, Post)
    return found if found and _NUMBER.fullmatch(found.id) and aware(found.created_at) else None


def message(value: Any) -> Message | None:
    """The private message in a piece of JSON; None for anything else."""
    found = exchange.shaped(value, Message)
    if found is None or found.event_type != "MessageCreate" or aware(found.created_at) is None:
        return None
    named = _NUMBER.fullmatch(found.id) and _CONVERSATION.fullmatch(found.dm_conversation_id or "")
    return found if named else None


def said(found: Post, beside: Beside, own: str = "", *, addressed: bool = False) -> Incoming:
    """A post as something said, whoever said it. `own`: the number of the account."""
    at = aware(found.created_at)
    assert at is not None, "post() lets no other in"
    above = {r.type: r.id for r in found.referenced_tweets or [] if _NUMBER.fullmatch(r.id)}
    author = beside.author(found.author_id)
    shown = [
        beside.media[k]
        for k in (found.attachments.media_keys if found.attachments else [])
        if k in beside.media
    ]
    spoken_to = any(m.id == own for m in _entities(found).mentions)
    return Incoming(
        network="x",
        native_id=found.id,
        text=plain(found),
        published_at=at,
        author=author,
        url=f"{SITE}/{author.handle or 'i'}/status/{found.id}",
        language=found.lang if found.lang and found.lang != "und" else None,
        in_reply_to=above.get("replied_to"),
        thread=found.conversation_id or above.get("quoted") or above.get("retweeted"),
        kind="repost" if "retweeted" in above else "comment" if "replied_to" in above else "post",
        reach=found.public_metrics.impression_count if found.public_metrics else None,
        addressed=addressed or (bool(own) and (found.in_reply_to_user_id == own or spoken_to)),
        media=tuple(
            Media(url=p.url or p.preview_image_url or "", description=p.alt_text or "") for p in shown
        ),
    )


def written(found: Message, beside: Beside) -> Incoming:
    """A private message as something said."""
    at = aware(found.created_at)
    assert at is not None, "message() lets no other in"
    return Incoming(
        network="x",
        native_id=f"dm/{found.dm_conversation_id}/{found.id}",
        text=html.unescape(found.text or ""),
        published_at=at,
        author=beside.author(found.sender_id),
        thread=f"dm/{found.dm_conversation_id}",
        kind="direct",
        visibility="direct",
        addressed=True,
    )


def plain(found: Post) -> str:
    """The words as people see them: whole, links as they were written, without those of the post's own pictures."""
    note = found.note_tweet if found.note_tweet and found.note_tweet.text else None
    text = note.text if note else found.text
    for link in _entities(found).urls:
        if link.url and link.expanded_url:
            own = f"/status/{found.id}/" in link.expanded_url
            text = text.replace(link.url, "" if own else link.expanded_url)
    return html.unescape(text).strip()


def comparable(text: str) -> str:
    """What is the same however X writes it: one space, no slash at the end of links, no names put before an answer."""
    return re.sub(r"/(?=\s|$)", "", _LEADING.sub("", " ".join(text.split())))


def sent(found: Post, handle: str) -> Sent:
    at = aware(found.created_at)
    assert at is not None, "post() lets no other in"
    return Sent(found.id, f"{SITE}/{handle or 'i'}/status/{found.id}", at)


def aware(moment: datetime) -> datetime | None:
    """The moment in UTC; None if there is no such."""
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _entities(found: Post) -> Entities:
    note = found.note_tweet.entities if found.note_tweet and found.note_tweet.text else None
    return note or found.entities or Entities()


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
