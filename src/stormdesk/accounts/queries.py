"""The brand's accounts, who may use them, and (for the outbox and ingest only) their secrets."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404

from stormdesk.accounts.models import Account, Grant
from stormdesk.accounts.rules import AccountState, Use
from stormdesk.people.access import may
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right

_RIGHT_FOR = {Use.PUBLISH: Right.PUBLISH, Use.REPLY: Right.REPLY}


def get_account(brand: Brand, pk: int) -> Account:
    """The account, if it is this brand's. Raises Http404."""
    try:
        return Account.objects.get(brand=brand, pk=pk)
    except Account.DoesNotExist:
        raise Http404 from None


def accounts_of(brand: Brand, *, connected: bool = False) -> list[Account]:
    """All accounts, or only those a post can go to."""
    rows = Account.objects.filter(brand=brand)
    if connected:
        rows = rows.exclude(state=AccountState.DISCONNECTED)
    return list(rows)


def may_use(user: User, account: Account, use: Use) -> bool:
    """Whether `user` may publish or reply through `account`: the role allows it, and a grant where it is restricted."""
    if not may(user, _RIGHT_FOR[use], account.brand):
        return False
    if not account.restricted:
        return True
    return Grant.objects.filter(account=account, user=user, use=use).exists()


def open_secret(account: Account) -> dict:
    """The account's secret in clear, for a request about to be made. Never put it in a page, a log or an error."""
    sealed = getattr(account, "secret", None)
    return settings.VAULT.open_json(sealed.sealed) if sealed else {}


def users_of(account: Account, use: Use) -> list[User]:
    """Everybody who may use the account in this way now, lockdown aside."""
    people = User.objects.filter(memberships__brand=account.brand, is_active=True).distinct().order_by("name")
    return [user for user in people if may_use(user, account, use)]
