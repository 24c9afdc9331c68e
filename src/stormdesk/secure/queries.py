"""Is the brand locked, and may this person still publish?"""

from __future__ import annotations

from stormdesk.people.access import rights
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right
from stormdesk.secure.models import Lockdown
from stormdesk.secure.rules import keeps_right


def open_lockdown(brand: Brand) -> Lockdown | None:
    """The lockdown in force, if any."""
    return Lockdown.objects.filter(brand=brand, ended_at__isnull=True).select_related("started_by").first()


def may_publish(user: User, brand: Brand) -> bool:
    """False while a lockdown is open and the person is not one of those it keeps. Roles are asked elsewhere."""
    lockdown = open_lockdown(brand)
    if lockdown is None:
        return True
    return keeps_right(user.pk, set(lockdown.keeps.values_list("pk", flat=True)))


def lost_by(brand: Brand, lockdown: Lockdown) -> list[User]:
    """Who may not publish or reply until the lockdown ends, though the role allows it."""
    kept = set(lockdown.keeps.values_list("pk", flat=True))
    people = User.objects.filter(memberships__brand=brand, is_active=True).distinct().order_by("name")
    return [
        user for user in people if user.pk not in kept and rights(user, brand) & {Right.PUBLISH, Right.REPLY}
    ]
