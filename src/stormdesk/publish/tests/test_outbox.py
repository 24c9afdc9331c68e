"""Claim, second look, request and reconciliation, on the practice network."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stormdesk.accounts.models import Account
from stormdesk.core.errors import Refused
from stormdesk.journal.queries import verify
from stormdesk.pause.actions import end_pause, start_pause
from stormdesk.publish import actions, outbox, queries
from stormdesk.publish.models import Post
from stormdesk.publish.rules import HoldReason, PostState

pytestmark = pytest.mark.django_db
FIVE = timedelta(minutes=5)
SOON = timedelta(seconds=2)


def state(post: Post) -> tuple[str, str]:
    post.refresh_from_db()
    return post.state, post.hold_reason


def stage(account: Account, **faults) -> None:
    """Have the practice network misbehave from now on."""
    Account.objects.filter(pk=account.pk).update(settings={**account.settings, "faults": faults})


def test_a_due_post_goes_out_once_and_is_told(scheduled, practice, now):
    post = scheduled()
    assert outbox.run_once(now, "a") == 0, "it is not due yet"
    assert outbox.run_once(now + FIVE, "a") == 1
    assert outbox.run_once(now + FIVE, "b") == 0
    assert state(post) == (PostState.SENT, "")
    assert [said.text for said in practice.said()] == [post.text]
    assert queries.history_of(post)[0].kind == "post.sent"
    assert verify(post.brand) == []


def test_a_paused_post_is_held_and_does_not_fire_after_the_pause(scheduled, practice, owner, brand, now):
    post = scheduled()
    pause = start_pause(brand=brand, by=owner, now=now, reason="batch 1107")
    outbox.confirm_pauses(now)
    outbox.run_once(now + FIVE, "a")
    assert state(post) == (PostState.HELD, HoldReason.PAUSE)
    assert "batch 1107" in post.hold_detail
    end_pause(pause=pause, by=owner, now=now + FIVE)
    outbox.run_once(now + 2 * FIVE, "a")
    assert state(post) == (PostState.HELD, HoldReason.PAUSE)
    assert practice.said() == []


def test_a_pause_of_another_network_or_account_does_not_hold_it(
    scheduled, practice, owner, brand, account, now
):
    post = scheduled()
    start_pause(brand=brand, by=owner, now=now, scope="network", network="mastodon", reason="their outage")
    outbox.run_once(now + FIVE, "a")
    assert state(post)[0] == PostState.SENT
    second = scheduled("Cheese day at the fair")
    start_pause(brand=brand, by=owner, now=now, scope="account", account=account, reason="taken over")
    outbox.run_once(now + FIVE, "a")
    assert state(second) == (PostState.HELD, HoldReason.PAUSE)


def test_nothing_overdue_fires_by_itself(scheduled, practice, now):
    post = scheduled()
    outbox.run_once(now + timedelta(days=1), "a")
    assert state(post) == (PostState.HELD, HoldReason.LATE)
    assert practice.said() == []


def test_a_text_changed_behind_the_approval_is_not_sent(scheduled, practice, now):
    post = scheduled()
    Post.objects.filter(pk=post.pk).update(text="Something nobody approved")
    outbox.run_once(now + FIVE, "a")
    assert state(post) == (PostState.HELD, HoldReason.CHANGED)
    assert practice.said() == []


def test_a_rule_made_after_scheduling_holds_the_post(scheduled, practice, brand, now):
    from stormdesk.policy.models import Rule

    post = scheduled("Strawberry season, all year round")
    Rule.objects.create(
        brand=brand, key="recalled", kind="forbidden", severity="block", title="Recalled product",
        words=["strawberry"], reason="recalled", fix="wait", changed_at=now,
    )  # fmt: skip
    outbox.run_once(now + FIVE, "a")
    assert state(post) == (PostState.HELD, HoldReason.POLICY)
    assert "Recalled product" in post.hold_detail


def test_a_lockdown_holds_what_others_scheduled(scheduled, practice, brand, owner, now):
    from stormdesk.secure.actions import lock

    post = scheduled()
    lock(brand=brand, by=owner, now=now, reason="someone else is posting")
    outbox.run_once(now + FIVE, "a")
    assert state(post) == (PostState.HELD, HoldReason.LOCKDOWN)


def test_a_disconnected_account_and_a_drill_reach_nothing(scheduled, account, brand, now):
    post = scheduled()
    Account.objects.filter(pk=account.pk).update(state="disconnected")
    outbox.run_once(now + FIVE, "a")
    assert state(post) == (PostState.HELD, HoldReason.ACCOUNT)


def test_a_network_that_is_busy_is_asked_again_in_time_and_not_for_ever(scheduled, account, practice, now):
    post = scheduled()
    stage(account, status=429, retry_after=60)
    outbox.run_once(now + FIVE, "a")
    assert state(post)[0] == PostState.SCHEDULED
    assert outbox.run_once(now + FIVE + timedelta(seconds=30), "a") == 0
    stage(account, status=429, retry_after=3600)
    outbox.run_once(now + FIVE + timedelta(seconds=70), "a")
    assert state(post) == (PostState.HELD, HoldReason.LATE)
    assert practice.said() == []


def test_a_refusal_is_told_and_can_be_sent_again_by_a_person(scheduled, account, author, practice, now):
    post = scheduled()
    stage(account, status=401)
    outbox.run_once(now + FIVE, "a")
    assert state(post)[0] == PostState.FAILED
    assert "key" in post.failure
    stage(account)
    actions.release_held(post=post, by=author, now=now + FIVE, decision="send")
    outbox.run_once(now + FIVE, "a")
    assert state(post)[0] == PostState.SENT


def test_an_answer_lost_after_the_network_took_it_is_found_and_not_repeated(
    scheduled, account, practice, now
):
    post = scheduled()
    stage(account, fail_after_accept=True)
    outbox.run_once(now + FIVE, "a")
    assert state(post)[0] == PostState.UNKNOWN
    stage(account)
    assert outbox.run_once(now + FIVE, "a") == 0, "an unknown post is never sent blindly"
    assert outbox.reconcile_once(now + FIVE + SOON) == 1
    assert state(post)[0] == PostState.SENT
    assert len(practice.said()) == 1


def test_what_the_network_denies_twice_is_sent_again_with_the_same_key(scheduled, account, practice, now):
    post = scheduled()
    stage(account, status=500)
    outbox.run_once(now + FIVE, "a")
    stage(account)
    at = now + FIVE + SOON
    assert outbox.reconcile_once(at) == 0
    assert outbox.reconcile_once(at + timedelta(seconds=5)) == 0, "the second question waits"
    assert outbox.reconcile_once(at + timedelta(seconds=30)) == 1
    assert state(post)[0] == PostState.SCHEDULED
    outbox.run_once(at + timedelta(seconds=31), "b")
    assert state(post)[0] == PostState.SENT
    assert [said.key for said in practice.said()] == [str(post.key)]


def test_what_is_denied_too_late_waits_for_a_person(scheduled, account, practice, now):
    post = scheduled()
    stage(account, status=500)
    outbox.run_once(now + FIVE, "a")
    stage(account)
    outbox.reconcile_once(now + FIVE + SOON)
    outbox.reconcile_once(now + FIVE + timedelta(hours=1))
    assert state(post) == (PostState.HELD, HoldReason.LATE)


def test_a_network_that_cannot_know_leaves_it_to_a_person(scheduled, account, brand, now):
    """Telegram tells a bot nothing of what it said, and a picture without words cannot be told from another."""
    post = scheduled()
    Account.objects.filter(pk=account.pk).update(network="telegram", settings={"chat": "@meadow"})
    Post.objects.filter(pk=post.pk).update(state=PostState.UNKNOWN, ask_at=now, tried_at=now, text="")
    type(brand).objects.filter(pk=brand.pk).update(language="ru")
    assert outbox.reconcile_once(now + SOON) == 0
    assert state(post)[0] == PostState.UNKNOWN
    assert post.ask_at is None
    assert "в чат" in post.failure


def test_a_dead_publisher_leaves_the_post_unknown_and_the_pause_waits_for_it(scheduled, brand, owner, now):
    from stormdesk.publish.outbox.claim import claim

    post = scheduled(minutes=0)
    assert claim(post.pk, "dead", now, timedelta(seconds=30))
    pause = start_pause(brand=brand, by=owner, now=now, reason="batch 1107")
    assert outbox.confirm_pauses(now) == 0
    assert [p.pk for p in queries.on_the_wire(pause)] == [post.pk]
    assert outbox.bury(now + timedelta(seconds=29)) == 0
    assert outbox.bury(now + timedelta(seconds=30)) == 1
    assert outbox.confirm_pauses(now + timedelta(seconds=30)) == 1
    assert state(post)[0] == PostState.UNKNOWN
    assert [p.pk for p in queries.on_the_wire(pause)] == [post.pk], (
        "it may have gone out: it stays on the list"
    )


def test_a_pause_between_claim_and_request_stops_the_request(scheduled, brand, owner, practice, now):
    from stormdesk.publish.outbox import sending
    from stormdesk.publish.outbox.claim import claim, clock_from

    post = scheduled(minutes=0)
    held = claim(post.pk, "a", now, timedelta(seconds=30))
    start_pause(brand=brand, by=owner, now=now, reason="batch 1107")
    sending._send(held, clock_from(now))
    assert state(post) == (PostState.HELD, HoldReason.PAUSE)
    assert practice.said() == []


def test_a_claim_grown_old_before_its_request_is_put_back(scheduled, practice, now):
    from stormdesk.publish.outbox import sending
    from stormdesk.publish.outbox.claim import claim

    post = scheduled(minutes=0)
    held = claim(post.pk, "a", now, timedelta(seconds=30))
    sending._send(held, lambda: now + timedelta(hours=9))
    assert state(post)[0] == PostState.SCHEDULED
    outbox.run_once(now + timedelta(hours=9), "a")
    assert state(post) == (PostState.HELD, HoldReason.LATE)
    assert practice.said() == []


def test_a_person_settles_what_the_network_cannot_tell(scheduled, account, author, practice, now):
    post = scheduled()
    stage(account, status=500)
    outbox.run_once(now + FIVE, "a")
    stage(account)
    actions.settle_unknown(post=post, by=author, now=now + FIVE, on_network=False)
    outbox.run_once(now + FIVE, "a")
    assert state(post)[0] == PostState.SENT
    assert len(practice.said()) == 1


def test_deleting_waits_for_what_is_on_the_wire(scheduled, author, practice, now):
    from stormdesk.publish.outbox import sending
    from stormdesk.publish.outbox.claim import claim, clock_from

    post = scheduled(minutes=0)
    held = claim(post.pk, "a", now, timedelta(seconds=30))
    actions.ask_to_delete(post=post, by=author, now=now)
    assert outbox.delete_once(now) == 0
    sending._send(held, clock_from(now))
    assert outbox.delete_once(now) == 1
    assert state(post)[0] == PostState.DELETED
    assert [said.deleted for said in practice.said()] == [True]


def test_what_was_to_be_deleted_and_never_arrived_is_not_sent_again(
    scheduled, account, author, practice, now
):
    post = scheduled()
    stage(account, status=500)
    outbox.run_once(now + FIVE, "a")
    actions.ask_to_delete(post=post, by=author, now=now)
    stage(account)
    outbox.reconcile_once(now + FIVE + SOON)
    outbox.reconcile_once(now + FIVE + timedelta(seconds=30))
    outbox.run_once(now + FIVE + timedelta(seconds=31), "a")
    assert state(post)[0] == PostState.DROPPED
    assert practice.said() == []


def test_held_posts_are_sent_moved_or_dropped_by_a_person_only(
    scheduled, brand, owner, author, practice, now
):
    posts = [scheduled(f"Post number {n}") for n in range(3)]
    pause = start_pause(brand=brand, by=owner, now=now, reason="batch 1107")
    at = now + FIVE
    outbox.run_once(at, "a")
    assert [post.pk for post in queries.held(brand)] == [post.pk for post in posts]
    for post in posts:
        post.refresh_from_db()
    with pytest.raises(Refused, match="still paused"):
        actions.release_held(post=posts[0], by=author, now=at, decision="send")
    actions.release_held(post=posts[1], by=author, now=at, decision="move", due_at=at + timedelta(hours=2))
    actions.release_held(post=posts[2], by=author, now=at, decision="drop")
    end_pause(pause=pause, by=owner, now=at)
    actions.release_held(post=posts[0], by=author, now=at, decision="send")
    outbox.run_once(at, "a")
    assert [state(post)[0] for post in posts] == [PostState.SENT, PostState.SCHEDULED, PostState.DROPPED]
