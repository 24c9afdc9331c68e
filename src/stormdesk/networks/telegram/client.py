"""Telegram by its Bot API (core.telegram.org/bots/api), and public channels by their pages (t.me/s/…)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from stormdesk.networks.base import (
    Batch,
    Capability,
    Field,
    Health,
    Incoming,
    Network,
    Outgoing,
    Received,
    Scope,
    Secret,
    Sent,
    Settings,
    Source,
    WritesFirst,
    gettext_noop,
)
from stormdesk.networks.telegram import api, bringing, listening, own, pages, speaking
from stormdesk.networks.telegram import health as state


class Telegram(Network):
    """`settings`: `chat` (@name or number of the channel or group the account speaks in), `handle` of the bot,
    `server` of an own Bot API server; `secret`: `token`, and `webhook_secret` where a webhook is used.

    Native ids are `chat/message` (see `place`). The Bot API has no key against repetition and shows a bot neither
    history nor its own posts: after an unclear answer only the page of a public channel can tell, and only that a
    post is there. `reconcile` therefore never answers "not there": it finds the post, or says that a person must look.
    """

    name = "telegram"
    title = "Telegram"
    text_limit = speaking.TEXT_LIMIT
    writes_first = WritesFirst.WHO_WROTE
    media_count = speaking.ALBUM
    limits = (api.ALL, api.CHAT, api.GROUP)
    scopes = (
        Scope("can_post_messages", gettext_noop("to publish in the channel what the team has approved")),
        Scope("can_edit_messages", gettext_noop("to correct what was published")),
        Scope(
            "can_delete_messages",
            gettext_noop("to take back a post, and to remove comments that break the rules"),
        ),
        Scope(
            "can_read_all_group_messages",
            gettext_noop("to hear the comments, not only those that speak to the bot"),
        ),
    )
    tested_against = "an emulation of the Bot API built from its documentation, driven by aiogram 3 as well; a faulty server"
    capabilities = frozenset(
        {
            Capability.NOTIFICATIONS,
            Capability.TIMELINE,
            Capability.STREAM,
            Capability.RECEIVE,
            Capability.BRING,
            Capability.PUBLISH,
            Capability.REPLY,
            Capability.DIRECT,
            Capability.EDIT,
            Capability.DELETE,
            Capability.REMOVE,
            Capability.MEDIA,
            Capability.RECONCILE,
            Capability.OWN_POSTS,
        }
    )
    fields = (
        Field(
            "token",
            gettext_noop("Bot token"),
            "password",
            secret=True,
            help=gettext_noop("Make a bot with @BotFather; it answers with the token."),
        ),
        Field(
            "chat",
            gettext_noop("Channel or group"),
            required=False,
            help=gettext_noop(
                "@name, or the number that begins with -100; the bot must be an administrator there. "
                "Leave it empty if the bot only answers private messages."
            ),
        ),
        Field(
            "server",
            gettext_noop("Bot API server"),
            "url",
            required=False,
            help=gettext_noop("Only if your organisation runs a Bot API server of its own."),
        ),
    )
    sources = (
        Source(
            "updates",
            gettext_noop("Comments, groups and private messages the bot sees"),
            needs_account=True,
            stream=True,
        ),
        Source(
            "receive",
            gettext_noop("The same, brought by Telegram to our door"),
            (
                Field(
                    "webhook_secret",
                    gettext_noop("Secret of the webhook"),
                    "password",
                    secret=True,
                    help=gettext_noop(
                        "5 to 256 letters, digits, _ and -; Telegram is told the same when it is asked to bring the messages."
                    ),
                ),
            ),
            needs_account=True,
        ),
        Source(
            "channel",
            gettext_noop("A public channel, without the bot in it"),
            (
                Field(
                    "channel",
                    gettext_noop("Name of the channel"),
                    help=gettext_noop("Such as @name or https://t.me/name."),
                ),
            ),
        ),
    )

    def count(self, text: str) -> int:
        return speaking.length(text)

    async def hear(self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
        if kind == "updates":
            return await listening.hear(settings, secret, cursor)
        if kind == "channel":
            return await pages.hear(settings, cursor)
        raise ValueError(f"Telegram has no source called {kind!r}")

    def stream(
        self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]
    ) -> AsyncIterator[Batch]:
        if kind != "updates":
            raise self._cannot("stream")
        return listening.stream(settings, secret, cursor)

    def receive(
        self,
        headers: Mapping[str, str],
        body: bytes,
        settings: Settings,
        secret: Secret,
        cursor: Mapping[str, Any],
        now: datetime,
    ) -> Received:
        return Received(listening.receive(headers, body, settings, secret, cursor))

    async def bring_to(self, settings: Settings, secret: Secret, url: str) -> None:
        await bringing.bring_to(settings, secret, url)

    async def stop_bringing(self, settings: Settings, secret: Secret, url: str) -> None:
        await bringing.stop(settings, secret, url)

    async def brought(self, settings: Settings, secret: Secret, url: str) -> Health:
        return await bringing.brought(settings, secret, url)

    async def publish(self, settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
        return await speaking.publish(settings, secret, outgoing)

    async def reconcile(
        self, settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime
    ) -> Sent | None:
        """Looks at the page of the account's public channel. Raises Unknown(`unknowable`) if it is not found there."""
        return await own.find(settings, secret, outgoing, since)

    async def edit(self, settings: Settings, secret: Secret, native_id: str, text: str) -> None:
        await speaking.edit(settings, secret, native_id, text)

    async def delete(self, settings: Settings, secret: Secret, native_id: str) -> None:
        await speaking.delete(settings, secret, native_id)

    async def remove(self, settings: Settings, secret: Secret, native_id: str) -> None:
        await speaking.delete(settings, secret, native_id)

    async def own_posts(self, settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
        """What the page of the account's public channel shows. Raises Permanent(`no_page`) for all others."""
        return await own.posts(settings, secret, since)

    async def health(self, settings: Settings, secret: Secret) -> Health:
        return await state.health(settings, secret)
