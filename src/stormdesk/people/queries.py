"""Who works for a brand, with which roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.utils import is_mfa_enabled
from django.http import Http404

from stormdesk.people.models import Brand, Department, Invitation, User
from stormdesk.people.rules import Role
from stormdesk.people.words import ROLE_WORDS


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


def person_at(brand: Brand, pk: int) -> User:
    """Somebody who works for the brand. Raises Http404."""
    found = User.objects.filter(memberships__brand=brand, pk=pk).distinct().first()
    if found is None:
        raise Http404
    return found


def open_invitations(brand: Brand, now: datetime) -> list[Invitation]:
    """Links that have been made and not used."""
    return list(
        Invitation.objects.filter(brand=brand, used_at__isnull=True, expires_at__gt=now).select_related(
            "made_by"
        )
    )


def departments_of(brand: Brand) -> list[Department]:
    """The brand's departments by name."""
    return list(Department.objects.filter(brand=brand).select_related("head"))


def about_me(user: User) -> dict:
    """What one's own page shows beside the form: keys, second factor, roles by brand."""
    roles: dict[Brand, list[Role]] = {}
    for membership in user.memberships.select_related("brand").order_by("brand__name"):
        roles.setdefault(membership.brand, []).append(Role(membership.role))
    return {
        "tokens": list(user.api_tokens.filter(revoked_at__isnull=True).order_by("-made_at")),
        "has_second_factor": is_mfa_enabled(user),
        "roles": [(brand, [ROLE_WORDS[role] for role in found]) for brand, found in roles.items()],
    }
