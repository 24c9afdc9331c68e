"""MAX by its bot API (dev.max.ru/docs-api), as of its schema 0.0.32."""

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
    NetworkError,
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
from stormdesk.networks.max import api, bringing, listening, speaking

RIGHTS = ("read_all_messages", "write", "edit", "delete")
_OLDER = {"edit": "edit_message", "delete": "delete_message", "write": "post_edit_delete_message"}
"""Names of the same rights that MAX may still answer with (dev.max.ru/docs-api, ChatAdminPermission)."""


class Max(Network):
    """`settings`: `chat` (number of the channel or chat), `server`; `secret`: `token`, and `webhook_secret`
    where a webhook is used. Native ids: see `place`.

    There is no key against repetition; after an unclear answer `reconcile` reads the chat's newest messages, which MAX
    shows a bot with its own among them.
    """

    name = "max"
    title = "MAX"
    text_limit = speaking.TEXT_LIMIT
    writes_first = WritesFirst.WHO_WROTE
    media_count = speaking.FILES
    limits = (api.LIMIT,)
    scopes = (
        Scope("read_all_messages", gettext_noop("to hear all comments and messages of the chat")),
        Scope("write", gettext_noop("to publish in the channel what the team has approved")),
        Scope("edit", gettext_noop("to correct what was published")),
        Scope("delete", gettext_noop("to take back a post, and to remove comments that break the rules")),
    )
    tested_against = "an emulation of the bot API built from its published schema, driven by maxapi 1 as well; a faulty server"
    capabilities = frozenset(
        {
            Capability.NOTIFICATIONS,
            Capability.TIMELINE,
            Capability.THREAD,
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
            gettext_noop("Bot key"),
            "password",
            secret=True,
            help=gettext_noop("From MAX for business, the bot's settings."),
        ),
        Field(
            "chat",
            gettext_noop("Channel or group"),
            required=False,
            help=gettext_noop(
                "Its number (dev.max.ru/docs-api/use-cases/getting-chat-id says how to find it); the bot must be an "
                "administrator there. Leave it empty if the bot only answers private messages."
            ),
        ),
    )
    sources = (
        Source(
            "updates",
            gettext_noop("Messages and chats the bot sees"),
            needs_account=True,
            stream=True,
        ),
        Source(
            "receive",
            gettext_noop("The same, brought by MAX to our door"),
            (
                Field(
                    "webhook_secret",
                    gettext_noop("Secret of the webhook"),
                    "password",
                    secret=True,
                    help=gettext_noop(
                        "5 to 256 letters, digits, _ and -; MAX is told the same when it is asked to bring the messages."
                    ),
                ),
            ),
            needs_account=True,
        ),
        Source("comments", gettext_noop("Comments under the channel's newest posts"), needs_account=True),
    )

    async def hear(self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
        if kind == "updates":
            return await listening.hear(settings, secret, cursor)
        if kind == "comments":
            return await listening.comments(settings, secret, cursor)
        raise ValueError(f"MAX has no source called {kind!r}")

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
        # MAX takes nothing but 200 for an answer, and ends the subscription after hours without one.
        return Received(listening.receive(headers, body, settings, secret), "ok")

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
        return await speaking.find(settings, secret, outgoing, since)

    async def edit(self, settings: Settings, secret: Secret, native_id: str, text: str) -> None:
        await speaking.edit(settings, secret, native_id, text)

    async def delete(self, settings: Settings, secret: Secret, native_id: str) -> None:
        await speaking.delete(settings, secret, native_id)

    async def remove(self, settings: Settings, secret: Secret, native_id: str) -> None:
        await speaking.delete(settings, secret, native_id)

    async def thread(self, settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
        return await speaking.thread(settings, secret, native_id)

    async def own_posts(self, settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
        return await speaking.own_posts(settings, secret, since)

    async def health(self, settings: Settings, secret: Secret) -> Health:
        handle = str(settings.get("handle") or "")
        try:
            me = await api.ask(settings, secret, "/me")
            handle = str(me.get("username") or handle)
            if not str(settings.get("chat") or "").strip():
                return Health(True, handle)
            chat = listening.chat_id(settings)
            member = await api.ask(settings, secret, f"/chats/{chat}/members/me")
        except NetworkError as error:
            return Health(False, handle, sentence=error.message, facts=error.facts)
        given = member.get("permissions")
        given = set(map(str, given)) if isinstance(given, list) else set()
        missing = tuple(right for right in RIGHTS if not {right, _OLDER.get(right, right)} & given)
        if not missing or member.get("is_owner") is True:
            return Health(True, handle)
        return Health(
            False,
            handle,
            missing,
            gettext_noop(
                "The bot lacks rights: %(missing)s. Give them to it in the chat's list of administrators."
            ),
            {"missing": ", ".join(missing)},
        )
