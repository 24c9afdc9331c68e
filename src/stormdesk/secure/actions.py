"""The lockdown switch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from stormdesk.core.errors import BadInput, Conflict
from stormdesk.declare.models import Crisis
from stormdesk.journal.actions import announce, record
from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right
from stormdesk.secure.models import Lockdown
from stormdesk.secure.queries import lost_by, open_lockdown


def lock(
    *,
    brand: Brand,
    by: User,
    now: datetime,
    reason: str,
    crisis: Crisis | None = None,
    keeps: Iterable[User] = (),
) -> Lockdown:
    """Take everybody's right to publish and reply away, at once, except from `keeps` and `by`.

    Nothing about roles or grants is changed, so that `unlock` gives back exactly what was.
    Raises AccessDenied, BadInput without a reason, Conflict when the brand is locked already.
    """
    require(by, Right.LOCK, brand)
    if not reason.strip():
        raise BadInput(
            _("Say in a few words why the accounts are locked: everybody who loses the right will read it.")
        )
    kept = {by, *keeps}
    try:
        with transaction.atomic():
            lockdown = Lockdown.objects.create(
                brand=brand, crisis=crisis, reason=reason.strip()[:500], started_by=by, started_at=now
            )
            lockdown.keeps.set(kept)
            record(
                "lockdown.started",
                brand=brand,
                by=by,
                now=now,
                subject=f"lockdown:{lockdown.pk}",
                crisis=crisis.pk if crisis else None,
                facts={
                    "reason": reason.strip(),
                    "keeps": ", ".join(sorted(str(user) for user in kept)),
                    "lost": len(lost_by(brand, lockdown)),
                },
            )
            announce(brand, "crisis", now=now)
    except IntegrityError:
        raise Conflict(
            _("The accounts are locked already. Nothing was changed; open Accounts to see by whom.")
        ) from None
    return lockdown


def unlock(*, brand: Brand, by: User, now: datetime, reason: str) -> Lockdown:
    """End the lockdown: everybody may again exactly what roles and grants say. Raises AccessDenied, Conflict."""
    require(by, Right.LOCK, brand)
    lockdown = open_lockdown(brand)
    with transaction.atomic():
        if lockdown is None or not Lockdown.objects.filter(pk=lockdown.pk, ended_at__isnull=True).update(
            ended_at=now, ended_by=by
        ):
            raise Conflict(_("The accounts are not locked any more. Nothing was changed."))
        record(
            "lockdown.ended",
            brand=brand,
            by=by,
            now=now,
            subject=f"lockdown:{lockdown.pk}",
            crisis=lockdown.crisis_id,
            facts={"reason": reason.strip(), "given_back": len(lost_by(brand, lockdown))},
        )
        announce(brand, "crisis", now=now)
    return lockdown
