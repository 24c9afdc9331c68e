"""Scoring closed buckets and listening for silence."""

from datetime import datetime, timedelta

from stormdesk.core.jobs import Job
from stormdesk.detect.actions import score_brand, watch_sources
from stormdesk.people.models import Brand


def score(now: datetime) -> int:
    """Score every brand's closed buckets."""
    return sum(len(score_brand(brand=brand, now=now)) for brand in Brand.objects.all())


def hear_silence(now: datetime) -> int:
    """Raise and end the alarms of sources that cannot be heard."""
    return sum(len(watch_sources(brand=brand, now=now)) for brand in Brand.objects.all())


JOBS = [
    Job("score", every=timedelta(seconds=5), run=score),
    Job("silence of sources", every=timedelta(seconds=20), run=hear_silence),
]
