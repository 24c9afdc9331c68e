"""A person's decisions about posts that did not simply go out: held, failed, unknown, to be deleted."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from stormdesk import networks
from stormdesk.core.errors import BadInput, Refused
from stormdesk.networks.base import Capability
from stormdesk.pause.queries import covering, scope_words
from stormdesk.people.access import require
from stormdesk.people.models import User
from stormdesk.people.rules import Right
from stormdesk.publish import rules
from stormdesk.publish.actions.posts import drop_post
from stormdesk.publish.actions.steps import change, moment_words, require_ready, require_sender, tell
from stormdesk.publish.models import Post
from stormdesk.publish.queries.posts import hash_of
from stormdesk.publish.rules import PostState

DECISIONS = ("send", "move", "drop")


def release_held(
    *, post: Post, by: User, now: datetime, decision: str, due_at: datetime | None = None
) -> Post:
    """Send a held or failed post now, move it to `due_at`, or drop it; checked against the policy again.

    Raises AccessDenied, BadInput, Refused while a pause covers it or a rule stops it, Conflict.
    """
    require(by, Right.PUBLISH, post.brand)
    if decision not in DECISIONS:
        raise BadInput(_("Choose what becomes of the post: send, move or drop."))
    if decision == "drop":
        return drop_post(post=post, by=by, now=now)
    if decision == "move" and (due_at is None or due_at <= now):
        raise BadInput(_("Choose a time that lies ahead."))
    require_sender(by, post)
    pause = covering(post.brand_id, post.account.network, post.account_id)
    if decision == "send" and pause and rules.obeys_pause(post.kind):
        raise Refused(
            _(
                "Publishing is still paused (%(scope)s). Move the post to a later time, or end the pause first."
            )
            % {"scope": scope_words(pause)}
        )
    require_ready(post, now)
    with transaction.atomic():
        change(
            post,
            rules.DECIDABLE,
            now,
            state=PostState.SCHEDULED,
            due_at=now if decision == "send" else due_at,
            approved_hash=hash_of(post),
            scheduled_by=by,
            hold_reason="",
            hold_detail="",
            failure="",
            retry_at=None,
            attempts=0,
        )
        if decision == "send":
            tell("post.released", post, by, now)
        else:
            tell("post.moved", post, by, now, due=moment_words(post.due_at, post))  # type: ignore[arg-type]  # has a time in this state
    return post


def release_together(
    *, posts: list[Post], by: User, now: datetime, decision: str, due_at: datetime | None = None
) -> list[Post]:
    """The same decision about posts composed together; all of them or none."""
    with transaction.atomic():
        return [release_held(post=post, by=by, now=now, decision=decision, due_at=due_at) for post in posts]


def settle_unknown(*, post: Post, by: User, now: datetime, on_network: bool, url: str = "") -> Post:
    """A person looked: the post is on the network, or it is not and is to be sent again.

    Raises AccessDenied, Refused while a pause covers it, Conflict.
    """
    require(by, Right.PUBLISH, post.brand)
    require_sender(by, post)
    with transaction.atomic():
        if on_network:
            change(
                post,
                PostState.UNKNOWN,
                now,
                state=PostState.SENT,
                sent_at=post.tried_at or now,
                url=url[:1000],
            )
            tell("post.settled_there", post, by, now)
            return post
        pause = covering(post.brand_id, post.account.network, post.account_id)
        if pause and rules.obeys_pause(post.kind):
            raise Refused(
                _("Publishing is paused (%(scope)s), so it cannot be sent again now. Decide after the pause.")
                % {"scope": scope_words(pause)}
            )
        change(
            post,
            PostState.UNKNOWN,
            now,
            state=PostState.SCHEDULED,
            due_at=now,
            retry_at=None,
            attempts=0,
            asked=0,
            ask_at=None,
            scheduled_by=by,
        )
        tell("post.settled_absent", post, by, now)
    return post


def ask_to_delete(*, post: Post, by: User, now: datetime) -> Post:
    """Have the outbox delete the post from its network; one on the wire is deleted as soon as it has arrived.

    Raises AccessDenied, Refused where the network cannot, Conflict.
    """
    require(by, Right.PUBLISH, post.brand)
    require_sender(by, post)
    network = networks.ALL.get(post.account.network)
    if network is None or not network.can(Capability.DELETE):
        raise Refused(
            _("%(account)s cannot delete posts for us. Open the post there and delete it by hand.")
            % {"account": post.account}
        )
    with transaction.atomic():
        change(
            post,
            (PostState.SENT, PostState.SENDING, PostState.UNKNOWN),
            now,
            delete_at=now,
            delete_by=by,
            failure="",
        )
        tell("post.delete_asked", post, by, now)
    return post
