"""Crises, the pause, the lockdown."""

from __future__ import annotations

from django.utils.translation import gettext as _
from ninja import Router

from stormdesk.accounts.queries import get_account
from stormdesk.api.access import needs
from stormdesk.api.shapes import CrisisIn, CrisisOut, LockdownOut, NoteIn, PauseIn, PauseOut, Reason, StateIn
from stormdesk.core.clock import utcnow
from stormdesk.core.errors import BadInput
from stormdesk.declare import actions as declare_actions
from stormdesk.declare import queries as declare
from stormdesk.declare.models import Crisis
from stormdesk.declare.rules import CrisisType
from stormdesk.detect.queries import get_alert
from stormdesk.flows.declare_crisis import declare_crisis
from stormdesk.flows.stand_down import stand_down
from stormdesk.pause import actions as pause_actions
from stormdesk.pause import queries as pause
from stormdesk.pause.models import Pause
from stormdesk.people.access import PersonRequest
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right
from stormdesk.publish.queries import on_the_wire
from stormdesk.secure import actions as secure_actions
from stormdesk.secure import queries as secure
from stormdesk.secure.models import Lockdown

router = Router(tags=["crises"])


def _crisis(crisis: Crisis) -> dict:
    names = ("title", "type", "severity", "state", "reason", "declared_at", "contained_at", "resolved_at")
    return {"id": crisis.pk, "lead": str(crisis.lead), **{name: getattr(crisis, name) for name in names}}


@router.get("/crises", response=list[CrisisOut])
@needs(Right.SEE)
def crises(request: PersonRequest, brand: Brand):
    """All crises, newest first."""
    return [_crisis(row) for row in declare.crises_of(brand)]


@router.post("/crises", response={201: CrisisOut})
@needs(Right.CRISIS)
def declare_one(request: PersonRequest, brand: Brand, given: CrisisIn):
    """Declare, and do at once what `measures` names."""
    if given.type not in set(CrisisType):
        raise BadInput(_("Choose one of these types: %(types)s.") % {"types": ", ".join(CrisisType)})
    people = {user.email: user for user in declare.colleagues(brand)}
    if given.lead and given.lead.lower() not in people:
        raise BadInput(_("Nobody with this address works for the brand. Name a colleague as lead."))
    crisis = declare_crisis(
        brand=brand,
        by=request.user,
        now=utcnow(),
        title=given.title,
        reason=given.reason,
        type=given.type,
        severity=given.severity,
        lead=people[given.lead.lower()] if given.lead else request.user,
        alert=get_alert(brand, given.alert) if given.alert else None,
        measures=given.measures,
    )
    return 201, _crisis(crisis)


@router.get("/crises/{int:pk}", response=CrisisOut)
@needs(Right.SEE)
def crisis(request: PersonRequest, brand: Brand, pk: int):
    """One crisis."""
    return _crisis(declare.get_crisis(brand, pk))


@router.post("/crises/{int:pk}/state", response=CrisisOut)
@needs(Right.CRISIS)
def change_state(request: PersonRequest, brand: Brand, pk: int, given: StateIn):
    """Lead it into its next state."""
    found = declare.get_crisis(brand, pk)
    return _crisis(stand_down(crisis=found, by=request.user, now=utcnow(), **given.dict()))


@router.post("/crises/{int:pk}/notes", response={204: None})
@needs(Right.TASKS)
def note(request: PersonRequest, brand: Brand, pk: int, given: NoteIn):
    """Write on the timeline."""
    declare_actions.note(crisis=declare.get_crisis(brand, pk), by=request.user, now=utcnow(), **given.dict())
    return 204, None


def _pause(row: Pause) -> dict:
    names = ("scope", "network", "account_id", "reason", "started_at", "in_force_at", "review_at")
    return {
        "id": row.pk,
        "started_by": str(row.started_by),
        "on_the_wire": [post.pk for post in on_the_wire(row)],
        **{name: getattr(row, name) for name in names},
    }


@router.get("/pauses", response=list[PauseOut])
@needs(Right.SEE)
def pauses(request: PersonRequest, brand: Brand):
    """The pauses in force or beginning."""
    return [_pause(row) for row in pause.open_pauses(brand)]


@router.post("/pauses", response={201: PauseOut})
@needs(Right.PAUSE)
def start_pause(request: PersonRequest, brand: Brand, given: PauseIn):
    """Stop scheduled posts. From the answer on nothing covered is taken any more."""
    account = get_account(brand, given.account) if given.account else None
    row = pause_actions.start_pause(
        brand=brand,
        by=request.user,
        now=utcnow(),
        scope=given.scope,
        network=given.network,
        account=account,
        reason=given.reason,
        review_at=given.review_at,
    )
    return 201, _pause(row)


@router.post("/pauses/{int:pk}/end", response={204: None})
@needs(Right.RESUME)
def end_pause(request: PersonRequest, brand: Brand, pk: int):
    """Let publishing go on. What came due meanwhile stays held until a person decides, post by post."""
    pause_actions.end_pause(pause=pause.get_pause(brand, pk), by=request.user, now=utcnow())
    return 204, None


def _lockdown(row: Lockdown) -> dict:
    return {
        "reason": row.reason,
        "started_by": str(row.started_by),
        "started_at": row.started_at,
        "keeps": sorted(str(user) for user in row.keeps.all()),
    }


@router.get("/lockdown", response=list[LockdownOut])
@needs(Right.SEE)
def lockdown(request: PersonRequest, brand: Brand):
    """The lockdown in force: a list of one, or of none."""
    row = secure.open_lockdown(brand)
    return [_lockdown(row)] if row else []


@router.post("/lockdown", response={201: LockdownOut})
@needs(Right.LOCK)
def lock(request: PersonRequest, brand: Brand, given: Reason):
    """Take everybody's right to publish but yours and the crisis team's."""
    crisis = declare.open_crisis(brand)
    row = secure_actions.lock(
        brand=brand,
        by=request.user,
        now=utcnow(),
        reason=given.reason,
        crisis=crisis,
        keeps=declare.team_users(crisis) if crisis else (),
    )
    return 201, _lockdown(row)


@router.post("/lockdown/end", response={204: None})
@needs(Right.LOCK)
def unlock(request: PersonRequest, brand: Brand, given: Reason):
    """Give the rights back exactly as they were."""
    secure_actions.unlock(brand=brand, by=request.user, now=utcnow(), reason=given.reason)
    return 204, None
