"""Scoring what was heard, raising and growing alerts, and what people decide about them."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stormdesk.core.errors import BadInput, Conflict
from stormdesk.detect import queries
from stormdesk.detect.detectors import Detector, sentence
from stormdesk.detect.models import Alert, AlertPost, Concern, Definition, Score, Series, Silence
from stormdesk.detect.rules import (
    OVER_AFTER,
    STEP,
    STILL_UNUSUAL,
    WAITING,
    AlertState,
    ConcernState,
    Level,
    closed_buckets,
    higher,
    newly_told,
)
from stormdesk.journal.actions import announce, record
from stormdesk.listen.models import Source
from stormdesk.listen.queries import minutes
from stormdesk.notify.actions import acknowledge as acknowledge_calls
from stormdesk.notify.actions import call_people
from stormdesk.notify.actions import end as end_calls
from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right

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
        if locked.state:
            detector = Detector.restore(locked.state)
            detector.budget = budget
        else:
            detector = Detector(step_minutes=STEP.total_seconds() / 60, budget=budget)
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
                alert = _raise_or_grow(brand, score.alert, score.score, score.facts, at, now)
                raised += [alert] if alert else []
            elif score.score >= STILL_UNUSUAL:
                _keep_alive(brand, score.score, at)
        Score.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
        _close_quiet(brand, end)
        Series.objects.filter(pk=series.pk).update(state=detector.state(), scored_until=end)
        series.scored_until = end
        announce(brand, "mentions", now=end)
    return raised


def _raise_or_grow(
    brand: Brand, level: str, score: float, facts: dict, at: datetime, now: datetime
) -> Alert | None:
    """One storm, one alert: a new alert, or None when it became part of the one that is there.

    `at` is the end of the bucket, `now` the moment of scoring: for a storm that is long over nobody is called.
    """
    if queries.noticed_already(brand, at):
        return None
    over = at < now - OVER_AFTER
    facts = {**facts, **_local(brand, facts)}
    present = queries.running_storm(brand, at)
    if present:
        grows = higher(level, present.level)
        Alert.objects.filter(pk=present.pk).update(
            last_at=max(present.last_at, at),
            peak=max(present.peak, score),
            level=level if grows else present.level,
            facts=facts if grows or score >= present.peak else present.facts,
        )
        present.refresh_from_db()
        _choose_posts(present, at)
        if grows and present.state in WAITING:
            record(
                "alert.grew",
                brand=brand,
                by=None,
                now=at,
                subject=f"alert:{present.pk}",
                facts={"sentence": sentences(present)},
            )
            if not over:
                _call(present, now)
        announce(brand, "alerts", now=at)
        return None
    since = datetime.fromisoformat(facts["since"]) if facts.get("since") else at
    alert = Alert.objects.create(
        brand=brand,
        level=level,
        kind=facts.get("kind", "volume"),
        since=min(since, at),
        noticed_at=at,
        last_at=at,
        facts=facts,
        peak=score,
    )
    _choose_posts(alert, at)
    silence = queries.silence_at(brand, at)
    record(
        "alert.noticed" if silence is None else "alert.silenced",
        brand=brand,
        by=None,
        now=at,
        subject=f"alert:{alert.pk}",
        facts={"sentence": sentences(alert), "reason": silence.reason if silence else ""},
    )
    if silence:
        Alert.objects.filter(pk=alert.pk).update(silenced_until=silence.ends_at)
        alert.silenced_until = silence.ends_at
    elif not over:
        _call(alert, now)
    announce(brand, "alerts", now=at)
    return alert


def _local(brand: Brand, facts: dict) -> dict:
    """The times of the facts where the brand is, for the sentence."""
    zone = zoneinfo.ZoneInfo(brand.time_zone)
    found = {}
    for name, local in (("at", "local"), ("since", "since_local")):
        if facts.get(name):
            found[local] = datetime.fromisoformat(facts[name]).astimezone(zone).isoformat()
    return found


def sentences(alert: Alert) -> dict[str, str]:
    """The alert's sentence in each language, for messages and the journal."""
    told = {}
    for language in ("en", "ru"):
        with translation.override(language):
            told[language] = sentence(alert.facts, language, alert.brand.name, _, ngettext)
    return told


def _call(alert: Alert, now: datetime) -> None:
    call_people(
        brand=alert.brand,
        about=f"alert:{alert.pk}",
        kind="alert" if alert.level != Level.BLIND else "alert.blind",
        path=f"/b/{alert.brand.slug}/alerts/{alert.pk}/",
        facts={
            "sentence": sentences(alert) if alert.level != Level.BLIND else alert.facts.get("problem", ""),
            "source": str(alert.source or ""),
        },
        now=now,
    )


def _choose_posts(alert: Alert, at: datetime) -> None:
    """The five posts that show it best, and the narrative most of the storm belongs to."""
    chosen, narrative = queries.telling_posts(alert, at)
    AlertPost.objects.filter(alert=alert).delete()
    AlertPost.objects.bulk_create(
        AlertPost(alert=alert, mention=mention, rank=rank) for rank, mention in enumerate(chosen)
    )
    if narrative and alert.narrative_id != narrative:
        Alert.objects.filter(pk=alert.pk).update(narrative=narrative)


def _keep_alive(brand: Brand, score: float, at: datetime) -> None:
    storm = queries.running_storm(brand, at)
    if storm:
        Alert.objects.filter(pk=storm.pk).update(last_at=max(storm.last_at, at), peak=max(storm.peak, score))


def _close_quiet(brand: Brand, now: datetime) -> None:
    """Storms that have been quiet for hours have passed."""
    for alert in Alert.objects.filter(
        brand=brand, ended_at__isnull=True, last_at__lt=now - OVER_AFTER
    ).exclude(level=Level.BLIND):
        waited = alert.state in WAITING
        Alert.objects.filter(pk=alert.pk).update(
            ended_at=alert.last_at, state=AlertState.CLOSED if waited else alert.state
        )
        end_calls(brand=brand, about=f"alert:{alert.pk}", now=now)
        if waited:
            record("alert.passed", brand=brand, by=None, now=now, subject=f"alert:{alert.pk}", facts={})


def watch_sources(*, brand: Brand, now: datetime) -> list[Alert]:
    """A silent or failing source is an alarm of equal rank; one that speaks again ends it."""
    raised = []
    deaf = {
        source.pk: source
        for source in Source.objects.filter(brand=brand, state__in=["failing", "silent"])
        if queries.deaf_long_enough(source, now)
    }
    present = {
        alert.source_id: alert
        for alert in Alert.objects.filter(brand=brand, level=Level.BLIND, ended_at__isnull=True)
    }
    for pk, source in deaf.items():
        if pk in present:
            continue
        with transaction.atomic():
            alert = Alert.objects.create(
                brand=brand,
                level=Level.BLIND,
                kind="silence",
                source=source,
                since=source.failing_since or source.heard_at or source.added_at,
                noticed_at=now,
                last_at=now,
                facts={
                    "kind": "silence",
                    "source": source.name,
                    "problem": source.problem,
                    "state": source.state,
                },
            )
            record(
                "alert.blind",
                brand=brand,
                by=None,
                now=now,
                subject=f"alert:{alert.pk}",
                facts={"source": source.name, "problem": source.problem},
            )
            _call(alert, now)
            announce(brand, "alerts", now=now)
            raised.append(alert)
    for number, alert in present.items():
        if number not in deaf:
            with transaction.atomic():
                state = AlertState.CLOSED if alert.state in WAITING else alert.state
                Alert.objects.filter(pk=alert.pk).update(ended_at=now, last_at=now, state=state)
                end_calls(brand=brand, about=f"alert:{alert.pk}", now=now)
                record(
                    "alert.hears_again",
                    brand=brand,
                    by=None,
                    now=now,
                    subject=f"alert:{alert.pk}",
                    facts={"source": alert.facts.get("source", "")},
                )
                announce(brand, "alerts", now=now)
    return raised


def _decide(alert: Alert, by: User, now: datetime, kind: str, facts: dict, **fields: object) -> None:
    with transaction.atomic():
        if not Alert.objects.filter(pk=alert.pk, state__in=WAITING).update(**fields):
            raise Conflict(_("Somebody decided about this alert a moment ago. Look at the page again."))
        record(kind, brand=alert.brand, by=by, now=now, subject=f"alert:{alert.pk}", facts=facts)
        announce(alert.brand, "alerts", now=now)
    alert.refresh_from_db()


def acknowledge_alert(*, alert: Alert, by: User, now: datetime) -> None:
    """“I have it.” Nobody else is called."""
    require(by, Right.ALERTS, alert.brand)
    _decide(
        alert,
        by,
        now,
        "alert.acknowledged",
        {},
        state=AlertState.ACKNOWLEDGED,
        acknowledged_by=by,
        acknowledged_at=now,
    )
    acknowledge_calls(brand=alert.brand, about=f"alert:{alert.pk}", by=by, now=now)


def dismiss_alert(*, alert: Alert, by: User, now: datetime, why: str) -> None:
    """“Not a crisis, because …”: kept, and counted as an alarm in vain by the back-test."""
    require(by, Right.ALERTS, alert.brand)
    if not why.strip():
        raise BadInput(
            _("Say why it is not a crisis: the next time it looks like this, somebody will read it.")
        )
    _decide(
        alert,
        by,
        now,
        "alert.dismissed",
        {"why": why.strip()},
        state=AlertState.DISMISSED,
        decided_by=by,
        decided_at=now,
        why=why.strip()[:500],
    )
    end_calls(brand=alert.brand, about=f"alert:{alert.pk}", now=now)


def mark_declared(*, alert: Alert, crisis_id: int, by: User, now: datetime) -> None:
    """The alert became a crisis; it goes on growing quietly."""
    require(by, Right.CRISIS, alert.brand)
    with transaction.atomic():
        if not Alert.objects.filter(pk=alert.pk, state__in=WAITING).update(
            state=AlertState.DECLARED, decided_by=by, decided_at=now, crisis=crisis_id
        ):
            raise Conflict(_("Somebody decided about this alert a moment ago. Look at the page again."))
        announce(alert.brand, "alerts", now=now)


def silence(*, brand: Brand, by: User | None, now: datetime, reason: str, until: datetime) -> Silence:
    """Nobody is called until then. Alerts are still made and shown, marked as silenced."""
    require(by, Right.ALERTS, brand)
    if not reason.strip() or until <= now:
        raise BadInput(_("A silence needs a reason and an end that lies ahead."))
    with transaction.atomic():
        made = Silence.objects.create(
            brand=brand, reason=reason.strip()[:500], starts_at=now, ends_at=until, by=by
        )
        waiting = Alert.objects.filter(brand=brand, state__in=WAITING, ended_at__isnull=True).exclude(
            level=Level.BLIND
        )
        for alert in waiting:
            end_calls(brand=brand, about=f"alert:{alert.pk}", now=now)
        waiting.update(silenced_until=until)
        record(
            "silence.started",
            brand=brand,
            by=by,
            now=now,
            facts={"reason": reason.strip(), "until": until.isoformat(timespec="minutes")},
        )
        announce(brand, "alerts", now=now)
    return made


def end_silences(*, brand: Brand, by: User | None, now: datetime) -> int:
    """People are called again."""
    require(by, Right.ALERTS, brand)
    with transaction.atomic():
        ended = Silence.objects.filter(brand=brand, ends_at__gt=now, starts_at__lte=now).update(ends_at=now)
        Alert.objects.filter(brand=brand, silenced_until__gt=now).update(silenced_until=None)
        if ended:
            record("silence.ended", brand=brand, by=by, now=now, facts={})
            announce(brand, "alerts", now=now)
    return ended


def raise_concern(*, brand: Brand, by: User, now: datetime, text: str, url: str = "") -> Concern:
    """Somebody noticed something; whoever is on call hears of it (D5)."""
    require(by, Right.CORRECT, brand)
    if not text.strip():
        raise BadInput(_("Say in a sentence what you noticed."))
    with transaction.atomic():
        concern = Concern.objects.create(
            brand=brand, text=text.strip()[:2000], url=url.strip()[:1000], raised_by=by, raised_at=now
        )
        record(
            "concern.raised",
            brand=brand,
            by=by,
            now=now,
            subject=f"concern:{concern.pk}",
            facts={"text": concern.text[:300]},
        )
        call_people(
            brand=brand,
            about=f"concern:{concern.pk}",
            kind="concern",
            path=f"/b/{brand.slug}/alerts/",
            facts={"text": concern.text[:300], "person": str(by)},
            now=now,
        )
        announce(brand, "alerts", now=now)
    return concern


def decide_concern(*, concern: Concern, by: User, now: datetime, react: bool, why: str) -> None:
    """It needs a reaction, or it does not; either way with a reason."""
    require(by, Right.ALERTS, concern.brand)
    if not why.strip():
        raise BadInput(_("Say why: the person who raised it will read it."))
    state = ConcernState.REACT if react else ConcernState.NO_REACTION
    with transaction.atomic():
        if not Concern.objects.filter(pk=concern.pk, state=ConcernState.RAISED).update(
            state=state, decided_by=by, decided_at=now, why=why.strip()[:500]
        ):
            raise Conflict(_("Somebody decided about this a moment ago."))
        record(
            "concern.react" if react else "concern.no_reaction",
            brand=concern.brand,
            by=by,
            now=now,
            subject=f"concern:{concern.pk}",
            facts={"text": concern.text[:300], "why": why.strip()},
        )
        announce(concern.brand, "alerts", now=now)
    acknowledge_calls(brand=concern.brand, about=f"concern:{concern.pk}", by=by, now=now)


def save_definition(*, brand: Brand, by: User, now: datetime, budget: float) -> Definition:
    """What the brand calls a crisis, as a new version. Scores already made stay as they are."""
    require(by, Right.SETTINGS, brand)
    if not 0.01 <= budget <= 20:
        raise BadInput(_("Choose between one false alarm in two years (0.01 a week) and 20 a week."))
    with transaction.atomic():
        present = queries.definition(brand)
        try:
            with transaction.atomic():
                made = Definition.objects.create(
                    brand=brand,
                    version=present.version + 1,
                    budget=budget,
                    settings=present.settings,
                    saved_by=by,
                    saved_at=now,
                )
        except IntegrityError:
            raise Conflict(
                _("Somebody saved another definition a moment ago. Look at it, then save yours.")
            ) from None
        record(
            "definition.saved", brand=brand, by=by, now=now, facts={"version": made.version, "budget": budget}
        )
    return made
