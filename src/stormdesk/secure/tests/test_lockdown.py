"""A2: one switch takes everyone's right but the team's, and gives it back exactly as it was."""

from __future__ import annotations

import pytest

from stormdesk.core.errors import AccessDenied, BadInput, Conflict
from stormdesk.people.access import rights
from stormdesk.people.models import Membership
from stormdesk.people.rules import Role
from stormdesk.secure.actions import lock, unlock
from stormdesk.secure.queries import lost_by, may_publish, open_lockdown

pytestmark = pytest.mark.django_db


def test_only_those_named_publish_and_afterwards_everybody_as_before(brand, owner, person, now):
    publisher, lead = person("publisher"), person("lead")
    before = {user.pk: rights(user, brand) for user in (owner, publisher, lead)}
    rows = sorted(Membership.objects.values_list("user", "brand", "role"))
    lock(brand=brand, by=owner, now=now, reason="faulty batch", keeps=[lead])
    assert may_publish(owner, brand)
    assert may_publish(lead, brand)
    assert not may_publish(publisher, brand)
    assert lost_by(brand, open_lockdown(brand)) == [publisher]
    unlock(brand=brand, by=owner, now=now, reason="over")
    assert may_publish(publisher, brand)
    assert {user.pk: rights(user, brand) for user in (owner, publisher, lead)} == before
    assert sorted(Membership.objects.values_list("user", "brand", "role")) == rows


def test_somebody_who_comes_in_during_a_lockdown_may_not_publish_either(brand, owner, person, now):
    lock(brand=brand, by=owner, now=now, reason="x")
    assert not may_publish(person("publisher"), brand)


def test_a_second_lock_is_refused_and_changes_nothing(brand, owner, now):
    lock(brand=brand, by=owner, now=now, reason="x")
    with pytest.raises(Conflict):
        lock(brand=brand, by=owner, now=now, reason="y")
    unlock(brand=brand, by=owner, now=now, reason="")
    with pytest.raises(Conflict):
        unlock(brand=brand, by=owner, now=now, reason="")


def test_it_needs_a_reason_and_the_right(brand, owner, person, now):
    with pytest.raises(BadInput):
        lock(brand=brand, by=owner, now=now, reason=" ")
    for role in set(Role) - {Role.OWNER, Role.LEAD}:
        with pytest.raises(AccessDenied):
            lock(brand=brand, by=person(role), now=now, reason="x")


def test_another_brand_is_not_locked(brand, make_brand, make_person, owner, now):
    other = make_brand("Other")
    gleb = make_person("Gleb", {other: "publisher"})
    lock(brand=brand, by=owner, now=now, reason="x")
    assert may_publish(gleb, other)
