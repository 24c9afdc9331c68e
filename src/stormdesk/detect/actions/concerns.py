"""Concerns that people raise by hand (D5)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from stormdesk.core.errors import BadInput, Conflict
from stormdesk.detect.models import Concern
from stormdesk.detect.rules import (
    ConcernState,
)
from stormdesk.journal.actions import announce, record
from stormdesk.notify.actions import acknowledge as acknowledge_calls
from stormdesk.notify.actions import call_people
from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right


def raise_concern(*, brand: Brand, by: User, now: datetime, text: str, url: str = "") -> Concern:
    """Somebody noticed something; whoever is on call hears of it (D5)."""
    require(by, Right.CORRECT, brand)
    if not text.strip():
        raise BadInput(_("Say in a sentence what you noticed."))
    with transaction.atomic():
        concern = Concern.objects.create(
            brand=brand, text=text.strip()[:2000], url=url.strip()[:1000], raised_by=by, raised_at=now
        )
        record(
            "concern.raised",
            brand=brand,
            by=by,
            now=now,
            subject=f"concern:{concern.pk}",
            facts={"text": concern.text[:300]},
        )
        call_people(
            brand=brand,
            about=f"concern:{concern.pk}",
            kind="concern",
            path=f"/b/{brand.slug}/alerts/",
            facts={"text": concern.text[:300], "person": str(by)},
            now=now,
        )
        announce(brand, "alerts", now=now)
    return concern


def decide_concern(*, concern: Concern, by: User, now: datetime, react: bool, why: str) -> None:
    """It needs a reaction, or it does not; either way with a reason."""
    require(by, Right.ALERTS, concern.brand)
    if not why.strip():
        raise BadInput(_("Say why: the person who raised it will read it."))
    state = ConcernState.REACT if react else ConcernState.NO_REACTION
    with transaction.atomic():
        if not Concern.objects.filter(pk=concern.pk, state=ConcernState.RAISED).update(
            state=state, decided_by=by, decided_at=now, why=why.strip()[:500]
        ):
            raise Conflict(_("Somebody decided about this a moment ago."))
        record(
            "concern.react" if react else "concern.no_reaction",
            brand=concern.brand,
            by=by,
            now=now,
            subject=f"concern:{concern.pk}",
            facts={"text": concern.text[:300], "why": why.strip()},
        )
        announce(concern.brand, "alerts", now=now)
    acknowledge_calls(brand=concern.brand, about=f"concern:{concern.pk}", by=by, now=now)
