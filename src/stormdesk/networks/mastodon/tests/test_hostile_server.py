"""A server that lies, breaks and drips: what each fault means for a post, and what listening survives."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.hostile import endless, hostile, raw, reply
from stormdesk.networks.base import Media, Outgoing, Permanent, Retryable, Scheduled, Unauthorised, Unknown
from stormdesk.networks.mastodon import NETWORK, words

PAYLOADS = Path(__file__).parents[1] / "payloads"
SECRET = {"access_token": "token-secret"}
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


def status(number, **more):
    account = {"id": "9", "acct": "anna@example.org", "display_name": "Анна"}
    made = {
        "id": str(number),
        "created_at": "2026-03-01T12:00:00.000Z",
        "content": f"<p>post {number}</p>",
        "account": account,
    }
    return made | {"visibility": "public", "url": f"https://example.org/{number}"} | more


def js(value, code=200, **headers):
    return reply(code, json.dumps(value).encode(), **headers)


def against(routes, do):
    """Run `do(settings)` against a server with these routes; gives what came of it and what the server was asked."""

    async def go():
        async with hostile(routes) as server:
            try:
                done = await do({"server": server.url, "account_id": "1", "handle": "brand"})
            except Exception as error:
                done = error
            return done, server.asked

    return asyncio.run(go())


def post(behaviour, **more):
    outgoing = Outgoing("hello", "key-1", **more)
    return against({"/api/v1/statuses": behaviour}, lambda s: NETWORK.publish(s, SECRET, outgoing))


@pytest.mark.parametrize(
    ("behaviour", "error", "after"),
    [
        (reply(500), Unknown, None),
        (reply(502, b"<html>bad gateway"), Unknown, None),
        (raw(), Unknown, None),
        (raw(reset=True), Unknown, None),
        (raw(OK + b"content-length: 500\r\n\r\n{"), Unknown, None),
        (reply(200, b'{"id": "1", "created'), Unknown, None),
        (reply(200, '{"ошибка"'.encode("cp1251")), Unknown, None),
        (reply(200, b"[]"), Unknown, None),
        (js({"id": "1"}), Unknown, None),
        (endless(OK + b"\r\n", b"x" * 65536), Unknown, None),
        (reply(429, retry_after="17"), Retryable, 17),
        (reply(429), Retryable, None),
        (reply(401), Unauthorised, None),
        (js({"error": "This action is outside token-secret scopes"}, 403), Unauthorised, None),
        (js({"error": "Text is too long"}, 422), Permanent, None),
        (reply(302, location="http://169.254.169.254/"), Permanent, None),
    ],
)
def test_what_a_fault_means_for_a_post(behaviour, error, after):
    done, asked = post(behaviour)
    assert type(done) is error
    assert getattr(done, "after", None) == after
    assert len(asked) == 1
    assert done.message % done.facts == str(done)
    assert "token-secret" not in str(done)


def test_a_refused_connection_surely_sent_nothing():
    async def go():
        async with hostile({}) as server:
            pass
        await NETWORK.publish({"server": server.url}, SECRET, Outgoing("x", "k"))

    with pytest.raises(Retryable):
        asyncio.run(go())


def test_a_good_post_carries_its_key_and_place():
    done, asked = post(js(status(5)), language="ru", to_handle="@anna@example.org", visibility="direct")
    assert (done.native_id, done.at) == ("5", datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert asked[0].headers["idempotency-key"] == "key-1"
    assert asked[0].headers["authorization"] == "Bearer token-secret"
    assert json.loads(asked[0].body) == {
        "status": "@anna@example.org hello",
        "visibility": "direct",
        "language": "ru",
    }


def test_a_reply_names_the_author_and_stops_if_the_post_is_gone():
    routes = {"/api/v1/statuses/7": js(status(7)), "/api/v1/statuses": js(status(8))}
    outgoing = Outgoing("sorry", "k", in_reply_to="7")
    _, asked = against(routes, lambda s: NETWORK.publish(s, SECRET, outgoing))
    assert json.loads(asked[1].body)["status"] == "@anna@example.org sorry"
    done, asked = against(
        routes | {"/api/v1/statuses/7": reply(404)}, lambda s: NETWORK.publish(s, SECRET, outgoing)
    )
    assert isinstance(done, Permanent)
    assert done.code == "gone"
    assert len(asked) == 1


@pytest.mark.parametrize("behaviour", [reply(500), raw(), reply(200, b"{")])
def test_a_failed_upload_posted_nothing_and_may_be_repeated(behaviour):
    media = (Media(content=b"png", content_type="image/png", description="кот"),)
    done, asked = against(
        {"/api/v2/media": behaviour}, lambda s: NETWORK.publish(s, SECRET, Outgoing("x", "k", media=media))
    )
    assert type(done) is Retryable
    assert "кот".encode() in asked[0].body


def test_pages_go_forward_until_the_end_and_nonsense_does_not_stop_them():
    first = [status(n) for n in range(50, 10, -1)]
    nonsense = [None, 5, {"id": 1}]
    pages = [
        js(first),
        js([status(90), *nonsense, *[status(n) for n in range(89, 53, -1)]]),
        js([status(91)]),
    ]

    async def all_of_it(settings):
        items, cursor, more = [], {"min_id": "10"}, True
        while more:
            batch = await NETWORK.hear("public", settings, {}, cursor)
            items, cursor, more = items + batch.items, batch.cursor, batch.more
        return [int(i.native_id) for i in items], cursor

    (numbers, cursor), asked = against({"/api/v1/timelines/public": pages}, all_of_it)
    assert numbers == [*range(11, 51), *range(54, 92)]
    assert cursor == {"min_id": "91"}
    assert [a.query.split("min_id=")[1] for a in asked] == ["10", "50", "90"]


def test_a_server_that_ignores_the_cursor_does_not_keep_us_for_ever():
    same = [status(n) for n in range(40, 0, -1)]
    batch, _ = against(
        {"/api/v1/timelines/public": js(same)}, lambda s: NETWORK.hear("public", s, {}, {"min_id": "40"})
    )
    assert batch.more is False


def test_own_words_are_not_heard_and_private_ones_are_not_public():
    own = status(1, account={"id": "1", "acct": "brand"})
    private = status(2, visibility="private", mentions=[{"id": "1", "acct": "brand"}])
    batch, _ = against(
        {"/api/v1/timelines/public": js([private, own])}, lambda s: NETWORK.hear("public", s, {}, {})
    )
    assert [(i.native_id, i.visibility, i.addressed) for i in batch.items] == [("2", "direct", True)]


def test_a_stream_first_closes_the_gap_then_tells_of_edits_and_removals():
    sse = OK + b"content-type: text/event-stream\r\n\r\n:thump\n\n"
    events = [
        ("update", json.dumps(status(3))),
        ("update", "{nonsense"),
        ("filters_changed", ""),
        ("delete", "3"),
    ]
    events.insert(3, ("status.update", json.dumps(status(2, edited_at="2026-03-01T12:05:00Z"))))
    body = sse + "".join(f"event: {n}\ndata: {d}\n\n" for n, d in events).encode()
    routes = {
        "/api/v2/instance": reply(404),
        "/api/v1/streaming/hashtag": raw(body),
        "/api/v1/timelines/tag/%D1%87%D0%B0%D0%B9": js([status(2)]),
    }

    async def listen(settings):
        heard = []
        try:
            async for batch in NETWORK.stream("hashtag", settings | {"tag": "#чай"}, SECRET, {"min_id": "1"}):
                heard += [
                    (i.native_id, bool(i.edited_at), i.deleted, batch.cursor["min_id"]) for i in batch.items
                ]
        except Retryable:
            return heard

    heard, _ = against(routes, listen)
    assert heard == [
        ("2", False, False, "2"),
        ("3", False, False, "3"),
        ("2", True, False, "3"),
        ("3", False, True, "3"),
    ]


@pytest.mark.parametrize(
    ("behaviour", "error"), [(reply(404), Permanent), (reply(401), Unauthorised), (reply(503), Retryable)]
)
def test_a_stream_that_is_refused_says_so(behaviour, error):
    async def listen(settings):
        async for _ in NETWORK.stream("public", settings, SECRET, {}):
            pass

    done, _ = against({"/api/v2/instance": reply(404), "/api/v1/streaming/public": behaviour}, listen)
    assert type(done) is error


def test_deletion_is_believed_only_if_it_is_so():
    async def remove(settings):
        await NETWORK.delete(settings, SECRET, "5")

    assert against({"/api/v1/statuses/5": [reply(200, b"{}")]}, remove)[0] is None
    assert against({"/api/v1/statuses/5": [reply(404), reply(404)]}, remove)[0] is None
    done, _ = against({"/api/v1/statuses/5": [reply(404), js(status(5))]}, remove)
    assert done.code == "not_offered"


def test_native_schedules_are_listed_removed_and_put_back():
    waiting = {
        "id": "77",
        "scheduled_at": "2026-03-02T09:00:00.000Z",
        "params": {
            "text": "Скидки!",
            "visibility": "public",
            "media_ids": [3],
            "poll": None,
            "in_reply_to_id": None,
        },
        "media_attachments": [],
    }
    found, _ = against(
        {"/api/v1/scheduled_statuses": js([waiting, {"id": 1}, None])},
        lambda s: NETWORK.native_schedules(s, SECRET),
    )
    assert [(f.native_id, f.text, f.due_at.hour) for f in found] == [("77", "Скидки!", 9)]
    for answer in (reply(200, b"{}"), reply(404)):
        done, asked = against(
            {"/api/v1/scheduled_statuses/77": answer}, lambda s: NETWORK.remove_schedule(s, SECRET, "77")
        )
        assert done is None
    due = datetime(2026, 3, 5, 9, tzinfo=UTC)
    kept = Scheduled(
        found[0].native_id, found[0].text, found[0].due_at, json.loads(json.dumps(found[0].content))
    )
    back, asked = against(
        {"/api/v1/statuses": js(waiting | {"id": "78"})},
        lambda s: NETWORK.restore_schedule(s, SECRET, kept, due, "k"),
    )
    assert back.native_id == "78"
    assert json.loads(asked[0].body) == {
        "status": "Скидки!",
        "visibility": "public",
        "media_ids": [3],
        "scheduled_at": "2026-03-05T09:00:00+00:00",
    }
    assert asked[0].headers["idempotency-key"] == "k"


def test_reconcile_tells_equal_words_in_different_places_apart():
    own = {"id": "1", "acct": "brand"}
    mention = [{"id": "9", "acct": "anna@example.org"}]
    page = [
        status(
            1,
            account=own,
            content="<p>Sorry! <a href='https://e.org/a?b=1&amp;c=2'><span class='invisible'>https://</span>e.org/a?b=1&amp;c=2</a></p>",
        ),
        status(
            2,
            account=own,
            content='<p><span>@<a href="#">anna</a></span> Sorry! https://e.org/a?b=1&amp;c=2</p>',
            in_reply_to_id="7",
            mentions=mention,
        ),
        status(
            3,
            account=own,
            content="<p>@anna Sorry! https://e.org/a?b=1&amp;c=2</p>",
            visibility="direct",
            mentions=mention,
        ),
    ]
    text = "Sorry! https://e.org/a?b=1&c=2"
    since = datetime(2026, 3, 1, 11, 59, tzinfo=UTC)
    cases = [
        (Outgoing(text, "k"), "1"),
        (Outgoing(text, "k", in_reply_to="7"), "2"),
        (Outgoing(text, "k", visibility="direct", to_handle="anna@example.org"), "3"),
        (Outgoing(text, "k", in_reply_to="8"), None),
        (Outgoing(text + "!", "k"), None),
    ]
    for outgoing, expected in cases:
        done, _ = against(
            {"/api/v1/accounts/1/statuses": js(page)},
            lambda s, o=outgoing: NETWORK.reconcile(s, SECRET, o, since),
        )
        assert (done and done.native_id) == expected
    late = since + timedelta(hours=1)
    assert (
        against(
            {"/api/v1/accounts/1/statuses": js(page)},
            lambda s: NETWORK.reconcile(s, SECRET, cases[0][0], late),
        )[0]
        is None
    )


def test_connecting_uses_a_fresh_challenge_and_a_declined_sign_in_is_said():
    app = js({"client_id": "c", "client_secret": "s"})
    one, _ = against(
        {"/api/v1/apps": app}, lambda s: NETWORK.begin_connecting(s, "https://us.example/back", "st")
    )
    two, _ = against(
        {"/api/v1/apps": app}, lambda s: NETWORK.begin_connecting(s, "https://us.example/back", "st")
    )
    assert "code_challenge_method=S256" in one.url
    assert one.keep["verifier"] != two.keep["verifier"]
    assert one.keep["verifier"] not in one.url
    done, asked = against(
        {}, lambda s: NETWORK.finish_connecting(s, one.keep, "x", {"error": "access_denied"})
    )
    assert done.code == "declined"
    assert asked == []


def test_payloads_of_a_real_server_are_read():
    told = [words.notified(v) for v in json.loads((PAYLOADS / "notifications.json").read_text())]
    assert [i.visibility for i in map(words.said, told)] == ["direct", "public", "public", "public"]
    seen = [words.said(words.status(v)) for v in json.loads((PAYLOADS / "hashtag.json").read_text())]
    assert {i.author.handle for i in seen} == {"alice@fedi2.test", "brand@fedi1.test"}
    assert all(i.text and i.url and i.published_at.tzinfo is UTC for i in seen)


def test_length_is_counted_as_the_server_counts():
    assert NETWORK.count("see https://example.org/" + "x" * 300) == 4 + 23
    assert NETWORK.count("@anna@very.long.example.org hi") == len("@anna hi")
    assert NETWORK.count("Привет 👋") == 8
