"""Who works for a brand, with which roles."""

from __future__ import annotations

from dataclasses import dataclass

from stormdesk.people.models import Brand, Department, Invitation, User
from stormdesk.people.rules import Role


@dataclass(frozen=True)
class Colleague:
    """A person, the roles at one brand, and the department."""

    user: User
    roles: list[Role]
    department: Department | None
    has_second_factor: bool


def colleagues(brand: Brand) -> list[Colleague]:
    """Everybody who works for the brand, by name."""
    rows: dict[int, Colleague] = {}
    memberships = brand.memberships.select_related("user", "department").order_by("user__name", "role")
    secured = set(
        User.objects.filter(memberships__brand=brand, authenticator__isnull=False).values_list(
            "pk", flat=True
        )
    )
    for membership in memberships:
        row = rows.setdefault(
            membership.user_id,
            Colleague(membership.user, [], membership.department, membership.user_id in secured),
        )
        row.roles.append(Role(membership.role))
    return list(rows.values())


def open_invitations(brand: Brand, now) -> list[Invitation]:
    """Links that have been made and not used."""
    return list(
        Invitation.objects.filter(brand=brand, used_at__isnull=True, expires_at__gt=now).select_related(
            "made_by"
        )
    )


def departments_of(brand: Brand) -> list[Department]:
    """The brand's departments by name."""
    return list(Department.objects.filter(brand=brand).select_related("head"))
