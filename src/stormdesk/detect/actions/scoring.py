"""Scoring what was heard, bucket by bucket."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from stormdesk.core.errors import Conflict
from stormdesk.detect import queries
from stormdesk.detect.actions.raising import close_quiet, keep_alive, raise_or_grow
from stormdesk.detect.detectors import Detector
from stormdesk.detect.models import Alert, Score, Series
from stormdesk.detect.rules import (
    STEP,
    STILL_UNUSUAL,
    closed_buckets,
    newly_told,
)
from stormdesk.journal.actions import announce
from stormdesk.listen.queries import minutes
from stormdesk.people.models import Brand

log = logging.getLogger(__name__)
BATCH = timedelta(days=2)


def score_brand(*, brand: Brand, now: datetime) -> list[Alert]:
    """Score every bucket that has closed since the last call; returns the alerts that were raised.

    Scores, the detector's memory and alerts are written in one transaction per batch: after a kill nothing is scored
    twice and nothing is left out. When a file has told of a time that was scored already, the memory is made anew from
    the beginning of what was heard; storms that were noticed stay noticed once.
    """
    series, _new = Series.objects.get_or_create(brand=brand)
    files = queries.files_read(brand)
    told = newly_told(series.files, files)
    if told and series.scored_until and told < series.scored_until:
        series = _forget(series, files)
    elif told:
        Series.objects.filter(pk=series.pk).update(files=files)
    start = series.scored_until or queries.first_minute(brand)
    if start is None:
        return []
    raised: list[Alert] = []
    first, end = closed_buckets(start, now)
    while first < end:
        until = min(first + BATCH, end)
        raised += _score(brand, series, first, until, now)
        first = until
    return raised


def _forget(series: Series, files: dict) -> Series:
    """Take the scores and the detector's memory back to the beginning."""
    with transaction.atomic():
        same = Series.objects.filter(pk=series.pk, scored_until=series.scored_until)
        if not same.update(state={}, scored_until=None, files=files):
            raise Conflict(_("Another process is scoring this brand. Nothing is lost; it goes on there."))
        Score.objects.filter(brand=series.brand_id).delete()
    series.refresh_from_db()
    return series


def _score(brand: Brand, series: Series, start: datetime, end: datetime, now: datetime) -> list[Alert]:
    raised: list[Alert] = []
    with transaction.atomic():
        locked = Series.objects.select_for_update().get(pk=series.pk)
        if locked.scored_until != series.scored_until:
            raise Conflict(_("Another process is scoring this brand. Nothing is lost; it goes on there."))
        budget = queries.definition(brand).budget
        detector = _remembered(locked.state) or Detector(step_minutes=STEP.total_seconds() / 60)
        detector.budget = budget
        rows = []
        for minute in minutes(brand, start, end, step=STEP):
            score = detector.update(queries.bucket_of(minute))
            expected, upper = score.expected, score.upper
            rows.append(
                Score(
                    brand=brand,
                    at=minute.at,
                    mentions=None if minute.heard == 0 else minute.mentions,
                    negative=minute.negative,
                    expected=expected,
                    # what is usual spreads evenly in ratios, so the lower edge mirrors the upper one
                    lower=expected * expected / upper if expected and upper else expected,
                    upper=upper,
                    score=score.score,
                    heard_share=minute.heard,
                )
            )
            at = minute.at + STEP
            if score.alert:
                alert = raise_or_grow(brand, score.alert, score.score, score.facts, at, now)
                raised += [alert] if alert else []
            elif score.score >= STILL_UNUSUAL:
                keep_alive(brand, score.score, at)
        Score.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
        close_quiet(brand, end)
        Series.objects.filter(pk=series.pk).update(state=detector.state(), scored_until=end)
        series.scored_until = end
        announce(brand, "mentions", now=end)
    return raised


def _remembered(state: dict) -> Detector | None:
    """The detector as it was, or None when it knows nothing yet or was remembered by an older Stormdesk in another
    shape: then it learns anew rather than stopping."""
    try:
        return Detector.restore(state) if state else None
    except (KeyError, TypeError, ValueError):
        log.warning("the detector's memory has an older shape; it learns anew")
        return None
