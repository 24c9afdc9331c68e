"""Every account is tried now and then, so that a broken one is known before it is needed."""

from datetime import datetime, timedelta

from django.db.models import Q

from stormdesk.accounts.connecting import check_account
from stormdesk.accounts.models import Account
from stormdesk.accounts.rules import AccountState
from stormdesk.core.jobs import Job

EVERY = timedelta(minutes=10)


def check(now: datetime) -> int:
    """Try the accounts that were not tried lately; a few at a time."""
    due = Account.objects.exclude(state=AccountState.DISCONNECTED).filter(
        Q(checked_at__isnull=True) | Q(checked_at__lt=now - EVERY)
    )
    return sum(
        check_account(account=account, now=now) for account in due.select_related("brand", "secret")[:10]
    )


JOBS = [Job("accounts", every=timedelta(seconds=60), run=check)]
