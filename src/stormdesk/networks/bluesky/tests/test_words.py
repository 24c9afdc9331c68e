"""Record keys, facets, lengths, and what recorded answers of the real servers say."""

import asyncio
import json
import uuid
from pathlib import Path

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.hostile import hostile, raw, reply
from stormdesk.networks.base import Media, Outgoing, Permanent, Retryable, Unauthorised, Unknown
from stormdesk.networks.bluesky import NETWORK, facets, keys, words
from stormdesk.networks.bluesky import session as sessions

PAYLOADS = Path(__file__).parents[1] / "payloads"
OWN = "did:plc:mkw7jgr5rtvbpsbfp7nn4m3b"
SESSION = {"did": OWN, "handle": "brand.test", "accessJwt": "a.b.c", "refreshJwt": "r.e.f"}


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    sessions.forget()


def payload(name):
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def js(value, code=200, **headers):
    return reply(code, json.dumps(value).encode(), **headers)


def against(routes, do):
    """Run `do(settings, secret)` against a server with these XRPC methods; what came of it, and what was asked."""
    routes = {"com.atproto.server.createSession": js(SESSION)} | routes
    routes = {f"/xrpc/{name}": behaviour for name, behaviour in routes.items()}

    async def go():
        async with hostile(routes) as server:
            try:
                done = await do(
                    {"server": server.url, "handle": "brand.test"}, {"app_password": "app-pass-word"}
                )
            except Exception as error:
                done = error
            return done, server.asked

    return asyncio.run(go())


def test_a_record_key_is_always_the_same_for_a_sending_and_never_for_two():
    made = {keys.record_key(str(number)) for number in range(20_000)}
    assert len(made) == 20_000
    assert keys.record_key("a") == "3lm2xytlooaxx"
    assert all(len(key) == 13 and key[0] in "234567abcdefghij" for key in made)


@pytest.mark.parametrize(
    "wrong", ["", "5", "at://x/y/z", "at://did:plc:x/app.bsky.feed.post/", "https://bsky.app/x"]
)
def test_what_is_no_address_of_a_post_is_refused(wrong):
    with pytest.raises(Permanent):
        keys.place(wrong)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("см. https://example.org/а?b=1.", [("link", "https://example.org/а?b=1")]),
        ("(https://e.org/wiki/Tea_(drink))", [("link", "https://e.org/wiki/Tea_(drink)")]),
        ("example.org/x и example.org", [("link", "https://example.org/x")]),
        ("@anna.bsky.social, @boris", [("mention", "anna.bsky.social")]),
        ("почта a@example.org", []),
        ("https://e.org/@anna.test", [("link", "https://e.org/@anna.test")]),
        ("#чай, #2026 #a#b ＃茶!", [("tag", "чай"), ("tag", "a"), ("tag", "茶")]),
        ("", []),
    ],
)
def test_links_mentions_and_tags_are_found_where_they_stand(text, expected):
    found = facets.find(text)
    assert [(piece.kind, piece.value) for piece in found] == expected
    raw_text = text.encode()
    for piece in found:
        index = facets.facet(text, piece, "did:plc:x")["index"]
        assert raw_text[index["byteStart"] : index["byteEnd"]].decode() == text[piece.start : piece.end]


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("Привет", 6),
        ("и\u0306", 1),
        ("👨‍👩‍👧‍👦👍🏽🇷🇺🇺🇸", 4),
        ("a\r\nb", 3),
        ("🏴\U000e0067\U000e0062\U000e007f", 1),
        ("1️⃣", 1),
    ],
)
def test_length_is_counted_in_signs_a_reader_sees(text, length):
    assert NETWORK.count(text) == length


def test_recorded_answers_are_read():
    told = [words.seen(words.view(v), OWN) for v in payload("listNotifications")["notifications"]]
    assert all(item and item.text and item.author.handle.endswith(".test") for item in told)
    (found,) = [words.seen(words.view(v)) for v in payload("searchPosts")["posts"]][:1]
    assert found.url.startswith("https://bsky.app/profile/did:plc:")
    assert words.profile(payload("getProfiles")["profiles"][0]).followersCount is not None


def test_a_walk_goes_back_to_where_it_left_off_and_loses_nothing_on_the_way():
    def page(first, last, cursor=None):
        views = []
        for n in range(first, last, -1):
            at = f"2026-03-01T{n // 60:02}:{n % 60:02}:00Z"
            author = {"did": "did:plc:x", "handle": "x.test"}
            record = {"text": f"post {n}", "createdAt": at}
            views.append(
                {
                    "uri": f"at://did:plc:x/{keys.POST}/{n}",
                    "author": author,
                    "record": record,
                    "indexedAt": at,
                }
            )
        return js({"posts": [None, {"uri": 5}, *views]} | ({"cursor": cursor} if cursor else {}))

    async def walk(settings, secret):
        items, cursor, more, turns = [], {"since": "2026-03-01T00:30:00+00:00"}, True, []
        while more:
            batch = await NETWORK.hear("search", settings | {"query": "post"}, secret, cursor)
            items, cursor, more = items + batch.items, batch.cursor, batch.more
            turns.append(cursor["since"])
        return sorted(int(item.text.split()[1]) for item in items), turns

    routes = {"app.bsky.feed.searchPosts": [page(100, 70, "a"), page(70, 40, "b"), page(40, 10, "c")]}
    (found, turns), asked = against(routes, walk)
    assert found == list(range(11, 101))
    # `since` stands still until the walk has reached it: a kill in the middle begins the walk again.
    assert turns == ["2026-03-01T00:30:00+00:00"] * 2 + ["2026-03-01T01:40:00+00:00"]
    assert "cursor=b" in asked[-1].query


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (reply(500), Unknown),
        (raw(), Unknown),
        (reply(200, b"{"), Unknown),
        (js({"uri": "at://did:plc:other/app.bsky.feed.post/3x"}), Unknown),
        (reply(429, retry_after="9"), Retryable),
        (js({"error": "InvalidRequest", "message": "no app-pass-word"}, 400), Permanent),
        (js({"error": "AccountTakedown", "message": "…"}, 400), Unauthorised),
    ],
)
def test_what_a_fault_means_for_a_post(behaviour, error):
    gone = js({"error": "RecordNotFound", "message": "…"}, 400)
    routes = {"com.atproto.repo.createRecord": behaviour, "com.atproto.repo.getRecord": gone}
    done, asked = against(routes, lambda s, k: NETWORK.publish(s, k, Outgoing("hello", "key")))
    assert type(done) is error
    assert sum(a.path.endswith("createRecord") for a in asked) == 1
    assert done.message % done.facts == str(done)


def test_a_server_that_fails_because_it_has_the_post_already_is_believed_when_it_shows_it():
    there = js({"uri": "…", "value": {"text": "hello", "createdAt": "2026-03-01T12:00:00Z"}})
    routes = {"com.atproto.repo.createRecord": reply(500), "com.atproto.repo.getRecord": there}
    done, _ = against(routes, lambda s, k: NETWORK.publish(s, k, Outgoing("hello", "key")))
    assert done.native_id == keys.uri(OWN, keys.record_key("key"))


def test_a_dead_token_is_renewed_and_the_request_made_once():
    stale = js({"error": "ExpiredToken", "message": "Token has expired"}, 400)
    good = js({"uri": keys.uri(OWN, keys.record_key("key"))})
    routes = {
        "com.atproto.repo.createRecord": [stale, good],
        "com.atproto.server.refreshSession": js(SESSION | {"accessJwt": "n.e.w"}),
    }
    done, asked = against(routes, lambda s, k: NETWORK.publish(s, k, Outgoing("hello", "key")))
    assert done.native_id == keys.uri(OWN, keys.record_key("key"))
    assert asked[-1].headers["authorization"] == "Bearer n.e.w"


def test_too_much_is_refused_before_anything_is_sent():
    cases = [
        Outgoing("я" * 301, "k"),
        Outgoing("x", "k", media=(Media(content=b"x" * 2_000_001, content_type="image/png"),)),
        Outgoing("x", "k", media=(Media(),)),
    ]
    for outgoing in cases:
        done, asked = against({}, lambda s, k, o=outgoing: NETWORK.publish(s, k, o))
        assert isinstance(done, Permanent), outgoing
        assert all(a.path.endswith("createSession") for a in asked)
    assert against({"com.atproto.repo.createRecord": js({"uri": keys.uri(OWN, keys.record_key("k"))})},
                   lambda s, k: NETWORK.publish(s, k, Outgoing("👩🏽‍🚀" * 150, "k")))[0].native_id  # fmt: skip


def test_somebody_elses_post_is_not_deleted():
    done, _ = against({}, lambda s, k: NETWORK.delete(s, k, "at://did:plc:other/app.bsky.feed.post/3x"))
    assert done.code == "not_own"


def test_sessions_are_counted_so_one_serves_many_requests():
    routes = {"com.atproto.repo.getRecord": js({"error": "RecordNotFound"}, 400)}

    async def ask(settings, secret):
        for _ in range(5):
            await NETWORK.reconcile(settings, secret, Outgoing("x", str(uuid.uuid4())), None)

    _, asked = against(routes, ask)
    assert sum(a.path.endswith("createSession") for a in asked) == 1
