"""What comes in, what goes out, and what a network says about itself: values without behaviour.

Whatever strangers wrote is cleaned on construction; times must be aware and are kept in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal

from stormdesk.networks.plain import TEXT_LIMIT, clean, clean_line, safe_url

RECEIVE = "receive"
"""The kind of a source that is never asked: the network brings its messages to our door."""
Kind = Literal["post", "comment", "direct", "repost"]
Visibility = Literal["public", "direct"]


class Capability(StrEnum):
    """What a network's client can do; whoever offers a button asks this first."""

    SEARCH = "search"
    NOTIFICATIONS = "notifications"
    TIMELINE = "timeline"
    THREAD = "thread"
    STREAM = "stream"
    RECEIVE = "receive"
    BRING = "bring"
    """It can be told by its API to bring messages to our door; elsewhere a person sets that up there."""
    IMPORT = "import"
    PUBLISH = "publish"
    REPLY = "reply"
    DIRECT = "direct"
    EDIT = "edit"
    DELETE = "delete"
    HIDE = "hide"
    REMOVE = "remove"
    REPORT = "report"
    MEDIA = "media"
    RECONCILE = "reconcile"
    IDEMPOTENT = "idempotent"
    OWN_POSTS = "own_posts"
    NATIVE_SCHEDULES = "native_schedules"
    CONNECT = "connect"


class Wrong(StrEnum):
    """What a report says is wrong with somebody's post; every network has its own words for these."""

    SPAM = "spam"
    SCAM = "scam"
    ABUSE = "abuse"
    ILLEGAL = "illegal"
    OTHER = "other"


class WritesFirst(StrEnum):
    """To whom this network lets an account send a private message."""

    ANYONE = "anyone"
    WHO_WROTE = "who_wrote"
    """Only people who wrote to the account first, or allowed it to write."""
    NOBODY = "nobody"


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError("a time without a zone means nothing here: give an aware datetime")
    return moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote something. `id` is the network's own, `handle` without a leading @."""

    id: str
    handle: str
    name: str = ""
    followers: int | None = None
    created_at: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", clean_line(self.id))
        object.__setattr__(self, "handle", clean_line(self.handle).lstrip("@"))
        object.__setattr__(self, "name", clean_line(self.name))
        object.__setattr__(self, "created_at", _utc(self.created_at))


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or video. To publish one, give `content`; `description` is what a blind reader hears."""

    url: str = ""
    description: str = ""
    licence: str = ""
    credit: str = ""
    content: bytes | None = field(default=None, repr=False)
    content_type: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", safe_url(self.url))
        object.__setattr__(self, "description", clean(self.description, TEXT_LIMIT))


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing somebody said. Text is plain and cleaned; `published_at` must be aware and is kept in UTC.

    `in_reply_to` and `thread` are native ids of the same network; `reach` is people who may have seen it, when
    the network says so; `addressed` means that it speaks to the brand's own account. With `deleted` the text
    may be empty: only `native_id` counts.
    """

    network: str
    native_id: str
    text: str
    published_at: datetime
    author: Author
    url: str = ""
    language: str | None = None
    in_reply_to: str | None = None
    thread: str | None = None
    kind: Kind = "post"
    visibility: Visibility = "public"
    edited_at: datetime | None = None
    deleted: bool = False
    reach: int | None = None
    addressed: bool = False
    media: tuple[Media, ...] = ()

    def __post_init__(self) -> None:
        if not self.native_id:
            raise ValueError("an incoming post needs the network's id of it")
        object.__setattr__(self, "native_id", clean_line(self.native_id))
        object.__setattr__(self, "text", clean(self.text, TEXT_LIMIT))
        object.__setattr__(self, "published_at", _utc(self.published_at))
        object.__setattr__(self, "edited_at", _utc(self.edited_at))
        object.__setattr__(self, "url", safe_url(self.url))


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is to be said. `key` names this one sending for ever: the same key never makes a second post.

    `in_reply_to` is a native id; `to_handle` is who a direct message goes to (without @).
    """

    text: str
    key: str
    in_reply_to: str | None = None
    to_handle: str | None = None
    visibility: Visibility = "public"
    media: tuple[Media, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a post now stands. `at` is the network's own time when it gives one, in UTC."""

    native_id: str
    url: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """What was heard, and where to go on. Store `cursor` (JSON) in the transaction that stores `items`.

    `more`: the network has more waiting; ask again at once. `lost`: it could not go on where the cursor stood, so
    something of the time between is missing. `behind`: seconds the newest event of a stream was old when it came.
    """

    items: list[Incoming]
    cursor: dict[str, Any]
    more: bool = False
    lost: bool = False
    behind: float | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """What another server brought to our door, and what it wants to read back (plain text; often nothing)."""

    batch: Batch
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A setting a person fills in. `secret` values go to the `secret` mapping and are kept encrypted."""

    name: str
    title: str
    kind: Literal["text", "url", "number", "password", "choice"] = "text"
    secret: bool = False
    required: bool = True
    help: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limit:
    """A documented rate limit: at most `count` of `what` (a msgid) in `seconds`. `source`: its documentation.

    `requests`: every request of an account counts against it and no answer tells what is left, so we count ourselves.
    """

    what: str
    count: int
    seconds: int
    source: str
    requests: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """A right that is asked for when an account is connected; `why` (a msgid) says it to the person who grants it."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Source:
    """One way to listen to a network: a `kind` for `Network.hear` and the settings it needs beside the account's."""

    kind: str
    title: str
    fields: tuple[Field, ...] = ()
    needs_account: bool = False
    stream: bool = False


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A post that waits inside the network itself. `content` (JSON) is all that is needed to put it back."""

    native_id: str
    text: str
    due_at: datetime
    content: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text, TEXT_LIMIT))
        object.__setattr__(self, "due_at", _utc(self.due_at))


@dataclass(frozen=True, slots=True)
class Connecting:
    """Half of a sign-in: send the person to `url`; keep `keep` (JSON, secret) until they come back."""

    url: str
    keep: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Connected:
    """A finished sign-in: what to store openly and what to store encrypted."""

    settings: Mapping[str, Any]
    secret: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Health:
    """Is the account usable? `missing` names the rights it lacks; `sentence` (a msgid) is for people."""

    ok: bool
    handle: str = ""
    missing: tuple[str, ...] = ()
    sentence: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
