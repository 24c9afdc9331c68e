"""Two workers and two people in the same second, on real connections."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from stormdesk.core.errors import Conflict
from stormdesk.publish.models import Post
from stormdesk.reply import actions
from stormdesk.reply.models import Conversation, Line
from stormdesk.reply.queries import get_conversation

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # The test database of SQLite lives in memory, where a second connection is refused instead of waiting; in a file
    # every transaction of SQLite waits for the other one, so there is nothing that could happen at once.
    pytest.mark.skipif(connection.vendor == "sqlite", reason="needs PostgreSQL: two connections at once"),
]


def at_once(*doing: Callable[[], object]) -> list[object]:
    """Run each on its own connection, started together; what it returned or raised."""
    start, results = threading.Barrier(len(doing)), []

    def run(one: Callable[[], object]) -> None:
        start.wait()
        try:
            results.append(one())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(one,)) for one in doing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_workers_open_each_conversation_once(account, wrote, now):
    for number in range(30):
        wrote(handle=f"person{number % 10}", thread=f"thread{number % 3}", native_id=f"p{number}")
    found = at_once(*[lambda: actions.open_conversations(now=now)] * 3)
    assert all(isinstance(one, int) for one in found), found
    while actions.open_conversations(now=now):
        pass
    assert Line.objects.count() == 30
    assert Conversation.objects.count() == 30  # ten people in each of three threads


def test_two_people_send_in_the_same_second_and_one_answer_goes_out(account, wrote, vera, max_, now):
    wrote()
    actions.open_conversations(now=now)
    pk = Conversation.objects.get().pk

    def send(who):
        conversation = get_conversation(account.brand, pk)
        return lambda: actions.answer(conversation=conversation, by=who, now=now, text="I am sorry. Call us.")

    found = at_once(send(vera), send(max_))
    assert sorted(type(one).__name__ for one in found) == ["Conflict", "Post"], found
    assert Post.objects.count() == 1
    assert any(isinstance(one, Conflict) for one in found)
