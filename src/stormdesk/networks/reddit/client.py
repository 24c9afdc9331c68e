"""Reddit as the house sees it."""

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
    Wrong,
    gettext_noop,
)
from stormdesk.networks.reddit import api, listening, own, speaking

RULES = "https://support.reddithelp.com/hc/en-us/articles/16160319875092-Reddit-Data-API-Wiki"
_REASONS = {
    Wrong.SPAM: "Spam",
    Wrong.SCAM: "Scam or fraud",
    Wrong.ABUSE: "Harassment or abuse",
    Wrong.ILLEGAL: "Illegal content",
    Wrong.OTHER: "Breaks the rules",
}
REASON_LIMIT = 100


class Reddit(Network):
    """`settings`: `client_id`, `handle`, `subreddit` (where posts go; empty: the own profile), `scopes`; `secret`:
    `client_secret`, `refresh_token`. Native ids are Reddit's fullnames (t3_… posts, t1_… comments, t4_… messages).

    The first line of a post is its title; a single address below it makes a link post.
    """

    name = "reddit"
    title = "Reddit"
    text_limit = speaking.LIMIT
    writes_first = WritesFirst.ANYONE
    limits = (Limit(gettext_noop("requests of an application"), 100, 60, RULES),)
    scopes = (
        Scope("identity", gettext_noop("to know the name of the account")),
        Scope("read", gettext_noop("to hear posts and comments")),
        Scope("history", gettext_noop("to find what the account has said already")),
        Scope("submit", gettext_noop("to publish and answer what the team has approved")),
        Scope("edit", gettext_noop("to correct and to take back")),
        Scope("privatemessages", gettext_noop("to hear mentions and messages, and to answer them")),
        Scope("modposts", gettext_noop("to hide comments in a community the account moderates")),
        Scope("report", gettext_noop("to tell moderators of a post")),
    )
    tested_against = (
        "an emulation of the Data API built from its documentation, driven by PRAW 8 as well; a faulty server"
    )
    capabilities = frozenset(
        {
            Capability.SEARCH,
            Capability.NOTIFICATIONS,
            Capability.TIMELINE,
            Capability.THREAD,
            Capability.PUBLISH,
            Capability.REPLY,
            Capability.DIRECT,
            Capability.EDIT,
            Capability.DELETE,
            Capability.HIDE,
            Capability.REPORT,
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
                "Make a “web app” at reddit.com/prefs/apps with the address of this page as redirect uri; "
                "the number stands below its name. Reddit must have approved the use of its API."
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
            "handle",
            gettext_noop("Account name"),
            required=False,
            help=gettext_noop("Without u/."),
        ),
        Field(
            "subreddit",
            gettext_noop("Community for own posts"),
            required=False,
            help=gettext_noop("Without r/; empty for the account's own profile."),
        ),
    )
    _community = Field(
        "community", gettext_noop("Community"), help=gettext_noop("Without r/; several with +.")
    )
    sources = (
        Source(
            "search",
            gettext_noop("Search in posts"),
            (
                Field("query", gettext_noop("Words")),
                Field(
                    "community",
                    gettext_noop("Community"),
                    required=False,
                    help=gettext_noop("Empty for all of Reddit."),
                ),
            ),
            needs_account=True,
        ),
        Source("subreddit", gettext_noop("Posts in a community"), (_community,), needs_account=True),
        Source("comments", gettext_noop("Comments in a community"), (_community,), needs_account=True),
        Source("inbox", gettext_noop("Mentions, replies and private messages"), needs_account=True),
        Source(
            "thread",
            gettext_noop("Comments under one post"),
            (Field("post", gettext_noop("Post id"), help=gettext_noop("Such as t3_1abcde.")),),
            needs_account=True,
        ),
    )

    async def hear(self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
        return await listening.hear(kind, settings, secret, cursor)

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
        """Only in communities the account moderates; others are told by `report`."""
        await speaking.hide(settings, secret, native_id, hidden)

    async def report(
        self, settings: Settings, secret: Secret, native_id: str, wrong: Wrong, words: str = ""
    ) -> str:
        """Goes to the community's moderators; Reddit gives the report no number."""
        reason = f"{_REASONS[wrong]}: {words}" if words.strip() else _REASONS[wrong]
        form = {"api_type": "json", "thing_id": native_id, "reason": reason[:REASON_LIMIT]}
        await api.act(settings, secret, "/api/report", form)
        return ""

    async def own_posts(self, settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
        return await own.posts(settings, secret, since)

    async def health(self, settings: Settings, secret: Secret) -> Health:
        try:
            me = await api.ask(settings, secret, "/api/v1/me")
        except NetworkError as error:
            return Health(False, str(settings.get("handle", "")), sentence=error.message, facts=error.facts)
        handle = me.get("name") if isinstance(me, dict) else None
        if not isinstance(handle, str) or not handle:
            return Health(
                False, sentence=gettext_noop("Reddit does not say whose account this is; connect it again.")
            )
        granted = set(str(settings.get("scopes") or "").replace(",", " ").split())
        missing = tuple(s for s in api.SCOPES if granted and s not in granted and "*" not in granted)
        if missing:
            sentence = gettext_noop(
                "The account lacks rights (%(missing)s); connect it again and allow them."
            )
            return Health(False, handle, missing, sentence, {"missing": ", ".join(missing)})
        if me.get("is_suspended") is True:
            return Health(
                False,
                handle,
                sentence=gettext_noop("Reddit has suspended this account; see its messages there."),
            )
        return Health(True, handle)

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
        made = dict(settings) | {"client_id": keep["client_id"], "scopes": str(given.get("scope") or "")}
        made.pop("client_secret", None)
        made["handle"] = await own.name(made | {"handle": ""}, secret)
        return Connected(made, secret)
