"""What each fault means for a comment, and that no answer stops the listening."""

import asyncio
import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.hostile import endless, hostile, raw, reply
from stormdesk.networks import oauth, pace
from stormdesk.networks.base import NetworkError, Outgoing, Permanent, Retryable, Unauthorised, Unknown
from stormdesk.networks.youtube import NETWORK, words
from stormdesk.networks.youtube.tests.emulation import US, check

PAYLOADS = Path(__file__).parents[1] / "payloads"
SECRET = {"access_token": "ya29.secret"}
OK = b"HTTP/1.1 200 OK\r\n"
OUT = Outgoing("hello", "k", in_reply_to="UgzA")
COMMENT = {"id": "UgzA", "snippet": {"publishedAt": "2026-03-01T12:00:00Z", "textOriginal": "ok"}}


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    pace.keep_in(pace.Memory())
    oauth.forget()


def against(routes, do):
    async def go():
        async with hostile({f"/youtube/v3/{path}": what for path, what in routes.items()}) as server:
            try:
                return await do({"server": server.url, "channel": US}, SECRET), server.asked
            except Exception as error:
                return error, server.asked

    return asyncio.run(go())


def js(value, status=200, **headers):
    return reply(status, json.dumps(value).encode(), **headers)


def no(status, reason, message="x"):
    return js({"error": {"code": status, "message": message, "errors": [{"reason": reason}]}}, status)


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (reply(500), Unknown),
        (no(503, "backendError"), Unknown),
        (raw(), Unknown),
        (raw(reset=True), Unknown),
        (raw(OK + b"content-length: 500\r\n\r\n{"), Unknown),
        (reply(200, b'{"id": "Ug'), Unknown),
        (reply(200, '{"id": "ответ"}'.encode("cp1251")), Unknown),
        (reply(200, b"[]"), Unknown),
        (reply(200), Unknown),
        (js({"id": "UgzA"}), Unknown),
        (js(COMMENT | {"id": "../x"}), Unknown),
        (js(COMMENT | {"snippet": {"publishedAt": "soon"}}), Unknown),
        (endless(OK + b"\r\n", b"x" * 65536), Unknown),
        (no(400, "processingFailure"), Unknown),
        (no(403, "quotaExceeded"), Retryable),
        (no(429, "x"), Retryable),
        (reply(429, retry_after="5"), Retryable),
        (no(401, "authError", "ya29.secret"), Unauthorised),
        (no(403, "insufficientPermissions"), Unauthorised),
        (no(403, "forbidden", "ya29.secret"), Permanent),
        (no(403, ["x"], {"y": 1}), Permanent),
        (js({"error": "x"}, 403), Unauthorised),
        (js({"error": {"errors": 5}}, 400), Permanent),
        (no(404, "parentCommentNotFound"), Permanent),
        (reply(302, location="http://169.254.169.254/"), Permanent),
    ],
)
def test_what_a_fault_means_for_a_comment(behaviour, error):
    done, asked = against({"comments": behaviour}, lambda s, k: NETWORK.publish(s, k, OUT))
    assert type(done) is error, done
    assert len(asked) == 1
    assert done.message % done.facts == str(done)
    assert "ya29.secret" not in str(done)


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (reply(500), Retryable),
        ([raw(OK + b"content-length: 500\r\n\r\n{")] * 2, Retryable),
        (reply(200, b"[]"), Retryable),
        (js({"items": {}}), Retryable),
        (reply(200, b"[" * 100_000), Retryable),
        (endless(OK + b"\r\n", b"x" * 65536), Permanent),
        (no(400, "processingFailure"), Retryable),
    ],
)
def test_what_a_fault_means_for_listening(behaviour, error):
    done, _ = against({"commentThreads": behaviour}, lambda s, k: NETWORK.hear("channel", s, k, {}))
    assert type(done) is error, done


def test_examples_of_the_documentation_are_read():
    threads = json.loads((PAYLOADS / "commentThreads.json").read_text())
    check(threads, "CommentThreadListResponse")
    top, count, below = words.thread(threads["items"][0])
    found = [words.said(c, US) for c in (top, *below)]
    assert [(i.native_id, i.author.handle, i.text, i.in_reply_to, bool(i.edited_at)) for i in found] == [
        ("UgzA", "anna", "It exploded", "video/vvvvvvvvvvv", True),
        ("UgzA.9b", "boris", "Mine too", "UgzA", False),
    ]
    assert count == 1
    search = json.loads((PAYLOADS / "search.json").read_text())
    check(search, "SearchListResponse")
    assert [bool(words.video(v)) for v in search["items"]] == [True, False]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
times = st.sampled_from(
    ["2026-03-01T12:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-03-01"]
)


def made(shape, **kept):
    some = st.dictionaries(st.sampled_from(sorted(shape.__struct_fields__)), anything)
    return st.tuples(some, st.fixed_dictionaries(kept)).map(lambda both: both[0] | both[1])


comments = (
    st.fixed_dictionaries(
        {"id": st.sampled_from(["UgzA", "UgzA.9", "\x00"]), "snippet": made(words.Snippet, publishedAt=times)}
    )
    | anything
)
threads = st.fixed_dictionaries({
    "id": st.just("UgzA"), "snippet": made(words.ThreadSnippet, topLevelComment=comments),
    "replies": st.fixed_dictionaries({"comments": st.lists(comments, max_size=2)}) | anything,
}) | anything  # fmt: skip
videos = (
    st.fixed_dictionaries(
        {"id": st.just({"videoId": "v" * 11}), "snippet": made(words.VideoSnippet, publishedAt=times)}
    )
    | anything
)


@settings(max_examples=150, deadline=None)
@given(comments, threads, videos)
def test_no_entry_stops_the_reading(comment, thread, video):
    if (found := words.comment(comment)) is not None:
        assert words.said(found, US).native_id
        words.told(found, US)
    words.thread(thread)
    words.video(video)


@settings(max_examples=25, deadline=None)
@given(st.lists(threads, max_size=3), st.lists(videos, max_size=3), anything, anything)
def test_no_answer_and_no_cursor_stops_the_listening(threads, videos, token, cursor):
    routes = {
        "commentThreads": js({"items": threads, "nextPageToken": token}),
        "comments": js({"items": threads, "nextPageToken": token}),
        "search": js({"items": videos, "nextPageToken": token}),
    }
    for kind in ("channel", "search"):
        for here in (
            cursor if isinstance(cursor, dict) else {},
            {"at": cursor, "seen": cursor, "counts": cursor, "answers": cursor},
        ):
            done, _ = against(routes, lambda s, k, kind=kind, here=here: NETWORK.hear(kind, s, k, here))
            if isinstance(done, Exception) and not isinstance(done, NetworkError):
                raise done
    with contextlib.suppress(NetworkError):
        against(routes, lambda s, k: NETWORK.thread(s, k, "UgzA"))
