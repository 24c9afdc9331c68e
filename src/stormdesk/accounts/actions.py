"""Connecting accounts, checking them, and saying who may use which."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from stormdesk import networks
from stormdesk.accounts.models import Account, Grant, LegalNote, Secret
from stormdesk.accounts.rules import AccountState, Use
from stormdesk.accounts.words import COUNTRIES, STANDING
from stormdesk.core.errors import BadInput, Refused
from stormdesk.journal.actions import announce, record
from stormdesk.networks import kept
from stormdesk.networks.legal import Standing
from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right


def connect_account(
    *,
    brand: Brand,
    by: User | None,
    now: datetime,
    network: str,
    handle: str,
    settings_: dict | None = None,
    secret: dict | None = None,
    name: str = "",
    url: str = "",
) -> Account:
    """Connect an account, or give a known one a new secret. The secret is sealed before it is stored.

    Raises AccessDenied, and Refused when a practice brand would reach a real network.
    """
    require(by, Right.ACCOUNTS, brand)
    if brand.is_drill and network != "practice":
        raise Refused(
            _("A drill speaks on the practice network only. Connect real accounts at a real brand.")
        )
    with transaction.atomic():
        account, is_new = Account.objects.update_or_create(
            brand=brand,
            network=network,
            handle=handle.strip(),
            defaults={
                "name": name,
                "url": url,
                "settings": settings_ or {},
                "state": AccountState.CONNECTED,
                "problem": "",
                "checked_at": now,
                "secret_changed_at": now,
            },
            create_defaults={
                "name": name,
                "url": url,
                "settings": settings_ or {},
                "connected_by": by,
                "connected_at": now,
                "checked_at": now,
                "secret_changed_at": now,
            },
        )
        if secret:
            Secret.objects.update_or_create(
                account=account,
                defaults={
                    "sealed": settings.VAULT.seal_json(kept.latest(secret)),
                    "renewing": "",
                    "renewing_until": None,
                },
            )
        record(
            "account.connected" if is_new else "account.secret_changed",
            brand=brand,
            by=by,
            now=now,
            subject=f"account:{account.pk}",
            facts={"account": str(account)},
        )
        announce(brand, "sources", now=now)
    return account


def disconnect_account(*, account: Account, by: User, now: datetime, reason: str) -> None:
    """Forget the account's secret; what was published stays. Scheduled posts to it wait for a person."""
    require(by, Right.ACCOUNTS, account.brand)
    with transaction.atomic():
        Secret.objects.filter(account=account).delete()
        Account.objects.filter(pk=account.pk).update(state=AccountState.DISCONNECTED, problem=reason[:500])
        record(
            "account.disconnected",
            brand=account.brand,
            by=by,
            now=now,
            subject=f"account:{account.pk}",
            facts={"account": str(account), "reason": reason},
        )
        announce(account.brand, "sources", now=now)


def note_health(*, account: Account, ok: bool, problem: str, now: datetime) -> None:
    """What the last contact with the network said; a change of state is recorded."""
    state = AccountState.CONNECTED if ok else AccountState.FAILING
    with transaction.atomic():
        changed = (
            Account.objects.filter(pk=account.pk)
            .exclude(state__in=[state, AccountState.DISCONNECTED])
            .update(state=state)
        )
        Account.objects.filter(pk=account.pk).update(problem=problem[:500], checked_at=now)
        if changed:
            record(
                "account.works_again" if ok else "account.failing",
                brand=account.brand,
                by=None,
                now=now,
                subject=f"account:{account.pk}",
                facts={"account": str(account), "problem": problem},
            )
            announce(account.brand, "sources", now=now)


def set_grants(
    *, account: Account, by: User, now: datetime, grants: dict[int, set[str]], restricted: bool
) -> None:
    """Who may publish and reply through this account: user number → uses. Not restricted: roles alone decide."""
    require(by, Right.ACCOUNTS, account.brand)
    with transaction.atomic():
        Account.objects.filter(pk=account.pk).update(restricted=restricted)
        Grant.objects.filter(account=account).delete()
        people = User.objects.filter(pk__in=grants, memberships__brand=account.brand).distinct()
        Grant.objects.bulk_create(
            Grant(account=account, user=user, use=Use(use))
            for user in people
            for use in sorted(grants[user.pk])
        )
        record(
            "account.grants_changed",
            brand=account.brand,
            by=by,
            now=now,
            subject=f"account:{account.pk}",
            facts={
                "account": str(account),
                "people": ", ".join(f"{user} ({', '.join(sorted(grants[user.pk]))})" for user in people)
                if restricted
                else "",
            },
        )


def save_legal_note(
    *,
    brand: Brand,
    by: User,
    now: datetime,
    network: str,
    country: str,
    status: str,
    text: str,
    as_of: date,
    source: str,
) -> LegalNote:
    """Correct how a network stands in a country's law, for this brand. Raises AccessDenied, BadInput."""
    require(by, Right.SETTINGS, brand)
    if network not in networks.ALL:
        raise BadInput(_("There is no such network. Choose one from the list."))
    if as_of > now.date():
        raise BadInput(_("The day it was looked up lies in the future. Give the day somebody really looked."))
    with transaction.atomic():
        note, _made = LegalNote.objects.update_or_create(
            brand=brand,
            network=network,
            country=country,
            defaults={
                "status": Standing(status), "text": text.strip(), "as_of": as_of, "source": source, "saved_by": by,
            },
        )  # fmt: skip
        record(
            "account.legal_note",
            brand=brand,
            by=by,
            now=now,
            facts={
                "network": networks.get(network).title,
                "country": _told(COUNTRIES.get(country, country)),
                "status": _told(STANDING[Standing(status)][1]),
            },
        )
    return note


def _told(word: object) -> dict[str, str]:
    """A word in every language, for a journal that is read in any of them."""
    told = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            told[code] = str(word)
    return told
