"""Roles, rights, invitations, and brands as walls."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import Http404

from stormdesk.core.errors import AccessDenied, BadInput, Refused
from stormdesk.people import actions
from stormdesk.people.access import brand_for, may, require, rights
from stormdesk.people.models import Invitation, Membership, User
from stormdesk.people.rules import RIGHTS, Right, Role

pytestmark = pytest.mark.django_db


def test_the_table_of_rights_covers_every_role_and_gives_viewers_nothing_but_sight():
    assert set(RIGHTS) == set(Role)
    assert RIGHTS[Role.VIEWER] == {Right.SEE}
    assert RIGHTS[Role.OWNER] == set(Right)


def test_anyone_who_works_here_may_stop_and_few_may_resume():
    for role in Role:
        if role is not Role.VIEWER:
            assert Right.PAUSE in RIGHTS[role]
    assert {role for role in Role if Right.RESUME in RIGHTS[role]} == {Role.OWNER, Role.LEAD}


def test_several_roles_add_up(brand, make_person):
    user = make_person("Vera", {brand: "responder"})
    Membership.objects.create(user=user, brand=brand, role="analyst")
    assert rights(user, brand) == RIGHTS[Role.RESPONDER] | RIGHTS[Role.ANALYST]


def test_another_brand_does_not_exist_for_a_stranger(brand, make_brand, make_person):
    other = make_brand("Other")
    user = make_person("Gleb", {other: "owner"})
    assert rights(user, brand) == frozenset()
    with pytest.raises(Http404):
        brand_for(user, brand.slug)
    with pytest.raises(AccessDenied):
        require(user, Right.SEE, brand)


def test_somebody_switched_off_may_nothing(brand, owner):
    owner.is_active = False
    assert not may(owner, Right.SEE, brand)


def test_the_owner_link_works_once_and_only_for_the_first(now):
    path = actions.owner_link(now=now)
    token = path.rstrip("/").split("/")[-1]
    user = actions.accept_invitation(
        token=token, now=now, name="Oleg", email="oleg@example.org", password="a long enough sentence"
    )
    assert user.is_administrator
    assert actions.owner_link(now=now) is None
    with pytest.raises(Refused):
        actions.accept_invitation(
            token=token, now=now, name="X", email="x@example.org", password="another sentence"
        )


def test_an_older_owner_link_stops_working_when_a_new_one_is_made(now):
    first = actions.owner_link(now=now)
    actions.owner_link(now=now)
    with pytest.raises(Refused):
        actions.find_invitation(first.rstrip("/").split("/")[-1], now=now)


def test_an_invitation_expires_and_keeps_no_token(brand, owner, now):
    path = actions.invite(brand=brand, by=owner, now=now, role="publisher")
    token = path.rstrip("/").split("/")[-1]
    assert token not in str(Invitation.objects.values())
    assert actions.find_invitation(token, now=now).role == "publisher"
    with pytest.raises(Refused):
        actions.find_invitation(token, now=now + timedelta(days=8))


def test_a_weak_password_is_refused_and_the_link_stays_good(brand, owner, now):
    token = actions.invite(brand=brand, by=owner, now=now, role="viewer").rstrip("/").split("/")[-1]
    with pytest.raises(BadInput):
        actions.accept_invitation(
            token=token, now=now, name="V", email="v@example.org", password="password123"
        )
    assert not User.objects.filter(email="v@example.org").exists()
    actions.find_invitation(token, now=now)


def test_only_those_who_may_invite_do(brand, person, now):
    for role in set(Role) - {Role.OWNER}:
        with pytest.raises(AccessDenied):
            actions.invite(brand=brand, by=person(role), now=now, role="viewer")


def test_a_brand_never_loses_its_last_owner(brand, owner, now):
    with pytest.raises(Refused):
        actions.set_roles(brand=brand, by=owner, now=now, user=owner, roles={"viewer"})
    assert may(owner, Right.PEOPLE, brand)


def test_a_brand_gets_a_name_in_latin_letters_for_its_address(make_person, now):
    user = make_person("Oleg", is_administrator=True)
    first = actions.create_brand(by=user, now=now, name="Луговая", language="ru")
    second = actions.create_brand(by=user, now=now, name="Луговая", language="ru")
    assert (first.slug, second.slug) == ("lugovaya", "lugovaya-2")
    assert first.departments.get(key="legal").name == "Юристы"


def test_a_token_is_its_person_until_revoked(owner, now):
    token = actions.make_token(user=owner, name="script", now=now)
    assert actions.user_of_token(token, now=now) == owner
    actions.revoke_token(user=owner, pk=owner.api_tokens.get().pk, now=now)
    assert actions.user_of_token(token, now=now) is None
    assert actions.user_of_token("sd_guess", now=now) is None
