"""K2: tasks from a playbook, blockers, nudges that stop."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stormdesk.coordinate import actions, queries
from stormdesk.coordinate.models import Task
from stormdesk.coordinate.rules import NUDGES_MOST, first_nudge, next_nudge
from stormdesk.core.errors import AccessDenied, BadInput, Conflict, Refused
from stormdesk.declare.actions import create_crisis
from stormdesk.declare.queries import playbook_body
from stormdesk.notify.models import Call

pytestmark = pytest.mark.django_db


@pytest.fixture
def crisis(brand, owner, now):
    return create_crisis(
        brand=brand,
        by=owner,
        now=now,
        title="T",
        type="faulty_product",
        severity=2,
        lead=owner,
        reason="r",
        playbook=playbook_body(brand, "faulty_product"),
    )


def test_the_playbook_opens_its_tasks_once_however_often_it_is_tried(crisis, owner, now):
    first = actions.create_from_playbook(crisis=crisis, by=owner, now=now)
    assert len(first) == len(crisis.playbook["tasks"])
    assert actions.create_from_playbook(crisis=crisis, by=owner, now=now) == []
    assert Task.objects.filter(crisis=crisis).count() == len(first)
    assert all(task.department for task in Task.objects.filter(crisis=crisis))


def test_a_blocked_task_waits_for_what_comes_first(crisis, owner, now):
    actions.create_from_playbook(crisis=crisis, by=owner, now=now)
    blocked = Task.objects.filter(crisis=crisis, blocked_by__isnull=False).first()
    with pytest.raises(Refused):
        actions.finish_task(task=blocked, by=owner, now=now)
    for other in blocked.blocked_by.all():
        Task.objects.filter(pk=other.pk).update(state="done")
    assert actions.finish_task(task=blocked, by=owner, now=now).state == "done"


def test_two_people_finish_one_task_and_one_is_told(crisis, owner, now, brand):
    task = actions.create_task(brand=brand, by=owner, now=now, title="x", crisis=crisis)
    stale = queries.get_task(brand, task.pk)
    actions.finish_task(task=task, by=owner, now=now)
    with pytest.raises(Conflict):
        actions.drop_task(task=stale, by=owner, now=now, reason="no need")


def test_nudges_stop_and_then_the_lead_is_told(crisis, owner, person, now, brand):
    vera = person("responder", "Vera Sokolova")
    actions.create_task(
        brand=brand,
        by=owner,
        now=now,
        title="Answer",
        crisis=crisis,
        owner=vera,
        due_at=now + timedelta(minutes=20),
    )
    Call.objects.all().delete()
    told = []
    for minute in range(0, 300, 5):
        actions.nudge_owners(now=now + timedelta(minutes=minute))
        told = list(Call.objects.order_by("pk").values_list("user__name", flat=True))
    assert told == ["Vera Sokolova"] * (NUDGES_MOST - 1) + ["Anna Orlova"]


def test_nudges_as_rules(now):
    assert first_nudge(None, now) is None
    assert first_nudge(now + timedelta(hours=1), now) == now + timedelta(minutes=50)
    assert first_nudge(now - timedelta(hours=1), now) == now
    assert next_nudge(NUDGES_MOST, now) is None


def test_a_done_task_is_not_nudged(crisis, owner, now, brand):
    task = actions.create_task(
        brand=brand, by=owner, now=now, title="x", crisis=crisis, owner=owner, due_at=now
    )
    actions.finish_task(task=task, by=owner, now=now)
    assert actions.nudge_owners(now=now + timedelta(hours=1)) == 0


def test_bad_input_and_strangers(crisis, owner, person, make_person, now, brand):
    with pytest.raises(BadInput):
        actions.create_task(brand=brand, by=owner, now=now, title=" ")
    with pytest.raises(Refused):
        actions.create_task(brand=brand, by=owner, now=now, title="x", owner=make_person("Stranger"))
    with pytest.raises(AccessDenied):
        actions.create_task(brand=brand, by=person("viewer"), now=now, title="x")


def test_a_checklist_line_is_ticked(crisis, owner, now, brand):
    task = actions.create_task(brand=brand, by=owner, now=now, title="x", checklist=["a", "b"])
    assert actions.tick(task=task, index=1, done=True, by=owner, now=now).checklist[1]["done"]
    with pytest.raises(BadInput):
        actions.tick(task=task, index=2, done=True, by=owner, now=now)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_pages_of_a_task(crisis, owner, now, brand, client_of, language):
    task = actions.create_task(
        brand=brand, by=owner, now=now, title="Find the batch", crisis=crisis, owner=owner
    )
    client = client_of(owner, language)
    for path in (
        f"/b/{brand.slug}/tasks/",
        f"/b/{brand.slug}/tasks/{task.pk}/",
        f"/b/{brand.slug}/tasks/new/",
    ):
        assert client.get(path).status_code == 200
    client.post(f"/b/{brand.slug}/tasks/{task.pk}/finish/", {"result": "done it"})
    task.refresh_from_db()
    assert task.state == "done"
