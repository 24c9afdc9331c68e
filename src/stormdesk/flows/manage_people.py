"""Inviting people and giving roles, on the record: people stand to the left of the journal and cannot write it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from stormdesk.journal.actions import record
from stormdesk.people import actions as people
from stormdesk.people.models import Brand, Department, User
from stormdesk.people.rules import Role
from stormdesk.people.words import ROLE_WORDS


def _words(roles: set[str]) -> str:
    return ", ".join(sorted(str(ROLE_WORDS[Role(role)]) for role in roles)) or "—"


def invite_person(
    *, brand: Brand, by: User, now: datetime, role: str, email: str = "", department: Department | None = None
) -> str:
    """The path of a link for one person, once. Raises what `people.actions.invite` raises."""
    with transaction.atomic():
        path = people.invite(brand=brand, by=by, now=now, role=role, email=email, department=department)
        record(
            "people.invited",
            brand=brand,
            by=by,
            now=now,
            facts={"email": email or "—", "roles": _words({role})},
        )
    return path


def change_roles(
    *,
    brand: Brand,
    by: User,
    now: datetime,
    user: User,
    roles: set[str],
    department: Department | None = None,
) -> None:
    """Exactly these roles from now on; none removes the person from the brand."""
    with transaction.atomic():
        people.set_roles(brand=brand, by=by, now=now, user=user, roles=roles, department=department)
        record(
            "people.roles",
            brand=brand,
            by=by,
            now=now,
            subject=f"user:{user.pk}",
            facts={"person": str(user), "roles": _words(roles)},
        )
