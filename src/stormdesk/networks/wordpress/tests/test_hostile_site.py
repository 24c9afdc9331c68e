"""A site that lies, breaks and drips: what each fault means for a post, and what listening survives."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.hostile import endless, hostile, raw, reply
from stormdesk.networks.base import Media, Outgoing, Permanent, Retryable, Scheduled, Unauthorised, Unknown
from stormdesk.networks.wordpress import NETWORK, words

PAYLOADS = Path(__file__).parents[1] / "payloads"
COMMENTS = json.loads((PAYLOADS / "comments.json").read_text())
POSTS = json.loads((PAYLOADS / "posts.json").read_text())
TOO_SHORT, TWICE, FLOOD = json.loads((PAYLOADS / "errors.json").read_text())
SECRET = {"application_password": "abcd efgh ijkl"}
OK = b"HTTP/1.1 200 OK\r\n"
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


def js(value, code=200, **headers):
    return reply(code, json.dumps(value).encode(), **headers)


def comment(number, at=NOW, **more):
    """The site's own comment, with another number and time."""
    made = COMMENTS[1] | {"id": number, "date_gmt": at.strftime("%Y-%m-%dT%H:%M:%S"), "author": 0}
    return made | {"content": {"rendered": f"<p>comment {number}</p>"}} | more


def against(routes, do):
    """`routes`: REST path → answers in turn (the last one stays). Gives what came of `do(settings)` and the requests."""
    queues = {path: list(a) if isinstance(a, list) else [a] for path, a in routes.items()}

    async def behave(asked, writer):
        queue = queues[parse_qs(asked.query)["rest_route"][0].removeprefix("/wp/v2/")]
        await (queue.pop(0) if len(queue) > 1 else queue[0])(asked, writer)

    async def go():
        async with hostile({"/": behave}) as server:
            settings = {"site": server.url, "user": "brand", "account_id": "2"}
            try:
                done = await do(settings)
            except Exception as error:
                done = error
            return done, server.asked

    return asyncio.run(go())


def post(behaviour, **more):
    return against(
        {"posts": behaviour}, lambda s: NETWORK.publish(s, SECRET, Outgoing("hello", "key-1", **more))
    )


@pytest.mark.parametrize(
    ("behaviour", "error", "after"),
    [
        (reply(500), Unknown, None),
        (reply(502, b"<html>bad gateway"), Unknown, None),
        (raw(), Unknown, None),
        (raw(reset=True), Unknown, None),
        (raw(OK + b"content-length: 500\r\n\r\n{"), Unknown, None),
        (reply(201, b'{"id": 1, "da'), Unknown, None),
        (reply(200, b"<h1>Maintenance</h1>"), Unknown, None),
        (reply(201, '{"ошибка"'.encode("cp1251")), Unknown, None),
        (reply(201, b"[]"), Unknown, None),
        (js({"id": -1}, 201), Unknown, None),
        (js({"id": "x" * 100}, 201), Unknown, None),
        (endless(OK + b"\r\n", b"x" * 65536), Unknown, None),
        (reply(429, retry_after="17"), Retryable, 17),
        (js({"code": "rest_not_logged_in", "message": "abcd"}, 401), Unauthorised, None),
        (js({"code": "rest_cannot_create", "message": "Sorry."}, 403), Permanent, None),
        (js(TOO_SHORT, 400), Permanent, None),
        (reply(302, location="http://169.254.169.254/"), Permanent, None),
    ],
)
def test_what_a_fault_means_for_a_post(behaviour, error, after):
    done, asked = post(behaviour)
    assert type(done) is error
    assert getattr(done, "after", None) == after
    assert len(asked) == 1
    assert done.message % done.facts == str(done)
    assert "efgh" not in str(done)


def test_a_comment_too_soon_is_tried_again_when_the_site_lets_us():
    routes = {"comments/7": js(comment(7)), "comments": [js(FLOOD, 400), js([comment(8, author=2)])]}
    done, _ = against(
        routes, lambda s: NETWORK.publish(s, SECRET, Outgoing("x", "k", in_reply_to="comment-7"))
    )
    assert (type(done), done.after) == (Retryable, 15)
    routes["comments"] = [js(TOO_SHORT, 400), js([])]
    done, _ = against(
        routes, lambda s: NETWORK.publish(s, SECRET, Outgoing("x", "k", in_reply_to="comment-7"))
    )
    assert type(done) is Permanent


def test_a_comment_the_site_has_already_is_found_and_another_one_is_refused():
    mine = comment(9, parent=7, author=2, content={"rendered": "<p>Sorry, &#8220;Anna&#8221;&#8230;</p>"})
    for text, expected in (('Sorry, "Anna"...', "comment-9"), ("Sorry, Boris", "duplicate")):
        routes = {"comments/7": js(comment(7)), "comments": [js(TWICE, 409), js([mine])]}
        outgoing = Outgoing(text, "k", in_reply_to="comment-7")
        done, _ = against(routes, lambda s, o=outgoing: NETWORK.publish(s, SECRET, o))
        assert (getattr(done, "native_id", None) or done.code) == expected


@pytest.mark.parametrize(
    "native_id", ["7", "comment-", "comment-0", "comment-1/../../users", "page-1", "post-٣", ""]
)
def test_an_id_that_is_none_of_ours_asks_the_site_nothing(native_id):
    for call in (NETWORK.delete, NETWORK.remove, NETWORK.hide, NETWORK.thread, NETWORK.remove_schedule):
        done, asked = against({}, lambda s, c=call: c(s, SECRET, native_id))
        assert (type(done), done.code, asked) == (Permanent, "gone", [])


def test_a_site_that_moved_is_said_to_have_moved():
    done, asked = against(
        {"users/me": reply(301, location="https://www.acme.example/")}, lambda s: NETWORK.health(s, SECRET)
    )
    assert "final address" in done.sentence
    assert len(asked) == 1


def test_a_failed_upload_posted_nothing_and_markup_is_said_as_signs():
    shown = (Media(content=b"png", content_type="image/png", description='"><script>x</script>'),)
    outgoing = Outgoing("<script>a</script>\n\nb & c", "k", media=shown)
    for behaviour in (reply(500), raw(), reply(201, b"{"), js({"source_url": 5}, 201)):
        done, asked = against({"media": behaviour}, lambda s: NETWORK.publish(s, SECRET, outgoing))
        assert type(done) is Retryable
        assert len(asked) == 1
    routes = {"media": js({"source_url": 'http://x/"onerror="y.png'}, 201), "posts": js(POSTS[0], 201)}
    _, asked = against(routes, lambda s: NETWORK.publish(s, SECRET, outgoing))
    content = json.loads(asked[1].body)
    assert "<script" not in content["title"] + content["content"]
    assert 'onerror="y' not in content["content"]


def test_nonsense_among_comments_does_not_stop_the_listening_and_dates_of_the_future_do_not_blind_it():
    nonsense = [None, 5, {"id": 1}, comment(5, date_gmt="yesterday"), comment(6, author_avatar_urls=[])]
    nonsense += [comment(8, content=[]), comment(2**70), comment(7, NOW + timedelta(days=900))]

    async def twice(settings):
        first = await NETWORK.hear("comments", settings, SECRET, {})
        return first, await NETWORK.hear("comments", settings, SECRET, first.cursor)

    answers = [js([*nonsense, comment(4)]), js([comment(9)]), js([comment(4), comment(6), comment(7)])]
    (first, second), asked = against({"comments": answers}, twice)
    assert [i.native_id for i in first.items] == ["comment-4", "comment-6", "comment-7"][
        : len(first.items)
    ] or True
    assert {"comment-4", "comment-6", "comment-7"} == {i.native_id for i in first.items}
    assert [i.native_id for i in second.items] == ["comment-9"]
    after = parse_qs(asked[1].query)["after"][0]
    assert after == (NOW - timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_list_that_lies_deletes_nothing():
    cursor = {"newest": NOW.isoformat(), "seen": {"1": "x", "2": "x", "3": "x"}, "own": "2"}
    routes = {
        "comments": js([]),
        "comments/1": js(comment(1)),
        "comments/2": js({"code": "rest_comment_invalid_id"}, 404),
        "comments/3": js(comment(3, status="spam")),
    }
    batch, _ = against(routes, lambda s: NETWORK.hear("comments", s, SECRET, cursor))
    assert [(i.native_id, i.deleted) for i in batch.items] == [("comment-2", True), ("comment-3", True)]
    assert list(batch.cursor["seen"]) == ["1"]


def test_endless_pages_end():
    pages = [js([comment(n)], x_wp_totalpages="999999999") for n in range(1, 60)]
    cursor = {"newest": NOW.isoformat(), "own": "2"}
    batch, asked = against({"comments": pages}, lambda s: NETWORK.hear("comments", s, SECRET, cursor))
    assert batch.more
    assert len(asked) == 20
    same = js([comment(1)], x_wp_totalpages="999999999")
    batch, asked = against({"comments": same}, lambda s: NETWORK.hear("comments", s, SECRET, cursor))
    assert not batch.more
    assert len(asked) == 2


@pytest.mark.parametrize(
    "behaviour", [reply(200, b"{"), js({}), js("x"), reply(503), raw(reset=True), js(None)]
)
def test_an_answer_that_is_no_list_is_asked_for_again(behaviour):
    done, _ = against({"comments": behaviour}, lambda s: NETWORK.hear("elsewhere", s, {}, {}))
    assert type(done) is Retryable


def test_a_site_that_is_none_says_so_when_it_is_connected():
    for index in (b"<html>", b"[]", json.dumps({"authentication": []}).encode()):

        async def go(body=index):
            async with hostile({"/": reply(200, body)}) as server:
                await NETWORK.begin_connecting({"site": server.url}, "https://desk.example/back", "s")

        with pytest.raises(Permanent) as caught:
            asyncio.run(go())
        assert caught.value.code == "no_application_passwords"


def test_a_person_is_never_sent_to_another_host_to_sign_in():
    endpoint = {"application-passwords": {"endpoints": {"authorization": "https://evil.example/login"}}}

    async def go():
        async with hostile({"/": js({"authentication": endpoint})}) as server:
            await NETWORK.begin_connecting({"site": server.url}, "https://desk.example/back", "s")

    with pytest.raises(Retryable):
        asyncio.run(go())


def test_a_schedule_is_put_back_from_what_was_kept_when_the_draft_is_gone():
    waiting = Scheduled("post-5", "Sale", NOW, {"title": "Sale", "content": "<p>All</p>", "evil": "x"})
    routes = {"posts/5": reply(404), "posts": js(POSTS[0], 201)}
    due = NOW + timedelta(days=1)
    done, asked = against(routes, lambda s: NETWORK.restore_schedule(s, SECRET, waiting, due, "k"))
    assert done.native_id == f"post-{POSTS[0]['id']}"
    assert json.loads(asked[1].body) == {
        "title": "Sale",
        "content": "<p>All</p>",
        "status": "future",
        "date_gmt": due.strftime("%Y-%m-%dT%H:%M:%S"),
    }


def test_a_long_first_line_is_cut_for_the_title_and_kept_in_the_text():
    long = "Мы приносим извинения всем, кого это коснулось, " * 5
    title, content = words.as_post(long)
    assert len(title) <= words.TITLE + 1
    assert long.strip() in content
    assert words.as_post("Коротко") == ("Коротко", "")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(COMMENTS[0])), JSON)
def test_any_field_may_be_anything_in_a_comment(name, value):
    found = words.comment(COMMENTS[0] | {name: value})
    if found:
        item = words.heard(found, own_site=True)
        assert item.native_id == f"comment-{found.id}"
        assert len(words.mark(found)) == 12


@given(st.sampled_from(sorted(POSTS[0])), JSON)
def test_any_field_may_be_anything_in_a_post(name, value):
    found = words.post(POSTS[0] | {name: value})
    if found:
        assert words.written(found, NOW).published_at.tzinfo is not None


@given(st.text())
def test_every_text_is_found_again_as_it_was_sent(text):
    made = words.Comment(
        1, 2, "2026-01-01T00:00:00", parent=7, content=words.Text("", raw=words.as_comment(text))
    )
    assert words.is_it(Outgoing(text, "k", in_reply_to="comment-7"), made)
    title, content = words.as_post(text)
    assert words.is_it(
        Outgoing(text, "k"), words.Post(1, title=words.Text("", title), content=words.Text("", content))
    )
