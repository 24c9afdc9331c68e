"""The client against an emulation of the Data API, built from its documentation (see emulation.py)."""

import asyncio
import dataclasses
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks import oauth, pace
from stormdesk.networks.base import Outgoing, Permanent, Retryable, Unauthorised, Unknown, Wrong
from stormdesk.networks.reddit import NETWORK
from stormdesk.networks.reddit.tests import emulation
from stormdesk.networks.reddit.tests.emulation import BACK, OWN_SUB, REFRESH, SUB, US, RedditSite
from stormdesk.networks.tests.served import served

SECRET = {"client_secret": emulation.SECRET, "refresh_token": REFRESH}
SINCE = datetime.fromtimestamp(emulation.NOW, UTC)


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    pace.keep_in(pace.Memory())
    oauth.forget()


def against(do, state=None, faults=None, secret=SECRET, **more):
    """Run `do(settings, state)`; gives what came of it, the state and the server."""
    state = state or RedditSite()

    async def go():
        async with served(state.handle) as server:
            server.faults = {name: list(what) for name, what in (faults or {}).items()}
            settings = {"server": server.url, "client_id": emulation.CLIENT, "handle": US, **more}
            try:
                done = await do(settings, secret)
            except Exception as error:
                done = error
            return done, state, server

    return asyncio.run(go())


def publish(outgoing, state=None, **more):
    return against(lambda s, k: NETWORK.publish(s, k, outgoing), state, **more)


def hear(state, kind, cursor=None, **more):
    done, _, server = against(lambda s, k: NETWORK.hear(kind, s, k, cursor or {}), state, **more)
    if isinstance(done, Exception):
        raise done
    return done, server


def said(state, author=US):
    return [t for t in state.things.values() if t["data"]["author"] == author]


def test_a_post_has_its_first_line_as_title_and_stands_in_the_named_community():
    done, state, _ = publish(Outgoing("О чайниках\n\nМы знаем & чиним <сейчас>.", "k"), subreddit="r/tea")
    (made,) = said(state)
    assert done.native_id == made["data"]["name"]
    assert done.url == f"https://www.reddit.com{made['data']['permalink']}"
    assert (made["data"]["title"], made["data"]["selftext"]) == ("О чайниках", "Мы знаем & чиним <сейчас>.")
    assert made["data"]["subreddit"] == "tea"


def test_without_a_community_it_stands_on_the_own_profile_and_an_address_makes_a_link():
    _, state, _ = publish(Outgoing("Ответы\nhttps://kettle.example/answers", "k"))
    (made,) = said(state)
    assert (made["data"]["subreddit"], made["data"]["url"]) == (f"u_{US}", "https://kettle.example/answers")


def test_a_comment_and_an_answer_to_a_message_stand_where_they_belong():
    state = RedditSite()
    post = state.post("anna", SUB, "Взорвался чайник")
    letter = state.message("boris", US, "Чайник", "Верните деньги")
    done, _, _ = publish(Outgoing("Напишите нам.", "k", in_reply_to=post["name"]), state)
    assert state.things[done.native_id]["data"]["parent_id"] == post["name"]
    assert done.at == datetime.fromtimestamp(state.things[done.native_id]["data"]["created_utc"], UTC)
    done, _, _ = publish(Outgoing("Вернём.", "k", in_reply_to=letter["name"], visibility="direct"), state)
    assert state.things[done.native_id]["data"]["dest"] == "boris"


def test_a_private_message_may_go_first_and_its_number_is_found():
    done, state, _ = publish(
        Outgoing("Здравствуйте! " + "я" * 120, "k", visibility="direct", to_handle="u/anna")
    )
    (made,) = said(state)
    assert (done.native_id, made["data"]["dest"]) == (made["data"]["name"], "anna")
    done, _, _ = publish(Outgoing("x", "k", visibility="direct", to_handle="hermit"))
    assert (type(done), done.code) == (Permanent, "writes_first")
    assert type(publish(Outgoing("x", "k", visibility="direct", to_handle="nobody"))[0]) is Permanent
    done, state, _ = publish(
        Outgoing("x", "k", visibility="direct", to_handle="anna"), faults={"sent": ["away"] * 2}
    )
    assert (type(done), len(said(state))) == (Unknown, 1)


@pytest.mark.parametrize(
    "fault", ["lost", "cut", "failed", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"]
)
@pytest.mark.parametrize("kind", ["post", "comment", "message"])
def test_when_the_answer_is_lost_it_is_found_and_stands_there_once(kind, fault):
    state = RedditSite()
    parent = state.post("anna", SUB, "Взорвался чайник")["name"]
    out, end = {
        "post": (Outgoing("Заголовок\nтекст  с пробелами", "k"), "submit"),
        "comment": (Outgoing("Напишите нам.", "k", in_reply_to=parent), "comment"),
        "message": (Outgoing("Лично", "k", visibility="direct", to_handle="anna"), "compose"),
    }[kind]
    before = SINCE

    async def say_and_look(settings, secret):
        if not (kind == "message" and isinstance(fault, bytes)):
            with pytest.raises(Unknown):
                await NETWORK.publish(settings, secret, out)
        else:
            await NETWORK.publish(settings, secret, out)
        other = dataclasses.replace(out, text="другое")
        assert await NETWORK.reconcile(settings, secret, other, before) is None
        return await NETWORK.reconcile(settings, secret, out, before)

    done, _, _ = against(say_and_look, state, {end: [fault]})
    assert [t["data"]["name"] for t in said(state)] == [done.native_id]


def test_the_same_words_elsewhere_or_of_others_are_not_it():
    state = RedditSite()
    here, there = (state.post("anna", SUB, title)["name"] for title in ("раз", "два"))
    state.comment(US, there, "Напишите нам.")
    state.comment("anna", here, "Напишите нам.")
    out = Outgoing("Напишите нам.", "k", in_reply_to=here)
    assert against(lambda s, k: NETWORK.reconcile(s, k, out, SINCE), state)[0] is None


def test_what_was_not_taken_is_not_found():
    out = Outgoing("Заголовок\nтекст", "k")

    async def say_and_look(settings, secret):
        with pytest.raises(Unknown):
            await NETWORK.publish(settings, secret, out)
        return await NETWORK.reconcile(settings, secret, out, SINCE)

    done, state, _ = against(say_and_look, faults={"submit": ["away"]})
    assert done is None
    assert said(state) == []


def test_a_wait_is_told_with_its_length_and_nothing_was_written():
    state = RedditSite(wait=543.2)
    done, _, _ = publish(Outgoing("x", "k"), state)
    assert (type(done), done.code, done.after) == (Retryable, "slow_down", 543.2)
    done, _, _ = publish(Outgoing("x", "k"), RedditSite(left=0))
    assert (type(done), done.after) == (Retryable, 42)


def test_listening_leaves_requests_for_speaking():
    async def go(settings, secret):
        with pace.priority(pace.Priority.LISTENING):
            await NETWORK.hear("subreddit", settings | {"community": SUB}, secret, {})
            with pytest.raises(Retryable) as waiting:
                await NETWORK.hear("subreddit", settings | {"community": SUB}, secret, {})
        assert 0 < waiting.value.after <= 47
        return await NETWORK.publish(settings, secret, Outgoing("Первое слово", "k"))

    done, _, _ = against(go, RedditSite(left=26))
    assert done.native_id


@pytest.mark.parametrize(
    ("outgoing", "code", "asked"),
    [
        (Outgoing("   ", "k"), "empty", 0),
        (Outgoing("x" * 301, "k"), "too_long", 0),
        (Outgoing("x\n" + "y" * 40_001, "k"), "too_long", 0),
        (Outgoing("y" * 10_001, "k", in_reply_to="t3_1"), "too_long", 0),
        (Outgoing("x", "k", visibility="direct"), "nobody", 0),
        (Outgoing("x", "k", in_reply_to="t1_zz"), "gone", 2),
    ],
)
def test_what_reddit_would_not_take_is_refused_before_it_is_sent(outgoing, code, asked):
    done, _, server = publish(outgoing)
    assert (type(done), done.code, len(server.asked)) == (Permanent, code, asked)


def test_rights_and_keys():
    done, _, _ = publish(Outgoing("x", "k"), RedditSite(scopes="identity read"))
    assert (type(done), done.code) == (Unauthorised, "scope")
    done, _, _ = publish(Outgoing("x", "k"), secret=SECRET | {"refresh_token": "stale"})
    assert (type(done), done.code) == (Unauthorised, "expired")
    done, _, _ = publish(Outgoing("x", "k"), secret={})
    assert type(done) is Unauthorised
    done, _, _ = publish(Outgoing("x", "k"), RedditSite(), subreddit="secret room")
    assert (type(done), done.code) == (Permanent, "no_community")
    with pytest.raises(Permanent, match="private") as caught:
        hear(RedditSite(), "subreddit", community="secret")
    assert caught.value.code == "forbidden"


def test_a_short_key_that_ended_early_is_renewed_and_the_post_stands_once():
    state = RedditSite()

    async def go(settings, secret):
        await NETWORK.health(settings, secret)
        state.tokens.clear()
        return await NETWORK.publish(settings, secret, Outgoing("x", "k"))

    done, _, _ = against(go, state)
    assert len(said(state)) == 1
    assert (done.native_id, state.given) == (said(state)[0]["data"]["name"], 2)


def test_editing_deleting_hiding_and_reporting():
    state = RedditSite()
    mine = state.post(US, SUB, "Заголовок", "старое")
    theirs = state.comment("anna", state.post("boris", OWN_SUB, "x")["name"], "ругань")
    elsewhere = state.comment("anna", mine["name"], "ругань")

    async def go(settings, secret):
        await NETWORK.edit(settings, secret, mine["name"], "Заголовок\nновое")
        assert mine["selftext"] == "новое"
        with pytest.raises(Permanent) as title:
            await NETWORK.edit(settings, secret, mine["name"], "Другой\nновое")
        assert title.value.code == "title"
        await NETWORK.hide(settings, secret, theirs["name"])
        assert theirs["removed_by_category"] == "moderator"
        await NETWORK.hide(settings, secret, theirs["name"], False)
        assert theirs["removed_by_category"] is None
        with pytest.raises(Permanent) as forbidden:
            await NETWORK.hide(settings, secret, elsewhere["name"])
        assert forbidden.value.code == "forbidden"
        await NETWORK.report(settings, secret, elsewhere["name"], Wrong.ABUSE, "слово " * 40)
        await NETWORK.delete(settings, secret, mine["name"])
        await NETWORK.delete(settings, secret, mine["name"])
        with pytest.raises(Permanent):
            await NETWORK.delete(settings, secret, "t4_1")

    done, _, _ = against(go, state)
    assert done is None, done
    assert mine["name"] not in state.things
    assert state.reports[0]["thing_id"] == elsewhere["name"]


def test_everything_new_is_heard_once_oldest_first_whatever_is_removed_meanwhile():
    state = RedditSite(now=emulation.NOW - 10_000)
    names = [state.post("anna", SUB, f"чайник {i}")["name"] for i in range(5)]
    first, _ = hear(state, "subreddit", community=SUB)
    assert [i.native_id for i in first.items] == names
    del state.things[names[-1]]  # what the cursor stood at is gone
    later = [state.post("anna", SUB, f"чайник {i}")["name"] for i in range(250)]
    state.post(US, SUB, "своё")
    second, server = hear(state, "subreddit", first.cursor, community=SUB)
    assert [i.native_id for i in second.items] == later
    assert (second.lost, second.more) == (False, False)
    assert len([a for a in server.asked if a.path.endswith("/new")]) == 3
    third, _ = hear(state, "subreddit", second.cursor, community=SUB)
    assert third.items == []
    assert "своё" not in [i.text for i in second.items]


def test_more_than_reddit_lists_is_said_to_be_lost():
    state = RedditSite(now=emulation.NOW - 10_000)
    first, _ = hear(state, "subreddit", {"at": state.now, "seen": []}, community=SUB)
    state.now += 5000
    for i in range(1001):
        state.post("anna", SUB, f"чайник {i}")
    second, _ = hear(state, "subreddit", first.cursor, community=SUB)
    assert second.lost
    assert len(second.items) == 1000


def test_what_a_moderator_lets_through_late_is_heard_and_so_is_a_change():
    state = RedditSite()
    held = state.post("anna", SUB, "задержано")
    shown = state.post("anna", SUB, "видно")
    kept = state.things.pop(held["name"])
    first, _ = hear(state, "subreddit", community=SUB)
    assert [i.text for i in first.items] == ["видно"]
    state.things[held["name"]] = kept
    shown["selftext"], shown["edited"] = "исправлено", state.now + 5
    second, _ = hear(state, "subreddit", first.cursor, community=SUB)
    assert [i.text for i in second.items] == ["задержано", "видно\n\nисправлено"]
    assert second.items[1].edited_at is not None
    shown["selftext"], shown["removed_by_category"] = "[removed]", "moderator"
    third, _ = hear(state, "subreddit", second.cursor, community=SUB)
    assert [(i.native_id, i.deleted, i.text) for i in third.items] == [(shown["name"], True, "")]


def test_search_comments_inbox_and_thread():
    state = RedditSite()
    post = state.post("anna", SUB, "Чайник & плита", "взорвался")
    state.post("anna", "coffee", "Чайник")
    mine = state.post(US, SUB, "Мы отвечаем")
    top = state.comment("boris", mine["name"], "где деньги?")
    low = state.comment("vera", top["name"], "и мои?")
    letter = state.message("gleb", US, "Вопрос", "Когда?")
    found, _ = hear(state, "search", query="чайник")
    assert found.items[0].native_id == post["name"]
    assert found.items[0].text == "Чайник & плита\n\nвзорвался"
    found, _ = hear(state, "search", query="чайник", community=SUB)
    assert [i.native_id for i in found.items] == [post["name"]]
    found, _ = hear(state, "comments", community=SUB)
    assert [(i.native_id, i.kind, i.in_reply_to, i.thread) for i in found.items] == [
        (top["name"], "comment", mine["name"], mine["name"]),
        (low["name"], "comment", top["name"], mine["name"]),
    ]
    found, _ = hear(state, "inbox")
    assert [(i.native_id, i.addressed, i.visibility) for i in found.items] == [
        (top["name"], True, "public"), (letter["name"], True, "direct"),
    ]  # fmt: skip
    found, _ = hear(state, "thread", post=mine["name"])
    assert [i.native_id for i in found.items] == [top["name"], low["name"]]
    state.hidden_children = 1
    for start in (mine["name"], low["name"]):
        thread, _, _ = against(lambda s, k, start=start: NETWORK.thread(s, k, start), state)
        assert [i.native_id for i in thread] == [mine["name"], top["name"], low["name"]]


def test_own_words_are_found_whoever_pressed_the_button():
    state = RedditSite()
    post = state.post(US, SUB, "Раз")
    comment = state.comment(US, post["name"], "Два")
    state.post("anna", SUB, "Три")
    done, _, _ = against(lambda s, k: NETWORK.own_posts(s, k, SINCE), state)
    assert [i.native_id for i in done] == [post["name"], comment["name"]]


def test_signing_in():
    async def go(settings, secret):
        given = settings | {"client_secret": emulation.SECRET}
        begun = await NETWORK.begin_connecting(given, BACK, "st4te")
        query = {k: v[0] for k, v in parse_qs(urlsplit(begun.url).query).items()}
        assert query == {
            "response_type": "code", "client_id": emulation.CLIENT, "redirect_uri": BACK, "state": "st4te",
            "scope": emulation.EVERY, "duration": "permanent",
        }  # fmt: skip
        with pytest.raises(Permanent) as declined:
            await NETWORK.finish_connecting(given, begun.keep, BACK, {"error": "access_denied"})
        assert declined.value.code == "declined"
        with pytest.raises(Unauthorised):
            await NETWORK.finish_connecting(given, begun.keep, BACK, {"code": "wrong"})
        made = await NETWORK.finish_connecting(given, begun.keep, BACK, {"code": emulation.CODE})
        assert made.settings["handle"] == US
        assert emulation.SECRET not in str(made.settings)
        assert dict(made.secret) == SECRET
        return await NETWORK.health(made.settings, made.secret)

    done, _, _ = against(go, handle="")
    assert (done.ok, done.handle) == (True, US)


def test_health_names_what_is_missing():
    done, _, _ = against(lambda s, k: NETWORK.health(s, k), scopes="identity read history submit edit")
    assert (done.ok, done.missing) == (False, ("privatemessages", "modposts", "report"))
    done, _, _ = against(lambda s, k: NETWORK.health(s, k), secret=SECRET | {"refresh_token": "stale"})
    assert not done.ok
    assert done.sentence % done.facts
