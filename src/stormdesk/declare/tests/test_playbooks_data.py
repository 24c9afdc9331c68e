"""The shipped playbooks: whole, in both languages alike, and possible to carry out."""

from __future__ import annotations

import pytest

from stormdesk.core.errors import BadInput
from stormdesk.declare import playbooks

EVERY = [(type, language) for type in playbooks.types() for language in playbooks.LANGUAGES]


def test_the_three_stories_have_a_playbook() -> None:
    assert playbooks.types() == ("employee_conduct", "faulty_product", "industry_spillover")
    assert [playbook.type for playbook in playbooks.all("ru")] == list(playbooks.types())


@pytest.mark.parametrize(("type", "language"), EVERY)
def test_a_playbook_is_whole(type: str, language: str) -> None:
    playbook = playbooks.load(type, language)
    assert [severity.level for severity in playbook.severities] == [1, 2, 3]
    assert [at_once.severity for at_once in playbook.at_once] == [1, 2, 3]
    assert len(playbook.tasks) >= 10
    assert len(playbook.tell) >= 4
    assert len(playbook.stand_down) >= 4
    assert playbook.when_to_use
    assert playbook.not_for
    for task in playbook.tasks:
        assert task.department in playbooks.DEPARTMENTS
        assert task.owner in playbooks.ROLES
        assert len(task.checklist) >= 3
        assert task.title
        assert task.why
    for at_once in playbook.at_once:
        assert at_once.pause in playbooks.PAUSE_SCOPES
        assert set(at_once.call) <= set(playbooks.ROLES)
    assert {role.key for role in playbook.roles} <= set(playbooks.ROLES)
    assert {tell.by for tell in playbook.tell} <= set(playbooks.ROLES)


@pytest.mark.parametrize(("type", "language"), EVERY)
def test_what_blocks_a_task_is_due_before_it_and_never_in_a_circle(type: str, language: str) -> None:
    tasks = {task.key: task for task in playbooks.load(type, language).tasks}
    assert len(tasks) == len(playbooks.load(type, language).tasks)
    for task in tasks.values():
        for blocker in task.blocked_by:
            assert tasks[blocker].due_minutes <= task.due_minutes, (task.key, blocker)
    open_tasks = dict(tasks)
    while open_tasks:
        free = [key for key, task in open_tasks.items() if not set(task.blocked_by) & set(open_tasks)]
        assert free
        for key in free:
            del open_tasks[key]


@pytest.mark.parametrize("type", playbooks.types())
def test_both_languages_ask_for_the_same(type: str) -> None:
    ru, en = playbooks.load(type, "ru"), playbooks.load(type, "en")
    assert ru.at_once == en.at_once
    assert (ru.promise_minutes, ru.statements) == (en.promise_minutes, en.statements)
    assert [role.key for role in ru.roles] == [role.key for role in en.roles]
    assert [(t.by, t.within_minutes) for t in ru.tell] == [(t.by, t.within_minutes) for t in en.tell]
    assert len(ru.stand_down) == len(en.stand_down)
    for one, other in zip(ru.tasks, en.tasks, strict=True):
        for field in ("key", "department", "owner", "due_minutes", "blocked_by"):
            assert getattr(one, field) == getattr(other, field)
        assert len(one.checklist) == len(other.checklist)


@pytest.mark.parametrize("type", playbooks.types())
def test_graver_crises_call_more_people_and_promise_sooner(type: str) -> None:
    playbook = playbooks.load(type, "en")
    calls = [set(playbook.defaults(level).call) for level in (1, 2, 3)]
    assert calls[0] < calls[1] < calls[2]
    assert playbook.promise_interval(1) > playbook.promise_interval(2) > playbook.promise_interval(3)


def test_an_unknown_playbook_or_severity_is_refused() -> None:
    with pytest.raises(BadInput, match="faulty_product"):
        playbooks.load("alien_landing", "en")
    with pytest.raises(BadInput):
        playbooks.load("faulty_product", "../en")
    with pytest.raises(BadInput, match="1, 2 or 3"):
        playbooks.load("faulty_product", "en").defaults(4)
