"""Heartbeats: silence is not calm, a blind minute is not zero (G5); claims let one process ask at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stormdesk.journal.models import Entry
from stormdesk.listen import actions, queries, words
from stormdesk.listen.actions import health, polling
from stormdesk.listen.models import Gap, Mention, Source
from stormdesk.networks import practice
from stormdesk.networks.base import Author, Retryable, Unauthorised

pytestmark = pytest.mark.django_db


def kinds(brand) -> list[str]:
    return list(Entry.objects.filter(brand=brand, kind__startswith="source.").values_list("kind", flat=True))


def test_a_source_that_says_nothing_falls_silent_and_comes_back(source, brand, now, hear, said):
    Source.objects.update(poll_every=0, speaks_every=3600)
    assert actions.check_sources(now + timedelta(minutes=59)) == 0
    late = now + timedelta(minutes=61)
    assert actions.check_sources(late) == 1
    assert actions.check_sources(late) == 0
    source.refresh_from_db()
    assert source.state == "silent"
    assert "has said nothing since" in health.told(source)
    gap = Gap.objects.get()
    assert (gap.starts_at, gap.ends_at) == (now, None)
    hear(said("1", "hello"), at=late + timedelta(minutes=9))
    source.refresh_from_db()
    assert (source.state, source.problem) == ("ok", "")
    assert Gap.objects.get().ends_at == late + timedelta(minutes=9)
    assert kinds(brand) == ["source.silent", "source.back"]


def test_failures_are_told_at_once_when_they_last_and_on_the_third_time_otherwise(source, brand, now):
    health.failed(source, Retryable("busy"), now)
    health.failed(source, Retryable("busy"), now)
    assert kinds(brand) == []
    health.failed(source, Retryable("The server of %(place)s is busy.", place="x"), now)
    assert kinds(brand) == ["source.failing"]
    assert health.told(source) == "The server of x is busy."
    other = Source.objects.create(brand=brand, network="practice", kind="search", name="y", added_at=now)
    health.failed(other, Unauthorised("The key is wrong; connect again."), now)
    other.refresh_from_db()
    assert other.state == "failing"


def test_a_source_that_fails_is_not_shown_as_heard(brand, now):
    new = Source.objects.create(
        brand=brand, network="practice", kind="search", name="y", added_at=now, poll_every=60
    )
    assert words.source_state(new) == words.NOT_YET
    health.failed(new, Retryable("busy"), now)
    assert words.source_state(new) == words.NOT_YET
    assert words.source_state(Source(kind="receive", poll_every=0)) == words.NOTHING_CAME
    new.answered_at = now
    assert words.source_state(new) == words.FALTERS
    new.failures = 0
    assert words.source_state(new) == words.SOURCE_STATE["ok"]


def test_a_source_nobody_asks_is_failing(source, now):
    actions.check_sources(now + timedelta(minutes=10))
    source.refresh_from_db()
    assert source.state == "failing"
    assert "listening process" in health.told(source)


def test_a_blind_time_is_a_gap_and_not_zero(source, brand, now):
    second = Source.objects.create(
        brand=brand,
        network="practice",
        kind="search",
        name="y",
        added_at=now - timedelta(days=2),
        poll_every=0,
    )
    Gap.objects.create(
        source=source, starts_at=now - timedelta(minutes=30), ends_at=now - timedelta(minutes=20), why="down"
    )
    Gap.objects.create(source=second, starts_at=now - timedelta(minutes=25), why="down")
    hour = queries.completeness(brand, now - timedelta(hours=1), now)
    assert hour.share == pytest.approx(1 - 35 / 120)
    assert [gap.source for gap in hour.gaps] == ["Practice", "y"]
    by_minute = {m.at: m.heard for m in queries.minutes(brand, now - timedelta(hours=1), now)}
    assert len(by_minute) == 60
    assert by_minute[now - timedelta(minutes=22)] == 0
    assert by_minute[now - timedelta(minutes=28)] == 0.5
    assert by_minute[now - timedelta(minutes=40)] == 1
    Gap.objects.update(heard_later=True)
    assert queries.completeness(brand, now - timedelta(hours=1), now).share == 1


def test_nobody_listening_is_not_calm(brand, now):
    assert queries.completeness(brand, now - timedelta(hours=1), now).share == 0
    assert {m.heard for m in queries.minutes(brand, now - timedelta(minutes=5), now)} == {0}


@pytest.fixture
def place(source, tmp_path):
    store = practice.FileStore(tmp_path / "p.sqlite3")
    source.settings = {"handle": "meadow", "path": str(store.path)}
    source.kind = "search"
    source.cursor = {}
    source.save()
    return store


async def _say(store, number: int) -> None:
    network = practice.Practice(lambda settings: store)
    for n in range(number):
        await network.say({"handle": "x"}, Author("anna", "anna"), f"kefir {n}", key=f"k{n}")


def test_polling_hears_everything_once_and_leaves_the_claim_to_others(place, source, now):
    import asyncio

    asyncio.run(_say(place, 450))
    Source.objects.update(claimed_until=now + timedelta(seconds=30))
    assert actions.poll_sources(now) == 0, "claimed by another process"
    assert actions.poll_sources(now + timedelta(seconds=31)) == 450
    assert Mention.objects.count() == 450
    source.refresh_from_db()
    assert source.claimed_until is None
    assert source.due_at > now
    assert source.cursor == {"revision": 450}


def test_a_failing_source_is_asked_less_often_and_goes_on_where_it_stopped(place, source, brand, now):
    import asyncio

    Source.objects.update(settings={**source.settings, "path": "/proc/nowhere/p.sqlite3"})
    for _ in range(3):
        actions.poll_sources(now)
        Source.objects.update(due_at=now)
    source.refresh_from_db()
    assert (source.state, source.failures) == ("failing", 3)
    asyncio.run(_say(place, 3))
    Source.objects.update(settings=source.settings | {"path": str(place.path)}, cursor={"revision": 0})
    assert actions.poll_sources(now) == 3
    source.refresh_from_db()
    assert (source.state, source.failures) == ("ok", 0)
    assert Gap.objects.get().heard_later


def test_two_processes_do_not_both_claim(source, now):
    first = polling.claim(now)
    assert [s.pk for s in first] == [source.pk]
    assert polling.claim(now) == []


def test_a_source_switched_off_is_left_alone(source, owner, now):
    actions.switch_source(source=source, by=owner, now=now, on=False, reason="moved")
    assert polling.claim(now + timedelta(days=1)) == []
    assert actions.check_sources(now + timedelta(days=9)) == 0
    actions.switch_source(source=source, by=owner, now=now, on=True)
    assert [s.pk for s in polling.claim(now)] == [source.pk]
