"""What every network is to the rest of the house: what it can do, what comes in, what goes out, what may go wrong.

A network is a folder beside this file with `NETWORK = …` in its `__init__.py`, a `CANNOT_SEE.md` and tests.
Nothing here knows Django; times are aware and in UTC; whatever strangers wrote is cleaned on construction.
"""

from __future__ import annotations

import inspect
from abc import ABC
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Literal

from stormdesk.networks.errors import N_, NetworkError, Permanent, Retryable, Unauthorised, Unknown
from stormdesk.networks.plain import TEXT_LIMIT, clean, clean_line, safe_url

__all__ = [
    "N_",
    "Author",
    "Batch",
    "Capability",
    "Field",
    "Health",
    "Incoming",
    "Kind",
    "Media",
    "Network",
    "NetworkError",
    "Outgoing",
    "Permanent",
    "Retryable",
    "Sent",
    "Unauthorised",
    "Unknown",
    "Visibility",
]

Kind = Literal["post", "comment", "direct", "repost"]
Visibility = Literal["public", "direct"]
Settings = Mapping[str, Any]
Secret = Mapping[str, str]


class Capability(StrEnum):
    """What a network's client can do; whoever offers a button asks this first."""

    SEARCH = "search"
    NOTIFICATIONS = "notifications"
    TIMELINE = "timeline"
    STREAM = "stream"
    RECEIVE = "receive"
    IMPORT = "import"
    PUBLISH = "publish"
    REPLY = "reply"
    DIRECT = "direct"
    EDIT = "edit"
    DELETE = "delete"
    MEDIA = "media"
    RECONCILE = "reconcile"
    IDEMPOTENT = "idempotent"
    OWN_POSTS = "own_posts"
    NATIVE_SCHEDULES = "native_schedules"
    CONNECT = "connect"


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

    `more`: the network has more waiting; ask again at once.
    """

    items: list[Incoming]
    cursor: dict[str, Any]
    more: bool = False


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
class Source:
    """One way to listen to a network: a `kind` for `Network.hear` and the settings it needs beside the account's."""

    kind: str
    title: str
    fields: tuple[Field, ...] = ()
    needs_account: bool = False
    stream: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """Is the account usable? `missing` names the rights it lacks; `sentence` (a msgid) is for people."""

    ok: bool
    handle: str = ""
    missing: tuple[str, ...] = ()
    sentence: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class Network(ABC):
    """A place where people speak. Subclasses override what their `capabilities` promise; the rest refuses."""

    name: ClassVar[str]
    title: ClassVar[str]
    capabilities: ClassVar[frozenset[Capability]]
    text_limit: ClassVar[int | None] = None
    """Longest post in characters as this network counts them; None where there is no fixed limit."""
    fields: ClassVar[tuple[Field, ...]] = ()
    """What an account of this network needs."""
    sources: ClassVar[tuple[Source, ...]] = ()

    def can(self, capability: Capability) -> bool:
        """May a screen offer this?"""
        return capability in self.capabilities

    def count(self, text: str) -> int:
        """The length of `text` as this network counts it, to be compared with `text_limit`."""
        return len(text)

    def cannot_see(self, language: str = "en") -> str:
        """What this network hides from us, as Markdown in `ru` or `en` (any other language gets English)."""
        path = Path(inspect.getfile(type(self))).with_name("CANNOT_SEE.md")
        sections = _sections(path.read_text(encoding="utf-8"))
        return sections.get(language.split("-")[0].lower(), sections["en"])

    async def hear(self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
        """What is new since `cursor` ({} at first) in one source `kind`. Raises NetworkError."""
        raise self._cannot("hear")

    def stream(
        self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]
    ) -> AsyncIterator[Batch]:
        """Batches as they happen, until the connection ends with a NetworkError; fill gaps with `hear`."""
        raise self._cannot("stream")

    async def publish(self, settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
        """Say it, once. Raises Retryable (did not happen), Permanent (never will), Unknown (may have happened)."""
        raise self._cannot("publish")

    async def reconcile(
        self, settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime
    ) -> Sent | None:
        """Did `outgoing`, first tried at `since`, get there? Its place, or None if the network has no such post."""
        raise self._cannot("reconcile")

    async def edit(self, settings: Settings, secret: Secret, native_id: str, text: str) -> None:
        """Replace the text of an own post."""
        raise self._cannot("edit")

    async def delete(self, settings: Settings, secret: Secret, native_id: str) -> None:
        """Remove an own post; one that is gone already is fine."""
        raise self._cannot("delete")

    async def own_posts(self, settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
        """Everything the account itself said since then, whoever pressed the button."""
        raise self._cannot("own_posts")

    async def health(self, settings: Settings, secret: Secret) -> Health:
        """Try the account without changing anything. Never raises for an unusable account: says so."""
        raise self._cannot("health")

    def _cannot(self, what: str) -> Permanent:
        return Permanent(
            N_("%(network)s does not offer this (%(what)s); choose another network for it."),
            code="not_offered",
            network=self.title,
            what=what,
        )


def _sections(markdown: str) -> dict[str, str]:
    """Split a file with `## English` and `## Русский` headings by language."""
    names = {"English": "en", "Русский": "ru"}
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in markdown.splitlines():
        if line.startswith("## ") and line[3:].strip() in names:
            current = found.setdefault(names[line[3:].strip()], [])
        elif current is not None:
            current.append(line)
    return {language: "\n".join(lines).strip() for language, lines in found.items()}
