"""The client against an emulation of the API v2, built from its documentation (see emulation.py)."""

import asyncio
import dataclasses
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks import kept, oauth, pace
from stormdesk.networks.base import Media, Outgoing, Permanent, Retryable, Unauthorised, Unknown
from stormdesk.networks.tests.served import served
from stormdesk.networks.x import NETWORK, pictures
from stormdesk.networks.x.tests import emulation
from stormdesk.networks.x.tests.emulation import ANNA, BORIS, NAMES, US, XSite, _talk

SECRET = {"client_secret": emulation.SECRET, "refresh_token": "refresh-0"}
SINCE = emulation.NOW
JPEG = Media(content=b"\xff\xd8jpeg", content_type="image/jpeg", name="a.jpg", description="Чайник")


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    pace.keep_in(pace.Memory())
    oauth.forget()


def against(do, state=None, faults=None, secret=None, **more):
    """Run `do(settings, secret)`; gives what came of it, the state and the server."""
    state = state or XSite()

    async def go():
        async with served(state.handle) as server:
            server.faults = {name: list(what) for name, what in (faults or {}).items()}
            settings = {
                "server": server.url,
                "client_id": emulation.CLIENT,
                "account_id": US,
                "handle": NAMES[US],
                **more,
            }
            try:
                done = await do(settings, secret or SECRET)
            except Exception as error:
                done = error
            return done, state, server

    state.refresh = "refresh-0"
    oauth.forget()
    return asyncio.run(go())


def publish(outgoing, state=None, **more):
    return against(lambda s, k: NETWORK.publish(s, k, outgoing), state, **more)


def hear(state, kind, cursor=None, **more):
    done, _, _ = against(lambda s, k: NETWORK.hear(kind, s, k, cursor or {}), state, **more)
    if isinstance(done, Exception):
        raise done
    return done


def said(state):
    return [p for p in state.posts.values() if p["author_id"] == US]


def test_a_post_an_answer_and_their_places():
    state = XSite()
    called = state.write(ANNA, f"@{NAMES[US]} взорвался!")
    done, _, _ = publish(Outgoing("Мы знаем & чиним: https://kettle.example/a/", "k"), state)
    assert done.url == f"https://x.com/{NAMES[US]}/status/{done.native_id}"
    done, _, _ = publish(Outgoing("Напишите нам.", "k", in_reply_to=called["id"]), state)
    assert state.posts[done.native_id]["referenced_tweets"] == [{"type": "replied_to", "id": called["id"]}]


def test_who_did_not_call_on_the_account_is_answered_by_hand():
    state = XSite()
    post = state.write(ANNA, "чайник взорвался")
    done, _, _ = publish(Outgoing("Напишите нам.", "k", in_reply_to=post["id"]), state)
    assert (type(done), done.code) == (Permanent, "forbidden")
    assert "not been mentioned" in str(done)


def test_pictures_are_handed_over_in_pieces_with_their_words(monkeypatch):
    monkeypatch.setattr(pictures, "PIECE", 3)
    done, state, _ = publish(Outgoing("", "k", media=(JPEG, JPEG)))
    assert done.native_id in state.posts
    assert [m["alt"] for m in state.media.values()] == ["Чайник", "Чайник"]
    assert [b"".join(m["pieces"].values()) for m in state.media.values()] == [JPEG.content] * 2
    video = Media(content=b"x" * 10, content_type="video/mp4", name="a.mp4")
    done, state, _ = publish(Outgoing("x", "k", media=(video,)), XSite(waits=3))
    assert done.native_id in state.posts
    for fault in ("lost", "failed", "away"):
        done, state, _ = publish(Outgoing("x", "k", media=(JPEG,)), faults={"append": [fault]})
        assert (type(done), state.posts) == (Retryable, {})


@pytest.mark.parametrize(
    "fault", ["lost", "cut", "failed", b"HTTP/1.1 201 OK\r\ncontent-length: 2\r\n\r\n{}"]
)
@pytest.mark.parametrize("kind", ["post", "answer", "message", "message below"])
def test_when_the_answer_is_lost_it_is_found_and_stands_there_once(kind, fault):
    state = XSite()
    called = state.write(ANNA, f"@{NAMES[US]} взорвался!")["id"]
    letter = state.tell(ANNA, _talk(ANNA), "Где деньги?")
    above = f"dm/{letter['dm_conversation_id']}/{letter['id']}"
    out, end = {
        "post": (Outgoing("Мы  <знаем> & чиним: https://kettle.example/a", "k"), "tweets"),
        "answer": (Outgoing("Напишите нам.", "k", in_reply_to=called), "tweets"),
        "message": (Outgoing("Вернём", "k", visibility="direct", to_handle="anna"), "messages"),
        "message below": (Outgoing("Вернём", "k", visibility="direct", in_reply_to=above), "messages"),
    }[kind]

    async def say_and_look(settings, secret):
        with pytest.raises(Unknown):
            await NETWORK.publish(settings, secret, out)
        other = dataclasses.replace(out, text="другое")
        assert await NETWORK.reconcile(settings, secret, other, SINCE) is None
        return await NETWORK.reconcile(settings, secret, out, SINCE)

    done, _, _ = against(say_and_look, state, {end: [fault]})
    if "message" in kind:
        mine = [m for m in state.messages.values() if m["sender_id"] == US]
        assert [f"dm/{m['dm_conversation_id']}/{m['id']}" for m in mine] == [done.native_id]
    else:
        assert [p["id"] for p in said(state)] == [done.native_id]


def test_the_same_words_again_are_refused_and_the_old_post_is_not_taken_for_the_new():
    state = XSite()
    state.now = SINCE - timedelta(hours=5)
    state.write(US, "Мы знаем")
    state.now = SINCE
    out = Outgoing("Мы знаем", "k")

    async def go(settings, secret):
        with pytest.raises(Permanent) as caught:
            await NETWORK.publish(settings, secret, out)
        assert caught.value.code == "duplicate"
        return await NETWORK.reconcile(settings, secret, out, SINCE)

    assert against(go, state)[0] is None


def test_the_same_words_elsewhere_or_of_others_are_not_it():
    state = XSite()
    here, there = (state.write(ANNA, f"@{NAMES[US]} {n}")["id"] for n in ("раз", "два"))
    state.write(US, "Напишите нам.", there)
    state.write(BORIS, "Напишите нам.", here)
    for above in (here, None):
        out = Outgoing("Напишите нам.", "k", in_reply_to=above)
        assert against(lambda s, k, out=out: NETWORK.reconcile(s, k, out, SINCE), state)[0] is None


@pytest.mark.parametrize(
    ("outgoing", "code"),
    [
        (Outgoing(" ", "k"), "empty"),
        (Outgoing("ы" * 281, "k"), "too_long"),
        (Outgoing("字" * 141, "k"), "too_long"),
        (Outgoing("x", "k", media=(JPEG,) * 5), "too_many"),
        (Outgoing("x", "k", media=(Media(content=b"x", content_type="application/pdf"),)), "no_picture"),
        (Outgoing("x", "k", media=(Media(content_type="image/png"),)), "no_file"),
        (Outgoing("x", "k", media=(Media(content=b"x" * 5_000_001, content_type="image/png"),)), "too_large"),
        (Outgoing("x", "k", in_reply_to="../../users"), "no_post"),
        (Outgoing("x", "k", visibility="direct"), "nobody"),
        (Outgoing("x", "k", visibility="direct", in_reply_to="dm/../1"), "no_post"),
    ],
)
def test_what_x_would_not_take_is_refused_before_it_is_sent(outgoing, code):
    done, _, server = publish(outgoing)
    assert (type(done), done.code) == (Permanent, code)
    assert server.asked == []


def test_who_takes_no_messages_is_not_written_to():
    done, state, _ = publish(Outgoing("x", "k", visibility="direct", to_handle="hermit"))
    assert (type(done), done.code, state.messages) == (Permanent, "writes_first", {})
    assert publish(Outgoing("x", "k", visibility="direct", to_handle="nobody"))[0].code == "nobody"


def test_credit_limits_rights_and_keys():
    done, _, _ = publish(Outgoing("x", "k"), XSite(credit=False))
    assert (type(done), done.code) == (Permanent, "credit")
    done, _, _ = publish(Outgoing("x", "k"), XSite(left=0))
    assert (type(done), done.code) == (Retryable, "slow_down")
    assert 200 < done.after <= 240
    done, _, _ = publish(Outgoing("x", "k"), XSite(scopes="tweet.read users.read"))
    assert (type(done), done.code) == (Unauthorised, "scope")
    done, _, _ = publish(Outgoing("x", "k"), secret=SECRET | {"refresh_token": "stale"})
    assert (type(done), done.code) == (Unauthorised, "expired")


def test_a_long_key_is_used_once_and_its_successor_kept(monkeypatch):
    state, keeper = XSite(), kept.Memory()
    monkeypatch.setattr(kept, "_keeper", keeper)
    keeper.put("7", SECRET)

    async def go(settings, _secret):
        secret = kept.named(SECRET, "7")
        await asyncio.gather(*(NETWORK.health(settings, secret) for _ in range(4)))
        assert keeper.look("7")["refresh_token"] == state.refresh
        kept.forget()  # a restart
        await NETWORK.health(settings, kept.named(keeper.look("7"), "7"))
        state.tokens.clear()  # the short key ended early
        done = await NETWORK.publish(settings, secret, Outgoing("x", "k"))
        assert keeper.look("7")["refresh_token"] == state.refresh
        return done

    done, _, server = against(go, state)
    assert [p["id"] for p in said(state)] == [done.native_id]
    assert len([r for r in server.asked if r.path.endswith("/token")]) == 2


def test_everything_new_is_heard_once_and_reposts_are_not_paid_for():
    state = XSite()
    old = state.write(ANNA, "Чайник &  взорвался https://t.me/x")
    first = hear(state, "search", query="чайник")
    (item,) = first.items
    assert (item.native_id, item.text, item.reach) == (old["id"], "Чайник &  взорвался https://t.me/x", 42)
    assert (item.author.handle, item.author.followers, item.language) == ("anna", 7, "ru")
    later = [state.write(BORIS, f"чайник {i}")["id"] for i in range(1234)]
    state.write(BORIS, "чайник", repost_of=old["id"])
    state.write(US, "Наш чайник")
    heard, cursor, turns = [], first.cursor, 0
    while True:
        batch = hear(state, "search", cursor, query="чайник")
        heard += [i.native_id for i in batch.items]
        cursor, turns = batch.cursor, turns + 1
        if not batch.more:
            break
        if turns == 1:
            later.append(state.write(BORIS, "чайник, пока читаем")["id"])
    batch = hear(state, "search", cursor, query="чайник")
    heard += [i.native_id for i in batch.items]
    assert sorted(heard, key=int) == later
    assert turns == 3
    before = state.read
    quiet = hear(state, "search", batch.cursor, query="чайник")
    assert (quiet.items, quiet.cursor) == ([], batch.cursor)
    assert state.read == before


def test_a_cursor_older_than_x_looks_back_says_that_something_is_lost():
    state = XSite(oldest=10**17)
    state.write(ANNA, "чайник")
    batch = hear(state, "search", {"since": "5"}, query="чайник")
    assert (len(batch.items), batch.lost) == (1, True)
    assert hear(state, "search", batch.cursor, query="чайник").lost is False


def test_mentions_answers_and_messages():
    state = XSite(contract=True)
    mine = state.write(US, "Мы знаем")
    top = state.write(ANNA, "где деньги?", mine["id"])
    low = state.write(BORIS, f"@{NAMES[US]} и мои?", top["id"])
    state.write(BORIS, "ни о чём")
    found = hear(state, "mentions")
    assert [(i.native_id, i.kind, i.in_reply_to, i.addressed) for i in found.items] == [
        (top["id"], "comment", mine["id"], True), (low["id"], "comment", top["id"], True),
    ]  # fmt: skip
    found = hear(state, "thread", post=f"https://x.com/kettle_desk/status/{mine['id']}?s=20")
    assert [i.native_id for i in found.items] == [top["id"], low["id"]]
    thread, _, _ = against(lambda s, k: NETWORK.thread(s, k, low["id"]), state)
    assert [i.native_id for i in thread] == [mine["id"], top["id"], low["id"]]
    letter = state.tell(ANNA, _talk(ANNA), "Где деньги?")
    state.tell(US, _talk(ANNA), "Вернём")
    first = hear(state, "messages")
    assert [(i.native_id, i.visibility, i.author.handle) for i in first.items] == [
        (f"dm/{_talk(ANNA)}/{letter['id']}", "direct", "anna")
    ]
    more = [state.tell(BORIS, _talk(BORIS), f"{i}")["id"] for i in range(250)]
    second = hear(state, "messages", first.cursor)
    assert [i.native_id.rpartition("/")[2] for i in second.items] == more
    assert hear(state, "messages", second.cursor).items == []


def test_deleting_hiding_and_own_words():
    state = XSite()
    mine, old = state.write(US, "Раз"), state.write(US, "Два")
    theirs = state.write(ANNA, "ругань", mine["id"])
    mark = state.tell(US, _talk(ANNA), "x")

    async def go(settings, secret):
        await NETWORK.hide(settings, secret, theirs["id"])
        assert state.hidden == {theirs["id"]}
        await NETWORK.hide(settings, secret, theirs["id"], False)
        assert state.hidden == set()
        for _ in range(2):
            await NETWORK.delete(settings, secret, old["id"])
            await NETWORK.delete(settings, secret, f"dm/{_talk(ANNA)}/{mark['id']}")
        with pytest.raises(Permanent):
            await NETWORK.delete(settings, secret, theirs["id"])
        return await NETWORK.own_posts(settings, secret, SINCE)

    done, _, _ = against(go, state)
    assert [i.text for i in done] == ["Раз"]
    assert state.messages == {}


def test_signing_in_with_a_proof():
    state = XSite()

    async def go(settings, secret):
        given = settings | {"client_secret": emulation.SECRET, "account_id": "", "handle": ""}
        begun = await NETWORK.begin_connecting(given, emulation.BACK, "st4te")
        query = {k: v[0] for k, v in parse_qs(urlsplit(begun.url).query).items()}
        assert (query["scope"], query["state"], query["code_challenge_method"]) == (
            emulation.EVERY,
            "st4te",
            "S256",
        )
        state.challenge = query["code_challenge"]
        made = await NETWORK.finish_connecting(given, begun.keep, emulation.BACK, {"code": emulation.CODE})
        assert (made.settings["account_id"], made.settings["handle"]) == (US, NAMES[US])
        assert made.secret["refresh_token"] == state.refresh
        return await NETWORK.health(made.settings | {"scopes": "tweet.read users.read"}, made.secret)

    done, _, _ = against(go, state)
    assert (done.ok, done.handle, "tweet.write" in done.missing) == (False, NAMES[US], True)
