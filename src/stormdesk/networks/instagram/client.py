"""An Instagram account as the house sees it."""

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
    Permanent,
    Received,
    Scope,
    Secret,
    Sent,
    Settings,
    Source,
    WritesFirst,
    gettext_noop,
)
from stormdesk.networks.facebook import bringing, connect, graph, webhooks
from stormdesk.networks.facebook.client import LIMITS, lacking
from stormdesk.networks.instagram import listening, speaking

SCOPES = (
    "pages_show_list",
    "pages_read_engagement",
    "pages_manage_posts",
    "instagram_basic",
    "instagram_manage_comments",
    "instagram_content_publish",
    "instagram_manage_messages",
)


class Instagram(Network):
    """`settings`: `client_id`, `page_id`, `account_id`, `handle`, `scopes`; `secret`: `access_token` (of the page the
    account belongs to), `client_secret`.
    """

    name = "instagram"
    title = "Instagram"
    text_limit = speaking.LIMIT
    writes_first = WritesFirst.WHO_WROTE
    media_count = speaking.MEDIA
    limits = (
        Limit(
            gettext_noop("posts published"),
            100,
            86_400,
            "https://developers.facebook.com/docs/instagram-platform/content-publishing",
        ),
        Limit(
            gettext_noop("requests per thousand times the account was shown that day"), 4800, 86_400, LIMITS
        ),
        Limit(
            gettext_noop("different hashtags"),
            30,
            7 * 86_400,
            "https://developers.facebook.com/docs/instagram-platform/instagram-api-with-facebook-login/hashtag-search",
        ),
    )
    scopes = (
        Scope("pages_show_list", gettext_noop("to know which pages you look after")),
        Scope("pages_read_engagement", gettext_noop("to find the account that belongs to the page")),
        Scope("pages_manage_posts", gettext_noop("to hand over pictures, unseen, for Instagram to fetch")),
        Scope("instagram_basic", gettext_noop("to know the account and its posts")),
        Scope("instagram_manage_comments", gettext_noop("to answer and hide comments")),
        Scope("instagram_content_publish", gettext_noop("to publish what the team has approved")),
        Scope("instagram_manage_messages", gettext_noop("to hear and answer private messages")),
        Scope(bringing.RIGHT, gettext_noop("to have what happens brought to the desk as it happens")),
    )
    tested_against = "an emulation of the Graph API built from its documentation; a faulty server"
    capabilities = frozenset(
        {
            Capability.SEARCH,
            Capability.NOTIFICATIONS,
            Capability.THREAD,
            Capability.RECEIVE,
            Capability.BRING,
            Capability.PUBLISH,
            Capability.REPLY,
            Capability.DIRECT,
            Capability.DELETE,
            Capability.HIDE,
            Capability.REMOVE,
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
            "account_id",
            gettext_noop("Number of the Instagram account"),
            required=False,
            help=gettext_noop("Only if you paste a key."),
        ),
        Field(
            "handle",
            gettext_noop("Account name"),
            required=False,
            help=gettext_noop("Only if you paste a key."),
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
        Source(
            "comments", gettext_noop("Comments under the newest posts of the account"), needs_account=True
        ),
        Source("tags", gettext_noop("Pictures the account is tagged on"), needs_account=True),
        Source(
            "hashtag",
            gettext_noop("Hashtag (posts of the last day, without their authors)"),
            (Field("tag", gettext_noop("Hashtag"), help=gettext_noop("Without #.")),),
            needs_account=True,
        ),
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
        own = {listening.account(settings), str(settings.get("page_id") or "")}
        return webhooks.received(headers, body, settings, secret, cursor, own, self.name)

    async def bring_to(self, settings: Settings, secret: Secret, url: str) -> None:
        """Meta asks its question at `url` meanwhile: the source there must know the word of agreement."""
        await bringing.bring_to(settings, secret, url, "instagram")

    async def stop_bringing(self, settings: Settings, secret: Secret, url: str) -> None:
        await bringing.stop(settings, secret, url, "instagram")

    async def brought(self, settings: Settings, secret: Secret, url: str) -> Health:
        return await bringing.brought(settings, secret, url, "instagram")

    async def publish(self, settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
        return await speaking.publish(settings, secret, outgoing)

    async def reconcile(
        self, settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime
    ) -> Sent | None:
        return await speaking.find(settings, secret, outgoing, since)

    async def delete(self, settings: Settings, secret: Secret, native_id: str) -> None:
        await speaking.delete(settings, secret, native_id)

    async def thread(self, settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
        return await listening.thread(settings, secret, native_id)

    async def hide(self, settings: Settings, secret: Secret, native_id: str, hidden: bool = True) -> None:
        await speaking.hide(settings, secret, native_id, hidden)

    async def remove(self, settings: Settings, secret: Secret, native_id: str) -> None:
        await speaking.delete(settings, secret, native_id)

    async def own_posts(self, settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
        return await speaking.own_posts(settings, secret, since)

    async def health(self, settings: Settings, secret: Secret) -> Health:
        handle = str(settings.get("handle") or "")
        try:
            me = await graph.ask(settings, secret, listening.account(settings), {"fields": "id,username"})
        except NetworkError as error:
            return Health(False, handle, sentence=error.message, facts=error.facts)
        name = me.get("username")
        return lacking(settings, name if isinstance(name, str) else handle, SCOPES)

    async def begin_connecting(self, settings: Settings, redirect_uri: str, state: str) -> Connecting:
        return oauth.begin(graph.door(settings, (*SCOPES, bringing.RIGHT)), settings, redirect_uri, state)

    async def finish_connecting(
        self, settings: Settings, keep: Mapping[str, Any], redirect_uri: str, answer: Mapping[str, str]
    ) -> Connected:
        made, secret, page = await connect.page(
            settings, keep, redirect_uri, answer, (*SCOPES, bringing.RIGHT)
        )
        account = page.get("instagram_business_account")
        account = account if isinstance(account, dict) else {}
        number, handle = account.get("id"), account.get("username")
        if not isinstance(number, str) or not isinstance(handle, str):
            raise Permanent(
                gettext_noop(
                    "No professional Instagram account belongs to the page “%(page)s”; link one in the page's settings "
                    "and sign in again."
                ),
                code="no_account",
                page=made["handle"],
            )
        return Connected(made | {"account_id": number, "handle": handle}, secret)
