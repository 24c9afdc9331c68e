"""A playbook is edited as text and loses nothing that the text does not show."""

from __future__ import annotations

import pytest

from stormdesk.declare import queries
from stormdesk.declare.playbook_text import tasks_from_text, text_of_tasks


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "ru"])
def test_text_and_tasks_are_the_same_both_ways(make_brand, language):
    tasks = queries.playbook_body(make_brand("M", language=language), "faulty_product")["tasks"]
    again = tasks_from_text(text_of_tasks(tasks), tasks)
    assert [
        (t["key"], t["title"], t["due_minutes"], list(t["blocked_by"]), list(t["checklist"])) for t in again
    ] == [
        (t["key"], t["title"], t["due_minutes"], list(t["blocked_by"]), list(t["checklist"])) for t in tasks
    ]


@pytest.mark.parametrize(
    "wrong",
    ["", "- a step without a task", "Title | nowhere | 5", "Title | pr | soon", "Title | pr | 5\nnot a step"],
)
def test_what_cannot_be_read_is_said_with_the_task(wrong):
    with pytest.raises(ValueError, match=r"[Tt]ask"):
        tasks_from_text(wrong)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_pages_and_saving(brand, owner, client_of, language):
    client = client_of(owner, language)
    assert client.get(f"/b/{brand.slug}/settings/playbooks/").status_code == 200
    path = f"/b/{brand.slug}/settings/playbooks/data_leak/"
    assert client.get(path).status_code == 200
    assert (
        client.post(
            path, {"title": "Leak", "tasks": "Close the hole | product | 30\n- who knows?"}
        ).status_code
        == 302
    )
    body = queries.playbook_body(brand, "data_leak")
    assert body["tasks"][0]["checklist"] == ["who knows?"]
    assert client.get(f"/b/{brand.slug}/settings/playbooks/nonsense/").status_code == 404
