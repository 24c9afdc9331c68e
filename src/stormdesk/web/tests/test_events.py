"""Live events over a real server: who may read, what arrives, what a returning browser is told."""

import asyncio
import contextlib
from datetime import timedelta

import httpx2 as httpx
import pytest

from stormdesk.journal.actions import announce
from stormdesk.journal.models import LiveEvent
from stormdesk.people.models import Membership
from stormdesk.web import events, jobs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(serve, monkeypatch):
    monkeypatch.setattr(events, "POLL_EVERY", 0.05)

    async def application(scope, receive, send):
        if scope["type"] == "http":
            await events.endpoint(scope, receive, send)

    with serve(application) as address:
        yield f"{address}/events"


@contextlib.contextmanager
def reading(server, client, brand, after="", **headers):
    cookie = client.cookies["stormdesk_session"].value
    with (
        httpx.Client(timeout=10) as http,
        http.stream(
            "GET",
            server,
            params={"brand": brand.slug, "after": after},
            headers={"cookie": f"stormdesk_session={cookie}", **headers},
        ) as answer,
    ):
        yield answer.status_code, said(answer.iter_lines()) if answer.status_code == 200 else None


def said(lines):
    """(name, data, id) of each event, as a browser reads them."""
    event: dict[str, str] = {}
    for line in lines:
        if line:
            key, _, value = line.partition(": ")
            event[key] = value
        elif "event" in event:
            yield event["event"], event["data"], event.get("id")
            event = {}


def until(stream, name):
    return next(event for event in stream if event[0] == name)


def test_what_is_announced_arrives(server, brand, owner, client_of, now):
    with reading(server, client_of(owner), brand) as (status, stream):
        assert status == 200
        assert next(stream)[0] == "tick"
        announce(brand, "alerts", now=now, ref="alert:5")
        _, data, number = until(stream, "alerts")
        assert data == '{"ref": "alert:5"}'
        assert int(number) == LiveEvent.objects.latest("pk").pk


def test_another_brand_is_not_heard(server, brand, make_brand, owner, client_of, now):
    other = make_brand("North")
    with reading(server, client_of(owner), brand) as (_, stream):
        next(stream)
        announce(other, "crisis", now=now)
        announce(brand, "posts", now=now)
        assert next(stream)[0] == "posts"


def test_strangers_and_people_of_other_brands_are_refused(server, brand, make_brand, owner, client_of):
    with reading(server, client_of(owner), make_brand("North")) as (status, _):
        assert status == 403
    assert httpx.get(server, params={"brand": brand.slug}).status_code == 403
    bad = {"cookie": "stormdesk_session=../../etc/passwd"}
    assert httpx.get(server, params={"brand": brand.slug}, headers=bad).status_code == 403
    assert httpx.post(server, params={"brand": brand.slug}).status_code == 405


def test_a_returning_browser_is_told_what_it_missed(server, brand, owner, client_of, now):
    announce(brand, "inbox", now=now)
    last = LiveEvent.objects.latest("pk").pk
    announce(brand, "tasks", now=now)
    with reading(server, client_of(owner), brand, **{"last-event-id": str(last)}) as (_, stream):
        assert "tasks" in {next(stream)[0] for _ in range(3)}


def test_what_happened_between_the_page_and_its_stream_is_not_lost(server, brand, owner, client_of, now):
    announce(brand, "inbox", now=now)
    drawn = events.latest()
    announce(brand, "crisis", now=now)
    with reading(server, client_of(owner), brand, after=drawn) as (_, stream):
        assert until(stream, "crisis")


def test_a_browser_away_for_too_long_fetches_everything_anew(server, brand, owner, client_of, now):
    announce(brand, "inbox", now=now)
    last = LiveEvent.objects.latest("pk").pk
    for _ in range(3):
        announce(brand, "tasks", now=now)
    assert jobs.forget_live_events(now + timedelta(hours=2)) == 3
    with reading(server, client_of(owner), brand, **{"last-event-id": str(last)}) as (_, stream):
        assert until(stream, "reset")


def test_the_stream_ends_with_the_right_to_see(server, brand, owner, client_of, monkeypatch):
    monkeypatch.setattr(events, "CHECK_EVERY", 0.1)
    with reading(server, client_of(owner), brand) as (_, stream):
        next(stream)
        Membership.objects.all().delete()
        assert until(stream, "gone")
        assert list(stream) == []


def test_signing_out_ends_the_stream(server, brand, owner, client_of, monkeypatch):
    monkeypatch.setattr(events, "CHECK_EVERY", 0.1)
    client = client_of(owner)
    with reading(server, client, brand) as (_, stream):
        next(stream)
        client.session.flush()
        assert until(stream, "gone")


def test_a_slow_reader_is_told_to_start_anew_instead_of_being_sent_a_backlog():
    async def story():
        queue: asyncio.Queue[str] = asyncio.Queue(events.QUEUE)
        for number in range(events.QUEUE + 1):
            events._put(queue, str(number))
        return [queue.get_nowait() for _ in range(queue.qsize())]

    assert asyncio.run(story()) == ["event: reset\ndata: 1\n\n"]


def test_a_thing_that_changed_often_is_said_once():
    many = [events.Event(i, 1, "mentions", "") for i in range(500)] + [
        events.Event(501, 1, "alerts", "alert:1")
    ]
    assert events.told(many).count("event: ") == 2
