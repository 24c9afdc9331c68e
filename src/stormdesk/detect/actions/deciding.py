"""What people decide: about alerts, for how long nobody is called, and what the brand calls a crisis."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from stormdesk.core.errors import BadInput, Conflict
from stormdesk.detect import queries
from stormdesk.detect.models import Alert, Definition, Silence
from stormdesk.detect.rules import (
    WAITING,
    AlertState,
    Level,
)
from stormdesk.detect.rules.criteria import BUDGET, LARGEST, Condition, Criteria
from stormdesk.journal.actions import announce, record
from stormdesk.listen.matching import parse
from stormdesk.notify.actions import acknowledge as acknowledge_calls
from stormdesk.notify.actions import end as end_calls
from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right


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


def save_definition(
    *, brand: Brand, by: User, now: datetime, budget: float | None = None, criteria: Criteria | None = None
) -> Definition:
    """What the brand calls a crisis, as a new version; with a `budget` alone the rest stays as it is. Scores already made
    stay as they are. Raises BadInput, and QueryError for words of danger that cannot be read."""
    require(by, Right.SETTINGS, brand)
    wanted = criteria or queries.criteria(brand)
    if budget is not None:
        wanted = replace(wanted, budget=budget)
    least, most = BUDGET
    if not least <= wanted.budget <= most:
        raise BadInput(_("Choose between one false alarm in two years (0.01 a week) and 20 a week."))
    if any(not 0 < value <= LARGEST for value in wanted.conditions.values()):
        raise BadInput(
            _("A condition needs a number above zero. Leave it empty to switch the condition off.")
        )
    if Condition.DANGER in wanted.conditions and not wanted.danger_words:
        raise BadInput(_("Name the words of danger, or leave their number empty."))
    if wanted.danger():
        parse(wanted.danger())
    with transaction.atomic():
        present = queries.definition(brand)
        try:
            with transaction.atomic():
                made = Definition.objects.create(
                    brand=brand,
                    version=present.version + 1,
                    budget=wanted.budget,
                    settings=wanted.settings(),
                    saved_by=by,
                    saved_at=now,
                )
        except IntegrityError:
            raise Conflict(
                _("Somebody saved another definition a moment ago. Look at it, then save yours.")
            ) from None
        record(
            "definition.saved",
            brand=brand,
            by=by,
            now=now,
            facts={
                "version": made.version,
                "budget": wanted.budget,
                "conditions": {str(name): value for name, value in wanted.conditions.items()},
                "called": {str(level): str(circle) for level, circle in wanted.called.items()},
                "danger_words": len(wanted.danger_words),
                "country": wanted.country,
            },
        )
    return made
