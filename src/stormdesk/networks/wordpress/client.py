"""A WordPress site by its REST API (developer.wordpress.org/rest-api/), as far as a crisis desk needs it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from stormdesk.core.clock import utcnow
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
    gettext_noop,
)
from stormdesk.networks.wordpress import connect, listening, place, speaking, words

CLOCKS = timedelta(minutes=5)
"""How far a site's clock may be from ours when a sent post is looked for."""
TWICE = timedelta(hours=1)
"""An identical comment this young is the one that was sent, not one somebody wrote long ago."""


class WordPress(Network):
    """`settings`: `site` (https://…), `user`, `account_id`, `handle`; `secret`: `application_password`.

    Ids are “comment-12” and “post-3”, as the two are numbered apart. WordPress has no key against repetition for
    posts: after an unclear answer, `reconcile`. A comment of the same words in the same place it refuses by itself.
    """

    name = "wordpress"
    title = "WordPress"
    media_count = 20
    limits = (
        Limit(
            gettext_noop("comments of somebody who does not moderate"),
            1,
            place.FLOOD_SECONDS,
            "https://developer.wordpress.org/reference/functions/check_comment_flood_db/",
        ),
    )
    scopes = (
        Scope("edit_posts", gettext_noop("to find what was already written, and to answer")),
        Scope("publish_posts", gettext_noop("to publish what the team has approved")),
        Scope("upload_files", gettext_noop("to put pictures into posts")),
        Scope(
            "edit_others_posts",
            gettext_noop("to hold back posts that others have scheduled, when all posts are paused"),
        ),
        Scope(
            "moderate_comments",
            gettext_noop("to see comments that wait for approval, to hide and to delete them"),
        ),
    )
    tested_against = "WordPress 6.1 with MariaDB (real); a faulty contract server"
    capabilities = frozenset(
        {
            Capability.NOTIFICATIONS,
            Capability.TIMELINE,
            Capability.THREAD,
            Capability.PUBLISH,
            Capability.REPLY,
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
            "site",
            gettext_noop("Address of the site"),
            "url",
            help=gettext_noop("As it stands in the browser when the first page is open, with https://."),
        ),
        Field(
            "user",
            gettext_noop("User name"),
            required=False,
            help=gettext_noop("Not needed when you sign in."),
        ),
        Field(
            "application_password",
            gettext_noop("Application password"),
            "password",
            secret=True,
            required=False,
            help=gettext_noop(
                "Not needed when you sign in; else from Users → Profile → Application Passwords on the site."
            ),
        ),
    )
    sources = (
        Source(
            "comments",
            gettext_noop("Comments on the own site, also those that wait for approval"),
            needs_account=True,
        ),
        Source(
            "elsewhere",
            gettext_noop("Public comments on another site"),
            (Field("site", gettext_noop("Address of the site"), "url"),),
        ),
    )

    async def hear(self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
        if kind not in ("comments", "elsewhere"):
            raise ValueError(f"WordPress has no source called {kind!r}")
        own = kind == "comments"
        return await listening.hear(settings, secret if own else {}, cursor, own)

    async def thread(self, settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
        return await listening.thread(settings, secret, native_id)

    async def publish(self, settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
        """A post, or a comment where it answers something; held back by the site if the account does not moderate."""
        try:
            return words.sent(await speaking.say(settings, secret, outgoing), utcnow())
        except Permanent as error:
            if error.facts.get("status") != 409:
                raise
        # The site has it already: most likely a repetition of ours whose first answer was lost.
        found = await self.reconcile(settings, secret, outgoing, utcnow() - TWICE)
        if found is None:
            raise Permanent(
                gettext_noop(
                    "The same words already stand there, and WordPress takes no comment twice; say it differently."
                ),
                code="duplicate",
            )
        return found

    async def reconcile(
        self, settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime
    ) -> Sent | None:
        found = await speaking.find(settings, secret, outgoing, since - CLOCKS)
        return words.sent(found, utcnow()) if found else None

    async def edit(self, settings: Settings, secret: Secret, native_id: str, text: str) -> None:
        """Replaces title and text of a post: pictures in it are lost."""
        kind, number = words.place(native_id)
        title, content = words.as_post(text)
        body = (
            {"content": words.as_comment(text)} if kind == "comment" else {"title": title, "content": content}
        )
        await place.write(settings, secret, "POST", f"{kind}s/{number}", json=body)

    async def delete(self, settings: Settings, secret: Secret, native_id: str) -> None:
        """Into the site's bin, where an editor can find it for thirty days."""
        await speaking.take_away(settings, secret, native_id, for_good=False)

    async def remove(self, settings: Settings, secret: Secret, native_id: str) -> None:
        await speaking.take_away(settings, secret, native_id, for_good=True)

    async def hide(self, settings: Settings, secret: Secret, native_id: str, hidden: bool = True) -> None:
        """Hold a comment back for moderation, or approve it."""
        kind, number = words.place(native_id)
        status = {"status": "hold" if hidden else "approved"}
        if kind != "comment":
            raise self._cannot("hide")
        await place.write(settings, secret, "POST", f"comments/{number}", json=status)

    async def own_posts(self, settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
        posts = await speaking.own_posts(settings, secret, since)
        said = [words.written(post, utcnow()) for post in posts if post.status == "publish"]
        said += [words.heard(c, own_site=False) for c in await speaking.own_comments(settings, secret, since)]
        return sorted(said, key=lambda item: item.published_at)

    async def health(self, settings: Settings, secret: Secret) -> Health:
        handle = str(settings.get("user") or "")
        try:
            me, _ = await place.read(settings, secret, "users/me", context="edit")
        except NetworkError as error:
            return Health(False, handle, sentence=error.message, facts=error.facts)
        rights = me.get("capabilities") if isinstance(me, dict) else None
        if not isinstance(rights, dict):
            rights = {}
        missing = tuple(scope.name for scope in self.scopes if rights.get(scope.name) is not True)
        sentence = (
            gettext_noop(
                "The account lacks rights on the site: %(missing)s. An administrator of the site can make it an editor."
            )
            if missing
            else ""
        )
        return Health(not missing, handle, missing, sentence, {"missing": ", ".join(missing)})

    async def begin_connecting(self, settings: Settings, redirect_uri: str, state: str) -> Connecting:
        return await connect.begin(settings, redirect_uri, state)

    async def finish_connecting(
        self, settings: Settings, keep: Mapping[str, Any], redirect_uri: str, answer: Mapping[str, str]
    ) -> Connected:
        return await connect.finish(keep, answer)

    async def native_schedules(self, settings: Settings, secret: Secret) -> list[Scheduled]:
        return await speaking.schedules(settings, secret)

    async def remove_schedule(self, settings: Settings, secret: Secret, native_id: str) -> None:
        """Makes a draft of it, so that nothing about the post is lost."""
        await speaking.unschedule(settings, secret, native_id)

    async def restore_schedule(
        self, settings: Settings, secret: Secret, scheduled: Scheduled, due_at: datetime, key: str
    ) -> Scheduled:
        return await speaking.schedule(settings, secret, scheduled, due_at)
