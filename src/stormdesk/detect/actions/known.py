"""What is known ahead: so that a rise is explained, and does not wake anybody by its volume alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from stormdesk.core.errors import BadInput
from stormdesk.detect.models import Known
from stormdesk.detect.rules import KnownKind
from stormdesk.journal.actions import announce, record
from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right

LONGEST = timedelta(days=92)


def add_known(
    *, brand: Brand, by: User, now: datetime, name: str, kind: str, starts_at: datetime, ends_at: datetime
) -> Known:
    """Note a campaign, an event or an outage. Raises BadInput."""
    require(by, Right.ALERTS, brand)
    if not name.strip():
        raise BadInput(_("Give it a name: it will stand in the sentence of the alert."))
    if not starts_at < ends_at or ends_at - starts_at > LONGEST:
        raise BadInput(_("It must end after it begins, and last three months at most. Set another end."))
    with transaction.atomic():
        made = Known.objects.create(
            brand=brand, name=name.strip()[:120], kind=KnownKind(kind), starts_at=starts_at, ends_at=ends_at,
            by=by, made_at=now,
        )  # fmt: skip
        record("known.added", brand=brand, by=by, now=now, subject=f"known:{made.pk}", facts=_facts(made))
        announce(brand, "alerts", now=now)
    return made


def remove_known(*, known: Known, by: User, now: datetime) -> None:
    """It will not happen, or was noted by mistake. Alerts that it explained stay as they are."""
    require(by, Right.ALERTS, known.brand)
    with transaction.atomic():
        record(
            "known.removed",
            brand=known.brand,
            by=by,
            now=now,
            subject=f"known:{known.pk}",
            facts=_facts(known),
        )
        Known.objects.filter(pk=known.pk).delete()
        announce(known.brand, "alerts", now=now)


def _facts(known: Known) -> dict:
    return {
        "name": known.name,
        "kind": known.kind,
        "from": known.starts_at.isoformat(timespec="minutes"),
        "until": known.ends_at.isoformat(timespec="minutes"),
    }
