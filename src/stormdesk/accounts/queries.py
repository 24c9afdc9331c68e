"""The brand's accounts, who may use them, and (for the outbox and ingest only) their secrets."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404

from stormdesk.accounts.models import Account, Grant, LegalNote
from stormdesk.accounts.rules import AccountState, Use
from stormdesk.networks import kept, legal
from stormdesk.networks.legal import Note, Standing
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
    if not sealed:
        return {}
    # Under this name a changed key is kept, whoever was given the secret (see keeping).
    return kept.named(settings.VAULT.open_json(sealed.sealed), str(account.pk))


def users_of(account: Account, use: Use) -> list[User]:
    """Everybody who may use the account in this way now, lockdown aside."""
    people = User.objects.filter(memberships__brand=account.brand, is_active=True).distinct().order_by("name")
    return [user for user in people if may_use(user, account, use)]


def legal_notes(brand: Brand, network: str = "") -> list[Note]:
    """How networks stand in countries' laws: what the brand's people looked up, else what is shipped.

    Only the notes of `network`, if one is named.
    """
    found = {(note.network, note.country): note for note in legal.shipped()}
    for row in LegalNote.objects.filter(brand=brand):
        found[row.network, row.country] = Note(
            network=row.network,
            country=row.country,
            status=Standing(row.status),
            as_of=row.as_of,
            source=row.source,
            text={brand.language: row.text},
        )
    return [note for key, note in sorted(found.items()) if network in ("", note.network)]


def in_the_way(brand: Brand, network: str) -> list[Note]:
    """What somebody who is about to publish to `network` should know."""
    return [note for note in legal_notes(brand, network) if note.status != Standing.OPEN]
