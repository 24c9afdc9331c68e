"""Raising alerts and growing them: one storm, one alert; and the alarms of sources that cannot be heard."""

from __future__ import annotations

import zoneinfo
from datetime import datetime

from django.db import transaction
from django.utils import translation

from stormdesk.detect import queries
from stormdesk.detect.models import Alert, AlertPost
from stormdesk.detect.rules import (
    OVER_AFTER,
    WAITING,
    AlertState,
    Level,
    higher,
)
from stormdesk.detect.rules.criteria import Called
from stormdesk.detect.rules.lookout import Seen
from stormdesk.detect.rules.severity import severity
from stormdesk.journal.actions import announce, record
from stormdesk.listen.actions.health import told_in
from stormdesk.listen.models import Source
from stormdesk.notify.actions import call_people, tell
from stormdesk.notify.actions import end as end_calls
from stormdesk.notify.models import Escalation
from stormdesk.notify.queries import answering, escalation_of, leaders
from stormdesk.people.models import Brand


def raise_or_grow(brand: Brand, seen: Seen, noticed: datetime, now: datetime) -> Alert | None:
    """One storm, one alert: a new alert, or None when it became part of the one that is there.

    `noticed` is when the desk could know (later than the step for posts that came late), `now` the moment of scoring: for
    a storm that is long over nobody is called.
    """
    at = seen.at
    if queries.noticed_already(brand, at):
        return None
    over = at < now - OVER_AFTER
    present = queries.running_storm(brand, at)
    if present:
        grow(present, seen)
        before = present.level
        grows = higher(seen.level, before)
        wakes = present.hushed and not seen.hushed
        if grows or wakes:
            Alert.objects.filter(pk=present.pk).update(
                level=seen.level if grows else before, hushed=present.hushed and seen.hushed
            )
            present.refresh_from_db()
            _weigh(present, at)
        _choose_posts(present, at)
        if (grows or wakes) and present.state in WAITING and not present.hushed:
            record(
                "alert.grew",
                brand=brand,
                by=None,
                now=noticed,
                subject=f"alert:{present.pk}",
                facts={"sentence": sentences(present)},
            )
            if not over and not (silence := queries.silence_at(brand, now)):
                call(present, now)
            elif silence and wakes:
                Alert.objects.filter(pk=present.pk).update(silenced_until=silence.ends_at)
        announce(brand, "alerts", now=noticed)
        return None
    close_quiet(brand, at)  # a storm that is over must be known to be, for this one to be its relapse
    facts = {**seen.facts, **_local(brand, seen.facts)}
    since = datetime.fromisoformat(facts["since"]) if facts.get("since") else at
    alert = Alert.objects.create(
        brand=brand,
        level=seen.level,
        kind=facts.get("kind", "volume"),
        since=min(since, at),
        noticed_at=max(at, noticed),
        last_at=at,
        facts=facts,
        peak=seen.score.score,
        hushed=seen.hushed,
    )
    narrative = _choose_posts(alert, at)
    Alert.objects.filter(pk=alert.pk).update(relapse_of=queries.came_back(alert, narrative))
    _weigh(alert, at)
    silence = queries.silence_at(brand, at)
    kind = "alert.silenced" if silence else "alert.explained" if alert.hushed else "alert.noticed"
    record(
        kind,
        brand=brand,
        by=None,
        now=alert.noticed_at,
        subject=f"alert:{alert.pk}",
        facts={"sentence": sentences(alert), "reason": silence.reason if silence else ""},
    )
    if silence:
        Alert.objects.filter(pk=alert.pk).update(silenced_until=silence.ends_at)
        alert.silenced_until = silence.ends_at
    elif not over and not alert.hushed:
        call(alert, now)
    announce(brand, "alerts", now=alert.noticed_at)
    return alert


def grow(alert: Alert, seen: Seen) -> None:
    """The storm goes on: until when, how high, and in its sentence the most unusual moment so far."""
    facts = alert.facts
    greater = _height(seen.facts) > _height(facts)
    if greater or higher(seen.level, alert.level):
        kept = {name: facts[name] for name in ("severity", "own_replies") if name in facts}
        began = {name: facts[name] for name in ("since", "since_local") if name in facts}
        facts = {**kept, **seen.facts, **_local(alert.brand, seen.facts), **began}
    alert.last_at, alert.peak, alert.facts = (
        max(alert.last_at, seen.at), max(alert.peak, seen.score.score), facts,
    )  # fmt: skip
    Alert.objects.filter(pk=alert.pk).update(last_at=alert.last_at, peak=alert.peak, facts=facts)
    if greater:
        before = alert.severity
        _weigh(alert, seen.at)
        _choose_posts(alert, seen.at)
        if alert.severity > before and alert.state in WAITING and not alert.hushed:
            call_more(alert, seen.at)


def _height(facts: dict) -> float:
    """How far above what is usual, as a ratio: spans of one hour and of six compare."""
    return facts.get("count", 0) / max(1.0, facts.get("high") or 1.0)


def _weigh(alert: Alert, at: datetime) -> None:
    """How severe it is by now, and how much of it answers the brand's own posts; severity never falls."""
    values = queries.weighed(alert, at, queries.criteria(alert.brand))
    found = severity(values, serious=alert.level == Level.CRISIS)
    facts = {
        **alert.facts,
        "severity": {
            "points": found.points,
            "parts": [[part.name, round(part.value, 3), part.points, part.most] for part in found.parts],
        },
        "own_replies": round(queries.own_replies(alert, at), 3),
    }
    alert.facts, alert.severity = facts, max(alert.severity, found.level)
    Alert.objects.filter(pk=alert.pk).update(facts=facts, severity=alert.severity)


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
            told[language] = queries.sentence_of(alert)
    return told


def call(alert: Alert, now: datetime) -> None:
    """Call the people that the definition names for this severity, until somebody acknowledges it."""
    circle = _circle(alert)
    if circle == Called.NOBODY:
        return
    escalation = call_people(
        brand=alert.brand,
        about=f"alert:{alert.pk}",
        kind="alert" if alert.level != Level.BLIND else "alert.blind",
        path=f"/b/{alert.brand.slug}/alerts/{alert.pk}/",
        facts=_message(alert),
        now=now,
    )
    _tell_circle(alert, escalation, circle, now)


def call_more(alert: Alert, now: datetime) -> None:
    """It has become more severe: whoever belongs to the wider circle hears of it, unless it was silenced."""
    circle = _circle(alert)
    if circle == Called.NOBODY or alert.silenced_until:
        return
    escalation = escalation_of(alert.brand, f"alert:{alert.pk}")
    if escalation is None:
        call(alert, now)
    else:
        _tell_circle(alert, escalation, circle, now)


def _circle(alert: Alert) -> str:
    if alert.level == Level.BLIND:
        return Called.ON_CALL
    return queries.criteria(alert.brand).called.get(alert.severity, Called.ON_CALL)


def _tell_circle(alert: Alert, escalation: Escalation, circle: str, now: datetime) -> None:
    """Tell those of the circle who were not told about this yet."""
    people = {Called.LEADERS: leaders, Called.EVERYBODY: answering}.get(Called(circle))
    told = set(escalation.calls.values_list("user", flat=True))
    for user in people(alert.brand) if people else []:
        if user.pk not in told:
            tell(
                brand=alert.brand,
                user=user,
                kind=escalation.kind,
                facts=_message(alert),
                path=escalation.path,
                now=now,
                escalation=escalation,
            )


def _message(alert: Alert) -> dict:
    blind = alert.level == Level.BLIND
    return {
        "sentence": alert.facts.get("problem", "") if blind else sentences(alert),
        "source": str(alert.source or ""),
    }


def _choose_posts(alert: Alert, at: datetime) -> int | None:
    """The five posts that show it best, and the narrative most of the storm belongs to."""
    chosen, narrative = queries.telling_posts(alert, at)
    AlertPost.objects.filter(alert=alert).delete()
    AlertPost.objects.bulk_create(
        AlertPost(alert=alert, mention=mention, rank=rank) for rank, mention in enumerate(chosen)
    )
    if narrative and alert.narrative_id != narrative:
        Alert.objects.filter(pk=alert.pk).update(narrative=narrative)
    return narrative


def keep_alive(brand: Brand, seen: Seen) -> None:
    """A step that is still unusual belongs to the storm that is running."""
    storm = queries.running_storm(brand, seen.at)
    if storm:
        grow(storm, seen)


def close_quiet(brand: Brand, now: datetime) -> None:
    """Storms that have been quiet for hours have passed."""
    for alert in (
        Alert.objects.filter(brand=brand, ended_at__isnull=True, last_at__lt=now - OVER_AFTER)
        .exclude(level=Level.BLIND)
        .select_related("brand")
    ):
        waited = alert.state in WAITING
        Alert.objects.filter(pk=alert.pk).update(
            ended_at=alert.last_at,
            state=AlertState.CLOSED if waited else alert.state,
            facts={**alert.facts, "half_life": queries.measured_half_life(alert)},
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
        problem = told_in(source, brand.language)
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
                    "problem": problem,
                    "trouble": source.trouble,
                    "state": source.state,
                },
            )
            record(
                "alert.blind",
                brand=brand,
                by=None,
                now=now,
                subject=f"alert:{alert.pk}",
                facts={"source": source.name, "problem": problem},
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
