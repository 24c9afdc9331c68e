"""One claimed post: the second look, the request, and what is written down about it."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from stormdesk import networks
from stormdesk.accounts.queries import open_secret
from stormdesk.core.errors import StormdeskError
from stormdesk.networks import pace
from stormdesk.networks.base import Media, NetworkError, Outgoing, Permanent, Retryable, Sent
from stormdesk.pause.queries import covering, urgent
from stormdesk.publish import pictures, rules
from stormdesk.publish.actions.steps import tell
from stormdesk.publish.models import Post
from stormdesk.publish.outbox.claim import Claim, Clock, claim, clock_from, due, hold
from stormdesk.publish.outbox.pauses import confirm_pauses
from stormdesk.publish.outbox.reconciling import bury, mark_unknown
from stormdesk.publish.rules import HoldReason, PostKind, PostState

log = logging.getLogger("stormdesk.outbox")
AT_ONCE = 20
NOT_KNOWN_SENT = [PostState.SENDING, PostState.UNKNOWN, PostState.SCHEDULED, PostState.HELD]


def run_once(
    now: datetime, worker: str, *, patience: timedelta = rules.PATIENCE, limit: int = AT_ONCE
) -> int:
    """Send what is due; returns how many posts were taken. Safe to run in any number of processes at once.

    `worker` names this publisher. A post is held for at most `patience`; a publisher that dies leaves it unknown.
    """
    clock = clock_from(now)
    bury(now)
    taken = 0
    for pk in due(now, limit):
        held = claim(pk, worker, clock(), patience)
        if held is not None:
            taken += 1
            _send(held, clock)
            confirm_pauses(clock(), brand_id=held.post.brand_id)
    return taken


def outgoing_of(post: Post) -> Outgoing:
    """The post as its network's client takes it; its key is the same in every attempt."""
    return Outgoing(
        text=post.text,
        key=str(post.key),
        in_reply_to=post.in_reply_to or None,
        to_handle=post.to_handle or None,
        visibility="direct" if post.visibility == "direct" else "public",
        media=tuple(
            Media(
                description=medium.get("description", ""),
                licence=medium.get("licence", ""),
                credit=medium.get("credit", ""),
                content=pictures.content(post.brand_id, medium["path"]),
                content_type=medium.get("content_type", ""),
                name=medium.get("name", ""),
            )
            for medium in post.media
            if medium.get("path")
        ),
        language=post.language or None,
    )


def _send(held: Claim, clock: Clock) -> None:
    post = held.post
    try:
        network = networks.get(post.account.network)
        secret = open_secret(post.account)
        outgoing = outgoing_of(post)
    except (KeyError, ValueError, OSError, StormdeskError) as error:
        log.error("post %s cannot be sent: %s", post.pk, error)
        _release(held, HoldReason.ACCOUNT, clock())
        return
    if not _may_go(held, clock):
        return
    left = held.left(clock())
    try:
        # A statement goes before whatever else waits for the account's share of the network.
        with pace.priority(pace.Priority.URGENT if post.statement_id else pace.Priority.SPEAKING):
            sent = asyncio.run(
                asyncio.wait_for(network.publish(post.account.settings, secret, outgoing), timeout=left)
            )
    except Retryable as error:
        _again(held, error, clock())
    except Permanent as error:
        _failed(held, error, clock())
    except NetworkError as error:
        mark_unknown(post, clock(), words=_words(error, post), claimed_at=held.at)
    except Exception as error:
        # Whatever else went wrong may have gone wrong after the network took the post.
        log.exception("post %s: the request ended unexpectedly", post.pk)
        mark_unknown(post, clock(), words=type(error).__name__, claimed_at=held.at)
    else:
        written(post, sent, clock())


def _may_go(held: Claim, clock: Clock) -> bool:
    """The second look, as close to the request as we can come: still ours, in time, and no pause since."""
    post = held.post
    if not held.still().exists():
        return False
    if held.left(clock()) <= 0:
        # Nothing was asked of the network, so it surely did not happen; the next claim looks at the clock again.
        held.still().update(state=PostState.SCHEDULED, claimed_by="", changed_at=clock())
        return False
    if rules.obeys_pause(post.kind) and covering(post.brand_id, post.account.network, post.account_id):
        _release(held, HoldReason.PAUSE, clock())
        return False
    return True


def _release(held: Claim, reason: HoldReason, now: datetime) -> None:
    post = held.post
    post.claimed_by = held.worker
    pause = (
        covering(post.brand_id, post.account.network, post.account_id) if reason == HoldReason.PAUSE else None
    )
    hold(post, reason, now, was=PostState.SENDING, pause=pause)


def written(post: Post, sent: Sent, now: datetime) -> bool:
    """Write down that the post is out. An answer that comes after the claim was given up counts just as much."""
    began = post.tried_at or post.claimed_at or now
    with urgent():
        changed = Post.objects.filter(pk=post.pk, state__in=NOT_KNOWN_SENT).update(
            state=PostState.SENT,
            native_id=sent.native_id[:255],
            url=sent.url[:1000],
            sent_at=sent.at if began <= sent.at <= now else now,
            failure="",
            hold_reason="",
            hold_detail="",
            retry_at=None,
            ask_at=None,
            changed_at=now,
        )
        if changed:
            tell("reply.sent" if post.kind == PostKind.REPLY else "post.sent", post, None, now, url=sent.url)
    return bool(changed)


def _again(held: Claim, error: Retryable, now: datetime) -> None:
    post = held.post
    attempts = post.attempts + 1
    moment = rules.retry(
        attempts,
        error.after,
        due_at=post.due_at,  # type: ignore[arg-type]  # has a time in this state
        tolerance=timedelta(seconds=post.tolerance),
        now=now,
    )
    if moment is None:
        _release(held, HoldReason.LATE, now)
        return
    held.still().update(
        state=PostState.SCHEDULED,
        retry_at=moment,
        failure=_words(error, post)[:500],
        claimed_by="",
        changed_at=now,
    )


def _failed(held: Claim, error: Permanent, now: datetime) -> None:
    post = held.post
    with translation.override(post.brand.language), transaction.atomic():
        words = _words(error, post)
        if held.still().update(state=PostState.FAILED, failure=words[:500], changed_at=now):
            tell("post.failed", post, None, now, failure=words)


def _words(error: NetworkError, post: Post) -> str:
    """The error's sentence in the brand's language."""
    with translation.override(post.brand.language):
        facts = {
            name: _(value) if isinstance(value, str) and value else value
            for name, value in error.facts.items()
        }
        return _(error.message) % facts if facts else _(error.message)
