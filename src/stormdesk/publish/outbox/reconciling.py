"""Posts of which it is not known whether they went out: the network is asked, or a person (G2)."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from stormdesk import networks
from stormdesk.accounts.queries import open_secret
from stormdesk.networks import pace
from stormdesk.networks.base import Capability, Unknown
from stormdesk.publish import rules
from stormdesk.publish.actions.steps import tell
from stormdesk.publish.models import Post
from stormdesk.publish.outbox.claim import Clock, clock_from, hold
from stormdesk.publish.rules import HoldReason, PostState

log = logging.getLogger("stormdesk.outbox")
ASKING = timedelta(seconds=25)
PATIENCE_OF_A_QUESTION = 20.0
LONGEST = timedelta(minutes=10)


def bury(now: datetime) -> int:
    """Claims whose publisher is dead become unknown: the request may have been made."""
    rows = Post.objects.filter(state=PostState.SENDING, deadline__lte=now).select_related("brand", "account")
    return sum(mark_unknown(post, now, words="", claimed_at=post.claimed_at) for post in rows)


def mark_unknown(post: Post, now: datetime, *, words: str, claimed_at: datetime | None = None) -> bool:
    """From sending to unknown. The network is asked at once, unless it cannot be asked at all: then a person is."""
    network = networks.ALL.get(post.account.network)
    askable = network is not None and network.can(Capability.RECONCILE)
    rows = Post.objects.filter(pk=post.pk, state=PostState.SENDING)
    if claimed_at is not None:
        rows = rows.filter(claimed_at=claimed_at)
    with transaction.atomic():
        changed = rows.update(
            state=PostState.UNKNOWN,
            asked=0,
            ask_at=now if askable else None,
            failure=words[:500],
            changed_at=now,
        )
        if changed:
            tell("post.unknown", post, None, now)
    return bool(changed)


def reconcile_once(now: datetime, *, every: timedelta = rules.ASK_EVERY, limit: int = 20) -> int:
    """Ask about unknown posts whose question is due; returns how many were settled.

    Found: sent. Twice not there, `every` apart: scheduled again with the same key if it is still in time, else held.
    A network that does not answer is asked again later, for as long as it takes; one that cannot know leaves it to a person.
    """
    clock = clock_from(now)
    rows = Post.objects.filter(state=PostState.UNKNOWN, ask_at__lte=now).values_list("pk", "ask_at")
    return sum(_ask(pk, ask_at, clock, every) for pk, ask_at in rows.order_by("ask_at")[:limit])


def _ask(pk: int, ask_at: datetime | None, clock: Clock, every: timedelta) -> bool:
    from stormdesk.publish.outbox.sending import outgoing_of, written

    # One asker at a time; if this one dies, another asks when its patience has run out.
    mine = clock() + ASKING
    if not Post.objects.filter(pk=pk, state=PostState.UNKNOWN, ask_at=ask_at).update(ask_at=mine):
        return False
    post = Post.objects.select_related("brand", "account", "account__secret", "author").get(pk=pk)
    try:
        network = networks.get(post.account.network)
        # Whether it is out decides what a pause can still stop and what is said next: this question goes first.
        with pace.priority(pace.Priority.URGENT):
            sent = asyncio.run(
                asyncio.wait_for(
                    network.reconcile(
                        post.account.settings,
                        open_secret(post.account),
                        outgoing_of(post),
                        post.tried_at or post.due_at or clock(),
                    ),
                    timeout=PATIENCE_OF_A_QUESTION,
                )
            )
    except Unknown as error:
        if error.code != "unknowable":
            return _ask_later(post, mine, every, error, clock())
        # This network will never tell. Only a person can look; the page says so.
        with translation.override(post.brand.language):
            words = gettext(error.message) % error.facts
        Post.objects.filter(pk=pk, state=PostState.UNKNOWN, ask_at=mine).update(
            ask_at=None, failure=words[:500], changed_at=clock()
        )
        return False
    except Exception as error:
        return _ask_later(post, mine, every, error, clock())
    if sent is not None:
        return written(post, sent, clock())
    if post.asked + 1 < rules.ASK_TWICE:
        Post.objects.filter(pk=pk, state=PostState.UNKNOWN, ask_at=mine).update(
            asked=post.asked + 1, ask_at=clock() + every
        )
        return False
    return _not_there(post, mine, clock())


def _ask_later(post: Post, mine: datetime, every: timedelta, error: Exception, now: datetime) -> bool:
    """No answer is no news: nothing is concluded from it, and it is asked again, ever more slowly."""
    log.warning("post %s: the network could not be asked: %s", post.pk, error)
    waited = now - (post.claimed_at or now)
    Post.objects.filter(pk=post.pk, state=PostState.UNKNOWN, ask_at=mine).update(
        ask_at=now + min(LONGEST, max(every, waited))
    )
    return False


def _not_there(post: Post, mine: datetime, now: datetime) -> bool:
    late = post.due_at is None or now - post.due_at > timedelta(seconds=post.tolerance)
    if late:
        return hold(post, HoldReason.LATE, now, was=PostState.UNKNOWN)
    with transaction.atomic():
        changed = Post.objects.filter(pk=post.pk, state=PostState.UNKNOWN, ask_at=mine).update(
            state=PostState.SCHEDULED, retry_at=None, asked=0, ask_at=None, claimed_by="", changed_at=now
        )
        if changed:
            tell("post.not_there", post, None, now)
    return bool(changed)
