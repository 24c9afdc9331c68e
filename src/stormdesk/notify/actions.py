"""Calling people until somebody acknowledges, and telling one person one thing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from stormdesk.core.errors import BadInput, Refused
from stormdesk.journal.actions import announce, record
from stormdesk.notify import queries
from stormdesk.notify.messages import registered
from stormdesk.notify.models import Call, Channel, Escalation, Quiet, Shift, Step
from stormdesk.notify.rules import UNREACHABLE, ChannelKind, next_step_at
from stormdesk.people.access import may, require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right


def tell(
    *,
    brand: Brand,
    user: User,
    kind: str,
    facts: dict,
    path: str,
    now: datetime,
    escalation: Escalation | None = None,
) -> list[Call]:
    """Send one person one message through all of the person's channels; by e-mail if there is none.

    In the person's quiet hours it waits for their end, unless somebody has to take the matter over (`escalation`).
    A colleague who is played in a drill is told nothing. Raises KeyError for a kind without a text.
    """
    if not registered(kind):
        raise KeyError(kind)
    if user.email.lower().endswith(UNREACHABLE):
        return []
    due = now if escalation else queries.awake_at(user, brand, now)
    channels: list[Channel | None] = [*queries.channels_of(user)] or [None]
    return Call.objects.bulk_create(
        Call(
            escalation=escalation,
            brand=brand,
            user=user,
            channel=channel,
            kind=kind,
            facts=facts,
            path=path,
            due_at=due,
        )
        for channel in channels
    )


def call_people(
    *,
    brand: Brand,
    about: str,
    kind: str,
    path: str,
    facts: dict,
    now: datetime,
    crisis: int | None = None,
) -> Escalation:
    """Call people about a matter until somebody acknowledges it. A matter that is being called about is not begun again."""
    present = Escalation.objects.filter(brand=brand, about=about, ended_at__isnull=True).first()
    if present:
        return present
    try:
        with transaction.atomic():
            escalation = Escalation.objects.create(
                brand=brand,
                about=about,
                kind=kind,
                path=path,
                facts=facts,
                crisis=crisis,
                started_at=now,
                next_at=now,
            )
            _call_next_step(escalation, now)
    except IntegrityError:  # another process began it at this moment
        return Escalation.objects.get(brand=brand, about=about, ended_at__isnull=True)
    return escalation


def _call_next_step(escalation: Escalation, now: datetime) -> list[User]:
    """Call the people of the next step and set when the following one is due. Inside a transaction."""
    steps = queries.steps_of(escalation.brand)
    delays = [step.after_minutes for step in steps] or [0]
    named = steps[escalation.step].user if escalation.step < len(steps) else None
    if named:
        people = [named]
    elif escalation.step == 0 or escalation.step < len(steps):
        people = queries.first_called(escalation.brand, now)
    else:
        people = queries.leaders(escalation.brand)
    for user in people:
        if not may(user, Right.SEE, escalation.brand):
            continue  # left the company after the steps were written
        tell(
            brand=escalation.brand,
            user=user,
            kind=escalation.kind,
            facts=escalation.facts,
            path=escalation.path,
            now=now,
            escalation=escalation,
        )
    called = escalation.step + 1
    Escalation.objects.filter(pk=escalation.pk).update(
        step=called, next_at=next_step_at(called, delays, escalation.started_at, now)
    )
    escalation.step = called
    record(
        "people.called" if people else "people.nobody",
        brand=escalation.brand,
        by=None,
        now=now,
        subject=escalation.about,
        crisis=escalation.crisis,
        facts={"people": ", ".join(str(user) for user in people), "step": called},
    )
    announce(escalation.brand, "alerts", now=now)
    return people


def escalate_due(*, now: datetime) -> int:
    """Call the next step of every matter nobody has acknowledged in time."""
    count = 0
    for escalation in Escalation.objects.filter(next_at__lte=now, ended_at__isnull=True).select_related(
        "brand"
    )[:100]:
        with transaction.atomic():
            # the guarded change: whoever moves next_at first makes the calls
            if Escalation.objects.filter(
                pk=escalation.pk, step=escalation.step, next_at=escalation.next_at, ended_at__isnull=True
            ).update(next_at=now + timedelta(minutes=1)):
                _call_next_step(escalation, now)
                count += 1
    return count


def acknowledge(*, brand: Brand, about: str, by: User, now: datetime) -> Escalation | None:
    """“I have it”: nobody else is called about it. Calls not sent yet are cancelled."""
    require(by, Right.ALERTS, brand)
    with transaction.atomic():
        escalation = Escalation.objects.filter(brand=brand, about=about, ended_at__isnull=True).first()
        if escalation is None or not Escalation.objects.filter(
            pk=escalation.pk, ended_at__isnull=True
        ).update(acknowledged_at=now, acknowledged_by=by, ended_at=now, next_at=None):
            return None
        Call.objects.filter(escalation=escalation, state="due").update(state="cancelled")
        record(
            "people.acknowledged",
            brand=brand,
            by=by,
            now=now,
            subject=about,
            crisis=escalation.crisis,
            facts={},
        )
        announce(brand, "alerts", now=now)
    return escalation


def end(*, brand: Brand, about: str, now: datetime) -> None:
    """The matter is over by itself: nobody is called any more."""
    with transaction.atomic():
        for escalation in Escalation.objects.filter(brand=brand, about=about, ended_at__isnull=True):
            Escalation.objects.filter(pk=escalation.pk).update(ended_at=now, next_at=None)
            Call.objects.filter(escalation=escalation, state="due").update(state="cancelled")


def add_shift(
    *, brand: Brand, by: User, now: datetime, user: User, starts_at: datetime, ends_at: datetime
) -> Shift:
    """Put a person on call. Raises BadInput, Refused for somebody from outside the brand."""
    require(by, Right.SETTINGS, brand)
    if ends_at <= starts_at:
        raise BadInput(_("The shift ends before it begins. Set an end later than the start."))
    if not may(user, Right.ALERTS, brand):
        raise Refused(
            _(
                "%(person)s may not answer alerts at this brand, so cannot be on call. Give the person such a role first."
            )
            % {"person": user}
        )
    with transaction.atomic():
        shift = Shift.objects.create(brand=brand, user=user, starts_at=starts_at, ends_at=ends_at)
        record(
            "oncall.shift",
            brand=brand,
            by=by,
            now=now,
            facts={"person": str(user), "from": starts_at.isoformat(), "until": ends_at.isoformat()},
        )
    return shift


def remove_shift(*, brand: Brand, by: User, now: datetime, pk: int) -> None:
    """Take a shift off the schedule."""
    require(by, Right.SETTINGS, brand)
    with transaction.atomic():
        shift = Shift.objects.filter(brand=brand, pk=pk).select_related("user").first()
        if shift:
            shift.delete()
            record("oncall.removed", brand=brand, by=by, now=now, facts={"person": str(shift.user)})


def set_steps(*, brand: Brand, by: User, now: datetime, steps: list[tuple[int, User | None]]) -> None:
    """The escalation: (minutes after the start, person or None for whoever is on call), in order."""
    require(by, Right.SETTINGS, brand)
    minutes = [after for after, _user in steps]
    if minutes != sorted(minutes) or any(after < 0 or after > 1440 for after in minutes):
        raise BadInput(
            _("Each step comes later than the one before it, within a day. Put the minutes in order.")
        )
    if any(user and not may(user, Right.ALERTS, brand) for _after, user in steps):
        raise Refused(_("Somebody in the steps may not answer alerts at this brand. Choose another person."))
    with transaction.atomic():
        Step.objects.filter(brand=brand).delete()
        Step.objects.bulk_create(
            Step(brand=brand, position=number, after_minutes=after, user=user)
            for number, (after, user) in enumerate(steps)
        )
        record("oncall.steps", brand=brand, by=by, now=now, facts={"count": len(steps)})


def add_channel(
    *, user: User, now: datetime, kind: ChannelKind, address: str, sealed: Mapping[str, str]
) -> Channel:
    """Another way in which a person can be reached; what leads there is sealed at once."""
    return Channel.objects.create(
        user=user,
        kind=kind,
        address=address[:254],
        sealed=settings.VAULT.seal_json(dict(sealed)) if sealed else "",
        added_at=now,
    )


def set_quiet(*, user: User, begins: time | None, ends: time | None) -> None:
    """The hours in which a person is only called, not told; None or equal times for no such hours."""
    if begins is None or ends is None or begins == ends:
        Quiet.objects.filter(user=user).delete()
    else:
        Quiet.objects.update_or_create(user=user, defaults={"begins": begins, "ends": ends})


def remove_channel(*, user: User, pk: int) -> None:
    """One of one's own channels; without any, messages go to the address one signs in with."""
    Channel.objects.filter(user=user, pk=pk).delete()


def send_test(*, brand: Brand, user: User, now: datetime) -> None:
    """A message to oneself through every channel."""
    require(user, Right.SEE, brand)
    tell(brand=brand, user=user, kind="test", facts={}, path=f"/b/{brand.slug}/on-call/", now=now)
