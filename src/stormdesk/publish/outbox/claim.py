"""Taking a due post, in the one transaction in which the pause is asked (G1)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.translation import gettext as _

from stormdesk.accounts.rules import AccountState
from stormdesk.core.clock import utcnow
from stormdesk.pause.models import Pause
from stormdesk.pause.queries import covering, hold_gate, scope_words, urgent
from stormdesk.policy.queries import blocking
from stormdesk.publish import rules
from stormdesk.publish.actions.steps import tell
from stormdesk.publish.models import Post
from stormdesk.publish.queries.posts import findings_of, hash_of
from stormdesk.publish.rules import Due, HoldReason, PostState
from stormdesk.secure.queries import may_publish

Clock = Callable[[], datetime]


def clock_from(now: datetime) -> Clock:
    """The time as it goes on from `now`.

    Of the wall and the monotonic clock the one that moved further counts: a machine that slept, or a wall clock set
    back, must make a claim look older, never younger.
    """
    wall, steady = utcnow(), time.monotonic()

    def clock() -> datetime:
        return now + max(utcnow() - wall, timedelta(seconds=time.monotonic() - steady))

    return clock


@dataclass(frozen=True)
class Claim:
    """A post that this publisher, and nobody else, may send until `deadline`."""

    post: Post
    worker: str
    at: datetime
    deadline: datetime

    def left(self, now: datetime) -> float:
        """Seconds that a request may take. Some of the claim is kept back, so that nothing runs on behind its end."""
        margin = min(rules.MARGIN, (self.deadline - self.at) / 10)
        return (self.deadline - now - margin).total_seconds()

    def still(self) -> QuerySet[Post]:
        """The row, as long as it is this claim's."""
        return Post.objects.filter(
            pk=self.post.pk, state=PostState.SENDING, claimed_by=self.worker, claimed_at=self.at
        )


def due(now: datetime, limit: int) -> list[int]:
    """Posts whose time has come, oldest first."""
    rows = Post.objects.filter(state=PostState.SCHEDULED, due_at__lte=now)
    rows = rows.filter(Q(retry_at__isnull=True) | Q(retry_at__lte=now))
    return list(rows.order_by("due_at", "id").values_list("pk", flat=True)[:limit])


def _fresh(pk: int) -> Post | None:
    return (
        Post.objects.filter(pk=pk, state=PostState.SCHEDULED)
        .select_related(
            "brand", "account", "account__secret", "scheduled_by", "author", "statement", "delete_by"
        )
        .first()
    )


def claim(pk: int, worker: str, now: datetime, patience: timedelta) -> Claim | None:
    """Take the post, or hold it for a person with the reason, or find that someone was faster."""
    post = _fresh(pk)
    if post is None or post.due_at is None:
        return None
    blocked = [finding for finding in findings_of(post, now) if finding.blocks]
    with urgent():
        hold_gate(post.brand_id)
        post = _fresh(pk)
        if post is None or post.due_at is None or post.due_at > now:
            return None
        if post.delete_at is not None:
            _drop(post, now)
            return None
        pause = (
            covering(post.brand_id, post.account.network, post.account_id)
            if rules.obeys_pause(post.kind)
            else None
        )
        reason = rules.verdict(
            Due(
                due_at=post.due_at,
                tolerance=timedelta(seconds=post.tolerance),
                text_hash=hash_of(post),
                approved_hash=post.approved_hash,
                connected=_reaches(post),
                allowed=may_publish(post.scheduled_by or post.author, post.brand),
                blocked=blocking(blocked),
                paused=pause is not None,
            ),
            now,
        )
        if reason is None:
            deadline = now + patience
            taken = Post.objects.filter(pk=pk, state=PostState.SCHEDULED, changed_at=post.changed_at).update(
                state=PostState.SENDING,
                claimed_by=worker,
                claimed_at=now,
                deadline=deadline,
                attempts=F("attempts") + 1,
                tried_at=Coalesce("tried_at", now),
            )
            return Claim(post, worker, now, deadline) if taken else None
    # Outside the gate: holding a post can wait for the journal, a beginning pause must not wait for it.
    hold(post, reason, now, was=PostState.SCHEDULED, pause=pause, detail=blocked[0].title if blocked else "")
    return None


def _drop(post: Post, now: datetime) -> None:
    """Somebody asked to delete it while it was on the wire, and it never arrived: so it is not sent again."""
    if Post.objects.filter(pk=post.pk, state=PostState.SCHEDULED).update(
        state=PostState.DROPPED, delete_at=None, changed_at=now
    ):
        tell("post.dropped", post, post.delete_by, now)


def _reaches(post: Post) -> bool:
    if post.brand.is_drill and post.account.network != "practice":
        return False
    return post.account.state != AccountState.DISCONNECTED


def hold(
    post: Post,
    reason: HoldReason,
    now: datetime,
    *,
    was: PostState,
    pause: Pause | None = None,
    detail: str = "",
) -> bool:
    """Lay the post before a person, with the reason in the brand's language. False: someone was faster."""
    with translation.override(post.brand.language):
        words = _sentence(post, reason, pause, detail)[:500]
        with urgent():
            changed = Post.objects.filter(pk=post.pk, state=was, claimed_by=post.claimed_by).update(
                state=PostState.HELD,
                hold_reason=reason,
                hold_detail=words,
                retry_at=None,
                ask_at=None,
                changed_at=now,
            )
            if changed:
                tell("post.held", post, None, now, reason=words)
    return bool(changed)


def _sentence(post: Post, reason: HoldReason, pause: Pause | None, detail: str) -> str:
    if reason == HoldReason.PAUSE and pause:
        return _("publishing is paused (%(scope)s): %(reason)s") % {
            "scope": scope_words(pause),
            "reason": pause.reason,
        }
    if reason == HoldReason.POLICY:
        return _("a rule stops it: %(finding)s") % {"finding": detail}
    return {
        HoldReason.PAUSE: _("publishing was paused when it came due"),
        HoldReason.LATE: _("it could not go out at its time, and nothing overdue fires by itself"),
        HoldReason.CHANGED: _("the text is not the one that was approved"),
        HoldReason.LOCKDOWN: _("the accounts are locked, and who scheduled it may not publish now"),
        HoldReason.ACCOUNT: _("the account is not connected"),
    }[reason]
