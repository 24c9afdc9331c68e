"""Raising alerts and growing them: one storm, one alert; and the alarms of sources that cannot be heard."""

from __future__ import annotations

import zoneinfo
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stormdesk.detect import queries
from stormdesk.detect.detectors import sentence
from stormdesk.detect.models import Alert, AlertPost
from stormdesk.detect.rules import (
    OVER_AFTER,
    WAITING,
    AlertState,
    Level,
    higher,
)
from stormdesk.journal.actions import announce, record
from stormdesk.listen.models import Source
from stormdesk.notify.actions import call_people
from stormdesk.notify.actions import end as end_calls
from stormdesk.people.models import Brand


def raise_or_grow(
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
                call(present, now)
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
        call(alert, now)
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


def call(alert: Alert, now: datetime) -> None:
    """Call people about an alert until somebody acknowledges it."""
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


def keep_alive(brand: Brand, score: float, at: datetime) -> None:
    """A bucket that is still unusual belongs to the storm that is running."""
    storm = queries.running_storm(brand, at)
    if storm:
        Alert.objects.filter(pk=storm.pk).update(last_at=max(storm.last_at, at), peak=max(storm.peak, score))


def close_quiet(brand: Brand, now: datetime) -> None:
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
            call(alert, now)
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
