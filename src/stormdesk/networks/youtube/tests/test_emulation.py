"""The client against an emulation that keeps to Google's discovery document (see emulation.py)."""

import asyncio
import dataclasses
from datetime import datetime, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks import oauth, pace
from stormdesk.networks.base import Outgoing, Permanent, Retryable, Unauthorised, Unknown
from stormdesk.networks.tests.served import served
from stormdesk.networks.youtube import NETWORK, api
from stormdesk.networks.youtube.tests import emulation
from stormdesk.networks.youtube.tests.emulation import ANNA, BORIS, OURS, SILENT, THEIRS, US, YouTubeSite

SECRET = {"client_secret": emulation.SECRET, "refresh_token": emulation.REFRESH}
READER = {"api_key": emulation.KEY}
SINCE = emulation.NOW


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    pace.keep_in(pace.Memory())
    oauth.forget()


def against(do, state=None, faults=None, secret=SECRET, **more):
    """Run `do(settings, secret)`; gives what came of it, the state and the server."""
    state = state or YouTubeSite()

    async def go():
        async with served(state.handle) as server:
            server.faults = {name: list(what) for name, what in (faults or {}).items()}
            settings = {
                "server": server.url,
                "client_id": emulation.CLIENT,
                "channel": US,
                "statement": OURS,
                **more,
            }
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
    return [c for c in state.comments.values() if c["snippet"]["authorChannelId"]["value"] == US]


def test_a_statement_stands_under_the_named_video_and_answers_in_their_thread():
    state = YouTubeSite()
    top = state.write(ANNA, THEIRS, "Взорвался!")
    low = state.answer(BORIS, top["id"], "И у меня")
    done, _, _ = publish(Outgoing("Мы знаем.", "k"), state)
    assert state.comments[done.native_id]["snippet"]["videoId"] == OURS
    assert done.url == f"https://www.youtube.com/watch?v={OURS}&lc={done.native_id}"
    for parent in (top["id"], low["id"]):
        done, _, _ = publish(Outgoing("Напишите нам.", "k", in_reply_to=parent), state)
        assert state.comments[done.native_id]["snippet"]["parentId"] == top["id"]
    done, _, _ = publish(Outgoing("Обзор верный.", "k", in_reply_to=f"video/{THEIRS}"), state)
    assert state.comments[done.native_id]["snippet"]["videoId"] == THEIRS
    assert done.at > SINCE


@pytest.mark.parametrize(
    "fault", ["lost", "cut", "failed", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"]
)
@pytest.mark.parametrize("kind", ["statement", "answer"])
def test_when_the_answer_is_lost_it_is_found_and_stands_there_once(kind, fault):
    state = YouTubeSite()
    parent = state.write(ANNA, OURS, "Взорвался!")["id"]
    out = Outgoing("Мы  знаем.", "k", in_reply_to=parent if kind == "answer" else None)

    async def say_and_look(settings, secret):
        await NETWORK.health(settings, secret)
        server_faults["commentThreads" if kind == "statement" else "comments"] = [fault]
        with pytest.raises(Unknown):
            await NETWORK.publish(settings, secret, out)
        assert (
            await NETWORK.reconcile(settings, secret, dataclasses.replace(out, text="другое"), SINCE) is None
        )
        return await NETWORK.reconcile(settings, secret, out, SINCE)

    server_faults = {}

    async def go():
        async with served(state.handle) as server:
            server.faults = server_faults
            settings = {"server": server.url, "client_id": emulation.CLIENT, "channel": US, "statement": OURS}
            return await say_and_look(settings, SECRET)

    done = asyncio.run(go())
    assert [c["id"] for c in said(state)] == [done.native_id]


def test_a_failed_processing_may_have_happened():
    done, _, _ = publish(
        Outgoing("x", "k", in_reply_to="Ug1"), YouTubeSite(refuse=(400, "processingFailure"))
    )
    assert type(done) is Unknown
    done, _, _ = against(
        lambda s, k: NETWORK.hear("channel", s, k, {}), YouTubeSite(refuse=(400, "processingFailure"))
    )
    assert type(done) is Retryable


def at(monkeypatch, *moment):
    """It is this time in California, and stays so."""
    now = datetime(*moment, tzinfo=api.CALIFORNIA)
    monkeypatch.setattr(pace, "time", SimpleNamespace(time=now.timestamp))
    return now


def test_units_are_counted_for_the_project_and_listening_leaves_a_quarter(monkeypatch):
    at(monkeypatch, 2026, 5, 4, 23, 30)
    monkeypatch.setattr(api, "UNITS", dataclasses.replace(api.UNITS, count=100))
    state = YouTubeSite()

    async def listen(settings, secret):
        # A second account, of the same project.
        for _ in range(50):
            await api.ask(settings | {"channel": ANNA}, secret, "videos", {"part": "id", "id": OURS})

    async def day(settings, secret):
        await NETWORK.publish(settings, secret, Outgoing("x", "k"))
        with pace.priority(pace.Priority.LISTENING):
            with pytest.raises(Retryable) as first:
                await listen(settings, secret)
            await api.ask(settings, secret, "search", {"part": "snippet", "type": "video", "q": "x"})
        with pytest.raises(Retryable) as second:
            await NETWORK.publish(settings, secret, Outgoing("y", "k2"))
        with pace.priority(pace.Priority.URGENT):
            await NETWORK.publish(settings, secret, Outgoing("y", "k2"))
        at(monkeypatch, 2026, 5, 5, 0, 0)
        await NETWORK.publish(settings, secret, Outgoing("z", "k3"))
        return first.value, second.value

    (first, second), _, _ = against(day, state)
    asked = state.spent[: state.spent.index("youtube.search.list")]
    assert sum(api.CHANGE if one.endswith("insert") else 1 for one in asked) == 75
    assert first.code == second.code == "paced"
    assert 1800 <= first.after <= 1800 * 1.1
    assert len(said(state)) == 3


def test_searches_have_a_budget_of_their_own(monkeypatch):
    at(monkeypatch, 2026, 5, 4, 12)
    monkeypatch.setattr(api, "SEARCHES", dataclasses.replace(api.SEARCHES, count=4))

    async def search(settings, secret):
        for _ in range(3):
            await api.ask(settings, secret, "search", {"part": "snippet", "type": "video", "q": "x"})
        await api.ask(settings, secret, "videos", {"part": "id", "id": OURS})
        await api.ask(settings, secret, "search", {"part": "snippet", "type": "video", "q": "x"})

    with pace.priority(pace.Priority.LISTENING):
        done, state, _ = against(search)
    assert done.code == "paced"
    assert state.spent.count("youtube.search.list") == 3


def test_a_spent_budget_waits_for_midnight_in_california():
    done, _, _ = publish(Outgoing("x", "k"), YouTubeSite(budget=40))
    assert (type(done), done.code) == (Retryable, "budget")
    assert 0 < done.after <= 25 * 3600
    done, _, _ = publish(Outgoing("x", "k"), YouTubeSite(refuse=(403, "rateLimitExceeded")))
    assert (type(done), done.code) == (Retryable, "slow_down")


@pytest.mark.parametrize(
    ("outgoing", "code", "more"),
    [
        (Outgoing(" ", "k"), "empty", {}),
        (Outgoing("x" * 10_001, "k"), "too_long", {}),
        (Outgoing("x", "k", visibility="direct", to_handle="anna"), "not_offered", {}),
        (Outgoing("x", "k"), "no_video", {"statement": ""}),
        (Outgoing("x", "k"), "no_video", {"statement": "https://example.org/"}),
        (Outgoing("x", "k", in_reply_to="Ug404"), "gone", {}),
        (Outgoing("x", "k", in_reply_to="video/" + "z" * 11), "gone", {}),
    ],
)
def test_what_youtube_would_not_take(outgoing, code, more):
    done, state, _ = publish(outgoing, **more)
    assert (type(done), done.code) == (Permanent, code)
    assert state.comments == {}


def test_keys_and_rights():
    done, _, server = publish(Outgoing("x", "k"), secret=READER)
    assert (type(done), done.code) == (Unauthorised, "no_account")
    assert [r.method for r in server.asked] == ["GET"]
    done, _, _ = publish(
        Outgoing("x", "k"), YouTubeSite(scope="https://www.googleapis.com/auth/youtube.readonly")
    )
    assert (type(done), done.code) == (Unauthorised, "scope")
    done, _, _ = publish(Outgoing("x", "k"), secret=SECRET | {"refresh_token": "stale"})
    assert (type(done), done.code) == (Unauthorised, "expired")
    done, _, _ = against(lambda s, k: NETWORK.hear("channel", s, k, {}), secret={"api_key": "wrong"})
    assert (type(done), done.code) == (Unauthorised, "key")
    assert "wrong" not in str(done)
    done, _, server = against(lambda s, k: NETWORK.health(s, k), secret=READER)
    assert (done.ok, done.missing) == (True, (emulation.SCOPE,))
    assert all("AIza" not in str(r.fields) for r in server.asked)


def test_a_short_key_that_ended_early_is_renewed_and_the_comment_stands_once():
    state = YouTubeSite()

    async def go(settings, secret):
        await NETWORK.health(settings, secret)
        state.tokens = {k + "-old": v for k, v in state.tokens.items()}
        return await NETWORK.publish(settings, secret, Outgoing("x", "k"))

    done, _, _ = against(go, state)
    assert [c["id"] for c in said(state)] == [done.native_id]


def test_editing_deleting_and_hiding():
    state = YouTubeSite()
    mine, theirs = state.write(US, OURS, "старое"), state.write(ANNA, OURS, "ругань")
    away = state.write(ANNA, THEIRS, "ругань")

    async def go(settings, secret):
        await NETWORK.edit(settings, secret, mine["id"], "новое")
        assert mine["snippet"]["textOriginal"] == "новое"
        with pytest.raises(Permanent) as forbidden:
            await NETWORK.edit(settings, secret, theirs["id"], "новое")
        assert forbidden.value.code == "forbidden"
        await NETWORK.hide(settings, secret, theirs["id"])
        assert theirs["status"] == "heldForReview"
        held = await NETWORK.hear("held", settings, secret, {})
        assert [i.native_id for i in held.items] == [theirs["id"]]
        await NETWORK.hide(settings, secret, theirs["id"], False)
        assert theirs["status"] == "published"
        await NETWORK.remove(settings, secret, theirs["id"])
        assert theirs["status"] == "rejected"
        with pytest.raises(Permanent):
            await NETWORK.hide(settings, secret, away["id"])
        await NETWORK.delete(settings, secret, mine["id"])
        await NETWORK.delete(settings, secret, mine["id"])

    done, _, _ = against(go, state)
    assert done is None, done
    assert mine["id"] not in state.comments


def test_comments_and_answers_are_heard_once_whenever_they_come():
    state = YouTubeSite(shown=2)
    top = state.write(ANNA, OURS, "Взорвался!")
    first = hear(state, "channel")
    assert [(i.native_id, i.kind, i.in_reply_to, i.addressed) for i in first.items] == [
        (top["id"], "comment", f"video/{OURS}", True)
    ]
    state.now += timedelta(minutes=90)
    answers = [state.answer(BORIS, top["id"], f"и у меня {i}")["id"] for i in range(4)]
    more = [state.write(BORIS, OURS, f"ещё {i}")["id"] for i in range(130)]
    state.write(US, OURS, "своё")
    away = state.write(ANNA, THEIRS, "не у нас")
    second = hear(state, "channel", first.cursor)
    assert [i.native_id for i in second.items] == answers + more
    assert second.items[0].in_reply_to == top["id"]
    assert not second.lost
    assert hear(state, "channel", second.cursor).items == []
    top["snippet"] |= {"textOriginal": "Исправил", "updatedAt": emulation._rfc(state.tick())}
    third = hear(state, "channel", first.cursor | {"answers": answers, "counts": second.cursor["counts"]})
    assert "Исправил" in [i.text for i in third.items]
    found = hear(state, "video", secret=READER, video=f"https://youtu.be/{THEIRS}?t=3")
    assert [(i.native_id, i.addressed) for i in found.items] == [(away["id"], False)]
    with pytest.raises(Permanent) as silent:
        hear(state, "video", video=SILENT)
    assert silent.value.code == "comments_disabled"


def test_more_changed_threads_than_are_opened_at_once_are_opened_next_time():
    state = YouTubeSite(shown=0)
    tops = [state.write(ANNA, OURS, f"{i}")["id"] for i in range(25)]
    first = hear(state, "channel")
    for top in tops:
        state.answer(BORIS, top, "и у меня")
    second = hear(state, "channel", first.cursor)
    third = hear(state, "channel", second.cursor)
    assert (len(second.items), len(third.items)) == (20, 5)


def test_videos_are_found_and_the_own_ones_passed_over():
    state = YouTubeSite(now=SINCE)
    found = hear(state, "search", query="чайник")
    assert [(i.native_id, i.url) for i in found.items] == [
        (f"video/{THEIRS}", f"https://www.youtube.com/watch?v={THEIRS}")
    ]
    state.videos["y" * 11] = (BORIS, "Чайник взорвался", SINCE + timedelta(hours=1))
    again = hear(state, "search", found.cursor, query="чайник")
    assert [i.native_id for i in again.items] == ["video/" + "y" * 11]
    assert state.spent == ["youtube.search.list"] * 2


def test_threads_and_own_words():
    state = YouTubeSite(shown=1)
    top = state.write(ANNA, OURS, "Взорвался!")
    low = [state.answer(who, top["id"], f"{n}")["id"] for n, who in enumerate((BORIS, US, BORIS))]
    mine = state.write(US, OURS, "Мы знаем")
    for start in (top["id"], low[1]):
        thread, _, _ = against(lambda s, k, start=start: NETWORK.thread(s, k, start), state)
        assert [i.native_id for i in thread] == [top["id"], *low]
    done, _, _ = against(lambda s, k: NETWORK.own_posts(s, k, SINCE), state)
    assert [i.native_id for i in done] == [low[1], mine["id"]]


def test_signing_in_with_a_proof():
    state = YouTubeSite()

    async def go(settings, secret):
        given = settings | {"client_secret": emulation.SECRET, "channel": ""}
        begun = await NETWORK.begin_connecting(given, emulation.BACK, "st4te")
        query = {k: v[0] for k, v in parse_qs(urlsplit(begun.url).query).items()}
        assert (query["scope"], query["access_type"], query["state"]) == (emulation.SCOPE, "offline", "st4te")
        assert query["code_challenge_method"] == "S256"
        state.challenge = query["code_challenge"]
        made = await NETWORK.finish_connecting(given, begun.keep, emulation.BACK, {"code": emulation.CODE})
        assert (made.settings["channel"], made.settings["handle"]) == (US, "kettles")
        assert "client_secret" not in made.settings
        assert dict(made.secret) == SECRET
        with pytest.raises(Unauthorised):
            await NETWORK.finish_connecting(
                given, dict(begun.keep) | {"verifier": "x"}, emulation.BACK, {"code": emulation.CODE}
            )
        return await NETWORK.health(made.settings, made.secret)

    done, _, _ = against(go, state)
    assert (done.ok, done.handle) == (True, "kettles")
