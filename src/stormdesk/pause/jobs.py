"""Reminding people of a pause that goes on."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from stormdesk.core.jobs import Job
from stormdesk.notify.actions import tell
from stormdesk.notify.queries import on_call
from stormdesk.pause.actions import note_reminder
from stormdesk.pause.queries import due_reminders, scope_words


def remind(now: datetime) -> int:
    """Ask whoever paused, and who is on call, whether it should go on; returns how many pauses were asked about."""
    asked = 0
    for pause in due_reminders(now):
        people = {pause.started_by, *on_call(pause.brand, now)}
        with transaction.atomic():
            if not note_reminder(
                pause=pause, now=now, people=", ".join(sorted(str(user) for user in people))
            ):
                continue
            for user in people:
                tell(
                    brand=pause.brand,
                    user=user,
                    kind="pause.review",
                    facts={"brand": pause.brand.name, "scope": scope_words(pause), "reason": pause.reason},
                    path=f"/b/{pause.brand.slug}/pause/",
                    now=now,
                )
        asked += 1
    return asked


JOBS = [Job("remind of pauses", every=timedelta(seconds=30), run=remind)]
