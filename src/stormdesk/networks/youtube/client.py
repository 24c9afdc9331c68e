"""YouTube as the house sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from stormdesk.networks import oauth
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
    gettext_noop,
)
from stormdesk.networks.youtube import api, listening, speaking


class YouTube(Network):
    """`settings`: `client_id`, `channel`, `statement` (the video own statements stand under); `secret`: `client_secret`,
    `refresh_token`, or `api_key` alone to listen only.
    """

    name = "youtube"
    title = "YouTube"
    text_limit = speaking.LIMIT
    limits = (
        api.UNITS,
        api.SEARCHES,
        Limit(gettext_noop("comments and changes, if nothing else is done"), 200, 86_400, api.QUOTA),
    )
    scopes = (
        Scope(
            api.SCOPE,
            gettext_noop(
                "to answer, correct, delete and hide comments; Google has no narrower right for that, and this one "
                "would allow managing videos too, which Stormdesk never does"
            ),
        ),
    )
    tested_against = (
        "an emulation of the Data API that checks every request and answer against Google's discovery document, "
        "driven by google-api-python-client 2 as well; a faulty server"
    )
    capabilities = frozenset(
        {
            Capability.SEARCH,
            Capability.NOTIFICATIONS,
            Capability.TIMELINE,
            Capability.THREAD,
            Capability.PUBLISH,
            Capability.REPLY,
            Capability.EDIT,
            Capability.DELETE,
            Capability.HIDE,
            Capability.REMOVE,
            Capability.RECONCILE,
            Capability.OWN_POSTS,
            Capability.CONNECT,
        }
    )
    fields = (
        Field(
            "client_id",
            gettext_noop("Application number"),
            required=False,
            help=gettext_noop(
                "An OAuth client of type “web application” from console.cloud.google.com, in a project with the "
                "YouTube Data API v3; not needed to listen with an API key."
            ),
        ),
        Field("client_secret", gettext_noop("Application secret"), "password", secret=True, required=False),
        Field(
            "refresh_token",
            gettext_noop("Permanent key"),
            "password",
            secret=True,
            required=False,
            help=gettext_noop("Not needed when you sign in."),
        ),
        Field(
            "api_key",
            gettext_noop("API key"),
            "password",
            secret=True,
            required=False,
            help=gettext_noop("Enough to listen to what is public."),
        ),
        Field(
            "channel",
            gettext_noop("Own channel"),
            required=False,
            help=gettext_noop("Its number, which begins with UC; not needed when you sign in."),
        ),
        Field(
            "statement",
            gettext_noop("Video for statements"),
            required=False,
            help=gettext_noop("What is no answer stands as a comment under this video."),
        ),
    )
    sources = (
        Source(
            "channel",
            gettext_noop("Comments on a channel and all its videos"),
            (
                Field(
                    "of",
                    gettext_noop("Channel"),
                    required=False,
                    help=gettext_noop("Its number, which begins with UC; empty for the account's own."),
                ),
            ),
            needs_account=True,
        ),
        Source(
            "video",
            gettext_noop("Comments under one video"),
            (Field("video", gettext_noop("Address of the video")),),
            needs_account=True,
        ),
        Source(
            "search",
            gettext_noop("Search for new videos (a hundredth of the daily budget each time)"),
            (Field("query", gettext_noop("Words")),),
            needs_account=True,
        ),
        Source(
            "held", gettext_noop("Comments on the own channel that wait for approval"), needs_account=True
        ),
    )

    async def hear(self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
        return await listening.hear(kind, settings, secret, cursor)

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

    async def thread(self, settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
        return await speaking.thread(settings, secret, native_id)

    async def hide(self, settings: Settings, secret: Secret, native_id: str, hidden: bool = True) -> None:
        await speaking.moderate(settings, secret, native_id, "heldForReview" if hidden else "published")

    async def remove(self, settings: Settings, secret: Secret, native_id: str) -> None:
        """YouTube calls this rejecting: nobody sees the comment and its answers again."""
        await speaking.moderate(settings, secret, native_id, "rejected")

    async def own_posts(self, settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
        return await speaking.own_posts(settings, secret, since)

    async def health(self, settings: Settings, secret: Secret) -> Health:
        own = listening.channel(settings)
        try:
            if not api.signs_in(secret):
                await api.ask(settings, secret, "channels", {"part": "id", "id": own or "UC" + "x" * 22})
                return Health(
                    True,
                    own,
                    (api.SCOPE,),
                    gettext_noop(
                        "The key lets us listen to what is public, but not answer; sign in for that."
                    ),
                )
            _, name = await speaking.who(settings, secret)
        except NetworkError as error:
            return Health(False, own, sentence=error.message, facts=error.facts)
        return Health(True, name)

    async def begin_connecting(self, settings: Settings, redirect_uri: str, state: str) -> Connecting:
        return oauth.begin(api.door(settings), settings, redirect_uri, state)

    async def finish_connecting(
        self, settings: Settings, keep: Mapping[str, Any], redirect_uri: str, answer: Mapping[str, str]
    ) -> Connected:
        door = api.door(settings)
        given = await oauth.finish(door, keep, redirect_uri, answer)
        secret = {
            "client_secret": str(keep["client_secret"]),
            "refresh_token": oauth.needed(door.token, given, "refresh_token"),
        }
        made = {name: value for name, value in settings.items() if name != "client_secret"}
        made |= {"client_id": keep["client_id"], "scopes": str(given.get("scope") or "")}
        made["channel"], made["handle"] = await speaking.who(made, secret)
        return Connected(made, secret)
