"""Posts, replies, statements and facts: who may do what, what an edit voids, what is refused with which sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stormdesk.core.errors import AccessDenied, BadInput, Conflict, Refused
from stormdesk.declare.models import Crisis
from stormdesk.journal.queries import verify
from stormdesk.pause.actions import start_pause
from stormdesk.publish import actions, outbox, queries
from stormdesk.publish.models import Post
from stormdesk.publish.rules import PostState, StatementState
from stormdesk.secure.actions import lock

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def crisis(brand, owner, now):
    def declare(severity: int = 2):
        return Crisis.objects.create(
            brand=brand, title="Faulty batch", type="faulty_product", severity=severity, state="active", lead=owner,
            reason="batch 1107", declared_by=owner, declared_at=now, began_at=now,
        )  # fmt: skip

    return declare


def test_an_edit_voids_the_approval_and_takes_the_post_off_the_schedule(scheduled, author, boris, now):
    post = scheduled()
    actions.edit_post(post=post, by=author, now=now, text="Other words")
    post.refresh_from_db()
    assert (post.state, post.approved_hash) == (PostState.DRAFT, "")
    assert not queries.standing_of(post).complete
    with pytest.raises(Refused, match="not been approved"):
        actions.steps.require_ready(post, now)
    actions.send_for_review(post=post, by=author, now=now)
    actions.edit_post(post=post, by=boris, now=now, text="Boris's own words")
    actions.send_for_review(post=post, by=author, now=now)
    with pytest.raises(AccessDenied, match="own text"):
        actions.approve_post(post=post, by=boris, yes=True, now=now)


def test_an_edit_that_changes_nothing_keeps_the_approval(scheduled, author, now):
    post = scheduled()
    actions.edit_post(post=post, by=author, now=now, text=post.text)
    post.refresh_from_db()
    assert post.state == PostState.SCHEDULED


def test_a_no_needs_a_reason_and_returns_the_post(brand, author, boris, account, now):
    post = actions.draft_post(brand=brand, by=author, now=now, account=account, text="x")
    actions.send_for_review(post=post, by=author, now=now)
    with pytest.raises(BadInput):
        actions.approve_post(post=post, by=boris, yes=False, now=now)
    actions.approve_post(post=post, by=boris, yes=False, comment="too cheerful", now=now)
    post.refresh_from_db()
    assert post.state == PostState.DRAFT


def test_scheduling_needs_approval_the_right_and_a_time_ahead(brand, author, boris, account, person, now):
    post = actions.draft_post(brand=brand, by=author, now=now, account=account, text="x")
    with pytest.raises(Refused, match="not been approved"):
        actions.schedule_post(post=post, due_at=now + HOUR, by=author, now=now)
    actions.send_for_review(post=post, by=author, now=now)
    actions.approve_post(post=post, by=boris, yes=True, now=now)
    with pytest.raises(BadInput, match="passed"):
        actions.schedule_post(post=post, due_at=now - HOUR, by=author, now=now)
    with pytest.raises(AccessDenied):
        actions.schedule_post(post=post, due_at=now + HOUR, by=person("responder"), now=now)
    actions.schedule_post(post=post, due_at=now + HOUR, by=author, now=now)
    assert verify(brand) == []


def test_a_lockdown_takes_the_right_to_schedule_and_to_answer(brand, owner, author, account, scheduled, now):
    post = scheduled()
    lock(brand=brand, by=owner, now=now, reason="taken over")
    with pytest.raises(AccessDenied, match="locked"):
        actions.schedule_post(post=post, due_at=now + HOUR, by=author, now=now)
    with pytest.raises(AccessDenied, match="locked"):
        actions.send_reply(brand=brand, by=author, now=now, account=account, text="Sorry", in_reply_to="p1")
    actions.schedule_post(post=post, due_at=now + HOUR, by=owner, now=now)


def test_what_is_being_sent_cannot_be_changed(scheduled, author, now):
    post = scheduled(minutes=0)
    assert outbox.claim.claim(post.pk, "a", now, HOUR)
    for act in (
        lambda: actions.edit_post(post=post, by=author, now=now, text="other"),
        lambda: actions.drop_post(post=post, by=author, now=now),
    ):
        with pytest.raises(Conflict):
            act()


def test_a_reply_goes_out_during_a_pause_and_the_linter_still_stops_it(
    brand, owner, author, account, practice, now
):
    start_pause(brand=brand, by=owner, now=now, reason="batch 1107")
    reply = actions.send_reply(
        brand=brand,
        by=author,
        now=now,
        account=account,
        text="We are sorry. Write to us in private.",
        in_reply_to="p1",
    )
    outbox.run_once(now, "a")
    reply.refresh_from_db()
    assert reply.state == PostState.SENT
    assert practice.said()[0].in_reply_to == "p1"
    with pytest.raises(Refused, match="Personal data"):
        actions.send_reply(
            brand=brand, by=author, now=now, account=account, text="Call +7 916 123-45-67", in_reply_to="p1"
        )


def test_a_dropped_post_can_be_taken_up_again(scheduled, author, now):
    post = scheduled()
    actions.drop_post(post=post, by=author, now=now)
    actions.restore_post(post=post, by=author, now=now)
    post.refresh_from_db()
    assert post.state == PostState.DRAFT


def statement_of(crisis, by, now, text="Batch 1107 is recalled. We write again at 18:00.", **fields):
    return actions.draft_statement(crisis=crisis, by=by, now=now, title="Batch 1107", text=text, **fields)


@pytest.mark.parametrize(
    ("severity", "approvers", "missing"),
    [
        (1, ["boris"], []),
        (2, ["boris"], ["1 more person must approve."]),
        (2, ["boris", "nina"], []),
        (3, ["boris", "nina"], ["Anna Orlova, who leads the crisis, must approve."]),
        (3, ["boris", "owner"], []),
    ],
)
def test_severity_sets_who_must_say_yes(
    crisis, severity, approvers, missing, author, boris, owner, person, now
):
    people = {"boris": boris, "nina": person("approver", "Nina Belova"), "owner": owner}
    statement = statement_of(crisis(severity), author, now)
    actions.send_statement_for_review(statement=statement, by=author, now=now)
    for name in approvers:
        actions.approve_statement(statement=statement, by=people[name], yes=True, now=now)
    assert queries.approvals_needed(statement) == missing
    statement.refresh_from_db()
    assert (statement.state == StatementState.APPROVED) == (missing == [])


def test_a_blank_blocks_review_and_an_edit_voids_approvals(crisis, author, boris, account, now):
    statement = statement_of(crisis(1), author, now, text="Batch {{batch}}")
    with pytest.raises(Refused, match="Blank: batch"):
        actions.send_statement_for_review(statement=statement, by=author, now=now)
    edit = {"statement": statement, "by": author, "now": now, "title": statement.title}
    actions.edit_statement(**edit, text="Batch 1107")
    actions.send_statement_for_review(statement=statement, by=author, now=now)
    actions.approve_statement(statement=statement, by=boris, yes=True, now=now)
    actions.edit_statement(**edit, text="Batch 1108")
    assert len(queries.versions_of(statement)) == 3
    with pytest.raises(Refused, match="not been approved"):
        actions.publish_statement_posts(statement=statement, accounts=[account], by=author, now=now)


def test_a_published_statement_passes_the_pause_and_its_promise_is_a_task(
    crisis, brand, owner, author, boris, account, practice, now
):
    start_pause(brand=brand, by=owner, now=now, reason="batch 1107")
    statement = statement_of(crisis(1), author, now, promise_at=now + 2 * HOUR)
    actions.send_statement_for_review(statement=statement, by=author, now=now)
    actions.approve_statement(statement=statement, by=boris, yes=True, now=now)
    actions.publish_statement_posts(statement=statement, accounts=[account], by=author, now=now)
    with pytest.raises((Conflict, Refused)):
        actions.publish_statement_posts(statement=statement, accounts=[account], by=author, now=now)
    outbox.run_once(now, "a")
    assert [said.text for said in practice.said()] == [statement.text]
    assert (statement.promise_task.kind, statement.promise_task.due_at) == ("promise", now + 2 * HOUR)


def test_the_short_version_goes_where_the_long_one_does_not_fit(
    crisis, author, boris, account, practice, now
):
    statement = statement_of(crisis(1), author, now, text="long " * 200)
    actions.send_statement_for_review(statement=statement, by=author, now=now)
    actions.approve_statement(statement=statement, by=boris, yes=True, now=now)
    with pytest.raises(Refused, match="too long"):
        actions.publish_statement_posts(statement=statement, accounts=[account], by=author, now=now)
    assert not Post.objects.exists()
    actions.edit_statement(
        statement=statement,
        by=author,
        now=now,
        title="x",
        text=statement.text,
        short_text="In short: recalled.",
    )
    actions.send_statement_for_review(statement=statement, by=author, now=now)
    actions.approve_statement(statement=statement, by=boris, yes=True, now=now)
    actions.publish_statement_posts(statement=statement, accounts=[account], by=author, now=now)
    outbox.run_once(now, "a")
    assert [said.text for said in practice.said()] == ["In short: recalled."]


def test_facts_need_a_source_and_are_replaced_not_rewritten(crisis, owner, now):
    storm = crisis()
    with pytest.raises(BadInput, match="who confirmed"):
        actions.add_fact(crisis=storm, by=owner, now=now, text="Yeast, no pathogens")
    fact = actions.add_fact(crisis=storm, by=owner, now=now, text="Yeast, no pathogens", state="unknown")
    actions.settle_fact(fact=fact, by=owner, now=now, state="confirmed", source="protocol 2231")
    with pytest.raises(Conflict):
        actions.settle_fact(fact=fact, by=owner, now=now, state="refuted", source="hospital")
    assert [(f.text, f.state) for f in queries.facts_of(storm)] == [("Yeast, no pathogens", "confirmed")]
