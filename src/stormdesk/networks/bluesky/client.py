"""The AT Protocol (atproto.com/specs) as far as a crisis desk needs it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from stormdesk.networks.base import (
    Batch,
    Capability,
    Connected,
    Connecting,
    Health,
    Incoming,
    Limit,
    Network,
    NetworkError,
    Outgoing,
    Scope,
    Secret,
    Sent,
    Settings,
    WritesFirst,
    Wrong,
    gettext_noop,
)
from stormdesk.networks.bluesky import (
    facets,
    firehose,
    jetstream,
    listening,
    messages,
    proof,
    signin,
    speaking,
    ways,
    xrpc,
)
from stormdesk.networks.bluesky import session as sessions

_LIMITS = "https://docs.bsky.app/docs/advanced-guides/rate-limits"
LOOK = 8.0
"""Seconds a stream is listened to when it is asked like a list."""


class Bluesky(Network):
    """`settings`: `handle`, `server` (the account's own; bsky.social passes on to it); `secret`: `app_password`,
    or the keys of a sign-in (see `signin`).

    Every post stands under a key made from its sending's, so that a second one of it cannot be. Posts cannot be edited
    by their authors in the network's own app; changed records are heard as edits all the same. Private messages
    carry no key of ours: after an unclear answer they are looked for by their words.
    """

    name = "bluesky"
    title = "Bluesky"
    text_limit = facets.TEXT_LIMIT
    writes_first = WritesFirst.WHO_WROTE
    media_count = speaking.PICTURES
    limits = (
        Limit(gettext_noop("requests from one address"), 3000, 300, _LIMITS),
        Limit(gettext_noop("new posts of an account"), 1666, 3600, _LIMITS),
        Limit(gettext_noop("new sessions of an account"), 30, 300, _LIMITS),
    )
    scopes = (
        Scope("atproto", gettext_noop("to know which account it is")),
        Scope(
            "transition:generic",
            gettext_noop("to hear, publish and answer what the team has approved, as an app password may"),
        ),
        Scope("transition:chat.bsky", gettext_noop("to hear and answer private messages")),
    )
    own_key = True
    tested_against = (
        "Bluesky's own servers in a box: PDS, AppView, Ozone of @atproto/dev-env 0.6.7 (real); "
        "Jetstream by a contract server (emulation) fed with events of the real box; the service of private messages "
        "by an emulation built from its lexicons, asked through the real account server"
    )
    capabilities = frozenset(
        {
            Capability.SEARCH,
            Capability.NOTIFICATIONS,
            Capability.TIMELINE,
            Capability.THREAD,
            Capability.STREAM,
            Capability.PUBLISH,
            Capability.REPLY,
            Capability.DIRECT,
            Capability.DELETE,
            Capability.HIDE,
            Capability.REPORT,
            Capability.MEDIA,
            Capability.RECONCILE,
            Capability.IDEMPOTENT,
            Capability.OWN_POSTS,
            Capability.CONNECT,
        }
    )
    fields = ways.FIELDS
    sources = ways.SOURCES

    def count(self, text: str) -> int:
        return facets.graphemes(text)

    async def hear(self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
        if kind == "stream":
            return await self._look(settings, secret, cursor)
        if kind == "messages":
            return await messages.hear(settings, secret, cursor)
        return await listening.hear(kind, settings, secret, cursor)

    async def _look(self, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
        """A stream asked like a list: what it says within some seconds; `more` when it is still catching up."""
        items: list[Incoming] = []
        here, lost, behind = dict(cursor), False, None
        try:
            async with (
                asyncio.timeout(LOOK),
                contextlib.aclosing(self.stream("stream", settings, secret, cursor)) as stream,
            ):
                async for batch in stream:
                    items += batch.items
                    here, lost, behind = batch.cursor, lost or batch.lost, batch.behind
                    if len(items) >= 5000:
                        break
        except TimeoutError:
            pass
        return Batch(items, here, more=behind is not None and behind > LOOK, lost=lost, behind=behind)

    async def stream(
        self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]
    ) -> AsyncGenerator[Batch, None]:
        if kind != "stream":
            raise self._cannot("stream")
        own = (await sessions.session(settings, secret)).did if sessions.has_account(settings, secret) else ""
        if settings.get("wire") == "firehose":
            batches = firehose.stream(settings, cursor, sessions.server(settings), own)
        else:
            batches = jetstream.stream(settings, cursor, own)
        async with contextlib.aclosing(batches):
            async for batch in batches:
                if batch.lost:
                    found = await listening.found_since(settings, secret, cursor)
                    batch = replace(batch, items=found + batch.items)
                yield batch

    async def complete(self, settings: Settings, secret: Secret, items: list[Incoming]) -> list[Incoming]:
        return await listening.complete(settings, secret, items)

    async def thread(self, settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
        return await listening.thread(settings, secret, native_id)

    async def publish(self, settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
        if outgoing.visibility == "direct":
            return await messages.send(settings, secret, outgoing)
        return await speaking.publish(settings, secret, outgoing)

    async def reconcile(
        self, settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime
    ) -> Sent | None:
        if outgoing.visibility == "direct":
            return await messages.find(settings, secret, outgoing, since)
        return await speaking.reconcile(settings, secret, outgoing)

    async def delete(self, settings: Settings, secret: Secret, native_id: str) -> None:
        if messages.is_message(native_id):
            await messages.take_back(settings, secret, native_id)
        else:
            await speaking.delete(settings, secret, native_id)

    async def hide(self, settings: Settings, secret: Secret, native_id: str, hidden: bool = True) -> None:
        await speaking.hide(settings, secret, native_id, hidden)

    async def report(
        self, settings: Settings, secret: Secret, native_id: str, wrong: Wrong, words: str = ""
    ) -> str:
        return await speaking.report(settings, secret, native_id, wrong, words)

    async def own_posts(self, settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
        return await listening.own_posts(settings, secret, since)

    def new_key(self) -> str:
        return proof.new_key()

    def client_document(self, redirect_uri: str, key: str) -> dict[str, Any]:
        return signin.document(redirect_uri, key)

    async def begin_connecting(self, settings: Settings, redirect_uri: str, state: str) -> Connecting:
        return await signin.begin(
            settings, sessions.server(settings), sessions.handle(settings), redirect_uri, state
        )

    async def finish_connecting(
        self, settings: Settings, keep: Mapping[str, Any], redirect_uri: str, answer: Mapping[str, str]
    ) -> Connected:
        done = await signin.finish(keep, redirect_uri, answer)
        return Connected({**settings, **done.settings}, done.secret)

    async def health(self, settings: Settings, secret: Secret) -> Health:
        try:
            session = await sessions.session(settings, secret)
        except NetworkError as error:
            return Health(False, sessions.handle(settings), sentence=error.message, facts=error.facts)
        if session.scope == sessions.SIGNED_IN:
            return await self._signed_in(settings, secret)
        if session.scope == sessions.MAIN_PASSWORD:
            return Health(
                True,
                session.handle,
                sentence=gettext_noop(
                    "It works, but with the account's main password: make an app password there, which cannot take the "
                    "account over, and connect the account again."
                ),
            )
        if session.scope == sessions.WITHOUT_MESSAGES:
            return Health(
                True,
                session.handle,
                ("chat",),
                gettext_noop(
                    "It works, but this app password has no access to private messages; make one with it to hear and "
                    "answer them."
                ),
            )
        return Health(True, session.handle)

    async def _signed_in(self, settings: Settings, secret: Secret) -> Health:
        handle = sessions.handle(settings)
        try:
            told = await xrpc.query(settings, secret, "com.atproto.server.getSession", {})
        except NetworkError as error:
            return Health(False, handle, sentence=error.message, facts=error.facts)
        granted = str(settings.get("scopes") or "").split()
        missing = tuple(scope for scope in signin.SCOPES if scope not in granted)
        sentence = (
            gettext_noop("The account lacks rights (%(missing)s); connect it again and allow them.")
            if missing
            else ""
        )
        return Health(
            not missing, str(told.get("handle") or handle), missing, sentence, {"missing": ", ".join(missing)}
        )
