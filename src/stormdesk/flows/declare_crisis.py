"""One button: declare a crisis and do at once what was chosen (C1, C2).

Declaring itself either happens or does not. Each measure after it stands for itself: what failed is shown as failed
and can be tried again, and nothing that worked is undone by something that did not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from stormdesk.coordinate.actions import create_from_playbook
from stormdesk.core.errors import Conflict, StormdeskError
from stormdesk.declare import actions as declare
from stormdesk.declare.models import Crisis
from stormdesk.declare.queries import get_crisis, playbook_body, team_users
from stormdesk.declare.rules import MeasureKind, MeasureState
from stormdesk.detect.actions import mark_declared, silence
from stormdesk.detect.models import Alert
from stormdesk.journal.actions import announce
from stormdesk.notify.actions import call_people
from stormdesk.notify.actions import end as end_calls
from stormdesk.pause.actions import start_pause
from stormdesk.pause.rules import Scope
from stormdesk.people.models import Brand, User
from stormdesk.publish.actions import draft_statement
from stormdesk.publish.queries import statements_of
from stormdesk.publish.templates_library import load as load_templates
from stormdesk.secure.actions import lock

log = logging.getLogger(__name__)
DEFAULT_PROMISE = timedelta(minutes=60)
QUIET = timedelta(days=30)


def declare_crisis(
    *,
    brand: Brand,
    by: User,
    now: datetime,
    title: str,
    type: str,
    severity: int,
    lead: User,
    reason: str,
    alert: Alert | None = None,
    measures: Iterable[str] = (),
) -> Crisis:
    """Declare, then carry out the measures. Raises what `create_crisis` raises; a failing measure raises nothing."""
    with transaction.atomic():
        crisis = declare.create_crisis(
            brand=brand,
            by=by,
            now=now,
            title=title,
            type=type,
            severity=severity,
            lead=lead,
            reason=reason,
            playbook=playbook_body(brand, type),
            alert=alert,
        )
        if alert:
            mark_declared(alert=alert, crisis_id=crisis.pk, by=by, now=now)
    if alert:
        end_calls(brand=brand, about=f"alert:{alert.pk}", now=now)
    # Inside a declared crisis alerts are made and shown, and nobody is called about them (D2).
    silence(brand=brand, by=by, now=now, reason=crisis.title, until=now + QUIET)
    chosen = {MeasureKind(kind) for kind in measures}
    for kind in MeasureKind:  # the pause first: a second saved there may be a post not sent
        if kind in chosen:
            take_measure(crisis=crisis, kind=kind, by=by, now=now)
    return crisis


def take_measure(*, crisis: Crisis, kind: str, by: User, now: datetime) -> bool:
    """Carry out one measure, or try it again; its state and the sentence of a failure are kept. True when it worked."""
    declare.set_measure(crisis=crisis, kind=kind, state=MeasureState.RUNNING, now=now)
    detail: dict = {}
    problem = ""
    try:
        with transaction.atomic():
            detail = _MEASURES[MeasureKind(kind)](crisis, by, now)
    except StormdeskError as error:
        problem = str(error)
    except Exception:  # one broken measure must not take the others with it
        log.exception("measure failed", extra={"measure": kind, "crisis": crisis.pk})
        problem = _(
            "Something went wrong inside Stormdesk; the administrator finds it in the log. Try again."
        )
    state = MeasureState.FAILED if problem else MeasureState.DONE
    declare.set_measure(crisis=crisis, kind=kind, state=state, detail=detail, problem=problem, now=now)
    announce(crisis.brand, "crisis", now=now)
    return not problem


def _pause(crisis: Crisis, by: User, now: datetime) -> dict:
    try:
        pause = start_pause(
            brand=crisis.brand, by=by, now=now, scope=Scope.BRAND, reason=crisis.title, crisis=crisis
        )
    except Conflict as error:  # paused already: what was wanted is so
        return {"note": str(error)}
    return {"pause": pause.pk}


def _lock(crisis: Crisis, by: User, now: datetime) -> dict:
    try:
        lockdown = lock(
            brand=crisis.brand,
            by=by,
            now=now,
            reason=crisis.title,
            crisis=crisis,
            keeps=[crisis.lead, *team_users(crisis)],
        )
    except Conflict as error:
        return {"note": str(error)}
    return {"lockdown": lockdown.pk}


def _tasks(crisis: Crisis, by: User, now: datetime) -> dict:
    return {"made": len(create_from_playbook(crisis=crisis, by=by, now=now))}


def _call(crisis: Crisis, by: User, now: datetime) -> dict:
    call_people(
        brand=crisis.brand,
        about=f"crisis:{crisis.pk}",
        kind="crisis.declared",
        path=f"/b/{crisis.brand.slug}/crises/{crisis.pk}/",
        facts={
            "title": crisis.title,
            "brand": crisis.brand.name,
            "lead": str(crisis.lead),
            "reason": crisis.reason,
        },
        now=now,
        crisis=crisis.pk,
    )
    return {}


def _statement(crisis: Crisis, by: User, now: datetime) -> dict:
    present = statements_of(crisis)
    if present:
        return {"statement": present[0].pk}
    found = load_templates(crisis.brand.language, type=crisis.type, stage="first")
    template = found[0] if found else None
    promises = crisis.playbook.get("promise_minutes")
    promise = timedelta(minutes=promises[crisis.severity - 1]) if promises else DEFAULT_PROMISE
    statement = draft_statement(
        crisis=crisis,
        by=by,
        now=now,
        kind="first",
        template=template.key if template else "",
        language=crisis.brand.language,
        title=template.title if template else _("First statement"),
        text=template.body if template else "",
        short_text=template.medium if template else "",
        promise_at=now + promise,
    )
    return {"statement": statement.pk}


_MEASURES: dict[MeasureKind, Callable[[Crisis, User, datetime], dict]] = {
    MeasureKind.PAUSE: _pause,
    MeasureKind.LOCK: _lock,
    MeasureKind.TASKS: _tasks,
    MeasureKind.CALL: _call,
    MeasureKind.STATEMENT: _statement,
}


def retry_measure(*, brand: Brand, crisis_id: int, kind: str, by: User, now: datetime) -> bool:
    """The button beside a failed measure. Raises Http404, AccessDenied."""
    crisis = get_crisis(brand, crisis_id)
    declare.require_lead(crisis, by)
    return take_measure(crisis=crisis, kind=kind, by=by, now=now)
