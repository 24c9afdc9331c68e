"""One button: call the crisis contained or resolved, and give back what was taken for its time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from stormdesk.declare.actions import change_state
from stormdesk.declare.models import Crisis
from stormdesk.declare.rules import CrisisState
from stormdesk.detect.actions import end_silences
from stormdesk.learn.actions import open_review
from stormdesk.notify.actions import end as end_calls
from stormdesk.people.models import User
from stormdesk.secure.actions import unlock
from stormdesk.secure.queries import open_lockdown


def stand_down(
    *, crisis: Crisis, to: str, by: User, now: datetime, reason: str, give_rights_back: bool = False
) -> Crisis:
    """Change the state; end the calls; unlock if asked; open the review when resolved.

    The pause is not lifted here: resuming is a review of its own, post by post (U5). Raises what its parts raise;
    either all of it happens or none.
    """
    with transaction.atomic():
        crisis = change_state(crisis=crisis, to=to, by=by, now=now, reason=reason)
        if crisis.state != CrisisState.ACTIVE:
            end_calls(brand=crisis.brand, about=f"crisis:{crisis.pk}", now=now)
        if crisis.state == CrisisState.RESOLVED:
            end_silences(brand=crisis.brand, by=by, now=now)
        if give_rights_back and open_lockdown(crisis.brand):
            unlock(brand=crisis.brand, by=by, now=now, reason=reason)
        if crisis.state == CrisisState.RESOLVED:
            open_review(crisis=crisis, by=by, now=now)
    return crisis
