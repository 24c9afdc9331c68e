"""Trying a definition on the past: asked for on the page, counted by the worker, come back to, or given up (D1)."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q

from stormdesk.core.jobs import stopping
from stormdesk.detect import queries
from stormdesk.detect.models import TrialRun
from stormdesk.detect.rules import TrialState
from stormdesk.detect.rules.criteria import Criteria
from stormdesk.journal.actions import announce
from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right

GOOD_FOR = timedelta(hours=6)
"""A result is shown again instead of being counted anew: six hours more of ninety days change little."""
KEPT = timedelta(days=2)
TOLD_EVERY = 1.0
_CLAIM = timedelta(minutes=2)


def ask_trial(*, brand: Brand, by: User, now: datetime, criteria: Criteria) -> TrialRun:
    """Have a definition tried. The same one over the same past is tried once: who asks again is given that trial."""
    require(by, Right.SETTINGS, brand)
    present = queries.criteria(brand)
    key = _key(brand, criteria, present, now)
    same = TrialRun.objects.filter(brand=brand, key=key, asked_at__gt=now - GOOD_FOR)
    found = same.exclude(state__in=[TrialState.CANCELLED, TrialState.FAILED]).order_by("-pk").first()
    if found:
        return found
    TrialRun.objects.filter(asked_at__lt=now - KEPT).delete()
    return TrialRun.objects.create(
        brand=brand,
        key=key,
        wanted={"budget": criteria.budget, **criteria.settings()},
        present={"budget": present.budget, **present.settings()},
        asked_by=by,
        asked_at=now,
    )


def cancel_trial(*, run: TrialRun, by: User, now: datetime) -> None:
    """Give it up: what was counted is dropped."""
    require(by, Right.SETTINGS, run.brand)
    waiting = TrialRun.objects.filter(pk=run.pk, state__in=[TrialState.WAITING, TrialState.RUNNING])
    if waiting.update(state=TrialState.CANCELLED, finished_at=now, claimed_until=None):
        announce(run.brand, "alerts", now=now)


def run_trials(clock: Callable[[], datetime]) -> int:
    """Count one trial that waits, or that a dead process left; returns how many were counted."""
    now = clock()
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    run = (
        TrialRun.objects.filter(free, state__in=[TrialState.WAITING, TrialState.RUNNING])
        .select_related("brand")
        .order_by("pk")
        .first()
    )
    if run is None:
        return 0
    mine = TrialRun.objects.filter(pk=run.pk, state=run.state, claimed_until=run.claimed_until)
    if not mine.update(state=TrialState.RUNNING, claimed_until=now + _CLAIM, progress=0):
        return 0
    running = TrialRun.objects.filter(pk=run.pk, state=TrialState.RUNNING)
    began = told = time.monotonic()

    def progress(share: float) -> bool:
        nonlocal told
        if stopping.is_set():
            return False
        if time.monotonic() - told < TOLD_EVERY:
            return True
        told = time.monotonic()
        moment = clock()
        going = running.update(progress=share, claimed_until=moment + _CLAIM)
        announce(run.brand, "alerts", now=moment)
        return bool(going)

    try:
        trial = queries.try_on_past(
            run.brand, queries.tried_definitions(run), run.asked_at, progress=progress
        )
    except Exception:
        running.update(state=TrialState.FAILED, finished_at=clock(), claimed_until=None)
        announce(run.brand, "alerts", now=clock())
        raise
    if trial is None:
        # Given up by a person; or this process ends, and the next one begins it anew.
        running.update(claimed_until=None)
        return 0
    seconds = time.monotonic() - began
    running.update(
        state=TrialState.DONE, progress=1, result=trial.kept(), seconds=seconds, finished_at=clock(), claimed_until=None
    )  # fmt: skip
    announce(run.brand, "alerts", now=clock())
    return 1


def _key(brand: Brand, wanted: Criteria, present: Criteria, now: datetime) -> str:
    """What a trial depends on, short: both definitions, what is known ahead, and which past is there."""
    spans = queries.known(brand, now - timedelta(days=queries.DAYS), now)
    first = queries.first_minute(brand)
    parts = [
        wanted.budget, wanted.settings(), present.budget, present.settings(), queries.files_read(brand),
        [str(span) for span in spans], str(first),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
