"""What each fault means for a post, and that no answer, message or page stops the listening."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.hostile import endless, hostile, raw, reply
from stormdesk.networks.base import NetworkError, Outgoing, Permanent, Retryable, Unauthorised, Unknown
from stormdesk.networks.telegram import NETWORK, listening, pages, words
from stormdesk.networks.telegram.place import place

PAYLOADS = Path(__file__).parents[1] / "payloads"
TOKEN = "1:secret-token"
SECRET = {"token": TOKEN, "webhook_secret": "hook"}
OK = b"HTTP/1.1 200 OK\r\n"
US = words.Us("1", "kettle_bot", "@teapot_news")


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


def against(routes, do):
    async def go():
        async with hostile(routes) as server:
            try:
                return await do(
                    {"server": server.url, "pages": server.url, "chat": "@teapot_news"}
                ), server.asked
            except Exception as error:
                return error, server.asked

    return asyncio.run(go())


def js(value, status=200):
    return reply(status, json.dumps(value).encode())


def no(code, description, **parameters):
    return js({"ok": False, "error_code": code, "description": description, "parameters": parameters}, code)


@pytest.mark.parametrize(
    ("behaviour", "error", "after"),
    [
        (reply(500), Unknown, None),
        (reply(502, b"<html>bad gateway"), Unknown, None),
        (js({"ok": False, "error_code": 500, "description": "Internal Server Error"}, 500), Unknown, None),
        (raw(), Unknown, None),
        (raw(reset=True), Unknown, None),
        (raw(OK + b"content-length: 500\r\n\r\n{"), Unknown, None),
        (reply(200, b'{"ok": true, "resu'), Unknown, None),
        (reply(200, '{"ok": true, "result": "ответ"}'.encode("cp1251")), Unknown, None),
        (reply(200, b"[]"), Unknown, None),
        (js({"ok": True}), Unknown, None),
        (js({"ok": True, "result": True}), Unknown, None),
        (js({"ok": True, "result": {"message_id": "5"}}), Unknown, None),
        (js({"ok": True, "result": {"message_id": 0, "date": 1, "chat": {"id": -5}}}), Unknown, None),
        (js({"ok": True, "result": {"message_id": 5, "date": 2**60, "chat": {"id": -5}}}), Unknown, None),
        (endless(OK + b"\r\n", b"x" * 65536), Unknown, None),
        (no(429, "Too Many Requests: retry after 17", retry_after=17), Retryable, 17),
        (no(429, "Too Many Requests", retry_after=10**9), Retryable, None),
        (no(429, "Too Many Requests", retry_after="soon"), Retryable, None),
        (reply(429, retry_after="5"), Retryable, 5),
        (no(401, "Unauthorized"), Unauthorised, None),
        (no(404, "Not Found"), Unauthorised, None),
        (no(403, f"Forbidden: bot {TOKEN} was kicked from the channel chat"), Unauthorised, None),
        (no(403, "Forbidden: bot was blocked by the user"), Permanent, None),
        (no(400, "Bad Request: message text is empty"), Permanent, None),
        (no(400, ["not", "text"]), Permanent, None),
        (reply(302, location="http://169.254.169.254/"), Permanent, None),
    ],
)
def test_what_a_fault_means_for_a_post(behaviour, error, after):
    done, asked = against(
        {f"/bot{TOKEN}/sendMessage": behaviour}, lambda s: NETWORK.publish(s, SECRET, Outgoing("hello", "k"))
    )
    assert type(done) is error
    assert getattr(done, "after", None) == after
    assert len(asked) == 1
    assert done.message % done.facts == str(done)
    assert TOKEN not in str(done)


def test_a_refused_connection_surely_sent_nothing():
    async def go():
        async with hostile({}) as server:
            pass
        await NETWORK.publish({"server": server.url, "chat": "@x"}, SECRET, Outgoing("x", "k"))

    with pytest.raises(Retryable):
        asyncio.run(go())


@pytest.mark.parametrize(
    ("behaviour", "error", "code"),
    [
        (reply(500), Retryable, None),
        (raw(OK + b"content-length: 500\r\n\r\n{"), Retryable, None),
        (js({"ok": True, "result": {}}), Retryable, "unreadable"),
        (js({"ok": True}), Retryable, "unreadable"),
        (no(401, "Unauthorized"), Unauthorised, None),
        (no(409, "Conflict: terminated by other getUpdates request"), Retryable, "conflict"),
        (no(409, "Conflict: can't use getUpdates method while webhook is active"), Permanent, "webhook"),
        (endless(OK + b"\r\n", b"x" * 65536), Permanent, None),
    ],
)
def test_what_a_fault_means_for_listening(behaviour, error, code):
    answer = [behaviour, behaviour]
    done, _ = against(
        {f"/bot{TOKEN}/getUpdates": answer}, lambda s: NETWORK.hear("updates", s, SECRET, {"offset": 5})
    )
    assert type(done) is error
    assert code is None or done.code == code


def test_nonsense_among_the_news_is_passed_over_and_never_comes_again():
    good = {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "group"}, "from": {"id": 7}, "text": "да"}
    page = [
        None, 5, {"update_id": "x"}, {"update_id": 1, "message": 5}, {"update_id": 2, "message": good | {"date": "x"}},
        {"update_id": 3, "message": good | {"date": 2**62}}, {"update_id": 4, "unheard_of": {}},
        {"update_id": 5, "deleted_business_messages": {"chat": 1}}, {"update_id": 6, "message": good},
    ]  # fmt: skip
    batch, _ = against(
        {f"/bot{TOKEN}/getUpdates": js({"ok": True, "result": page})},
        lambda s: NETWORK.hear("updates", s, SECRET, {}),
    )
    assert [i.text for i in batch.items] == ["да"]
    assert batch.cursor == {"offset": 7}


def test_numbers_that_begin_anew_are_followed():
    page = [{"update_id": 3}, {"update_id": 4}]
    batch, _ = against(
        {f"/bot{TOKEN}/getUpdates": js({"ok": True, "result": page})},
        lambda s: NETWORK.hear("updates", s, SECRET, {"offset": 10**9}),
    )
    assert batch.cursor == {"offset": 5}


def test_examples_of_the_documentation_are_read():
    for update in json.loads((PAYLOADS / "updates.json").read_text()):
        item = words.incoming(words.message(update["message"]), US)
        assert (item.text, item.kind, item.native_id) == ("/start", "direct", "1111111/1365")
        assert item.published_at == datetime.fromtimestamp(1441645532, UTC)


def test_the_page_of_a_channel_is_read():
    page = pages.read((PAYLOADS / "channel_page.html").read_text())
    first, second = [pages.incoming(post, page) for post in page.posts]
    assert first.text == "МАСТЕР ПО ЧАЙНИКАМ 🔥\n\nФормат: #удаленка\nОткликнуться: @teapot"
    assert first.native_id == "-1001179933704/1491"
    assert first.published_at == datetime(2020, 4, 30, 17, 0, 4, tzinfo=UTC)
    assert (first.reach, second.reach) == (4400, 4100)
    assert second.text == "Чайник <7> отзываем"
    assert second.author.name == "Teapot: Jobs & News"
    assert second.author.followers == 60_000
    assert second.url == "https://t.me/teapotjobs/1510"


@pytest.mark.parametrize("piece", ["<a ", "<div>", "&#", '<div data-post="t/1">'])
def test_a_page_of_nonsense_ends(piece):
    # With the parsers at hand the first three took minutes for a megabyte.
    head = '<section class="tgme_channel_history"><div data-post="teapot/12"><div class="js-message_text">'
    page = pages.read(head + piece * (2**19 // len(piece)))
    assert len(page.posts) <= pages.MOST
    assert len(page.posts[-1].text) <= 40_000


def test_of_a_page_with_endless_posts_some_are_read():
    posts = "".join(f'<div data-post="teapot/{number}"></div>' for number in range(500))
    assert len(pages.read('<section class="tgme_channel_history">' + posts).posts) == pages.MOST


def test_what_is_no_page_of_a_channel_is_said():
    for behaviour in (reply(200, b"<html>Telegram: Contact @x"), reply(200, b"\xff" * 1000), reply(200, b"")):
        done, _ = against(
            {"/s/teapot": behaviour}, lambda s: NETWORK.hear("channel", s | {"channel": "teapot"}, {}, {})
        )
        assert (type(done), done.code) == (Permanent, "no_page")
    for name in ("", "x y", "https://example.org/s/teapot", "../admin", "12345", "@" * 50):
        done, asked = against({}, lambda s, n=name: NETWORK.hear("channel", s | {"channel": n}, {}, {}))
        assert (type(done), done.code) == (Permanent, "no_channel")
        assert asked == []


def test_a_webhook_is_believed_only_with_its_secret_and_each_update_taken_once():
    update = json.loads((PAYLOADS / "updates.json").read_text())[0]
    body = json.dumps(update).encode()
    head = {"X-Telegram-Bot-Api-Secret-Token": "hook"}
    batch = listening.receive(head, body, {}, SECRET, {})
    assert [i.text for i in batch.items] == ["/start"]
    assert listening.receive(head, body, {}, SECRET, batch.cursor).items == []
    for headers, secret in (
        ({}, SECRET),
        ({"x-telegram-bot-api-secret-token": "hoo"}, SECRET),
        (head, {}),
        ({}, {}),
    ):
        with pytest.raises(Unauthorised):
            listening.receive(headers, body, {}, secret, {})
    for nonsense in (b"", b"[]", b'{"update_id": true}', b"[" * 100_000, b" " * 2**21, b"\xff"):
        with pytest.raises(Permanent):
            listening.receive(head, nonsense, {}, SECRET, {})


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_CHAT = st.fixed_dictionaries(
    {"id": st.integers()},
    optional={
        "type": st.sampled_from(["private", "channel", "group"]) | _JSON,
        "username": st.text(),
        "title": _JSON,
    },
)
_MESSAGE = st.fixed_dictionaries(
    {"message_id": st.integers(), "date": st.integers(), "chat": _CHAT},
    optional={
        "from": st.fixed_dictionaries({"id": st.integers()}, optional={"username": st.text()}) | _JSON,
        "sender_chat": _CHAT,
        "text": st.text(),
        "caption": st.text() | _JSON,
        "entities": st.lists(
            st.fixed_dictionaries(
                {"type": st.sampled_from(["mention", "text_mention"]), "offset": st.integers(), "length": st.integers()}
            ),
            max_size=3,
        ),
        "edit_date": st.integers(),
        "is_automatic_forward": st.booleans(),
        "forward_origin": st.fixed_dictionaries(
            {"type": st.text()}, optional={"chat": _CHAT, "message_id": st.integers()}
        ),
        "message_thread_id": st.integers(),
        "business_connection_id": st.text(),
        "photo": st.lists(_JSON, max_size=2),
        "document": _JSON,
    },
)  # fmt: skip
_UPDATE = st.dictionaries(
    st.sampled_from(["update_id", *listening.ALLOWED]), st.integers() | _MESSAGE | _JSON
)


@settings(max_examples=300, deadline=None)
@given(_JSON | _MESSAGE.map(lambda m: {"update_id": 1, "message": m}) | _UPDATE)
def test_no_update_stops_the_listening(update):
    batch = listening._batch([update], {"chat": "@x"}, SECRET, {})
    json.dumps(batch.cursor)
    try:
        listening.receive(
            {"x-telegram-bot-api-secret-token": "hook"}, json.dumps(update).encode(), {}, SECRET, {}
        )
    except NetworkError:
        pass


_TAGS = st.sampled_from(
    [
        '<section class="tgme_channel_history">', '<div data-post="teapot/12" data-view="eyJjIjotMX0">', "<br>", "</div>",
        '<div class="tgme_widget_message_text js-message_text">', '<time datetime="2026-01-01T00:00:00+00:00">', "<!--",
        '<time datetime="9999-12-31T23:59:59-23:59">', '<span class="tgme_widget_message_views">', "9" * 60 + "K", "<![CDATA[",
        '<a class="tgme_widget_message_reply" href="https://t.me/teapot/1">', "<script>", "]]>", "&#x110000;", "<!DOCTYPE",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_TAGS | st.text(max_size=20), max_size=30).map("".join))
def test_no_page_stops_the_listening(html):
    page = pages.read(html)
    for post in page.posts if page else []:
        pages.incoming(post, page)


@given(st.text(max_size=40) | st.from_regex(r"-?\d{1,25}/[\d,]{1,40}", fullmatch=True))
def test_an_id_is_a_place_or_refused(native_id):
    try:
        where = place(native_id)
    except Permanent:
        return
    assert place(where.native_id) == where
