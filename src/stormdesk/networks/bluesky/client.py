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
    Field,
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
    Source,
    Wrong,
    gettext_noop,
)
from stormdesk.networks.bluesky import facets, firehose, jetstream, listening, proof, signin, speaking, xrpc
from stormdesk.networks.bluesky import session as sessions

_LIMITS = "https://docs.bsky.app/docs/advanced-guides/rate-limits"
LOOK = 8.0
"""Seconds a stream is listened to when it is asked like a list."""


class Bluesky(Network):
    """`settings`: `handle`, `server` (the account's own; bsky.social passes on to it); `secret`: `app_password`,
    or the keys of a sign-in (see `signin`).

    Every post stands under a key made from its sending's, so that a second one of it cannot be. Posts cannot be edited
    by their authors in the network's own app; changed records are heard as edits all the same. Direct messages are a
    service of their own that is not used here.
    """

    name = "bluesky"
    title = "Bluesky"
    text_limit = facets.TEXT_LIMIT
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
        "Jetstream by a contract server (emulation) fed with events of the real box"
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
    fields = (
        Field("handle", gettext_noop("Handle"), help=gettext_noop("Such as meadow.bsky.social, without @.")),
        Field(
            "app_password",
            gettext_noop("App password"),
            "password",
            secret=True,
            required=False,
            help=gettext_noop(
                "Not needed when you sign in, which works where Bluesky can reach this desk at an https address. From "
                "Settings → Privacy and security → App passwords; never the account's own password."
            ),
        ),
        Field(
            "server",
            gettext_noop("Server"),
            "url",
            required=False,
            help=gettext_noop("Only for an account on a server of its own; else leave it empty."),
        ),
    )
    sources = (
        Source("notifications", gettext_noop("Mentions, replies and quotations"), needs_account=True),
        Source(
            "search", gettext_noop("Search"), (Field("query", gettext_noop("Words")),), needs_account=True
        ),
        Source(
            "stream",
            gettext_noop("The whole network as it happens"),
            (
                Field(
                    "wire",
                    gettext_noop("Way of reading"),
                    "choice",
                    required=False,
                    choices=("jetstream", "firehose"),
                    help=gettext_noop(
                        "Jetstream is lighter; the firehose comes straight from a server or relay."
                    ),
                ),
                Field(
                    "address",
                    gettext_noop("Address of the stream"),
                    required=False,
                    help=gettext_noop("Empty: Bluesky's own Jetstream."),
                ),
                Field(
                    "query",
                    gettext_noop("Words to search for after a break"),
                    required=False,
                    help=gettext_noop(
                        "Used when the stream no longer has what was said meanwhile; needs an account."
                    ),
                ),
            ),
            stream=True,
        ),
        Source(
            "account",
            gettext_noop("What one account says"),
            (
                Field(
                    "actor",
                    gettext_noop("Handle"),
                    help=gettext_noop("Such as meadow.bsky.social, without @."),
                ),
            ),
        ),
        Source(
            "thread",
            gettext_noop("Answers under one post"),
            (Field("uri", gettext_noop("Address of the post"), help=gettext_noop("It begins with at://.")),),
        ),
    )

    def count(self, text: str) -> int:
        return facets.graphemes(text)

    async def hear(self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
        if kind == "stream":
            return await self._look(settings, secret, cursor)
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
            raise self._cannot("direct")
        return await speaking.publish(settings, secret, outgoing)

    async def reconcile(
        self, settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime
    ) -> Sent | None:
        return await speaking.reconcile(settings, secret, outgoing)

    async def delete(self, settings: Settings, secret: Secret, native_id: str) -> None:
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
