"""VK by its API (dev.vk.com), version 5.199 of the published schema (github.com/VKCOM/vk-api-schema)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
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
    Network,
    Outgoing,
    Received,
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
from stormdesk.networks.vk import api, events, listening, own, speaking, vkid
from stormdesk.networks.vk import health as state
from stormdesk.networks.vk.place import place

_REASONS = {Wrong.SPAM: 0, Wrong.SCAM: 0, Wrong.ABUSE: 6, Wrong.ILLEGAL: 2, Wrong.OTHER: 0}
"""VK's own words for reports are few: spam, and insult; what is illegal goes as extremism."""


class Vk(Network):
    """`settings`: `community` (its number), `confirmation` for the Callback API; `secret`: `user_token` (walls),
    `group_token` (messages, comments), `service_token` (reading), `callback_secret`; or, in
    the user token's place, the keys of a sign-in (see `vkid`). Native ids: see `place`.

    `guid` and `random_id` keep VK from taking the same thing twice for an hour only, and nobody says what is answered
    then: after an unclear answer, `reconcile`. Messages are found by their `random_id`, the rest by words and place.
    """

    name = "vk"
    title = gettext_noop("VK")
    text_limit = None
    writes_first = WritesFirst.WHO_WROTE
    media_count = speaking.MEDIA
    limits = (api.LIMITS[api.USER], api.LIMITS[api.COMMUNITY])
    scopes = (
        Scope("wall", gettext_noop("to publish on the community's wall, to correct and to take back")),
        Scope("photos", gettext_noop("to attach pictures")),
        Scope("groups", gettext_noop("to act in the name of the community")),
        Scope("messages", gettext_noop("to hear and answer messages to the community")),
        Scope("manage", gettext_noop("to be told at once of new comments")),
    )
    tested_against = "an emulation of the API built from VK's published schema, driven by vkbottle 4 as well; a faulty server"
    capabilities = frozenset(
        {
            Capability.SEARCH,
            Capability.NOTIFICATIONS,
            Capability.TIMELINE,
            Capability.THREAD,
            Capability.STREAM,
            Capability.RECEIVE,
            Capability.PUBLISH,
            Capability.REPLY,
            Capability.DIRECT,
            Capability.EDIT,
            Capability.DELETE,
            Capability.HIDE,
            Capability.REMOVE,
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
            "community",
            gettext_noop("Community number"),
            help=gettext_noop("The digits after club; VK shows them in the community's settings."),
        ),
        Field(
            "client_id",
            gettext_noop("Application number"),
            required=False,
            help=gettext_noop(
                "To sign in with VK ID instead of entering the user's key: of your application at id.vk.com, with the "
                "address of this page as trusted redirect. VK grants the rights to walls and communities on request."
            ),
        ),
        Field(
            api.USER,
            gettext_noop("The user's key"),
            "password",
            secret=True,
            required=False,
            help=gettext_noop(
                "Of an editor of the community, with wall, photos and groups; VK gives the right to publish on request only."
            ),
        ),
        Field(
            api.COMMUNITY,
            gettext_noop("The community's key"),
            "password",
            secret=True,
            required=False,
            help=gettext_noop("From the community's settings, API usage; with messages and management."),
        ),
        Field(
            api.SERVICE,
            gettext_noop("The service key"),
            "password",
            secret=True,
            required=False,
            help=gettext_noop("Of an application of yours; enough to search and to read public walls."),
        ),
    )
    sources = (
        Source(
            "search",
            gettext_noop("Search in public posts"),
            (Field("query", gettext_noop("Words")),),
            needs_account=True,
        ),
        Source(
            "events",
            gettext_noop("Comments, posts and messages in the community, as they happen"),
            needs_account=True,
            stream=True,
        ),
        Source(
            "receive",
            gettext_noop("The same, brought by VK to our door (Callback API)"),
            (
                Field(
                    "confirmation",
                    gettext_noop("Confirmation string"),
                    help=gettext_noop(
                        "VK shows it in the community's settings, Callback API; it is what VK expects to read first."
                    ),
                ),
                Field(
                    "callback_secret",
                    gettext_noop("Secret key"),
                    "password",
                    secret=True,
                    help=gettext_noop("Enter the same one in the community's settings, Callback API."),
                ),
            ),
            needs_account=True,
        ),
        Source("mentions", gettext_noop("Mentions of the community"), needs_account=True),
        Source(
            "wall",
            gettext_noop("Posts on a wall"),
            (
                Field(
                    "wall",
                    gettext_noop("Wall"),
                    required=False,
                    help=gettext_noop("club… or id…; empty for the community's own."),
                ),
            ),
            needs_account=True,
        ),
        Source(
            "comments",
            gettext_noop("Comments under the posts of a wall"),
            (
                Field(
                    "wall",
                    gettext_noop("Wall"),
                    required=False,
                    help=gettext_noop("club… or id…; empty for the community's own."),
                ),
            ),
            needs_account=True,
        ),
    )

    def signs_in(self, given: Mapping[str, Any]) -> bool:
        """With an application and no user's key; the community's may be entered beside it."""
        return bool(given.get("client_id")) and not given.get(api.USER)

    async def begin_connecting(self, settings: Settings, redirect_uri: str, state: str) -> Connecting:
        return vkid.begin(settings, redirect_uri, state)

    async def finish_connecting(
        self, settings: Settings, keep: Mapping[str, Any], redirect_uri: str, answer: Mapping[str, str]
    ) -> Connected:
        return await vkid.finish(settings, keep, redirect_uri, answer)

    async def hear(self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
        match kind:
            case "search":
                return await listening.search(settings, secret, cursor)
            case "events":
                return await events.hear(settings, secret, cursor)
            case "mentions":
                return await listening.mentions(settings, secret, cursor)
            case "wall":
                return await listening.wall(settings, secret, cursor)
            case "comments":
                return await listening.comments(settings, secret, cursor)
        raise ValueError(f"VK has no source called {kind!r}")

    def stream(
        self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]
    ) -> AsyncIterator[Batch]:
        if kind != "events":
            raise self._cannot("stream")
        return events.stream(settings, secret, cursor)

    async def complete(self, settings: Settings, secret: Secret, items: list[Incoming]) -> list[Incoming]:
        return await listening.complete(settings, secret, items)

    def receive(
        self,
        headers: Mapping[str, str],
        body: bytes,
        settings: Settings,
        secret: Secret,
        cursor: Mapping[str, Any],
        now: datetime,
    ) -> Received:
        return events.received(body, settings, secret, cursor, now)

    async def publish(self, settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
        return await speaking.publish(settings, secret, outgoing)

    async def reconcile(
        self, settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime
    ) -> Sent | None:
        return await own.find(settings, secret, outgoing, since)

    async def edit(self, settings: Settings, secret: Secret, native_id: str, text: str) -> None:
        await speaking.edit(settings, secret, native_id, text)

    async def delete(self, settings: Settings, secret: Secret, native_id: str) -> None:
        await speaking.delete(settings, secret, native_id)

    async def thread(self, settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
        return await own.thread(settings, secret, native_id)

    async def hide(self, settings: Settings, secret: Secret, native_id: str, hidden: bool = True) -> None:
        await speaking.hide(settings, secret, native_id, hidden)

    async def remove(self, settings: Settings, secret: Secret, native_id: str) -> None:
        await speaking.delete(settings, secret, native_id)

    async def report(
        self, settings: Settings, secret: Secret, native_id: str, wrong: Wrong, words: str = ""
    ) -> str:
        """VK takes a reason and no words, and gives the report no number."""
        where = place(native_id)
        if where.kind != "wall":
            raise self._cannot("report")
        what = {"comment_id": where.comment} if where.comment is not None else {"post_id": where.item}
        method = "wall.reportComment" if where.comment is not None else "wall.reportPost"
        await api.act(
            settings, secret, (api.USER,), method, owner_id=where.owner, reason=_REASONS[wrong], **what
        )
        return ""

    async def own_posts(self, settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
        return await own.posts(settings, secret, since)

    async def health(self, settings: Settings, secret: Secret) -> Health:
        return await state.health(settings, secret)

    async def native_schedules(self, settings: Settings, secret: Secret) -> list[Scheduled]:
        return await own.schedules(settings, secret)

    async def remove_schedule(self, settings: Settings, secret: Secret, native_id: str) -> None:
        await speaking.delete(settings, secret, native_id)

    async def restore_schedule(
        self, settings: Settings, secret: Secret, scheduled: Scheduled, due_at: datetime, key: str
    ) -> Scheduled:
        return await own.restore(settings, secret, scheduled, due_at, key)
