"""The practice network: speaks once per key, survives kills, tells about edits, stages faults."""

import asyncio
import multiprocessing
import os
import signal
import time
from datetime import UTC, datetime, timedelta

import pytest

from stormdesk.networks.base import Author, Outgoing, Permanent, Retryable, Unauthorised, Unknown
from stormdesk.networks.practice import NETWORK, FileStore


@pytest.fixture
def settings(tmp_path):
    return {"handle": "teapot", "path": str(tmp_path / "practice.sqlite3"), "faults": {}}


def run(coroutine):
    return asyncio.run(coroutine)


def said(settings):
    return run(NETWORK.own_posts(settings, {}, datetime(2000, 1, 1, tzinfo=UTC)))


def test_one_key_makes_one_post(settings):
    first = run(NETWORK.publish(settings, {}, Outgoing("We are sorry.", "k1")))
    again = run(NETWORK.publish(settings, {}, Outgoing("We are sorry.", "k1")))
    assert first == again
    assert [p.text for p in said(settings)] == ["We are sorry."]


def test_after_a_lost_answer_reconcile_finds_the_post(settings):
    outgoing = Outgoing("Statement", "k2")
    with pytest.raises(Unknown):
        run(NETWORK.publish({**settings, "faults": {"fail_after_accept": True}}, {}, outgoing))
    since = datetime.now(UTC) - timedelta(minutes=1)
    assert run(NETWORK.reconcile(settings, {}, outgoing, since)).native_id == said(settings)[0].native_id
    assert run(NETWORK.reconcile(settings, {}, Outgoing("Statement", "other"), since)) is None


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        ({"status": 429, "retry_after": 7}, Retryable),
        ({"status": 401}, Unauthorised),
        ({"status": 422}, Permanent),
        ({"status": 500}, Unknown),
    ],
)
def test_staged_refusals_keep_nothing(settings, faults, error):
    with pytest.raises(error) as caught:
        run(NETWORK.publish({**settings, "faults": faults}, {}, Outgoing("x", "k")))
    assert type(caught.value) is error
    assert getattr(caught.value, "after", None) == faults.get("retry_after")
    assert said(settings) == []


def test_strangers_are_heard_with_replies_edits_and_deletions(settings):
    anna = Author("anna", "anna", "Anna", followers=40)
    sent = run(NETWORK.publish(settings, {}, Outgoing("New kettle!", "k")))
    run(NETWORK.say(settings, anna, "It leaks", in_reply_to=sent.native_id))
    run(NETWORK.say(settings, anna, "my number is …", to_handle="teapot"))
    loud = run(NETWORK.say(settings, anna, "The kettle of @Teapot burns", reach=9000))
    run(NETWORK.say(settings, anna, "Good morning"))

    batch = run(NETWORK.hear("notifications", settings, {}, {}))
    assert [(i.kind, i.visibility, i.addressed) for i in batch.items] == [
        ("comment", "public", True),
        ("direct", "direct", True),
        ("post", "public", True),
    ]
    assert batch.items[0].thread == sent.native_id
    assert [i.text for i in run(NETWORK.hear("search", {**settings, "query": "kettle"}, {}, {})).items] == [
        loud.text
    ]
    everything = run(NETWORK.hear("search", settings, {}, {}))
    assert "my number is …" not in [i.text for i in everything.items]

    run(FileStore(settings["path"]).change(loud.native_id, "The kettle burns us", datetime.now(UTC)))
    run(FileStore(settings["path"]).change(loud.native_id, None, datetime.now(UTC)))
    after = run(NETWORK.hear("search", settings, {}, everything.cursor))
    assert [(i.native_id, i.deleted) for i in after.items] == [(loud.native_id, True)]


def test_own_posts_can_be_changed_and_foreign_ones_cannot(settings):
    sent = run(NETWORK.publish(settings, {}, Outgoing("Frist", "k")))
    run(NETWORK.edit(settings, {}, sent.native_id, "First"))
    assert said(settings)[0].text == "First"
    run(NETWORK.delete(settings, {}, sent.native_id))
    run(NETWORK.delete(settings, {}, sent.native_id))
    assert said(settings) == []
    foreign = run(NETWORK.say(settings, Author("a", "a"), "mine"))
    with pytest.raises(Unauthorised):
        run(NETWORK.delete(settings, {}, foreign.native_id))


def _publish_for_ever(path, start):
    settings = {"handle": "teapot", "path": path, "faults": {}}
    for number in range(start, 10_000):
        asyncio.run(NETWORK.publish(settings, {}, Outgoing(f"post {number}", f"key-{number}")))


@pytest.mark.processes
def test_killed_publishers_lose_and_double_nothing(settings):
    context = multiprocessing.get_context("spawn")
    for _ in range(2):
        publishers = [context.Process(target=_publish_for_ever, args=(settings["path"], 0)) for _ in range(2)]
        for publisher in publishers:
            publisher.start()
        deadline = time.monotonic() + 20
        before = len(said(settings)) if os.path.exists(settings["path"]) else 0
        while time.monotonic() < deadline and len(said(settings)) < before + 5:
            time.sleep(0.05)
        for publisher in publishers:
            os.kill(publisher.pid, signal.SIGKILL)
            publisher.join()
    texts = sorted((p.text for p in said(settings)), key=lambda t: int(t.split()[1]))
    assert len(texts) >= 10
    assert texts == [f"post {n}" for n in range(len(texts))]


def test_stream_goes_on_from_a_cursor(settings):
    async def listen():
        await NETWORK.say(settings, Author("a", "a"), "one")
        batch = await NETWORK.hear("search", settings, {}, {})
        stream = NETWORK.stream("search", settings, {}, batch.cursor)
        await NETWORK.say(settings, Author("a", "a"), "two")
        return (await asyncio.wait_for(anext(stream), 10)).items

    assert [i.text for i in run(listen())] == ["two"]
