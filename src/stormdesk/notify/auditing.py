"""Checks from another process that people who should have been called really were, and calls them if not."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from stormdesk.journal.actions import record
from stormdesk.notify.actions import escalate_due
from stormdesk.notify.models import Call, Escalation
from stormdesk.notify.rules import LATE, CallState
from stormdesk.notify.sending import send_due
from stormdesk.people.models import Brand

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
    since: dict[Brand, datetime] = {}
    people: dict[Brand, set[str]] = {}
    for brand, due, name in [
        *((step.brand, step.next_at or now, "") for step in steps),
        *((call.brand, call.due_at, str(call.user)) for call in calls),
    ]:
        since[brand] = min(since.get(brand, due), due)
        people.setdefault(brand, set()).update([name] if name else [])
    for brand, first in since.items():
        minutes = int((now - first).total_seconds() // 60)
        log.error("calls are late", extra={"brand": brand.slug, "minutes": minutes})
        facts = {"people": ", ".join(sorted(people[brand])) or "—", "minutes": minutes}
        with transaction.atomic():
            record("people.late", brand=brand, by=None, now=now, facts=facts)
    if since:
        escalate_due(now=now)
        # Older ones first come first there, so the late ones do not wait behind what is due just now.
        send_due(now=now)
    return len(steps) + len(calls)
