"""Scoring what was heard, bucket by bucket."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from stormdesk.core.errors import Conflict
from stormdesk.detect import queries
from stormdesk.detect.actions.raising import close_quiet, keep_alive, raise_or_grow
from stormdesk.detect.models import Alert, Score, Series
from stormdesk.detect.rules import LATE, STEP, closed_buckets, newly_told
from stormdesk.detect.rules.criteria import Criteria
from stormdesk.detect.rules.lookout import Lookout, Seen
from stormdesk.journal.actions import announce
from stormdesk.listen.queries import Minute
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
        if not same.update(state={}, scored_until=None, settled_until=None, files=files):
            raise Conflict(_("Another process is scoring this brand. Nothing is lost; it goes on there."))
        Score.objects.filter(brand=series.brand_id).delete()
    series.refresh_from_db()
    return series


def _score(brand: Brand, series: Series, start: datetime, end: datetime, now: datetime) -> list[Alert]:
    """Score [start, end). The steps of the last hour before `start` are scored again with what has come since: posts
    reach us late, and the memory takes in only what has settled."""
    raised: list[Alert] = []
    with transaction.atomic():
        locked = Series.objects.select_for_update().get(pk=series.pk)
        if locked.scored_until != series.scored_until:
            raise Conflict(_("Another process is scoring this brand. Nothing is lost; it goes on there."))
        criteria = queries.criteria(brand)
        watch = _remembered(locked.state, criteria) or Lookout(criteria)
        since = locked.settled_until if locked.state and locked.settled_until else start
        with translation.override(brand.language):
            spans = queries.known(brand, since, end)
        settled, state = end, None
        rows = []
        for minute, step in queries.steps(brand, since, end, criteria.danger()):
            if state is None and minute.at >= end - LATE:
                settled, state = minute.at, watch.state()
            seen = watch.take(step, spans)
            rows.append(_row(brand, minute, seen))
            if seen.level:
                _keep(rows)  # an earlier storm that ends here is measured by its scores
                rows = []
                alert = raise_or_grow(brand, seen, max(seen.at, start + STEP), now)
                raised += [alert] if alert else []
            elif seen.alive:
                keep_alive(brand, seen)
        _keep(rows)
        close_quiet(brand, end)
        Series.objects.filter(pk=series.pk).update(
            state=watch.state() if state is None else state, scored_until=end, settled_until=settled
        )
        series.scored_until = end
        announce(brand, "mentions", now=end)
    return raised


def _row(brand: Brand, minute: Minute, seen: Seen) -> Score:
    expected, upper = seen.score.expected, seen.score.upper
    return Score(
        brand=brand,
        at=minute.at,
        mentions=None if minute.heard == 0 else minute.mentions,
        negative=minute.negative,
        expected=expected,
        # what is usual spreads evenly in ratios, so the lower edge mirrors the upper one
        lower=expected * expected / upper if expected and upper else expected,
        upper=upper,
        score=seen.score.score,
        heard_share=minute.heard,
    )


def _keep(rows: list[Score]) -> None:
    """Write the scores; those of the last hour replace what was written before more had come."""
    Score.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["brand", "at"],
        update_fields=["mentions", "negative", "expected", "lower", "upper", "score", "heard_share"],
    )


def _remembered(state: dict, criteria: Criteria) -> Lookout | None:
    """The watch as it was, or None when it knows nothing yet or was remembered by an older Stormdesk in another
    shape: then it learns anew rather than stopping."""
    try:
        return Lookout.restore(state, criteria) if state else None
    except (KeyError, TypeError, ValueError):
        log.warning("the detector's memory has an older shape; it learns anew")
        return None
