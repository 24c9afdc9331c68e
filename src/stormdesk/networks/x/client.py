"""X as the house sees it."""

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
    WritesFirst,
    gettext_noop,
)
from stormdesk.networks.x import api, length, listening, pictures, speaking

LIMITS = "https://docs.x.com/x-api/fundamentals/rate-limits"


class X(Network):
    """`settings`: `client_id`, `account_id`, `handle`, `scopes`; `secret`: `client_secret`, `refresh_token`.

    A long key is good for one renewal and comes with a new one; `networks.kept` stores it before it is used.
    """

    name = "x"
    title = "X"
    text_limit = length.LIMIT
    writes_first = WritesFirst.WHO_WROTE
    media_count = pictures.MEDIA
    limits = (
        Limit(gettext_noop("posts and answers"), 100, 900, LIMITS),
        Limit(gettext_noop("searches"), 300, 900, LIMITS),
        Limit(gettext_noop("readings of mentions"), 300, 900, LIMITS),
        Limit(gettext_noop("private messages"), 15, 900, LIMITS),
        Limit(gettext_noop("deletions"), 50, 900, LIMITS),
    )
    scopes = (
        Scope("tweet.read", gettext_noop("to hear posts and comments")),
        Scope("tweet.write", gettext_noop("to publish and answer what the team has approved")),
        Scope("tweet.moderate.write", gettext_noop("to hide answers to the account's posts")),
        Scope("users.read", gettext_noop("to know the name of the account")),
        Scope("dm.read", gettext_noop("to hear private messages")),
        Scope("dm.write", gettext_noop("to answer private messages")),
        Scope("media.write", gettext_noop("to attach pictures")),
        Scope("offline.access", gettext_noop("to stay connected without asking you every two hours")),
    )
    tested_against = "an emulation of the API v2 built from its documentation; a faulty server"
    capabilities = frozenset(
        {
            Capability.SEARCH,
            Capability.NOTIFICATIONS,
            Capability.THREAD,
            Capability.PUBLISH,
            Capability.REPLY,
            Capability.DIRECT,
            Capability.DELETE,
            Capability.HIDE,
            Capability.MEDIA,
            Capability.RECONCILE,
            Capability.OWN_POSTS,
            Capability.CONNECT,
        }
    )
    fields = (
        Field(
            "client_id",
            gettext_noop("Application number"),
            help=gettext_noop(
                "The OAuth 2.0 client ID of your application at console.x.com, with the address of this page as "
                "callback; X charges for every post it shows, so set a spending limit there."
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
    )
    sources = (
        Source("mentions", gettext_noop("Mentions and answers"), needs_account=True),
        Source(
            "search",
            gettext_noop("Search (every post found is paid)"),
            (
                Field(
                    "query",
                    gettext_noop("Words"),
                    help=gettext_noop(
                        "In X's own search language, up to 512 characters; reposts are left out."
                    ),
                ),
            ),
            needs_account=True,
        ),
        Source(
            "thread",
            gettext_noop("Answers to one post"),
            (Field("post", gettext_noop("Address of the post")),),
            needs_account=True,
        ),
        Source("messages", gettext_noop("Private messages"), needs_account=True),
    )

    def count(self, text: str) -> int:
        return length.counted(text)

    async def hear(self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
        return await listening.hear(kind, settings, secret, cursor)

    async def publish(self, settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
        return await speaking.publish(settings, secret, outgoing)

    async def reconcile(
        self, settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime
    ) -> Sent | None:
        return await speaking.find(settings, secret, outgoing, since)

    async def delete(self, settings: Settings, secret: Secret, native_id: str) -> None:
        await speaking.delete(settings, secret, native_id)

    async def thread(self, settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
        return await speaking.thread(settings, secret, native_id)

    async def hide(self, settings: Settings, secret: Secret, native_id: str, hidden: bool = True) -> None:
        await speaking.hide(settings, secret, native_id, hidden)

    async def own_posts(self, settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
        return await speaking.own_posts(settings, secret, since)

    async def health(self, settings: Settings, secret: Secret) -> Health:
        try:
            _, handle = await _who(settings, secret)
        except NetworkError as error:
            return Health(False, str(settings.get("handle") or ""), sentence=error.message, facts=error.facts)
        granted = set(str(settings.get("scopes") or "").split())
        missing = tuple(scope for scope in api.SCOPES if granted and scope not in granted)
        sentence = (
            gettext_noop("The account lacks rights (%(missing)s); connect it again and allow them.")
            if missing
            else ""
        )
        return Health(not missing, handle, missing, sentence, {"missing": ", ".join(missing)})

    async def begin_connecting(self, settings: Settings, redirect_uri: str, state: str) -> Connecting:
        return oauth.begin(api.door(settings), settings, redirect_uri, state)

    async def finish_connecting(
        self, settings: Settings, keep: Mapping[str, Any], redirect_uri: str, answer: Mapping[str, str]
    ) -> Connected:
        door = api.door(settings)
        given = await oauth.finish(door, keep, redirect_uri, answer)
        # With the short key just given: the long one is good once, and trying the account must not use it up.
        secret = oauth.given(given, door.token) | {"client_secret": str(keep["client_secret"])}
        secret["refresh_token"] = oauth.needed(door.token, given, "refresh_token")
        made = {name: value for name, value in settings.items() if name != "client_secret"}
        made |= {"client_id": keep["client_id"], "scopes": str(given.get("scope") or "")}
        access = {"access_token": str(given["access_token"])}
        made["account_id"], made["handle"] = await _who(made, access)
        return Connected(made, secret)


async def _who(settings: Settings, secret: Secret) -> tuple[str, str]:
    """Number and name of the account."""
    page = await api.ask(settings, secret, "/users/me")
    data = page.get("data")
    data = data if isinstance(data, dict) else {}
    url = api.url(settings, "/users/me")
    return oauth.needed(url, data, "id"), oauth.needed(url, data, "username")
