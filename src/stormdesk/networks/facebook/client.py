"""A Facebook page as the house sees it."""

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
    Received,
    Scheduled,
    Scope,
    Secret,
    Sent,
    Settings,
    Source,
    WritesFirst,
    gettext_noop,
)
from stormdesk.networks.facebook import bringing, connect, graph, listening, speaking, webhooks

SCOPES = (
    "pages_show_list",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_posts",
    "pages_manage_engagement",
    "pages_messaging",
)
LIMITS = "https://developers.facebook.com/docs/graph-api/overview/rate-limiting"


class Facebook(Network):
    """`settings`: `client_id`, `page_id`, `handle`, `scopes`; `secret`: `access_token` (the page's), `client_secret`."""

    name = "facebook"
    title = "Facebook"
    text_limit = speaking.COMMENT_LIMIT
    writes_first = WritesFirst.WHO_WROTE
    media_count = speaking.MEDIA
    limits = (
        Limit(gettext_noop("requests per person who dealt with the page that day"), 4800, 86_400, LIMITS),
        Limit(gettext_noop("requests of an application per person using it"), 200, 3600, LIMITS),
    )
    scopes = (
        Scope("pages_show_list", gettext_noop("to know which pages you look after")),
        Scope("pages_read_engagement", gettext_noop("to find what the page has said already")),
        Scope("pages_read_user_content", gettext_noop("to hear comments, mentions and posts of visitors")),
        Scope("pages_manage_posts", gettext_noop("to publish on the page, to correct and to take back")),
        Scope("pages_manage_engagement", gettext_noop("to answer and hide comments")),
        Scope("pages_messaging", gettext_noop("to hear and answer messages to the page")),
        Scope(bringing.RIGHT, gettext_noop("to have what happens brought to the desk as it happens")),
    )
    tested_against = "an emulation of the Graph API built from its documentation; a faulty server"
    capabilities = frozenset(
        {
            Capability.NOTIFICATIONS,
            Capability.TIMELINE,
            Capability.THREAD,
            Capability.RECEIVE,
            Capability.BRING,
            Capability.PUBLISH,
            Capability.REPLY,
            Capability.DIRECT,
            Capability.EDIT,
            Capability.DELETE,
            Capability.HIDE,
            Capability.REMOVE,
            Capability.MEDIA,
            Capability.RECONCILE,
            Capability.OWN_POSTS,
            Capability.NATIVE_SCHEDULES,
            Capability.CONNECT,
        }
    )
    fields = (
        Field(
            "client_id",
            gettext_noop("Application number"),
            required=False,
            help=gettext_noop(
                "Of an app of type “business” at developers.facebook.com, with the address of this page as redirect "
                "address; Meta must have reviewed it."
            ),
        ),
        Field("client_secret", gettext_noop("Application secret"), "password", secret=True, required=False),
        Field(
            "page_id",
            gettext_noop("Page number"),
            required=False,
            help=gettext_noop("Only if you look after several pages, or paste a key."),
        ),
        Field(
            "access_token",
            gettext_noop("Page key"),
            "password",
            secret=True,
            required=False,
            help=gettext_noop("Not needed when you sign in; else the page's own key, which does not end."),
        ),
    )
    sources = (
        Source("comments", gettext_noop("Comments under the newest posts of the page"), needs_account=True),
        Source("posts", gettext_noop("Posts of visitors on the page"), needs_account=True),
        Source("mentions", gettext_noop("Posts that name the page"), needs_account=True),
        Source("messages", gettext_noop("Private messages"), needs_account=True),
        Source(
            "receive",
            gettext_noop("The same, brought by Meta to our door"),
            (
                Field(
                    "verify_token",
                    gettext_noop("Word of agreement"),
                    "password",
                    secret=True,
                    help=gettext_noop(
                        "5 to 256 letters, digits, _ and -. Meta is told the same when it is asked to bring the messages; "
                        "or enter it under Webhooks in the app's settings there."
                    ),
                ),
            ),
            needs_account=True,
        ),
    )

    async def hear(self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
        return await listening.hear(kind, settings, secret, cursor)

    def receive(
        self,
        headers: Mapping[str, str],
        body: bytes,
        settings: Settings,
        secret: Secret,
        cursor: Mapping[str, Any],
        now: datetime,
    ) -> Received:
        """Calls are signed with the application's secret; the query of Meta's first question is given as `body`."""
        own = {listening.page(settings)}
        return webhooks.received(headers, body, settings, secret, cursor, own, self.name)

    async def bring_to(self, settings: Settings, secret: Secret, url: str) -> None:
        """Meta asks its question at `url` meanwhile: the source there must know the word of agreement."""
        await bringing.bring_to(settings, secret, url, "page")

    async def stop_bringing(self, settings: Settings, secret: Secret, url: str) -> None:
        await bringing.stop(settings, secret, url, "page")

    async def brought(self, settings: Settings, secret: Secret, url: str) -> Health:
        return await bringing.brought(settings, secret, url, "page")

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
        return await listening.thread(settings, secret, native_id)

    async def hide(self, settings: Settings, secret: Secret, native_id: str, hidden: bool = True) -> None:
        """The author and their friends still see a hidden comment."""
        await speaking.hide(settings, secret, native_id, hidden)

    async def remove(self, settings: Settings, secret: Secret, native_id: str) -> None:
        await speaking.delete(settings, secret, native_id)

    async def own_posts(self, settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
        return await speaking.own_posts(settings, secret, since)

    async def health(self, settings: Settings, secret: Secret) -> Health:
        handle = str(settings.get("handle") or "")
        try:
            me = await graph.ask(settings, secret, listening.page(settings), {"fields": "id,name"})
        except NetworkError as error:
            return Health(False, handle, sentence=error.message, facts=error.facts)
        name = me.get("name")
        return lacking(settings, name if isinstance(name, str) else handle, SCOPES)

    async def begin_connecting(self, settings: Settings, redirect_uri: str, state: str) -> Connecting:
        return oauth.begin(graph.door(settings, (*SCOPES, bringing.RIGHT)), settings, redirect_uri, state)

    async def finish_connecting(
        self, settings: Settings, keep: Mapping[str, Any], redirect_uri: str, answer: Mapping[str, str]
    ) -> Connected:
        made, secret, _ = await connect.page(settings, keep, redirect_uri, answer, (*SCOPES, bringing.RIGHT))
        return Connected(made, secret)

    async def native_schedules(self, settings: Settings, secret: Secret) -> list[Scheduled]:
        return await speaking.schedules(settings, secret)

    async def remove_schedule(self, settings: Settings, secret: Secret, native_id: str) -> None:
        await speaking.delete(settings, secret, native_id)

    async def restore_schedule(
        self, settings: Settings, secret: Secret, scheduled: Scheduled, due_at: datetime, key: str
    ) -> Scheduled:
        return await speaking.schedule(settings, secret, scheduled, due_at)


def lacking(settings: Settings, handle: str, scopes: tuple[str, ...]) -> Health:
    """An account that answers, and the rights it was not given; a pasted key does not tell them."""
    granted = set(str(settings.get("scopes") or "").split())
    missing = tuple(scope for scope in scopes if granted and scope not in granted)
    if missing:
        sentence = gettext_noop("The account lacks rights (%(missing)s); connect it again and allow them.")
        return Health(False, handle, missing, sentence, {"missing": ", ".join(missing)})
    return Health(True, handle)
