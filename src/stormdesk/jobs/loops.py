"""Runs jobs: each in its own thread, again and again, until the process is asked to stop."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from django.db import connections

from stormdesk.core.clock import utcnow
from stormdesk.core.jobs import Job, JobState, stopping
from stormdesk.jobs.trouble import sentence

log = logging.getLogger("stormdesk.jobs")
# A job that fails is tried less and less often, but never so seldom that a repaired database goes unnoticed.
LONGEST_PAUSE = timedelta(seconds=15)


class Loop(threading.Thread):
    """One job, called every `job.every` until `stopping` is set; `state` tells how it fares."""

    def __init__(self, job: Job, state: JobState) -> None:
        super().__init__(name=job.name, daemon=True)
        self.job = job
        self.state = state

    def run(self) -> None:
        while not stopping.is_set():
            self.turn()
            stopping.wait(self.pause().total_seconds())
        connections.close_all()

    def turn(self) -> None:
        """Call the job once. Whatever it raises is logged with its name and counted, never passed on."""
        state, now = self.state, utcnow()
        state.running_since = now.isoformat()
        try:
            self.job.run(now=now)
            state.failed_in_a_row, state.error = 0, ""
        except Exception as error:
            state.failures += 1
            state.failed_in_a_row += 1
            known = sentence(error)
            state.error = known or f"{type(error).__name__}: {error}"
            log.error(
                "job failed: %s: %s",
                self.job.name,
                state.error,
                exc_info=None if known else error,
                extra={"job": self.job.name, "failed_in_a_row": state.failed_in_a_row},
            )
            # The connection may be what is broken; the next turn opens a new one.
            connections.close_all()
        finally:
            state.runs += 1
            state.finished, state.running_since = utcnow().isoformat(), ""

    def pause(self) -> timedelta:
        """Time until the next turn."""
        every, failed = self.job.every, self.state.failed_in_a_row
        if not failed:
            return every
        return max(every, min(LONGEST_PAUSE, every * 2 ** min(failed, 10)))


def start(jobs: list[Job], states: dict[str, JobState]) -> list[Loop]:
    """Start a loop per job; `states` is filled and kept up to date."""
    loops = [Loop(job, states.setdefault(job.name, JobState())) for job in jobs]
    for loop in loops:
        loop.start()
    return loops
