"""Alerts and concerns: which wait, which were before, what they say, and how they ended."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.http import Http404
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from stormdesk.detect.detectors import sentence
from stormdesk.detect.models import Alert, Concern, Silence
from stormdesk.detect.rules import OVER_AFTER, WAITING, AlertState, Level, relapse
from stormdesk.detect.rules.storms import RELAPSE_SAME
from stormdesk.detect.words import explained
from stormdesk.listen.models import Mention, Source
from stormdesk.listen.words import trouble_sentence
from stormdesk.people.models import Brand

BLIND_AFTER = timedelta(minutes=2)


def noticed_already(brand: Brand, at: datetime) -> bool:
    """Whether this time belongs to a storm that is over: the past may be scored twice, its alert is raised once."""
    return (
        Alert.objects.filter(brand=brand, ended_at__isnull=False, since__lte=at, last_at__gte=at)
        .exclude(level=Level.BLIND)
        .exists()
    )


def running_storm(brand: Brand, at: datetime) -> Alert | None:
    """The alert a new unusual bucket belongs to, dismissed or declared ones included: a storm is one alert."""
    return (
        Alert.objects.filter(
            brand=brand, ended_at__isnull=True, last_at__gte=at - OVER_AFTER, since__lte=at + OVER_AFTER
        )
        .exclude(level=Level.BLIND)
        .select_related("brand")
        .order_by("-last_at")
        .first()
    )


def came_back(alert: Alert, narrative: int | None) -> Alert | None:
    """The first of the storms that this one is a relapse of: an ended one with the same story, or just ended."""
    ended = (
        Alert.objects.filter(
            brand=alert.brand_id, ended_at__lte=alert.since, ended_at__gte=alert.since - RELAPSE_SAME
        )
        .exclude(level=Level.BLIND)
        .exclude(pk=alert.pk)
        .select_related("relapse_of")
        .order_by("-ended_at")
    )
    for earlier in ended[:50]:
        same = narrative is not None and earlier.narrative_id == narrative
        if earlier.ended_at and relapse(same, earlier.ended_at, alert.since):
            return earlier.relapse_of or earlier
    return None


def silence_at(brand: Brand, at: datetime) -> Silence | None:
    """The silence in force at this moment, if any."""
    return Silence.objects.filter(brand=brand, starts_at__lte=at, ends_at__gt=at).order_by("-ends_at").first()


def open_alerts(brand: Brand) -> list[Alert]:
    """Alerts that wait for a decision, the most serious first."""
    rows = Alert.objects.filter(brand=brand, state__in=WAITING).select_related(
        "brand", "source", "narrative", "acknowledged_by"
    )
    order = {Level.CRISIS: 0, Level.ATTENTION: 1, Level.BLIND: 2}
    return sorted(
        rows, key=lambda alert: (order[Level(alert.level)], -alert.severity, -alert.noticed_at.timestamp())
    )


def past_alerts(brand: Brand, limit: int = 50) -> list[Alert]:
    """Alerts that were decided or passed, newest first."""
    return list(
        Alert.objects.filter(brand=brand)
        .exclude(state__in=WAITING)
        .select_related("brand", "source", "decided_by")
        .order_by("-noticed_at")[:limit]
    )


def alerts_between(brand: Brand, start: datetime, end: datetime) -> list[Alert]:
    """Storms that were noticed in a time, oldest first; sources that fell silent are not among them."""
    rows = Alert.objects.filter(brand=brand, noticed_at__lt=end, last_at__gte=start)
    return list(
        rows.exclude(level=Level.BLIND).select_related("brand", "decided_by").order_by("noticed_at")[:200]
    )


def get_alert(brand: Brand, pk: int) -> Alert:
    """Raises Http404 for another brand's alert."""
    found = (
        Alert.objects.filter(brand=brand, pk=pk)
        .select_related("brand", "source", "narrative", "acknowledged_by", "decided_by", "relapse_of")
        .first()
    )
    if found is None:
        raise Http404
    return found


def sentence_of(alert: Alert) -> str:
    """What is unusual, what was expected, since when, and what is known about it: in the active language."""
    if alert.level == Level.BLIND:
        return _("%(source)s is not heard: %(problem)s So this is not calm.") % {
            "source": alert.facts.get("source", ""),
            "problem": trouble_sentence(alert.facts.get("trouble", {}), alert.facts.get("problem", ""))
            or _("it has been silent for longer than it should."),
        }
    language = (get_language() or "en")[:2]
    plain = sentence(alert.facts, language, alert.brand.name, _, ngettext)
    return " ".join([plain, *explained(alert.facts, alert.brand.time_zone, language)])


def title_of(alert: Alert) -> str:
    """A short name for a crisis that begins with this alert: its narrative, if there is one."""
    return alert.narrative.label if alert.narrative else ""


def posts_of(alert: Alert) -> list[Mention]:
    """The five posts that show it."""
    return [row.mention for row in alert.posts.select_related("mention__narrative")]


def deaf_long_enough(source: Source, now: datetime) -> bool:
    """A hiccup is not an alarm: failing must last, silence has its own measure already."""
    if source.state == "silent":
        return True
    return source.failing_since is not None and now - source.failing_since >= BLIND_AFTER


@dataclass(frozen=True)
class Likeness:
    """An earlier alert and how much it resembles, 0 to 1."""

    alert: Alert
    likeness: float


def similar(alert: Alert, limit: int = 3) -> list[Likeness]:
    """Earlier alerts that resemble this one by size, mood, kind, severity and story, the most alike first."""
    rows = (
        Alert.objects.filter(brand=alert.brand, noticed_at__lt=alert.noticed_at)
        .exclude(state__in=WAITING)
        .select_related("brand", "source", "narrative", "decided_by")
        .order_by("-noticed_at")
    )
    if alert.level == Level.BLIND:
        same = rows.filter(level=Level.BLIND, source=alert.source_id)
        return [Likeness(row, 1.0) for row in same[:limit]]
    found = [Likeness(row, _likeness(alert, row)) for row in rows.exclude(level=Level.BLIND)[:200]]
    return sorted(found, key=lambda like: -like.likeness)[:limit]


def _likeness(one: Alert, other: Alert) -> float:
    here, there = one.facts, other.facts
    size = math.exp(-abs(math.log((here.get("count", 0) + 5) / (there.get("count", 0) + 5))))
    mood = 1 - abs((here.get("negative") or 0.0) - (there.get("negative") or 0.0))
    story = 0.0
    if one.narrative and other.narrative:
        mine, theirs = _words(one.narrative.label), _words(other.narrative.label)
        story = (
            1.0 if one.narrative_id == other.narrative_id else len(mine & theirs) / max(1, len(mine | theirs))
        )
    level = 1 - abs(one.severity - other.severity) / 3
    return round(0.3 * size + 0.25 * mood + 0.25 * story + 0.1 * level + 0.1 * (one.kind == other.kind), 2)


def _words(label: str) -> set[str]:
    return {word for word in label.casefold().split() if len(word) > 3}


@dataclass(frozen=True)
class Standing:
    """What became of the alerts of the last weeks: the budget as it was really spent."""

    weeks: float
    raised: int
    declared: int
    vain: int
    passed: int

    @property
    def vain_per_week(self) -> float:
        """Dismissed alerts a week."""
        return self.vain / self.weeks if self.weeks else 0.0


def standing(brand: Brand, now: datetime, first: datetime | None, days: int = 90) -> Standing:
    """How often in vain so far. `first`: when listening began, so that a young desk is not flattered."""
    start = max(first or now, now - timedelta(days=days))
    facts = (
        Alert.objects.filter(brand=brand, noticed_at__gte=start, noticed_at__lte=now)
        .exclude(level=Level.BLIND)
        .aggregate(
            raised=Count("pk"),
            declared=Count("pk", filter=Q(state=AlertState.DECLARED)),
            vain=Count("pk", filter=Q(state=AlertState.DISMISSED)),
            passed=Count("pk", filter=Q(state=AlertState.CLOSED)),
        )
    )
    return Standing(weeks=(now - start) / timedelta(weeks=1), **facts)


def concerns(brand: Brand) -> list[Concern]:
    """Concerns, the undecided first."""
    rows = Concern.objects.filter(brand=brand).select_related("raised_by", "decided_by")[:100]
    return sorted(rows, key=lambda row: row.state != "raised")


def get_concern(brand: Brand, pk: int) -> Concern:
    """Raises Http404 for another brand's concern."""
    found = Concern.objects.filter(brand=brand, pk=pk).select_related("brand").first()
    if found is None:
        raise Http404
    return found
