"""The client against an emulation of the Graph API, built from its documentation (see emulation.py)."""

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks import oauth, pace
from stormdesk.networks.base import Media, Outgoing, Permanent, Retryable, Unauthorised, Unknown
from stormdesk.networks.facebook import NETWORK
from stormdesk.networks.facebook.bringing import RIGHT
from stormdesk.networks.facebook.client import SCOPES
from stormdesk.networks.facebook.tests import emulation
from stormdesk.networks.facebook.tests.emulation import ANNA, BORIS, PAGE, PAGE_KEY, GraphSite
from stormdesk.networks.tests.served import served

SECRET = {"access_token": PAGE_KEY, "client_secret": emulation.SECRET}
SINCE = datetime.fromtimestamp(emulation.NOW, UTC)
JPEG = Media(content=b"\xff\xd8jpeg", content_type="image/jpeg", name="a.jpg", description="Чайник")


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    pace.keep_in(pace.Memory())
    oauth.forget()


def against(do, state=None, faults=None, secret=SECRET, **more):
    """Run `do(settings, secret)`; gives what came of it, the state and the server."""
    state = state or GraphSite()

    async def go():
        async with served(state.handle) as server:
            server.faults = {name: list(what) for name, what in (faults or {}).items()}
            settings = {"server": server.url, "client_id": emulation.CLIENT, "page_id": PAGE, **more}
            try:
                done = await do(settings, secret)
            except Exception as error:
                done = error
            return done, state, server

    return asyncio.run(go())


def publish(outgoing, state=None, **more):
    return against(lambda s, k: NETWORK.publish(s, k, outgoing), state, **more)


def hear(state, kind, cursor=None, **more):
    done, _, _ = against(lambda s, k: NETWORK.hear(kind, s, k, cursor or {}), state, **more)
    if isinstance(done, Exception):
        raise done
    return done


def said(state):
    return [t for t in state.things.values() if t["from"]["id"] == PAGE]


def test_a_post_a_comment_and_their_pictures():
    state = GraphSite()
    post = state.post(ANNA, "Взорвался!")
    low = state.comment(BORIS, post["id"], "и у меня")
    done, _, _ = publish(Outgoing("Мы знаем & чиним", "k", media=(JPEG, JPEG)), state)
    assert state.things[done.native_id]["message"] == "Мы знаем & чиним"
    assert [(p["content"], p["alt"]) for p in state.photos.values()] == [(JPEG.content, "Чайник")] * 2
    for parent in (post["id"], low["id"]):
        done, _, _ = publish(Outgoing("Напишите нам.", "k", in_reply_to=parent), state)
        assert done.native_id in [c["id"] for c in state.below(parent)]
    for fault in ("lost", "failed", "away"):
        done, state, _ = publish(Outgoing("x", "k", media=(JPEG,)), faults={"photos": [fault]})
        assert (type(done), state.things) == (Retryable, {})


@pytest.mark.parametrize(
    "fault", ["lost", "cut", "failed", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"]
)
@pytest.mark.parametrize("kind", ["post", "comment", "message", "private"])
def test_when_the_answer_is_lost_it_is_found_and_stands_there_once(kind, fault):
    state = GraphSite()
    post = state.post(ANNA, "Взорвался!")["id"]
    comment = state.comment(BORIS, post, "и у меня")["id"]
    letter = state.tell(ANNA, ANNA, "Где деньги?")["id"]
    out, end = {
        "post": (Outgoing("Мы  знаем", "k"), "feed"),
        "comment": (Outgoing("Напишите нам.", "k", in_reply_to=comment), "comments"),
        "message": (
            Outgoing("Вернём", "k", visibility="direct", in_reply_to=f"m/{ANNA}/{letter}"),
            "messages",
        ),
        "private": (Outgoing("Вернём", "k", visibility="direct", in_reply_to=comment), "messages"),
    }[kind]

    async def say_and_look(settings, secret):
        with pytest.raises(Unknown):
            await NETWORK.publish(settings, secret, out)
        other = dataclasses.replace(out, text="другое")
        assert await NETWORK.reconcile(settings, secret, other, SINCE) is None
        return await NETWORK.reconcile(settings, secret, out, SINCE)

    done, _, _ = against(say_and_look, state, {end: [fault]})
    if kind in ("message", "private"):
        mine = [m["id"] for talk in state.talks.values() for m in talk if m["from"]["id"] == PAGE]
        assert [done.native_id.rpartition("/")[2]] == mine
    else:
        assert [t["id"] for t in said(state)] == [done.native_id]


def test_the_same_words_elsewhere_or_of_others_are_not_it():
    state = GraphSite()
    here, there = (state.post(ANNA, text)["id"] for text in ("раз", "два"))
    state.comment(PAGE, there, "Напишите нам.")
    state.comment(BORIS, here, "Напишите нам.")
    out = Outgoing("Напишите нам.", "k", in_reply_to=here)
    assert against(lambda s, k: NETWORK.reconcile(s, k, out, SINCE), state)[0] is None


def test_people_are_written_to_only_within_a_day_and_once_for_a_comment():
    state = GraphSite(now=emulation.NOW - 2 * emulation.DAY)
    letter = state.tell(ANNA, ANNA, "Где деньги?")["id"]
    comment = state.comment(BORIS, state.post(ANNA, "x")["id"], "и у меня")["id"]
    late = Outgoing("Вернём", "k", visibility="direct", in_reply_to=f"m/{ANNA}/{letter}")
    done, _, _ = publish(late, state)
    assert (type(done), done.code) == (Permanent, "writes_first")
    private = Outgoing("Вернём", "k", visibility="direct", in_reply_to=comment)
    assert publish(private, state)[0].native_id.startswith(f"m/{BORIS}/")
    assert type(publish(private, state)[0]) is Permanent
    done, _, server = publish(Outgoing("x", "k", visibility="direct", to_handle="anna"))
    assert (done.code, server.asked) == ("nobody", [])


@pytest.mark.parametrize(
    ("refused", "error", "code", "after"),
    [
        ((4, "Application request limit reached"), Retryable, "slow_down", 300.0),
        ((17, "User request limit reached"), Retryable, "slow_down", 300.0),
        ((32, "Page request limit reached"), Retryable, "slow_down", 300.0),
        ((613, "Calls to this api have exceeded the rate limit."), Retryable, "slow_down", 300.0),
        ((190, "Session has expired", 463, 401), Unauthorised, "expired", None),
        ((200, "(#200) Requires pages_manage_posts permission"), Unauthorised, "scope", None),
        ((10, "(#10) pages_read_engagement is missing"), Unauthorised, "scope", None),
        ((506, "Duplicate status message"), Permanent, "duplicate", None),
        ((368, "The action attempted has been deemed abusive"), Permanent, "blocked", None),
        ((1, "An unknown error occurred"), Unknown, "unknown", None),
        ((2, "Service temporarily unavailable", 0, 500), Unknown, "unknown", None),
        ((100, "Object does not exist", 33), Permanent, "gone", None),
    ],
)
def test_what_a_refusal_means(refused, error, code, after):
    done, state, _ = publish(Outgoing("x", "k"), GraphSite(refuse=refused))
    assert (type(done), done.code, getattr(done, "after", None)) == (error, code, after)
    assert state.things == {}
    if code == "scope":
        assert done.facts["right"].startswith("pages_")
    assert done.message % done.facts == str(done)


def test_a_nearly_used_up_allowance_is_left_to_speaking():
    async def go(settings, secret):
        with pace.priority(pace.Priority.LISTENING):
            await NETWORK.hear("posts", settings, secret, {})
            with pytest.raises(Retryable) as waiting:
                await NETWORK.hear("posts", settings, secret, {})
        assert 0 < waiting.value.after <= 330
        return await NETWORK.publish(settings, secret, Outgoing("Первое слово", "k"))

    done, state, _ = against(go, GraphSite(usage=80))
    assert [t["id"] for t in said(state)] == [done.native_id]


def test_every_request_proves_that_it_knows_the_secret_and_no_key_stands_in_an_address():
    done, _, server = publish(Outgoing("x", "k"))
    assert all(PAGE_KEY not in str(r.fields) for r in server.asked)
    done, _, _ = publish(Outgoing("x", "k"), secret=SECRET | {"client_secret": "wrong"})
    assert (type(done), done.code) == (Permanent, "refused")
    done, _, _ = publish(Outgoing("x", "k"), secret={"access_token": ""})
    assert type(done) is Unauthorised


@pytest.mark.parametrize(
    ("outgoing", "code"),
    [
        (Outgoing(" ", "k"), "empty"),
        (Outgoing("x" * 8001, "k", in_reply_to="1_2"), "too_long"),
        (Outgoing("x" * 2001, "k", in_reply_to="m/1/2", visibility="direct"), "too_long"),
        (Outgoing("x", "k", media=(JPEG,) * 11), "too_many"),
        (Outgoing("x", "k", media=(Media(content=b"x", content_type="video/mp4"),)), "no_picture"),
        (Outgoing("x", "k", media=(Media(content_type="image/png"),)), "no_file"),
        (Outgoing("x", "k", in_reply_to="../me"), "no_post"),
    ],
)
def test_what_meta_would_not_take_is_refused_before_it_is_sent(outgoing, code):
    done, _, server = publish(outgoing)
    assert (type(done), done.code, server.asked) == (Permanent, code, [])


def test_editing_hiding_and_deleting():
    state = GraphSite()
    mine = state.post(PAGE, "старое")
    theirs = state.comment(ANNA, mine["id"], "ругань")

    async def go(settings, secret):
        await NETWORK.edit(settings, secret, mine["id"], "новое")
        assert mine["message"] == "новое"
        await NETWORK.hide(settings, secret, theirs["id"])
        assert theirs["is_hidden"] is True
        await NETWORK.hide(settings, secret, theirs["id"], False)
        assert theirs["is_hidden"] is False
        for _ in range(2):
            await NETWORK.remove(settings, secret, theirs["id"])
            await NETWORK.delete(settings, secret, mine["id"])
        with pytest.raises(Permanent):
            await NETWORK.delete(settings, secret, "m/1/2")

    done, _, _ = against(go, state)
    assert done is None, done
    assert state.things == {}


def test_everything_new_is_heard_once_oldest_first():
    state = GraphSite(now=emulation.NOW - 20_000)
    mine = state.post(PAGE, "Мы знаем")
    top = state.comment(ANNA, mine["id"], "где деньги?")
    first = hear(state, "comments")
    assert [(i.native_id, i.in_reply_to, i.thread, i.addressed) for i in first.items] == [
        (top["id"], mine["id"], mine["id"], True)
    ]
    state.now += 5000
    later = [state.comment(BORIS, mine["id"], f"{i}")["id"] for i in range(130)]
    low = state.comment(BORIS, top["id"], "и мои?")["id"]
    state.comment(PAGE, mine["id"], "своё")
    second = hear(state, "comments", first.cursor)
    assert [i.native_id for i in second.items] == [*later, low]
    assert second.items[-1].in_reply_to == top["id"]
    assert hear(state, "comments", second.cursor).items == []
    guest = state.post(ANNA, "Взорвался!")
    away = state.post(BORIS, "@Kettles взорвался", "elsewhere")
    assert [i.native_id for i in hear(state, "posts").items] == [guest["id"]]
    assert [i.native_id for i in hear(state, "mentions").items] == [away["id"]]
    start = hear(state, "posts")
    state.now += 2000
    many = [state.post(ANNA, f"{i}")["id"] for i in range(120)]
    assert [i.native_id for i in hear(state, "posts", start.cursor).items] == many


def test_messages_are_heard_and_threads_read():
    state = GraphSite()
    letter = state.tell(ANNA, ANNA, "Где деньги?")
    first = hear(state, "messages")
    assert [(i.native_id, i.visibility, i.author.name) for i in first.items] == [
        (f"m/{ANNA}/{letter['id']}", "direct", "Анна")
    ]
    state.tell(PAGE, ANNA, "Вернём")
    other = state.tell(BORIS, BORIS, "И мои")
    assert [i.native_id for i in hear(state, "messages", first.cursor).items] == [f"m/{BORIS}/{other['id']}"]
    post = state.post(PAGE, "Мы знаем")
    top = state.comment(ANNA, post["id"], "где деньги?")
    low = state.comment(PAGE, top["id"], "вернём")
    thread, _, _ = against(lambda s, k: NETWORK.thread(s, k, post["id"]), state)
    assert [i.native_id for i in thread] == [post["id"], top["id"], low["id"]]
    thread, _, _ = against(lambda s, k: NETWORK.thread(s, k, top["id"]), state)
    assert [i.native_id for i in thread] == [top["id"], low["id"]]
    own, _, _ = against(lambda s, k: NETWORK.own_posts(s, k, SINCE), state)
    assert [i.native_id for i in own] == [post["id"], low["id"]]


def test_waiting_posts_are_found_taken_out_and_put_back():
    state = GraphSite()
    state.photos |= {"9001": {}, "9002": {}}
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
    state.wait("Второй", int(soon.timestamp()) + 60, ["9001", "9002"])
    state.wait("Первый", int(soon.timestamp()), ["9001"])
    for i in range(60):
        state.wait(f"{i}", int(soon.timestamp()) + 1000 + i)

    async def go(settings, secret):
        found = await NETWORK.native_schedules(settings, secret)
        assert [w.text for w in found[:3]] == ["Первый", "Второй", "0"]
        assert len(found) == 62
        for one in found[:2]:
            for _ in range(2):
                await NETWORK.remove_schedule(settings, secret, one.native_id)
        assert len(state.waiting) == 60
        with pytest.raises(Permanent) as time:
            await NETWORK.restore_schedule(settings, secret, found[0], soon - timedelta(hours=3), "k")
        assert time.value.code == "time"
        back = [
            await NETWORK.restore_schedule(settings, secret, one, soon + timedelta(days=1), "k")
            for one in found[:2]
        ]
        again = {w.native_id: w for w in await NETWORK.native_schedules(settings, secret)}
        assert [again[one.native_id].content for one in back] == [one.content for one in found[:2]]
        assert [again[one.native_id].due_at for one in back] == [soon + timedelta(days=1)] * 2

    done, _, _ = against(go, state)
    assert done is None, done


def test_signing_in_to_one_of_the_pages():
    async def go(settings, secret):
        given = settings | {"client_secret": emulation.SECRET, "page_id": ""}
        begun = await NETWORK.begin_connecting(given, emulation.BACK, "st4te")
        query = {k: v[0] for k, v in parse_qs(urlsplit(begun.url).query).items()}
        assert (query["scope"], query["state"]) == (",".join((*SCOPES, RIGHT)), "st4te")
        made = await NETWORK.finish_connecting(given, begun.keep, emulation.BACK, {"code": emulation.CODE})
        assert (made.settings["page_id"], made.settings["handle"], dict(made.secret)) == (
            PAGE,
            "Kettles",
            SECRET,
        )
        assert "client_secret" not in made.settings
        state.pages = 2
        with pytest.raises(Permanent, match="Kettles \\(1000\\), Pans \\(1001\\)"):
            await NETWORK.finish_connecting(given, begun.keep, emulation.BACK, {"code": emulation.CODE})
        state.rights.remove("pages_messaging")
        chosen = given | {"page_id": PAGE}
        made = await NETWORK.finish_connecting(chosen, begun.keep, emulation.BACK, {"code": emulation.CODE})
        return await NETWORK.health(made.settings, made.secret)

    state = GraphSite()
    done, _, _ = against(go, state)
    assert (done.ok, done.missing) == (False, ("pages_messaging",))
