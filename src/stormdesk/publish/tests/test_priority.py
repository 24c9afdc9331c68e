"""Who goes first at the network: a statement's posts and taking back ask no leave, all else leaves them a share."""

from datetime import timedelta

import pytest

from stormdesk import networks
from stormdesk.declare.models import Crisis
from stormdesk.networks import pace
from stormdesk.publish import actions, outbox
from stormdesk.publish.models import Post
from stormdesk.publish.rules import PostState

pytestmark = pytest.mark.django_db
URL = "https://example.org/api/v1/statuses"
USED_UP = {"ratelimit-limit": "100", "ratelimit-remaining": "3", "ratelimit-reset": "600"}


@pytest.fixture(autouse=True)
def _little_is_left(monkeypatch):
    """The practice network asks leave as a real one does, and its budget is all but used up."""
    monkeypatch.setattr(pace, "_store", pace.Memory())
    pace.note(URL, {}, 200, USED_UP)
    practice = type(networks.get("practice"))

    def asks_leave(name):
        done = getattr(practice, name)

        async def asking(self, *args):
            pace.take(URL, {})
            return await done(self, *args)

        monkeypatch.setattr(practice, name, asking)

    asks_leave("publish")
    asks_leave("delete")
    asks_leave("reconcile")


@pytest.fixture
def crisis(brand, owner, now):
    def declare(severity: int = 2):
        return Crisis.objects.create(
            brand=brand, title="Faulty batch", type="faulty_product", severity=severity, state="active", lead=owner,
            reason="batch 1107", declared_by=owner, declared_at=now, began_at=now,
        )  # fmt: skip

    return declare


def test_a_statement_goes_out_where_a_post_waits(crisis, scheduled, author, boris, account, practice, now):
    waiting = scheduled(minutes=0.1)
    statement = actions.draft_statement(
        crisis=crisis(1), by=author, now=now, title="1107", text="Recalled. We write again at 18:00."
    )
    actions.send_statement_for_review(statement=statement, by=author, now=now)
    actions.approve_statement(statement=statement, by=boris, yes=True, now=now)
    actions.publish_statement_posts(statement=statement, accounts=[account], by=author, now=now)
    outbox.run_once(now + timedelta(seconds=10), "a")
    assert [said.text for said in practice.said()] == [statement.text]
    waiting.refresh_from_db()
    assert waiting.state == PostState.SCHEDULED


def test_what_is_taken_back_is_taken_back_at_once(scheduled, practice, now):
    post = scheduled(minutes=0.1)
    with pace.priority(pace.Priority.URGENT):
        pace.note(URL, {}, 200, USED_UP | {"ratelimit-remaining": "100"})
    outbox.run_once(now + timedelta(seconds=10), "a")
    pace.note(URL, {}, 200, USED_UP)
    Post.objects.filter(pk=post.pk).update(delete_at=now)
    assert outbox.delete_once(now + timedelta(seconds=20)) == 1


def test_whether_a_post_is_out_is_asked_at_once(scheduled, practice, now):
    post = scheduled(minutes=0.1)
    Post.objects.filter(pk=post.pk).update(state=PostState.UNKNOWN, ask_at=now, tried_at=now)
    outbox.reconcile_once(now)
    post.refresh_from_db()
    assert (post.asked, post.failure) == (1, "")
