"""Signing the daily review."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from stormdesk.core.errors import Conflict
from stormdesk.journal.actions import announce, record
from stormdesk.listen.models import DailyReview
from stormdesk.listen.queries.daily import day_of
from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right


def sign_daily_review(
    *, brand: Brand, by: User, now: datetime, since: datetime, note: str = ""
) -> DailyReview:
    """Say that everything since `since` was looked at. Raises AccessDenied, and Conflict when somebody signed meanwhile."""
    require(by, Right.CORRECT, brand)
    with transaction.atomic():
        # The brand's row is the lock, so that two people do not both sign the same day.
        Brand.objects.select_for_update().get(pk=brand.pk)
        day = day_of(brand, now)
        if day.last and day.last.until > since:
            raise Conflict(_("Somebody has signed this review already; look at what is left."))
        signed = DailyReview.objects.create(
            brand=brand, since=day.since, until=now, by=by, note=note.strip()[:1000], facts=day.facts()
        )
        record("daily.signed", brand=brand, by=by, now=now, facts={"said": day.said, "waiting": day.waiting})
        announce(brand, "mentions", now=now)
    return signed
