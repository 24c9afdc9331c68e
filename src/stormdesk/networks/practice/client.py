"""A whole social network in one table: strangers can be given a voice, the brand can answer, faults can be staged."""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Any

from stormdesk.core.clock import utcnow
from stormdesk.networks.base import (
    Author,
    Batch,
    Capability,
    Field,
    Health,
    Incoming,
    Network,
    Outgoing,
    Permanent,
    Retryable,
    Secret,
    Sent,
    Settings,
    Source,
    Unauthorised,
    Unknown,
    WritesFirst,
    gettext_noop,
)
from stormdesk.networks.practice.store import FileStore, Post, Store

FAULTS_VARIABLE = "STORMDESK_PRACTICE_FAULTS"
BATCH = 200


def _file(settings: Settings) -> Store:
    return FileStore(settings["path"])


class Practice(Network):
    """`settings`: `handle` (the brand's own name there), `path` (its file) and, for tests, `faults`.

    Faults, as a mapping in `settings["faults"]` or as JSON in the environment: `latency` and `latency_after`
    (seconds before and after the post is accepted), `status` (what the network answers instead of accepting),
    `retry_after` (seconds, with status 429), `fail_after_accept` (accepts, then the answer is lost).
    """

    name = "practice"
    title = gettext_noop("Practice network")
    text_limit = 500
    writes_first = WritesFirst.ANYONE
    asked_as_list = True
    tested_against = "itself; publishers killed with SIGKILL"
    capabilities = frozenset(
        {
            Capability.SEARCH,
            Capability.NOTIFICATIONS,
            Capability.TIMELINE,
            Capability.STREAM,
            Capability.PUBLISH,
            Capability.REPLY,
            Capability.DIRECT,
            Capability.EDIT,
            Capability.DELETE,
            Capability.RECONCILE,
            Capability.IDEMPOTENT,
            Capability.OWN_POSTS,
        }
    )
    fields = (
        Field(
            "handle",
            gettext_noop("Account name"),
            help=gettext_noop("How the brand is called on the practice network, without @."),
        ),
        Field(
            "path",
            gettext_noop("File"),
            help=gettext_noop("Where the practice network keeps its posts."),
            required=False,
        ),
    )
    sources = (
        Source(
            "search",
            gettext_noop("Search"),
            (
                Field(
                    "query",
                    gettext_noop("Words"),
                    help=gettext_noop("Empty: everything that is said there."),
                    required=False,
                ),
            ),
            stream=True,
        ),
        Source(
            "notifications",
            gettext_noop("Mentions, replies and direct messages"),
            needs_account=True,
            stream=True,
        ),
    )

    def __init__(self, open_store: Callable[[Settings], Store] = _file) -> None:
        self.open_store = open_store
        """Opens the memory for an account's settings; set it once at start to keep posts in a database."""

    async def say(
        self,
        settings: Settings,
        author: Author,
        text: str,
        *,
        at: datetime | None = None,
        in_reply_to: str | None = None,
        to_handle: str | None = None,
        repost: bool = False,
        reach: int | None = None,
        language: str | None = None,
        key: str = "",
    ) -> Incoming:
        """Let a stranger speak: for drills and tests. With `to_handle` it is a direct message."""
        post = await self.open_store(settings).append(
            Post(
                key=key or f"said-{uuid.uuid4().hex}",
                author=author.handle,
                name=author.name,
                followers=author.followers,
                text=text,
                at=at or utcnow(),
                in_reply_to=in_reply_to,
                to_handle=to_handle,
                direct=to_handle is not None,
                repost=repost,
                reach=reach,
                language=language,
            )
        )
        return await self._incoming(self.open_store(settings), settings, post)

    async def hear(self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
        store = self.open_store(settings)
        posts = await store.since(int(cursor.get("revision", 0)), BATCH)
        items = []
        for post in posts:
            if post.author == settings["handle"]:
                continue
            item = await self._incoming(store, settings, post)
            if _wanted(kind, settings, item):
                items.append(item)
        revision = posts[-1].revision if posts else int(cursor.get("revision", 0))
        return Batch(items, {"revision": revision}, more=len(posts) == BATCH)

    async def stream(
        self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]
    ) -> AsyncIterator[Batch]:
        here = dict(cursor)
        while True:
            batch = await self.hear(kind, settings, secret, here)
            here = batch.cursor
            if batch.items:
                yield batch
            if not batch.more:
                await asyncio.sleep(0.2)

    async def publish(self, settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
        faults = _faults(settings)
        await asyncio.sleep(faults.get("latency", 0))
        _answer(faults)
        if len(outgoing.text) > self.text_limit:
            raise Permanent(
                gettext_noop(
                    "The text has %(length)s characters and the network takes %(limit)s; shorten it."
                ),
                code="too_long",
                length=len(outgoing.text),
                limit=self.text_limit,
            )
        post = await self.open_store(settings).append(
            Post(
                key=outgoing.key,
                author=settings["handle"],
                text=outgoing.text,
                at=utcnow(),
                in_reply_to=outgoing.in_reply_to,
                to_handle=outgoing.to_handle,
                direct=outgoing.visibility == "direct",
                language=outgoing.language,
            )
        )
        await asyncio.sleep(faults.get("latency_after", 0))
        if faults.get("fail_after_accept"):
            raise Unknown(
                gettext_noop("The practice network went silent after taking the post; it may be out already.")
            )
        return _sent(post)

    async def reconcile(
        self, settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime
    ) -> Sent | None:
        post = await self.open_store(settings).find(outgoing.key)
        return _sent(post) if post else None

    async def edit(self, settings: Settings, secret: Secret, native_id: str, text: str) -> None:
        _answer(_faults(settings))
        post = await self._own(settings, native_id)
        if post is None or post.deleted:
            raise Permanent(
                gettext_noop("The post is no longer there, so it cannot be changed."), code="gone"
            )
        await self.open_store(settings).change(native_id, text, utcnow())

    async def delete(self, settings: Settings, secret: Secret, native_id: str) -> None:
        _answer(_faults(settings))
        if await self._own(settings, native_id):
            await self.open_store(settings).change(native_id, None, utcnow())

    async def own_posts(self, settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
        store = self.open_store(settings)
        found, revision = [], 0
        while posts := await store.since(revision, BATCH):
            revision = posts[-1].revision
            found += [p for p in posts if p.author == settings["handle"] and p.at >= since and not p.deleted]
        return [await self._incoming(store, settings, post) for post in found]

    async def health(self, settings: Settings, secret: Secret) -> Health:
        try:
            _answer(_faults(settings))
            await self.open_store(settings).since(0, 1)
        except (Permanent, Retryable, Unknown) as error:
            return Health(False, settings["handle"], sentence=error.message, facts=error.facts)
        return Health(True, settings["handle"])

    async def _own(self, settings: Settings, native_id: str) -> Post | None:
        post = await self.open_store(settings).get(native_id)
        if post and post.author != settings["handle"]:
            raise Unauthorised(
                gettext_noop("This post belongs to someone else; only its author can change it.")
            )
        return post

    async def _incoming(self, store: Store, settings: Settings, post: Post) -> Incoming:
        parent = await store.get(post.in_reply_to) if post.in_reply_to else None
        own = settings["handle"]
        return Incoming(
            network=self.name,
            native_id=post.native_id,
            text=post.text,
            published_at=post.at,
            author=Author(post.author, post.author, post.name, post.followers),
            language=post.language,
            in_reply_to=post.in_reply_to,
            thread=(parent.in_reply_to or parent.native_id) if parent else None,
            kind="direct" if post.direct else "repost" if post.repost else "comment" if parent else "post",
            visibility="direct" if post.direct else "public",
            edited_at=post.edited_at,
            deleted=post.deleted,
            reach=post.reach if post.reach is not None else post.followers,
            addressed=post.to_handle == own
            or bool(parent and parent.author == own)
            or f"@{own}".casefold() in post.text.casefold(),
        )


def _wanted(kind: str, settings: Settings, item: Incoming) -> bool:
    if kind == "notifications":
        return item.addressed
    words = str(settings.get("query", "")).casefold().split()
    return item.visibility == "public" and (item.deleted or all(w in item.text.casefold() for w in words))


def _sent(post: Post) -> Sent:
    return Sent(post.native_id, "", post.at)


def _faults(settings: Settings) -> Mapping[str, Any]:
    staged = settings.get("faults")
    return staged if staged is not None else json.loads(os.environ.get(FAULTS_VARIABLE, "{}"))


def _answer(faults: Mapping[str, Any]) -> None:
    """Refuse as a real network with this HTTP status would."""
    status = int(faults.get("status", 200))
    if status == 429:
        raise Retryable(
            gettext_noop("The practice network asks to slow down."),
            code="slow_down",
            after=faults.get("retry_after"),
        )
    if status in (401, 403):
        raise Unauthorised(
            gettext_noop("The practice network does not accept the account's key; connect the account again.")
        )
    if status >= 500:
        raise Unknown(
            gettext_noop("The practice network failed (%(status)s); the post may be out already."),
            status=status,
        )
    if status >= 400:
        raise Permanent(gettext_noop("The practice network refused this (%(status)s)."), status=status)
