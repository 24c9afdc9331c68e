"""Scoring closed buckets and listening for silence."""

from contextlib import suppress
from datetime import datetime, timedelta

from stormdesk.core.clock import utcnow
from stormdesk.core.errors import Conflict
from stormdesk.core.jobs import Job
from stormdesk.detect.actions import run_trials, score_brand, watch_sources
from stormdesk.detect.queries import files_read
from stormdesk.people.models import Brand

_files: dict[int, dict] = {}


def score(now: datetime) -> int:
    """Score every brand's closed buckets; while a file of posts is being read, its brand waits for the rest of it."""
    raised = 0
    for brand in Brand.objects.all():
        read = files_read(brand)
        resting = _files.get(brand.pk, read) == read
        _files[brand.pk] = read
        if resting:
            with suppress(Conflict):  # a replay or an import is scoring it at this moment
                raised += len(score_brand(brand=brand, now=now))
    return raised


def hear_silence(now: datetime) -> int:
    """Raise and end the alarms of sources that cannot be heard."""
    return sum(len(watch_sources(brand=brand, now=now)) for brand in Brand.objects.all())


def try_definitions(now: datetime) -> int:
    """Try a definition on the past, when somebody asked for it."""
    return run_trials(utcnow)


JOBS = [
    Job("score", every=timedelta(seconds=5), run=score),
    Job("silence of sources", every=timedelta(seconds=20), run=hear_silence),
    Job("definitions tried on the past", every=timedelta(seconds=1), run=try_definitions),
]
