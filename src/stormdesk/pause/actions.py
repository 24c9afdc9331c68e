"""The switch: start, confirm, postpone, end. Nothing here ends a pause by itself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from stormdesk.accounts.models import Account
from stormdesk.core.errors import AccessDenied, BadInput, Conflict
from stormdesk.declare.models import Crisis
from stormdesk.journal.actions import announce, record
from stormdesk.pause import rules
from stormdesk.pause.gate import urgent
from stormdesk.pause.models import Gate, Pause
from stormdesk.pause.queries import pausable_brands, recorded_scope
from stormdesk.pause.rules import Scope
from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right


def start_pause(
    *,
    brand: Brand,
    by: User,
    now: datetime,
    scope: str = Scope.BRAND,
    network: str = "",
    account: Account | None = None,
    reason: str,
    review_at: datetime | None = None,
    crisis: Crisis | None = None,
) -> Pause:
    """Stop scheduled posts. From the commit on nothing it covers is taken any more; see `confirm_in_force`.

    EVERYTHING makes one pause at each brand the person may pause and returns this brand's. Asking for a pause that
    is open already returns it and records who else asked. Raises AccessDenied, BadInput.
    """
    require(by, Right.PAUSE, brand)
    scope, reason = Scope(scope), reason.strip()[:500]
    if not reason:
        raise BadInput(
            _("Say in a few words why publishing is paused: whoever finds it paused will read it.")
        )
    if scope == Scope.NETWORK and not network:
        raise BadInput(_("Choose the network to pause."))
    if scope == Scope.ACCOUNT and (account is None or account.brand_id != brand.pk):
        raise BadInput(_("Choose one of the accounts of %(brand)s to pause.") % {"brand": brand})
    review_at = review_at or now + rules.REVIEW_AFTER
    if review_at <= now:
        raise BadInput(_("The review of a pause must lie ahead; choose a later time."))
    brands = [brand]
    if scope == Scope.EVERYTHING:
        brands += [other for other in pausable_brands(by) if other.pk != brand.pk]
    made = [
        _start_at(
            brand=each,
            by=by,
            now=now,
            scope=scope,
            network=network if scope == Scope.NETWORK else "",
            account=account if scope == Scope.ACCOUNT else None,
            reason=reason,
            review_at=review_at,
            crisis=crisis if each.pk == brand.pk else None,
        )
        for each in brands
    ]
    return made[0]


def _start_at(
    *,
    brand: Brand,
    by: User,
    now: datetime,
    scope: Scope,
    network: str,
    account: Account | None,
    reason: str,
    review_at: datetime,
    crisis: Crisis | None,
) -> Pause:
    if not Gate.objects.filter(brand=brand).exists():
        Gate.objects.get_or_create(brand=brand)
    with urgent():
        # The one row that every claim holds shared: this waits until the claims under way have committed.
        Gate.objects.filter(brand=brand).update(epoch=F("epoch") + 1)
        same = Pause.objects.filter(
            brand=brand, scope=scope, network=network, account=account, ended_at__isnull=True
        ).first()
        pause = same or Pause.objects.create(
            brand=brand,
            scope=scope,
            network=network,
            account=account,
            crisis=crisis,
            reason=reason,
            started_by=by,
            started_at=now,
            review_at=review_at,
        )
        if same and crisis and not same.crisis_id:
            Pause.objects.filter(pk=same.pk, crisis__isnull=True).update(crisis=crisis)
        record(
            "pause.seconded" if same else "pause.started",
            brand=brand,
            by=by,
            now=now,
            subject=f"pause:{pause.pk}",
            crisis=crisis.pk if crisis else pause.crisis_id,
            facts={"scope": recorded_scope(pause), "reason": reason},
        )
        announce(brand, "pause", now=now)
    return pause


def confirm_in_force(*, pause: Pause, now: datetime) -> bool:
    """Say that nothing covered is on the wire any more; only who knows the wire calls this. False: said already."""
    with urgent():
        changed = Pause.objects.filter(pk=pause.pk, in_force_at__isnull=True, ended_at__isnull=True).update(
            in_force_at=now
        )
        if changed:
            _record("pause.in_force", pause, None, now)
    return bool(changed)


def postpone_review(*, pause: Pause, by: User, now: datetime, review_at: datetime) -> None:
    """Leave the pause on and ask again at `review_at`. Raises AccessDenied, BadInput, Conflict."""
    require(by, Right.PAUSE, pause.brand)
    if review_at <= now:
        raise BadInput(_("The review of a pause must lie ahead; choose a later time."))
    with transaction.atomic():
        if not Pause.objects.filter(pk=pause.pk, ended_at__isnull=True).update(review_at=review_at):
            raise Conflict(_("This pause has been ended already. Nothing was changed."))
        _record("pause.postponed", pause, by, now)


def end_pause(*, pause: Pause, by: User, now: datetime) -> None:
    """Let publishing go on. What came due meanwhile stays held: each post waits for a person (U5).

    Raises AccessDenied, and Conflict when it was ended already.
    """
    if by is None:
        raise AccessDenied(_("A pause is ended only by a person."))
    require(by, Right.RESUME, pause.brand)
    with transaction.atomic():
        Gate.objects.filter(brand=pause.brand).update(epoch=F("epoch") + 1)
        if not Pause.objects.filter(pk=pause.pk, ended_at__isnull=True).update(ended_at=now, ended_by=by):
            raise Conflict(_("Someone else has ended this pause already. Nothing was changed."))
        _record("pause.ended", pause, by, now)


def note_reminder(*, pause: Pause, now: datetime, people: str) -> bool:
    """Mark that people were asked about this pause; False when another process was faster."""
    with transaction.atomic():
        changed = Pause.objects.filter(
            pk=pause.pk, ended_at__isnull=True, reminded_at=pause.reminded_at
        ).update(reminded_at=now)
        if changed:
            _record("pause.reminded", pause, None, now, people=people)
    return bool(changed)


def _record(kind: str, pause: Pause, by: User | None, now: datetime, **facts: str) -> None:
    record(
        kind,
        brand=pause.brand,
        by=by,
        now=now,
        subject=f"pause:{pause.pk}",
        crisis=pause.crisis_id,
        facts={"scope": recorded_scope(pause), **facts},
    )
    announce(pause.brand, "pause", now=now)
