"""Declaring a crisis and leading it through its states. What declaring does elsewhere is a flow."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from stormdesk.core.errors import BadInput, Conflict, Refused
from stormdesk.declare.models import Crisis, Measure, Playbook, TeamMember
from stormdesk.declare.rules import (
    NEXT_STATES,
    CrisisRole,
    CrisisState,
    CrisisType,
    MeasureKind,
    MeasureState,
)
from stormdesk.declare.words import ROLE_WORDS, STATE_WORDS
from stormdesk.detect.models import Alert
from stormdesk.journal.actions import announce, record
from stormdesk.people.access import may, require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right


def create_crisis(
    *,
    brand: Brand,
    by: User,
    now: datetime,
    title: str,
    type: str,
    severity: int,
    lead: User,
    reason: str,
    playbook: dict,
    alert: Alert | None = None,
    began_at: datetime | None = None,
    suspected: bool = False,
) -> Crisis:
    """Declare. The playbook is copied in. Raises AccessDenied, BadInput, Refused, Conflict when one is open."""
    require(by, Right.CRISIS, brand)
    if not reason.strip() or not title.strip():
        raise BadInput(
            _("A crisis needs a name and a reason in one sentence: everybody who is called will read them.")
        )
    if severity not in (1, 2, 3):
        raise BadInput(_("Severity is 1, 2 or 3."))
    if not may(lead, Right.CRISIS, brand):
        raise Refused(
            _("%(person)s may not lead a crisis here: the role does not allow it. Choose an owner or a lead.")
            % {"person": lead}
        )
    try:
        with transaction.atomic():
            crisis = Crisis.objects.create(
                brand=brand,
                title=title.strip()[:150],
                type=CrisisType(type),
                severity=severity,
                state=CrisisState.SUSPECTED if suspected else CrisisState.ACTIVE,
                lead=lead,
                alert=alert,
                reason=reason.strip()[:500],
                playbook=playbook,
                declared_by=by,
                declared_at=now,
                began_at=began_at or (alert.since if alert else now),
            )
            roles = {(lead, CrisisRole.LEAD)} | ({(by, CrisisRole.MEMBER)} if by != lead else set())
            TeamMember.objects.bulk_create(
                TeamMember(crisis=crisis, user=user, role=role, added_at=now) for user, role in roles
            )
            record(
                "crisis.suspected" if suspected else "crisis.declared",
                brand=brand,
                by=by,
                now=now,
                subject=f"crisis:{crisis.pk}",
                crisis=crisis.pk,
                facts={
                    "title": crisis.title,
                    "severity": severity,
                    "lead": str(lead),
                    "reason": crisis.reason,
                },
            )
            announce(brand, "crisis", now=now)
    except IntegrityError:
        raise Conflict(
            _(
                "A crisis is already declared at %(brand)s. Nothing was changed; add to the crisis that is open."
            )
            % {"brand": brand.name}
        ) from None
    return crisis


def change_state(*, crisis: Crisis, to: str, by: User, now: datetime, reason: str) -> Crisis:
    """Lead the crisis into its next state. Raises AccessDenied, BadInput without a reason, Refused, Conflict."""
    require(by, Right.CRISIS, crisis.brand)
    target, present = CrisisState(to), CrisisState(crisis.state)
    if not reason.strip():
        raise BadInput(_("Say why: the reason stands on the timeline and in the review."))
    if target not in NEXT_STATES[present]:
        raise Refused(
            _("A crisis that is %(present)s cannot become %(target)s. Choose one of the states offered.")
            % {"present": str(STATE_WORDS[present]).lower(), "target": str(STATE_WORDS[target]).lower()}
        )
    stamp: dict[CrisisState, dict[str, datetime | None]] = {
        CrisisState.CONTAINED: {"contained_at": now},
        CrisisState.RESOLVED: {"resolved_at": now},
        CrisisState.REVIEWED: {"reviewed_at": now},
        CrisisState.ACTIVE: {"contained_at": None, "resolved_at": None},
    }
    try:
        with transaction.atomic():
            if not Crisis.objects.filter(pk=crisis.pk, state=present).update(state=target, **stamp[target]):
                raise Conflict(
                    _("Somebody changed the state a moment ago. Look at the timeline, then decide again.")
                )
            record(
                f"crisis.{target}",
                brand=crisis.brand,
                by=by,
                now=now,
                subject=f"crisis:{crisis.pk}",
                crisis=crisis.pk,
                facts={"title": crisis.title, "reason": reason.strip()},
            )
            announce(crisis.brand, "crisis", now=now)
    except IntegrityError:
        raise Conflict(
            _("Another crisis is open at this brand, so this one cannot become active again.")
        ) from None
    crisis.refresh_from_db()
    return crisis


def change_severity(*, crisis: Crisis, severity: int, by: User, now: datetime, reason: str) -> None:
    """Raise or lower the severity; approvals of texts not yet approved follow the new one."""
    require(by, Right.CRISIS, crisis.brand)
    if severity not in (1, 2, 3) or not reason.strip():
        raise BadInput(_("Choose a severity of 1, 2 or 3 and say why."))
    with transaction.atomic():
        if not Crisis.objects.filter(pk=crisis.pk, severity=crisis.severity).update(severity=severity):
            raise Conflict(_("Somebody changed the severity a moment ago. Nothing was changed by you."))
        record(
            "crisis.severity",
            brand=crisis.brand,
            by=by,
            now=now,
            subject=f"crisis:{crisis.pk}",
            crisis=crisis.pk,
            facts={"was": crisis.severity, "severity": severity, "reason": reason.strip()},
        )
        announce(crisis.brand, "crisis", now=now)
    crisis.severity = severity


def give_role(*, crisis: Crisis, user: User, role: str, by: User, now: datetime) -> None:
    """Put somebody on the team. A new lead takes over from the old one, who stays as deputy (hand-over)."""
    require(by, Right.CRISIS, crisis.brand)
    chosen = CrisisRole(role)
    if not may(user, Right.SEE, crisis.brand):
        raise Refused(_("That person does not work for this brand. Invite them first, under People."))
    if chosen is CrisisRole.LEAD and not may(user, Right.CRISIS, crisis.brand):
        raise Refused(
            _("%(person)s may not lead a crisis here: the role does not allow it. Choose an owner or a lead.")
            % {"person": user}
        )
    with transaction.atomic():
        if chosen is CrisisRole.LEAD:
            former = crisis.lead
            TeamMember.objects.filter(crisis=crisis, role=CrisisRole.LEAD).delete()
            if former != user:
                TeamMember.objects.get_or_create(
                    crisis=crisis, user=former, role=CrisisRole.DEPUTY, defaults={"added_at": now}
                )
            Crisis.objects.filter(pk=crisis.pk).update(lead=user)
            crisis.lead = user
        TeamMember.objects.get_or_create(crisis=crisis, user=user, role=chosen, defaults={"added_at": now})
        record(
            "crisis.role",
            brand=crisis.brand,
            by=by,
            now=now,
            subject=f"crisis:{crisis.pk}",
            crisis=crisis.pk,
            facts={"person": str(user), "role": str(ROLE_WORDS[chosen])},
        )
        announce(crisis.brand, "crisis", now=now)


def require_lead(crisis: Crisis, by: User) -> None:
    """What leading this crisis asks for. Raises AccessDenied."""
    require(by, Right.CRISIS, crisis.brand)


def set_measure(
    *, crisis: Crisis, kind: str, state: str, now: datetime, detail: dict | None = None, problem: str = ""
) -> Measure:
    """Keep the state of something done at once; called by the flow that does it, and by its retry."""
    measure, _new = Measure.objects.update_or_create(
        crisis=crisis,
        kind=MeasureKind(kind),
        defaults={
            "state": MeasureState(state),
            "detail": detail or {},
            "problem": problem[:500],
            "changed_at": now,
        },
    )
    return measure


def note(*, crisis: Crisis, by: User, now: datetime, text: str, decision: bool = False) -> None:
    """Write on the timeline: a fact, a call, a decision. It cannot be changed afterwards, only followed."""
    require(by, Right.TASKS, crisis.brand)
    if not text.strip():
        raise BadInput(_("Write what happened in a sentence."))
    with transaction.atomic():
        record(
            "crisis.decision" if decision else "crisis.note",
            brand=crisis.brand,
            by=by,
            now=now,
            subject=f"crisis:{crisis.pk}",
            crisis=crisis.pk,
            facts={"text": text.strip()[:2000]},
        )
        announce(crisis.brand, "crisis", now=now)


def save_playbook(*, brand: Brand, by: User, now: datetime, type: str, title: str, body: dict) -> Playbook:
    """Change the brand's own playbook. Running crises keep the copy they began with."""
    require(by, Right.SETTINGS, brand)
    if not title.strip() or not isinstance(body.get("tasks"), list):
        raise BadInput(_("A playbook needs a title and a list of tasks."))
    with transaction.atomic():
        playbook, _new = Playbook.objects.update_or_create(
            brand=brand,
            type=CrisisType(type),
            defaults={"title": title.strip()[:150], "body": body, "changed_by": by, "changed_at": now},
        )
        record(
            "playbook.saved",
            brand=brand,
            by=by,
            now=now,
            subject=f"playbook:{playbook.pk}",
            facts={"title": playbook.title},
        )
    return playbook
