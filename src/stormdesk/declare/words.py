"""Types, states, roles and measures in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stormdesk.declare.models import Crisis
from stormdesk.declare.rules import CrisisRole, CrisisState, CrisisType, MeasureKind

TYPE_WORDS = {
    CrisisType.EMPLOYEE_CONDUCT: _("Employee conduct"),
    CrisisType.FAULTY_PRODUCT: _("Faulty product"),
    CrisisType.INDUSTRY_SPILLOVER: _("Industry spill-over"),
    CrisisType.ACCOUNT_TAKEOVER: _("Account takeover"),
    CrisisType.INSENSITIVE_POST: _("Insensitive post"),
    CrisisType.RUMOUR: _("Rumour"),
    CrisisType.DATA_LEAK: _("Data leak"),
    CrisisType.OUTAGE: _("Outage"),
    CrisisType.EXECUTIVE: _("Executive"),
    CrisisType.DISASTER: _("Disaster"),
}

STATE_WORDS = {
    CrisisState.SUSPECTED: _("Suspected"),
    CrisisState.ACTIVE: _("Active"),
    CrisisState.CONTAINED: _("Contained"),
    CrisisState.RESOLVED: _("Resolved"),
    CrisisState.REVIEWED: _("Reviewed"),
}

ROLE_WORDS = {
    CrisisRole.LEAD: _("lead"),
    CrisisRole.DEPUTY: _("deputy"),
    CrisisRole.LEGAL: _("legal"),
    CrisisRole.SPOKESPERSON: _("spokesperson"),
    CrisisRole.SCRIBE: _("scribe"),
    CrisisRole.MEMBER: _("member"),
}

MEASURE_WORDS = {
    MeasureKind.PAUSE: _("Pause publishing"),
    MeasureKind.LOCK: _("Lock the accounts"),
    MeasureKind.TASKS: _("Open the playbook’s tasks"),
    MeasureKind.CALL: _("Call the people on call"),
    MeasureKind.STATEMENT: _("Prepare the first statement"),
}

SEVERITY_WORDS = {
    1: _("1, watch closely"),
    2: _("2, serious"),
    3: _("3, the company is at stake"),
}


@dataclass(frozen=True)
class Step:
    """One state on the line of states: past, present or to come."""

    word: str | Promise
    at: datetime | None
    present: bool


def state_steps(crisis: Crisis) -> list[Step]:
    """The line of states, with the time of each that was reached."""
    reached = {
        CrisisState.SUSPECTED: crisis.began_at,
        CrisisState.ACTIVE: crisis.declared_at if crisis.state != CrisisState.SUSPECTED else None,
        CrisisState.CONTAINED: crisis.contained_at,
        CrisisState.RESOLVED: crisis.resolved_at,
        CrisisState.REVIEWED: crisis.reviewed_at,
    }
    return [Step(STATE_WORDS[state], at, state == crisis.state) for state, at in reached.items()]
