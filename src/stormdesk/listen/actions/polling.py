"""Asks every source that is due, each in one process at a time; a killed process loses nothing but its turn."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta

from django.db import connections
from django.db.models import Q

from stormdesk.core.clock import utcnow
from stormdesk.core.errors import StormdeskError
from stormdesk.core.http import gettext_noop
from stormdesk.core.jobs import stopping
from stormdesk.listen import rules
from stormdesk.listen.actions import health, sources
from stormdesk.listen.actions.ingest import Ingested, ingest
from stormdesk.listen.models import Source
from stormdesk.networks import pace
from stormdesk.networks.base import Batch, NetworkError, Permanent, Retryable

log = logging.getLogger("stormdesk.listen")
_AT_ONCE = 8
_ROUNDS = 50
"""Batches of one source in one turn; then the others have theirs."""


def claim(now: datetime, most: int = 32) -> list[Source]:
    """Sources that are due and now ours for `health.CLAIM`; a guarded update decides between processes."""
    due = (
        Source.objects.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=now), due_at__lte=now)
        .exclude(state=rules.SourceState.OFF)
        .select_related("brand", "account", "account__secret")
        .order_by("due_at")
    )
    mine = []
    for source in due[:most]:
        same = Source.objects.filter(pk=source.pk, due_at=source.due_at, claimed_until=source.claimed_until)
        if same.update(claimed_until=now + health.CLAIM):
            source.claimed_until = now + health.CLAIM
            mine.append(source)
    return mine


def poll_sources(now: datetime) -> int:
    """Ask the sources that are due and store what they say; returns how many mentions were new.

    Networks are asked at once, in threads that never touch the database; what they say is stored here, one by one.
    """
    mine = claim(now)
    total = Ingested()
    if not mine:
        return 0
    with ThreadPoolExecutor(min(_AT_ONCE, len(mine)), thread_name_prefix="hear") as pool:
        rounds = {pool.submit(_hear, source): (source, 1) for source in mine}
        for future, source, turn in _finished(rounds):
            answer = future.result()
            moment = utcnow()
            if isinstance(answer, NetworkError):
                health.failed(source, answer, moment)
                _release(source, moment, after=getattr(answer, "after", None))
                continue
            total += ingest(source=source, batch=answer, now=moment)
            if answer.more and turn < _ROUNDS and not stopping.is_set():
                _renew(source, moment)
                rounds[pool.submit(_hear, source)] = (source, turn + 1)
            else:
                _release(source, moment, more=answer.more)
    return total.stored


def _finished(rounds: dict) -> Iterator[tuple]:
    """Futures as they finish, also those added on the way."""
    while rounds:
        future = next(as_completed(rounds))
        source, turn = rounds.pop(future)
        yield future, source, turn


def _hear(source: Source) -> Batch | NetworkError:
    try:
        with pace.priority(pace.Priority.LISTENING):
            return sources.hear(source)
    except NetworkError as error:
        return error
    except StormdeskError as error:
        return Permanent(gettext_noop("%(why)s"), code="not_ready", why=str(error))
    except Exception as error:
        # A client that breaks on something unforeseen must not silence the other sources.
        log.exception("source failed", extra={"source": source.pk})
        return Retryable(
            gettext_noop(
                "%(source)s answered in a way that is not understood (%(error)s); it will be asked again."
            ),
            code="unforeseen",
            source=source.name,
            error=type(error).__name__,
        )
    finally:
        connections.close_all()


def _renew(source: Source, now: datetime) -> None:
    Source.objects.filter(pk=source.pk).update(claimed_until=now + health.CLAIM)


def _release(source: Source, now: datetime, *, more: bool = False, after: float | None = None) -> None:
    pause = rules.next_poll(source.poll_every, more=more, failures=source.failures, after=after)
    Source.objects.filter(pk=source.pk).update(claimed_until=None, due_at=now + timedelta(seconds=pause))
