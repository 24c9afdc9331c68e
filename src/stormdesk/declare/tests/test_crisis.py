"""C1, C3: declaring, the states, the copy of the playbook, hand-over."""

from __future__ import annotations

import pytest

from stormdesk.core.errors import AccessDenied, BadInput, Conflict, Refused
from stormdesk.declare import actions, queries
from stormdesk.declare.rules import NEXT_STATES, CrisisState
from stormdesk.journal.queries import timeline
from stormdesk.people.rules import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def declare(brand, owner, now):
    def make(**fields):
        given = {
            "brand": brand,
            "by": owner,
            "now": now,
            "title": "Faulty batch 1107",
            "type": "faulty_product",
            "severity": 2,
            "lead": owner,
            "reason": "swollen lids",
            "playbook": {"tasks": []},
        }
        return actions.create_crisis(**{**given, **fields})

    return make


def test_a_crisis_is_declared_once(declare, brand):
    crisis = declare()
    assert queries.open_crisis(brand) == crisis
    with pytest.raises(Conflict):
        declare(title="another")


def test_it_needs_a_reason_a_name_a_known_severity_and_a_lead_who_may_lead(declare, person):
    for wrong in ({"reason": " "}, {"title": ""}, {"severity": 4}):
        with pytest.raises(BadInput):
            declare(**wrong)
    with pytest.raises(Refused):
        declare(lead=person("viewer"))


def test_only_leads_and_owners_declare(declare, person):
    for role in set(Role) - {Role.OWNER, Role.LEAD}:
        with pytest.raises(AccessDenied):
            declare(by=person(role))


def test_editing_the_playbook_does_not_disturb_a_running_crisis(declare, brand, owner, now):
    body = {"tasks": [{"key": "a", "title": "Find the batch"}]}
    actions.save_playbook(brand=brand, by=owner, now=now, type="faulty_product", title="Ours", body=body)
    crisis = declare(playbook=queries.playbook_body(brand, "faulty_product"))
    actions.save_playbook(
        brand=brand, by=owner, now=now, type="faulty_product", title="Ours", body={"tasks": []}
    )
    crisis.refresh_from_db()
    assert crisis.playbook == body


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_brand_without_its_own_playbook_uses_the_shipped_one_in_its_language(make_brand, language):
    body = queries.playbook_body(make_brand("M", language=language), "faulty_product")
    assert body["language"] == language
    assert len(body["tasks"]) > 5


@pytest.mark.parametrize("present", list(CrisisState))
@pytest.mark.parametrize("target", list(CrisisState))
def test_only_the_drawn_changes_of_state_are_possible(declare, owner, now, present, target):
    crisis = declare()
    type(crisis).objects.filter(pk=crisis.pk).update(state=present)
    crisis.refresh_from_db()
    if target in NEXT_STATES[present]:
        assert actions.change_state(crisis=crisis, to=target, by=owner, now=now, reason="r").state == target
    else:
        with pytest.raises(Refused):
            actions.change_state(crisis=crisis, to=target, by=owner, now=now, reason="r")


def test_two_people_change_the_state_at_once_and_one_is_told(declare, owner, now):
    crisis = declare()
    stale = queries.get_crisis(crisis.brand, crisis.pk)
    actions.change_state(crisis=crisis, to="contained", by=owner, now=now, reason="r")
    with pytest.raises(Conflict):
        actions.change_state(crisis=stale, to="resolved", by=owner, now=now, reason="r")


def test_every_change_of_state_has_a_reason_on_the_timeline(declare, owner, now, brand):
    crisis = declare()
    with pytest.raises(BadInput):
        actions.change_state(crisis=crisis, to="contained", by=owner, now=now, reason="")
    actions.change_state(crisis=crisis, to="contained", by=owner, now=now, reason="recall is out")
    assert "recall is out" in timeline(brand, crisis=crisis.pk)[0].sentence


def test_hand_over_keeps_the_former_lead_as_deputy(declare, owner, person, now):
    crisis, ksenia = declare(), person("lead", "Ksenia Lis")
    actions.give_role(crisis=crisis, user=ksenia, role="lead", by=owner, now=now)
    roles = {(member.user, member.role) for member in queries.team(crisis)}
    assert (ksenia, "lead") in roles
    assert (owner, "deputy") in roles
    assert (owner, "lead") not in roles


def test_the_lead_cannot_be_somebody_who_may_not_lead(declare, owner, person, make_person, now):
    crisis = declare()
    for user in (person("responder"), make_person("Stranger")):
        with pytest.raises(Refused):
            actions.give_role(crisis=crisis, user=user, role="lead", by=owner, now=now)
