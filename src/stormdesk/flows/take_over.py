"""One button: “I have it”, pressed behind the link of a message. Nobody else is called about the matter."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from stormdesk.core.errors import Conflict
from stormdesk.detect.actions import acknowledge_alert
from stormdesk.detect.queries import get_alert
from stormdesk.detect.rules import AlertState
from stormdesk.notify.actions import acknowledge
from stormdesk.notify.models import Call, Escalation


def take_over(*, call: Call, now: datetime) -> None:
    """Whoever was called by `call` takes the matter; an alert counts as acknowledged too.

    Raises Conflict when somebody was faster or it is over, AccessDenied when the person has lost the right since.
    """
    escalation = call.escalation
    if escalation is None or escalation.ended_at is not None:
        raise Conflict(_over(escalation))
    kind, _sep, number = escalation.about.partition(":")
    with transaction.atomic():
        if kind == "alert" and (alert := get_alert(call.brand, int(number))).state == AlertState.OPEN:
            acknowledge_alert(alert=alert, by=call.user, now=now)
        elif acknowledge(brand=call.brand, about=escalation.about, by=call.user, now=now) is None:
            raise Conflict(_over(escalation))


def _over(escalation: Escalation | None) -> str:
    taken_by = escalation.acknowledged_by if escalation else None
    if taken_by:
        return _("%(person)s already has it. You need not do anything.") % {"person": taken_by}
    return _("It is over, and nobody is called about it any more. You need not do anything.")
