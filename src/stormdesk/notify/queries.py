"""Who is on call, how a person can be reached, and how far an escalation has come."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from stormdesk.notify.models import Call, Channel, Escalation, Quiet, Shift, Step
from stormdesk.notify.rules import UNREACHABLE, quiet_ends
from stormdesk.people.access import may
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right, Role


def _reachable() -> QuerySet[User]:
    """People who can be called. Colleagues played in a drill have addresses that nobody can ever own (RFC 2606)."""
    return User.objects.filter(is_active=True).exclude(email__iendswith=UNREACHABLE)


def on_call(brand: Brand, now: datetime) -> list[User]:
    """Whoever has a shift at this moment."""
    return list(
        _reachable()
        .filter(shifts__brand=brand, shifts__starts_at__lte=now, shifts__ends_at__gt=now)
        .distinct()
    )


def shift_now(brand: Brand, now: datetime) -> Shift | None:
    """The running shift that ends last."""
    return (
        Shift.objects.filter(brand=brand, starts_at__lte=now, ends_at__gt=now)
        .select_related("user")
        .order_by("-ends_at")
        .first()
    )


def first_called(brand: Brand, now: datetime) -> list[User]:
    """Whoever is on call; if nobody is, the leads; if there are none, the owners."""
    if people := on_call(brand, now):
        return people
    for role in (Role.LEAD, Role.OWNER):
        people = list(_reachable().filter(memberships__brand=brand, memberships__role=role).distinct())
        if people:
            return people
    return []


def leaders(brand: Brand) -> list[User]:
    """Leads and owners: whom an escalation reaches when its own steps are used up."""
    return list(
        _reachable()
        .filter(memberships__brand=brand, memberships__role__in=[Role.LEAD, Role.OWNER])
        .distinct()
    )


def answering(brand: Brand) -> list[User]:
    """Everybody who may answer alerts at the brand and can be called, by name."""
    people = _reachable().filter(memberships__brand=brand).distinct().order_by("name")
    return [user for user in people if may(user, Right.ALERTS, brand)]


def channels_of(user: User) -> list[Channel]:
    """The ways to reach a person that are switched on."""
    return list(Channel.objects.filter(user=user, is_active=True).order_by("pk"))


def quiet_of(user: User) -> Quiet | None:
    """The person's quiet hours."""
    return Quiet.objects.filter(user=user).first()


def awake_at(user: User, brand: Brand, now: datetime) -> datetime:
    """When something that need not wake this person may be told: now, or the end of the quiet hours."""
    quiet = quiet_of(user)
    if quiet is None:
        return now
    zone = ZoneInfo(user.time_zone or brand.time_zone)
    return quiet_ends(quiet.begins, quiet.ends, now.astimezone(zone)) or now


def escalation_of(brand: Brand, about: str) -> Escalation | None:
    """The newest escalation about a matter, open or ended."""
    return (
        Escalation.objects.filter(brand=brand, about=about)
        .select_related("acknowledged_by")
        .order_by("-started_at")
        .first()
    )


def calls_of(escalation: Escalation) -> list[Call]:
    """Whom it called, when and how that went."""
    return list(escalation.calls.select_related("user", "channel").order_by("due_at", "pk"))


def steps_of(brand: Brand) -> list[Step]:
    """The brand's escalation steps in order."""
    return list(Step.objects.filter(brand=brand).select_related("user"))


def shifts_of(brand: Brand, since: datetime) -> list[Shift]:
    """Shifts that have not ended before `since`."""
    return list(Shift.objects.filter(brand=brand, ends_at__gt=since).select_related("user"))
