"""Checks from another process that people who should have been called really were, and calls them if not."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db.models import Q, QuerySet

from stormdesk.journal.actions import record
from stormdesk.notify.actions import escalate_due
from stormdesk.notify.models import Call, Escalation
from stormdesk.notify.rules import LATE, CallState
from stormdesk.notify.sending import send_due

log = logging.getLogger("stormdesk.notify")


def late_steps(now: datetime) -> QuerySet[Escalation]:
    """Matters whose next step should have been called a while ago."""
    return Escalation.objects.filter(next_at__lt=now - LATE, ended_at__isnull=True)


def late_calls(now: datetime) -> QuerySet[Call]:
    """Messages that should have gone out a while ago, and those of a process that died with them."""
    waiting = Q(state=CallState.DUE, due_at__lt=now - LATE)
    left = Q(state=CallState.SENDING, claimed_until__lt=now - LATE)
    return Call.objects.filter(waiting | left)


def audit_calls(*, now: datetime) -> int:
    """Find steps and messages that are late, write that down, and make them from here. Returns how many there were.

    The worker that should have made them may be dead or stuck; both do it by guarded updates, so that nobody is
    called twice when it comes back.
    """
    steps = list(late_steps(now).select_related("brand"))
    calls = list(late_calls(now).select_related("brand", "user"))
    late: dict[int, tuple[list[str], datetime]] = {}
    brands = {}
    for brand, since, name in [
        *((step.brand, step.next_at, "") for step in steps),
        *((call.brand, call.due_at, str(call.user)) for call in calls),
    ]:
        names, first = late.get(brand.pk, ([], since))
        late[brand.pk] = ([*names, name] if name and name not in names else names, min(first, since))
        brands[brand.pk] = brand
    for pk, (names, since) in late.items():
        minutes = int((now - since).total_seconds() // 60)
        log.error("calls are late", extra={"brand": brands[pk].slug, "minutes": minutes})
        record(
            "people.late",
            brand=brands[pk],
            by=None,
            now=now,
            facts={"people": ", ".join(names) or "—", "minutes": minutes},
        )
    if late:
        escalate_due(now=now)
        # Older ones first come first there, so the late ones do not wait behind what is due just now.
        send_due(now=now)
    return len(steps) + len(calls)
