"""Where keys that change by themselves are kept: sealed, with the account, for every process that uses it.

A renewal is claimed by a guarded update, so that of two processes one exchanges the key; the new one is written in the
transaction that ends the claim, and only over the key it was exchanged for. What a person did meanwhile stands.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import connection, transaction

from stormdesk.accounts.models import Secret
from stormdesk.core.clock import utcnow
from stormdesk.networks.kept import LONG, Claim
from stormdesk.networks.kept import Secret as Clear

P = ParamSpec("P")
R = TypeVar("R")


def _apart(method: Callable[P, R]) -> Callable[P, R]:
    """Renewals run in threads of their own, whose connection nobody else would close."""

    @wraps(method)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        finally:
            if not connection.in_atomic_block:
                connection.close()

    return run


class Sealed:
    """The keeper of `networks.kept` for accounts; a name is an account's number."""

    @_apart
    def look(self, name: str) -> Clear | None:
        sealed = Secret.objects.filter(account_id=name).values_list("sealed", flat=True).first()
        return settings.VAULT.open_json(sealed) if sealed else None

    @_apart
    def claim(self, name: str, seconds: float) -> Claim | None:
        now = utcnow()
        row = Secret.objects.filter(account_id=name).first()
        if row is None or (row.renewing_until and row.renewing_until > now):
            return None
        mark = uuid.uuid4().hex
        mine = Secret.objects.filter(
            pk=row.pk, renewing=row.renewing, renewing_until=row.renewing_until, sealed=row.sealed
        ).update(renewing=mark, renewing_until=now + timedelta(seconds=seconds))
        if not mine:
            return None
        return Claim(mark, settings.VAULT.open_json(row.sealed), unfinished=bool(row.renewing))

    @_apart
    def keep(self, name: str, used: str, changes: Clear) -> Clear | None:
        with transaction.atomic():
            row = Secret.objects.select_for_update().filter(account_id=name).first()
            if row is None:
                return None
            present = settings.VAULT.open_json(row.sealed)
            if present.get(LONG, "") == used:
                present |= changes
                row.sealed = settings.VAULT.seal_json(present)
                row.renewing, row.renewing_until = "", None
                row.save(update_fields=["sealed", "renewing", "renewing_until"])
            return present

    @_apart
    def let_go(self, name: str, mark: str, unfinished: bool) -> None:
        Secret.objects.filter(account_id=name, renewing=mark).update(
            renewing=mark if unfinished else "", renewing_until=None
        )
