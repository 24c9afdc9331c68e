"""A model of the pause and the publishers: whatever they do in whatever order, nothing covered is sent under a pause in force."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from stormdesk.networks.practice import NETWORK, FileStore
from stormdesk.pause.actions import end_pause, start_pause
from stormdesk.publish import outbox, queries
from stormdesk.publish.models import Post
from stormdesk.publish.outbox import sending
from stormdesk.publish.outbox.claim import claim
from stormdesk.publish.rules import PostState

pytestmark = pytest.mark.django_db
PATIENCE = timedelta(seconds=30)


def machine_of(brand, owner, accounts, start):
    class Desk(RuleBasedStateMachine):
        """Publishers claim, look again and send in separate steps, so that a pause may come between any two."""

        claims = Bundle("claims")

        def __init__(self) -> None:
            super().__init__()
            self.now, self.kept, self.open = start, {}, []
            self.undo = transaction.atomic()
            self.undo.__enter__()
            NETWORK.open_store = lambda settings: self

        # what the practice network asks of its memory, and where a sending is seen
        async def append(self, post):
            row = self.sending
            for pause in self.open:
                pause.refresh_from_db()
                assert not (pause.in_force_at and queries.posts.covered(pause, [row])), (
                    "sent under a pause in force"
                )
            assert post.key not in self.kept, "sent twice"
            self.kept[post.key] = post
            return post

        async def find(self, key):
            return self.kept.get(key)

        @rule(on=st.sampled_from(accounts))
        def schedule(self, on) -> None:
            post = Post(
                brand=brand, account=on, text="Breakfast", state="scheduled", due_at=self.now, author=owner,
                edited_by=owner, scheduled_by=owner, made_at=self.now, changed_at=self.now, key=uuid.uuid4(),
            )  # fmt: skip
            post.approved_hash = queries.hash_of(post)
            post.save()

        @rule(target=claims, worker=st.sampled_from(["a", "b"]))
        def take(self, worker):
            for pk in outbox.claim.due(self.now, 1):
                return claim(pk, worker, self.now, PATIENCE)
            return None

        @rule(held=claims)
        def send(self, held) -> None:
            if held is not None:
                self.sending = held.post
                sending._send(held, lambda: self.now)

        @rule(seconds=st.sampled_from([1, 20, 40, 1200]))
        def wait(self, seconds) -> None:
            self.now += timedelta(seconds=seconds)

        @rule()
        def bury_and_ask(self) -> None:
            outbox.bury(self.now)
            outbox.reconcile_once(self.now)

        @rule(scope=st.sampled_from(["brand", "network", "account"]), on=st.sampled_from(accounts))
        def pause(self, scope, on) -> None:
            self.open.append(
                start_pause(
                    brand=brand,
                    by=owner,
                    now=self.now,
                    scope=scope,
                    network=on.network,
                    account=on,
                    reason="batch",
                )
            )

        @rule()
        def confirm(self) -> None:
            outbox.confirm_pauses(self.now)

        @precondition(lambda self: self.open)
        @rule()
        def resume(self) -> None:
            pause = self.open.pop()
            if not any(other.pk == pause.pk for other in self.open):
                end_pause(pause=pause, by=owner, now=self.now)

        @invariant()
        def nothing_covered_is_on_the_wire_once_a_pause_is_in_force(self) -> None:
            live = list(Post.objects.filter(brand=brand, state=PostState.SENDING).select_related("account"))
            for pause in queries.posts.open_pauses(brand):
                if pause.in_force_at:
                    assert queries.posts.covered(pause, live) == []

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    return Desk


def test_no_order_of_steps_sends_under_a_pause_in_force_or_twice(brand, owner, account, now):
    from stormdesk.accounts.actions import connect_account

    second = connect_account(
        brand=brand,
        by=owner,
        now=now,
        network="practice",
        handle="kids",
        settings_={"handle": "kids", "path": ""},
    )
    kept = NETWORK.open_store
    try:
        run_state_machine_as_test(
            machine_of(brand, owner, [account, second], now),
            settings=settings(
                max_examples=40,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                database=None,
            ),
        )
    finally:
        NETWORK.open_store = kept


def test_the_memory_of_the_network_is_the_file_again():
    assert isinstance(NETWORK.open_store({"path": "x"}), FileStore)
