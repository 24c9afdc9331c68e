"""The client against an emulation of the Graph API (facebook/tests/emulation.py), built from its documentation."""

import asyncio
import dataclasses
from datetime import UTC, datetime

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks import oauth, pace
from stormdesk.networks.base import Media, Outgoing, Permanent, Retryable, Unauthorised, Unknown
from stormdesk.networks.facebook.tests import emulation
from stormdesk.networks.facebook.tests.emulation import ANNA, BORIS, GRAM, PAGE, PAGE_KEY, GraphSite
from stormdesk.networks.instagram import NETWORK, speaking
from stormdesk.networks.tests.served import served

SECRET = {"access_token": PAGE_KEY, "client_secret": emulation.SECRET}
SINCE = datetime.fromtimestamp(emulation.NOW, UTC)
JPEG = Media(content=b"\xff\xd8jpeg", content_type="image/jpeg", name="a.jpg", description="Чайник")


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    monkeypatch.setattr(speaking, "PAUSE", 0.0)
    pace.keep_in(pace.Memory())
    oauth.forget()


def against(do, state=None, faults=None, secret=SECRET, **more):
    """Run `do(settings, secret)`; gives what came of it, the state and the server."""
    state = state or GraphSite()

    async def go():
        async with served(state.handle) as server:
            server.faults = {name: list(what) for name, what in (faults or {}).items()}
            settings = {
                "server": server.url, "client_id": emulation.CLIENT, "page_id": PAGE, "account_id": GRAM, "handle": "kettles",
            } | more  # fmt: skip
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
    return [t for t in state.gram.values() if t["username"] == "kettles"]


def test_a_picture_and_an_album_are_prepared_unseen_and_published_by_their_number():
    done, state, _ = publish(Outgoing("Мы знаем & чиним", "k", media=(JPEG,)), GraphSite(waits=2))
    (made,) = said(state)
    assert (done.native_id, made["caption"]) == (f"media/{made['id']}", "Мы знаем & чиним")
    (box,) = state.boxes.values()
    assert (box["alt_text"], box["image_url"].startswith("https://scontent.example/")) == ("Чайник", True)
    _, state, _ = publish(Outgoing("Альбом", "k", media=(JPEG, JPEG)))
    assert [m["caption"] for m in said(state)] == ["Альбом"]
    assert [b["child"] for b in state.boxes.values()] == [True, True, False]
    for end in ("photos", "media"):
        for fault in ("lost", "failed", "away"):
            done, state, _ = publish(Outgoing("x", "k", media=(JPEG,)), faults={end: [fault]})
            assert (type(done), said(state)) == (Retryable, [])
    done, state, _ = publish(Outgoing("x", "k", media=(JPEG,)), GraphSite(waits=1000))
    assert (type(done), said(state)) == (Retryable, [])


@pytest.mark.parametrize(
    "fault", ["lost", "cut", "failed", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"]
)
@pytest.mark.parametrize("kind", ["post", "comment", "answer", "message", "private"])
def test_when_the_answer_is_lost_it_is_found_and_stands_there_once(kind, fault):
    state = GraphSite()
    media = state.picture("anna", "Взорвался!")["id"]
    comment = state.remark("boris", media, "и у меня")["id"]
    low = state.remark("anna", media, "и у меня", comment)["id"]
    letter = state.tell(ANNA, ANNA, "Где деньги?", GRAM)["id"]
    out, end = {
        "post": (Outgoing("Мы  знаем", "k", media=(JPEG,)), "media_publish"),
        "comment": (Outgoing("Напишите нам.", "k", in_reply_to=f"media/{media}"), "comments"),
        "answer": (Outgoing("Напишите нам.", "k", in_reply_to=f"comment/{comment}/{low}"), "replies"),
        "message": (
            Outgoing("Вернём", "k", visibility="direct", in_reply_to=f"m/{ANNA}/{letter}"),
            "messages",
        ),
        "private": (
            Outgoing("Вернём", "k", visibility="direct", in_reply_to=f"comment/{comment}"),
            "messages",
        ),
    }[kind]

    async def say_and_look(settings, secret):
        with pytest.raises(Unknown):
            await NETWORK.publish(settings, secret, out)
        other = dataclasses.replace(out, text="другое")
        assert await NETWORK.reconcile(settings, secret, other, SINCE) is None
        return await NETWORK.reconcile(settings, secret, out, SINCE)

    done, _, _ = against(say_and_look, state, {end: [fault]})
    last = done.native_id.rpartition("/")[2]
    if kind in ("message", "private"):
        assert [last] == [m["id"] for talk in state.talks.values() for m in talk if m["from"]["id"] == GRAM]
    else:
        assert [last] == [t["id"] for t in said(state)]
        assert done.native_id.startswith(
            {"post": "media/", "comment": "comment/", "answer": f"comment/{comment}/"}[kind]
        )


@pytest.mark.parametrize(
    ("outgoing", "code"),
    [
        (Outgoing("x", "k"), "no_picture"),
        (Outgoing("x" * 2201, "k", media=(JPEG,)), "too_long"),
        (Outgoing("x", "k", media=(JPEG,) * 11), "too_many"),
        (Outgoing(" ", "k", in_reply_to="media/1"), "empty"),
        (Outgoing("x", "k", in_reply_to="media/1", media=(JPEG,)), "too_many"),
        (Outgoing("x", "k", in_reply_to="media/../x"), "not_offered"),
        (Outgoing("x" * 1001, "k", in_reply_to="m/1/2", visibility="direct"), "too_long"),
    ],
)
def test_what_instagram_would_not_take_is_refused_before_it_is_sent(outgoing, code):
    done, _, server = publish(outgoing)
    assert (type(done), done.code, server.asked) == (Permanent, code, [])


def test_rights_are_named():
    state = GraphSite()
    state.rights.remove("instagram_content_publish")
    done, _, _ = publish(Outgoing("x", "k", media=(JPEG,)), state)
    assert (type(done), done.facts["right"]) == (Unauthorised, "instagram_content_publish")


def test_comments_and_their_answers_are_heard_once():
    state = GraphSite(now=emulation.NOW - 20_000)
    media = state.picture("kettles", "Мы знаем")["id"]
    top = state.remark("anna", media, "где деньги?")["id"]
    first = hear(state, "comments")
    assert [(i.native_id, i.in_reply_to, i.thread, i.addressed) for i in first.items] == [
        (f"comment/{top}", f"media/{media}", f"media/{media}", True)
    ]
    state.now += 5000
    later = [f"comment/{state.remark('boris', media, str(i))['id']}" for i in range(130)]
    low = state.remark("boris", media, "и мои?", top)["id"]
    state.remark("kettles", media, "своё", top)
    second = hear(state, "comments", first.cursor)
    assert [i.native_id for i in second.items] == [*later, f"comment/{top}/{low}"]
    assert second.items[-1].in_reply_to == f"comment/{top}"
    assert hear(state, "comments", second.cursor).items == []


def test_tags_hashtags_and_messages():
    state = GraphSite()
    tagged = state.picture("anna", "@kettles #чайник взорвался")["id"]
    found = hear(state, "tags")
    assert [(i.native_id, i.author.handle, i.addressed) for i in found.items] == [
        (f"media/{tagged}", "anna", True)
    ]
    found = hear(state, "hashtag", tag="#чайник")
    assert [(i.native_id, i.author.handle) for i in found.items] == [(f"media/{tagged}", "")]
    more = state.picture("boris", "и мой #чайник")["id"]
    again = hear(state, "hashtag", found.cursor, tag="#чайник")
    assert [i.native_id for i in again.items] == [f"media/{more}"]
    assert again.cursor["tag"] == found.cursor["tag"]
    letter = state.tell(BORIS, BORIS, "Где деньги?", GRAM)["id"]
    state.tell(ANNA, ANNA, "Не в Instagram", PAGE)
    found = hear(state, "messages")
    assert [(i.network, i.native_id, i.visibility) for i in found.items] == [
        ("instagram", f"m/{BORIS}/{letter}", "direct")
    ]


def test_threads_hiding_deleting_and_own_words():
    state = GraphSite()
    mine = state.picture("kettles", "Мы знаем")["id"]
    top = state.remark("anna", mine, "ругань")["id"]
    low = state.remark("kettles", mine, "вернём", top)["id"]

    async def go(settings, secret):
        thread = await NETWORK.thread(settings, secret, f"media/{mine}")
        assert [i.native_id for i in thread] == [f"media/{mine}", f"comment/{top}", f"comment/{top}/{low}"]
        thread = await NETWORK.thread(settings, secret, f"comment/{top}/{low}")
        assert [i.native_id for i in thread] == [f"comment/{top}", f"comment/{top}/{low}"]
        own = await NETWORK.own_posts(settings, secret, SINCE)
        assert [i.native_id for i in own] == [f"media/{mine}", f"comment/{top}/{low}"]
        await NETWORK.hide(settings, secret, f"comment/{top}")
        assert state.gram[top]["hidden"] is True
        await NETWORK.hide(settings, secret, f"comment/{top}", False)
        assert state.gram[top]["hidden"] is False
        for _ in range(2):
            await NETWORK.remove(settings, secret, f"comment/{top}")
            await NETWORK.delete(settings, secret, f"comment/{top}/{low}")
        with pytest.raises(Permanent):
            await NETWORK.delete(settings, secret, f"media/{mine}")

    done, _, _ = against(go, state)
    assert done is None, done
    assert list(state.gram) == [mine]


def test_signing_in_through_the_page():
    async def go(settings, secret):
        given = settings | {
            "client_secret": emulation.SECRET,
            "page_id": PAGE,
            "account_id": "",
            "handle": "",
        }
        begun = await NETWORK.begin_connecting(given, emulation.BACK, "st4te")
        made = await NETWORK.finish_connecting(given, begun.keep, emulation.BACK, {"code": emulation.CODE})
        assert (made.settings["account_id"], made.settings["page_id"]) == (GRAM, PAGE)
        assert (made.settings["handle"], dict(made.secret)) == ("kettles", SECRET)
        state.pages = 2
        pans = given | {"page_id": emulation.OTHER_PAGE}
        with pytest.raises(Permanent) as none:
            await NETWORK.finish_connecting(pans, begun.keep, emulation.BACK, {"code": emulation.CODE})
        assert none.value.code == "no_account"
        return await NETWORK.health(made.settings, made.secret)

    state = GraphSite()
    done, _, _ = against(go, state)
    assert (done.ok, done.handle) == (True, "kettles")
