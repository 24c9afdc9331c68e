"""Forgetting live events that every open page has long since received."""

from __future__ import annotations

from datetime import datetime, timedelta

from stormdesk.core.jobs import Job
from stormdesk.journal.models import LiveEvent

KEPT = timedelta(hours=1)


def forget_live_events(now: datetime) -> int:
    """Delete what is older than an hour, all but the newest, by which returning pages are told from stale ones."""
    newest = LiveEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return LiveEvent.objects.filter(at__lt=now - KEPT, pk__lt=newest).delete()[0]


JOBS = [Job("forget live events", every=timedelta(minutes=10), run=forget_live_events)]
