"""Posts that a person asked to delete from their network."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from stormdesk import networks
from stormdesk.accounts.queries import open_secret
from stormdesk.networks import pace
from stormdesk.networks.base import NetworkError, Permanent
from stormdesk.publish.actions.steps import tell
from stormdesk.publish.models import Post
from stormdesk.publish.outbox.claim import clock_from
from stormdesk.publish.rules import PostState

log = logging.getLogger("stormdesk.outbox")
AGAIN = timedelta(seconds=30)
PATIENCE = 20.0


def delete_once(now: datetime, *, limit: int = 20) -> int:
    """Delete what was asked for and has arrived; returns how many. Deleting twice does no harm, so it is repeated freely."""
    clock, deleted = clock_from(now), 0
    rows = Post.objects.filter(state=PostState.SENT, delete_at__lte=now).order_by("delete_at")
    for post in rows.select_related("brand", "account", "account__secret", "delete_by")[:limit]:
        if not Post.objects.filter(pk=post.pk, state=PostState.SENT, delete_at=post.delete_at).update(
            delete_at=clock() + AGAIN
        ):
            continue
        try:
            network = networks.get(post.account.network)
            with pace.priority(pace.Priority.URGENT):
                asyncio.run(
                    asyncio.wait_for(
                        network.delete(post.account.settings, open_secret(post.account), post.native_id),
                        PATIENCE,
                    )
                )
        except Permanent as error:
            _give_up(post, error, clock())
        except Exception as error:
            log.warning("post %s could not be deleted yet: %s", post.pk, error)
        else:
            deleted += _gone(post, clock())
    return deleted


def _gone(post: Post, now: datetime) -> bool:
    with transaction.atomic():
        changed = Post.objects.filter(pk=post.pk, state=PostState.SENT).update(
            state=PostState.DELETED, delete_at=None, changed_at=now
        )
        if changed:
            tell("post.deleted", post, post.delete_by, now)
    return bool(changed)


def _give_up(post: Post, error: NetworkError, now: datetime) -> None:
    with translation.override(post.brand.language), transaction.atomic():
        words = _(error.message) % error.facts if error.facts else _(error.message)
        Post.objects.filter(pk=post.pk, state=PostState.SENT).update(
            delete_at=None, failure=words[:500], changed_at=now
        )
        tell("post.not_deleted", post, None, now, failure=words)
