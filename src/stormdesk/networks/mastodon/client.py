"""The client API of Mastodon (docs.joinmastodon.org/methods/), as far as a crisis desk needs it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from stormdesk.core import http
from stormdesk.networks import calls
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
    Permanent,
    Scheduled,
    Scope,
    Secret,
    Sent,
    Settings,
    Source,
    WritesFirst,
    Wrong,
    gettext_noop,
)
from stormdesk.networks.mastodon import connect, listening, place, speaking, words

CLOCKS = timedelta(minutes=5)
"""How far a server's clock may be from ours when a sent post is looked for."""


class Mastodon(Network):
    """`settings`: `server` (https://…), `account_id`, `handle`, `scopes`; `secret`: `access_token`.

    Cursors hold the id of the newest thing heard; pages go forward from it, oldest first (`min_id`), so that
    nothing is skipped however much has gathered. The idempotency key is sent with every post, but servers of the
    family differ in keeping it (Mastodon: an hour; snac: not at all): after an unclear answer, `reconcile`.
    """

    name = "mastodon"
    title = "Mastodon"
    text_limit = 500
    writes_first = WritesFirst.ANYONE
    media_count = 4
    limits = (
        Limit(
            gettext_noop("requests of an account"), 300, 300, "https://docs.joinmastodon.org/api/rate-limits/"
        ),
        Limit(gettext_noop("uploads"), 30, 1800, "https://docs.joinmastodon.org/api/rate-limits/"),
        Limit(gettext_noop("deletions"), 30, 1800, "https://docs.joinmastodon.org/api/rate-limits/"),
    )
    scopes = (
        Scope("read", gettext_noop("to hear mentions and messages, and to find what was already posted")),
        Scope("write", gettext_noop("to publish, answer, edit and delete what the team has approved")),
    )
    tested_against = (
        "two federating snac2 2.75 servers (real); streams, reports and threads on mastodon-mock 0.6.1 (a third party's "
        "emulation); a faulty contract server"
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
            Capability.EDIT,
            Capability.DELETE,
            Capability.REPORT,
            Capability.MEDIA,
            Capability.RECONCILE,
            Capability.OWN_POSTS,
            Capability.NATIVE_SCHEDULES,
            Capability.CONNECT,
        }
    )
    fields = (
        Field(
            "server",
            gettext_noop("Server"),
            "url",
            help=gettext_noop("The address of the account's server, such as https://mastodon.social."),
        ),
        Field(
            "access_token",
            gettext_noop("Access token"),
            "password",
            secret=True,
            required=False,
            help=gettext_noop(
                "Not needed when you sign in; else from Preferences → Development on the server, with read and write."
            ),
        ),
    )
    sources = (
        Source(
            "notifications",
            gettext_noop("Mentions, replies and direct messages"),
            needs_account=True,
            stream=True,
        ),
        Source(
            "search", gettext_noop("Search"), (Field("query", gettext_noop("Words")),), needs_account=True
        ),
        Source(
            "hashtag",
            gettext_noop("Hashtag"),
            (Field("tag", gettext_noop("Hashtag"), help=gettext_noop("Without #.")),),
            stream=True,
        ),
        Source("public", gettext_noop("Everything the server sees"), stream=True),
        Source(
            "thread", gettext_noop("Comments under one post"), (Field("status_id", gettext_noop("Post id")),)
        ),
    )

    def count(self, text: str) -> int:
        return words.counted(text)

    async def hear(self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
        return await listening.hear(kind, settings, secret, cursor)

    def stream(
        self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]
    ) -> AsyncIterator[Batch]:
        if kind not in listening.CHANNELS:
            raise self._cannot("stream")
        return listening.stream(kind, settings, secret, cursor)

    async def publish(self, settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
        content = await speaking.prepare(settings, secret, outgoing)
        return words.sent(await speaking.say(settings, secret, content, outgoing.key))

    async def reconcile(
        self, settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime
    ) -> Sent | None:
        """Looks through the account's own posts for the same text, place and audience.

        A server may need some seconds to list a new post: ask a little after the failure, not at once.
        """
        since -= CLOCKS
        found = next(
            (s for s in await speaking.own(settings, secret, since) if words.is_it(outgoing, s)), None
        )
        if found is None and outgoing.visibility == "direct":
            home = await speaking.own_at_home(settings, secret, since)
            found = next((status for status in home if words.is_it(outgoing, status)), None)
        return words.sent(found) if found else None

    async def edit(self, settings: Settings, secret: Secret, native_id: str, text: str) -> None:
        url = f"{place.server(settings)}/api/v1/statuses/{quote(native_id, safe='')}"
        await calls.write("PUT", url, json={"status": text}, headers=place.headers(secret))

    async def delete(self, settings: Settings, secret: Secret, native_id: str) -> None:
        url = f"{place.server(settings)}/api/v1/statuses/{quote(native_id, safe='')}"
        try:
            await calls.write("DELETE", url, headers=place.headers(secret))
        except Permanent as error:
            if error.code != "gone":
                raise
            # "Not found" is also what servers say that do not offer deletion at all: believe it only if it is so.
            try:
                await calls.read(url, headers=place.headers(secret))
            except Permanent as missing:
                if missing.code == "gone":
                    return
                raise
            raise Permanent(
                gettext_noop(
                    "“%(host)s” does not delete posts on request and the post is still there; remove it on its own pages."
                ),
                code="not_offered",
                host=http.host(url),
            ) from None

    async def thread(self, settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
        return await listening.thread(settings, secret, native_id)

    async def report(
        self, settings: Settings, secret: Secret, native_id: str, wrong: Wrong, words: str = ""
    ) -> str:
        return await speaking.report(settings, secret, native_id, wrong, words)

    async def own_posts(self, settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
        return [words.said(status) for status in await speaking.own(settings, secret, since)]

    async def health(self, settings: Settings, secret: Secret) -> Health:
        try:
            url = f"{place.server(settings)}/api/v1/accounts/verify_credentials"
            me = place.content(url, await calls.read(url, headers=place.headers(secret)))
        except NetworkError as error:
            return Health(False, str(settings.get("handle", "")), sentence=error.message, facts=error.facts)
        if not isinstance(me, dict) or not me.get("id"):
            broken = calls.unreadable(url)
            return Health(False, sentence=broken.message, facts=broken.facts)
        # Servers that do not tell the scopes of a token (snac, pasted tokens) get the benefit of the doubt.
        granted = set(str(settings.get("scopes", "")).split())
        missing = tuple(scope for scope in ("read", "write") if granted and scope not in granted)
        sentence = (
            gettext_noop("The account lets us %(granted)s only; connect it again and allow what is missing.")
            if missing
            else ""
        )
        return Health(
            not missing, str(me.get("acct", "")), missing, sentence, {"granted": ", ".join(sorted(granted))}
        )

    async def begin_connecting(self, settings: Settings, redirect_uri: str, state: str) -> Connecting:
        return await connect.begin(place.server(settings), redirect_uri, state)

    async def finish_connecting(
        self, settings: Settings, keep: Mapping[str, Any], redirect_uri: str, answer: Mapping[str, str]
    ) -> Connected:
        return await connect.finish(keep, redirect_uri, answer)

    async def native_schedules(self, settings: Settings, secret: Secret) -> list[Scheduled]:
        return await speaking.schedules(settings, secret)

    async def remove_schedule(self, settings: Settings, secret: Secret, native_id: str) -> None:
        url = f"{place.server(settings)}/api/v1/scheduled_statuses/{quote(native_id, safe='')}"
        try:
            await calls.write("DELETE", url, headers=place.headers(secret))
        except Permanent as error:
            if error.code != "gone":
                raise

    async def restore_schedule(
        self, settings: Settings, secret: Secret, scheduled: Scheduled, due_at: datetime, key: str
    ) -> Scheduled:
        return await speaking.schedule(settings, secret, scheduled, due_at, key)
