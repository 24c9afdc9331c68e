"""The client against an emulation of VK's API, built from its published schema (see emulation.py)."""

import asyncio
import json
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks.base import Media, Outgoing, Permanent, Retryable, Unauthorised, Unknown, Wrong
from stormdesk.networks.tests.served import served
from stormdesk.networks.vk import NETWORK, api, events, listening
from stormdesk.networks.vk.tests import emulation
from stormdesk.networks.vk.tests.emulation import ANNA, BORIS, EDITOR, GROUP, WIDE

SECRET = {
    "user_token": emulation.USER_KEY,
    "group_token": emulation.GROUP_KEY,
    "service_token": emulation.SERVICE_KEY,
}
SINCE = datetime.fromtimestamp(emulation.NOW, UTC)
JPEG = Media(content=b"jpeg", content_type="image/jpeg", name="kettle.jpg", description="Чайник на плите")


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    monkeypatch.setattr(api, "LIMITS", WIDE)  # how VK's limits are kept: test_limits
    monkeypatch.setattr(api, "WAITS", (0.0, 0.0))
    # The search of a stretch of time reads the clock.
    monkeypatch.setattr(listening, "utcnow", lambda: SINCE)


def against(do, state=None, settings=None, **faults):
    """Run `do(settings, state)`; gives what came of it and the state."""
    state = state or emulation.Vk()

    async def go():
        async with served(state.handle) as server:
            server.faults = {name: list(what) for name, what in faults.items()}
            try:
                return await do(
                    {"server": server.url, "community": str(GROUP)} | (settings or {}), state
                ), state
            except Exception as error:
                return error, state

    return asyncio.run(go())


def publish(outgoing, state=None, **more):
    return against(lambda s, _: NETWORK.publish(s, SECRET, outgoing), state, **more)


def hear(kind, state, cursor=None, **settings):
    return against(lambda s, _: NETWORK.hear(kind, s | settings, SECRET, cursor or {}), state)[0]


def said(state):
    return [p["text"] for p in state.posts.values() if p["from_id"] == -GROUP]


def test_a_post_stands_on_the_wall_in_the_name_of_the_community():
    done, state = publish(Outgoing("Мы отзываем партию 7\nПодробности: https://teapot.example", "k"))
    assert (done.native_id, done.url) == (f"wall-{GROUP}_1", f"https://vk.com/wall-{GROUP}_1")
    assert said(state) == ["Мы отзываем партию 7\nПодробности: https://teapot.example"]


def test_pictures_are_handed_over_with_their_descriptions_and_stay_when_words_change():
    async def go(settings, state):
        sent = await NETWORK.publish(settings, SECRET, Outgoing("Чайник", "k", media=(JPEG, JPEG)))
        await NETWORK.edit(settings, SECRET, sent.native_id, "Чайник, исправлено")
        return sent

    _, state = against(go)
    post = next(iter(state.posts.values()))
    assert state.files == [b"jpeg", b"jpeg"]
    assert post["text"] == "Чайник, исправлено"
    assert [a["photo"]["access_key"] for a in post["attachments"]] == ["ak", "ak"]
    for media, code in (
        (Media(content=b"x", content_type="video/mp4"), "no_picture"),
        (Media(content_type="image/png"), "no_file"),
        (Media(content=b"", content_type="image/png"), "no_picture"),
    ):
        done, state = publish(Outgoing("x", "k", media=(media,)))
        assert (type(done), done.code) == (Permanent, code)
        assert state.posts == {}


@pytest.mark.parametrize("fault", ["lost", "cut", "failed", b"HTTP/1.1 200 OK\r\n\r\n{}"])
def test_a_picture_that_was_not_handed_over_posts_nothing_and_may_be_repeated(fault):
    for step in ("upload", "photos.saveWallPhoto"):
        done, state = publish(Outgoing("x", "k", media=(JPEG,)), **{step: [fault]})
        assert type(done) is Retryable
        assert state.posts == {}


def test_comments_are_answered_where_they_stand_with_either_key():
    async def go(settings, state):
        post = state.wall_post(-GROUP, -GROUP, "Новая партия")
        comment = state.comment(post, ANNA, "Он горит")
        where = f"wall-{GROUP}_{post['id']}"
        for secret in (SECRET, {"group_token": emulation.GROUP_KEY}):
            sent = await NETWORK.publish(
                settings,
                secret,
                Outgoing(
                    f"Напишите нам {len(secret)}", "k" * len(secret), in_reply_to=f"{where}_r{comment['id']}"
                ),
            )
        await NETWORK.publish(settings, SECRET, Outgoing("Всем спасибо", "k9", in_reply_to=where))
        return sent, comment

    (sent, comment), state = against(go)
    made = {c["text"]: c for c in state.comments.values()}
    assert sent.native_id == f"wall-{GROUP}_1_r{made['Напишите нам 1']['id']}"
    assert made["Напишите нам 3"]["reply_to_comment"] == comment["id"]
    assert "reply_to_comment" not in made["Всем спасибо"]
    assert {c["from_id"] for c in made.values()} == {ANNA, -GROUP}


def test_private_words_go_only_to_people_who_wrote_first():
    state = emulation.Vk()
    first = state.write(ANNA, "Мой чайник!")
    for number, outgoing in enumerate((
        Outgoing("Извините", "k1", in_reply_to=f"im{ANNA}_{first['id']}", visibility="direct"),
        Outgoing("Извините", "k2", to_handle="anna", in_reply_to=f"wall-{GROUP}_5_r7", visibility="direct"),
        Outgoing("Извините", "k3", to_handle=f"id{ANNA}", visibility="direct"),
    )):  # fmt: skip
        done, _ = publish(outgoing, state)
        assert (done.native_id, done.url) == (f"im{ANNA}_{number + 2}", "")
    for to, code in (
        (f"id{BORIS}", "writes_first"),
        ("boris", "writes_first"),
        ("nobody", "nobody"),
        ("", "nobody"),
    ):
        done, _ = publish(Outgoing("x", "k4", to_handle=to, visibility="direct"), state)
        assert (type(done), done.code) == (Permanent, code)
    assert publish(Outgoing("x" * 9001, "k", to_handle="anna", visibility="direct"))[0].code == "too_long"
    assert len(state.messages) == 4


@pytest.mark.parametrize("fault", ["lost", "cut", "failed", b"HTTP/1.1 200 OK\r\n\r\n{}", "away"])
@pytest.mark.parametrize("where", ["wall", "comment", "answer", "message"])
def test_after_an_unclear_answer_what_was_said_is_found_and_never_doubled(where, fault):
    state = emulation.Vk()
    post = state.wall_post(-GROUP, -GROUP, "Новая партия")
    comment = state.comment(post, ANNA, "Он горит")
    state.write(ANNA, "Мой чайник!")
    outgoing = {
        "wall": Outgoing("Мы отзываем  партию 7", "k"),
        "comment": Outgoing("Мы отзываем  партию 7", "k", in_reply_to=f"wall-{GROUP}_{post['id']}"),
        "answer": Outgoing(
            "Мы отзываем  партию 7", "k", in_reply_to=f"wall-{GROUP}_{post['id']}_r{comment['id']}"
        ),
        "message": Outgoing("Мы отзываем  партию 7", "k", to_handle=f"id{ANNA}", visibility="direct"),
    }[where]
    method = {"wall": "wall.post", "message": "messages.send"}.get(where, "wall.createComment")

    async def go(settings, state):
        with pytest.raises(Unknown):
            await NETWORK.publish(settings, SECRET, outgoing)
        found = await NETWORK.reconcile(settings, SECRET, outgoing, SINCE)
        again = await NETWORK.publish(settings, SECRET, outgoing)
        return found, again

    (found, again), state = against(go, state, **{method: [fault]})
    assert (found is None) == (fault == "away")
    assert found is None or found.native_id == again.native_id
    everything = [*state.posts.values(), *state.comments.values(), *state.messages.values()]
    assert [t["text"] for t in everything].count("Мы отзываем  партию 7") == 1


def test_equal_words_elsewhere_or_long_before_are_not_what_is_looked_for():
    state = emulation.Vk()
    post = state.wall_post(-GROUP, -GROUP, "Доброе утро")
    first = state.comment(post, -GROUP, "Спасибо")
    state.wall_post(-GROUP, EDITOR, "Здравствуйте")
    link = [{"type": "link", "link": {"url": "https://teapot.example"}}]
    state.wall_post(-GROUP, -GROUP, "С [id1|Павлом]", is_pinned=1, attachments=link)
    where = f"wall-{GROUP}_{post['id']}"
    cases = [
        (Outgoing("Доброе утро", "k"), SINCE, f"wall-{GROUP}_1"),
        (Outgoing("Доброе утро", "k"), SINCE + timedelta(hours=1), None),
        (Outgoing("Доброе утро", "k", media=(JPEG,)), SINCE, None),
        (Outgoing("С Павлом", "k"), SINCE, f"wall-{GROUP}_4"),
        (Outgoing("Здравствуйте", "k"), SINCE, None),
        (Outgoing("Спасибо", "k"), SINCE, None),
        (Outgoing("Спасибо", "k", in_reply_to=where), SINCE, f"{where}_r{first['id']}"),
        (Outgoing("Спасибо", "k", in_reply_to=f"{where}_r{first['id']}"), SINCE, None),
    ]
    for outgoing, since, expected in cases:
        done, _ = against(lambda s, _, o=outgoing, t=since: NETWORK.reconcile(s, SECRET, o, t), state)
        assert (done and done.native_id) == expected


@pytest.mark.processes
def test_a_publisher_killed_before_the_answer_has_said_it_once_and_it_is_found():
    state = emulation.Vk()
    code = (
        "import asyncio, sys; from stormdesk.networks.vk import NETWORK; from stormdesk.networks.base import Outgoing;"
        f"asyncio.run(NETWORK.publish({{'server': sys.argv[1], 'community': '{GROUP}'}}, {SECRET!r},"
        " Outgoing('Заявление', 'k')))"
    )

    async def go():
        async with served(state.handle) as server:
            server.faults = {"wall.post": ["hang"]}
            publisher = await asyncio.create_subprocess_exec(
                sys.executable, "-c", code, server.url, env={**os.environ, ALLOW_VARIABLE: "127.0.0.1"}
            )
            await asyncio.wait_for(server.hanging.wait(), 30)
            publisher.send_signal(signal.SIGKILL)
            await publisher.wait()
            settings = {"server": server.url, "community": str(GROUP)}
            return await NETWORK.reconcile(settings, SECRET, Outgoing("Заявление", "k"), SINCE)

    assert asyncio.run(go()).native_id == f"wall-{GROUP}_1"
    assert said(state) == ["Заявление"]


def test_search_goes_forward_without_a_gap_however_much_is_said(monkeypatch):
    state = emulation.Vk()
    for number in range(2600):
        state.wall_post(ANNA, ANNA, f"чайник {number}", date=emulation.NOW - 80_000 + number * 30)
    state.wall_post(ANNA, ANNA, "самовар")

    async def all_of_it(settings, state):
        items, cursor, more = [], {}, True
        while more:
            batch = await NETWORK.hear("search", settings | {"query": "чайник"}, SECRET, cursor)
            cursor, more = json.loads(json.dumps(batch.cursor)), batch.more
            items += batch.items
        late = state.wall_post(BORIS, BORIS, "чайник с опозданием", date=emulation.NOW - 60)
        monkeypatch.setattr(listening, "utcnow", lambda: SINCE + timedelta(minutes=1))
        batch = await NETWORK.hear("search", settings | {"query": "чайник"}, SECRET, cursor)
        return items, batch.items, late

    (items, after, late), _ = against(all_of_it, state)
    assert [i.text for i in items] == [f"чайник {n}" for n in range(2600)]
    assert [i.text for i in after] == [late["text"]]
    assert (items[0].author.handle, items[0].author.name, items[0].author.followers) == (
        "anna",
        "Анна Кузнецова",
        40,
    )


def test_questions_that_come_too_fast_are_asked_again_and_posts_are_not():
    state = emulation.Vk(refuse={"wall.get": [6, 6], "newsfeed.search": [6, 6, 6], "wall.post": [6]})
    assert hear("wall", state).items == []
    done = hear("search", state)
    assert (type(done), done.after) == (Retryable, 1)
    assert type(publish(Outgoing("x", "k"), state)[0]) is Retryable
    assert state.asked == ["wall.get"] * 3 + ["newsfeed.search"] * 3 + ["wall.post"]


def test_walls_and_comments_are_heard_and_own_words_are_not():
    state = emulation.Vk()
    state.wall_post(-GROUP, -GROUP, "закреплено", is_pinned=1)
    state.wall_post(-GROUP, ANNA, "Чайник горит", views={"count": 700})
    first = hear("wall", state)
    assert [(i.text, i.reach, i.addressed) for i in first.items] == [("Чайник горит", 700, True)]
    for number in range(150):
        state.wall_post(-GROUP, BORIS, f"post {number}")
    second = hear("wall", state, first.cursor)
    assert [i.text for i in second.items] == [f"post {n}" for n in range(150)]
    assert hear("wall", state, second.cursor).items == []
    assert hear("wall", state, wall="id7").items == []
    assert [i.text for i in hear("wall", state, wall=f"club{GROUP}").items][-1] == "post 149"


def test_comments_are_heard_in_threads_as_well_and_only_once():
    state = emulation.Vk()
    post = state.wall_post(-GROUP, -GROUP, "Новая партия")
    quiet = state.wall_post(-GROUP, -GROUP, "Тихий пост")
    top = state.comment(post, ANNA, "Он горит")
    state.comment(post, -GROUP, "Разбираемся", top["id"])
    first = hear("comments", state)
    assert [(i.text, i.kind, i.addressed) for i in first.items] == [("Он горит", "comment", True)]
    assert (first.items[0].in_reply_to, first.items[0].thread) == (f"wall-{GROUP}_1", f"wall-{GROUP}_1")
    for number in range(25):
        state.comment(post, BORIS, f"и у меня {number}", top["id"])
    asked = len(state.asked)
    second = hear("comments", state, first.cursor)
    assert [i.text for i in second.items] == [f"и у меня {n}" for n in range(25)]
    assert second.items[0].in_reply_to == f"wall-{GROUP}_1_r{top['id']}"
    assert hear("comments", state, second.cursor).items == []
    assert state.asked[asked:].count("wall.getComments") == 2, (
        "only the post whose comments changed is opened"
    )
    assert quiet["comments"]["count"] == 0
    thread, _ = against(lambda s, _: NETWORK.thread(s, SECRET, f"wall-{GROUP}_1"), state)
    assert [i.text for i in thread][:3] == ["Новая партия", "Он горит", "Разбираемся"]
    assert len(thread) == 28


def test_mentions_are_heard_once_and_speak_to_us():
    state = emulation.Vk()
    state.mentioned = [
        {"id": 9, "owner_id": ANNA, "from_id": ANNA, "date": emulation.NOW - 50, "text": f"[club{GROUP}|Чайник], ау", "post_type": "post"},
        {"id": 12, "owner_id": ANNA, "from_id": BORIS, "date": emulation.NOW - 40, "text": "и я", "post_type": "reply", "post_id": 9},
    ]  # fmt: skip
    first = hear("mentions", state)
    assert [(i.native_id, i.text, i.kind, i.addressed) for i in first.items] == [
        (f"wall{ANNA}_9", "Чайник, ау", "post", True),
        (f"wall{ANNA}_9_r12", "и я", "comment", True),
    ]
    assert hear("mentions", state, first.cursor).items == []


def test_events_are_waited_for_and_a_closed_line_is_opened_again():
    state = emulation.Vk()

    async def go(settings, state):
        heard = []
        stream = NETWORK.stream("events", settings, SECRET, {})

        async def after(*events):
            waiting = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0.1)
            for event in events:
                state.tell(*event)
            batch = await asyncio.wait_for(waiting, 10)
            heard.extend((i.text, i.kind, i.deleted) for i in batch.items)
            return batch.cursor

        comment = {
            "id": 7,
            "from_id": ANNA,
            "date": emulation.NOW,
            "text": "горит",
            "post_id": 5,
            "post_owner_id": -GROUP,
        }
        cursor = await after(("wall_reply_new", comment))
        state.line = "key-2"
        await after(("message_new", {"message": state.write(ANNA, "Алло?"), "client_info": {}}))
        gone = {"owner_id": -GROUP, "id": 7, "deleter_id": ANNA, "post_id": 5}
        state.tell("wall_reply_delete", gone)
        rest = await NETWORK.hear("events", settings, SECRET, cursor)
        state.lost = 5
        lost = await NETWORK.hear("events", settings, SECRET, {"ts": "1"})
        return heard, rest, lost

    (heard, rest, lost), _ = against(go, state)
    assert heard == [("горит", "comment", False), ("Алло?", "direct", False)]
    assert [(i.text, i.deleted) for i in rest.items] == [("Алло?", False), ("", True)]
    assert rest.items[1].native_id == f"wall-{GROUP}_5_r7"
    assert (lost.items, lost.cursor) == ([], {"ts": "5"})


def test_names_that_events_leave_out_are_asked_for():
    async def go(settings, state):
        thing = {"id": 7, "date": emulation.NOW, "text": "горит", "post_id": 5, "post_owner_id": -GROUP}
        said = [
            events.read({"type": "wall_reply_new", "object": thing | {"from_id": who}, "group_id": 1})
            for who in (ANNA, -GROUP, 12345)
        ]
        named = await NETWORK.complete(settings, SECRET, said)
        state.refuse["users.get"] = [5]
        return named, await NETWORK.complete(settings, SECRET, said) == said

    (named, unchanged), _ = against(go)
    assert [(i.author.handle, i.author.name, i.author.followers) for i in named] == [
        ("anna", "Анна Кузнецова", 40),
        ("teapot", "Чайник", 9000),
        ("id12345", "", None),
    ]
    assert unchanged


def test_comments_are_removed_restored_and_reported():
    state = emulation.Vk()
    post = state.wall_post(-GROUP, -GROUP, "Новая партия")
    comment = state.comment(post, ANNA, "Купите у нас")
    where = f"wall-{GROUP}_1_r{comment['id']}"

    async def go(settings, state):
        await NETWORK.hide(settings, SECRET, where)
        hidden = state.comments[comment["id"]].get("deleted")
        await NETWORK.hide(settings, SECRET, where, hidden=False)
        shown = not state.comments[comment["id"]].get("deleted")
        await NETWORK.report(settings, SECRET, where, Wrong.SPAM)
        await NETWORK.report(settings, SECRET, f"wall-{GROUP}_1", Wrong.ABUSE)
        await NETWORK.remove(settings, SECRET, where)
        await NETWORK.remove(settings, SECRET, where)
        await NETWORK.delete(settings, SECRET, f"wall-{GROUP}_1")
        await NETWORK.delete(settings, SECRET, f"wall-{GROUP}_1")
        return hidden, shown

    assert against(go, state)[0] == (True, True)
    assert state.posts == {}
    for odd in ("photo-5_6_r7", "im100_7", "wall-5_6", "../x"):
        done, _ = against(lambda s, _, o=odd: NETWORK.hide(s, SECRET, o))
        assert type(done) is Permanent


def test_a_deletion_that_was_refused_is_said_while_the_post_stands():
    state = emulation.Vk(refuse={"wall.delete": [15]})
    state.wall_post(-GROUP, -GROUP, "x")
    done, _ = against(lambda s, _: NETWORK.delete(s, SECRET, f"wall-{GROUP}_1"), state)
    assert type(done) is Unauthorised
    assert said(state) == ["x"]


def test_messages_and_comments_of_ours_are_changed_and_removed():
    state = emulation.Vk()
    state.write(ANNA, "Мой чайник!")
    post = state.wall_post(-GROUP, -GROUP, "Новая партия")

    async def go(settings, state):
        private = await NETWORK.publish(
            settings, SECRET, Outgoing("A", "k1", to_handle="anna", visibility="direct")
        )
        public = await NETWORK.publish(
            settings, SECRET, Outgoing("B", "k2", in_reply_to=f"wall-{GROUP}_{post['id']}")
        )
        for one in (private, public):
            await NETWORK.edit(settings, SECRET, one.native_id, "C")
        words = [m["text"] for m in [*state.messages.values(), *state.comments.values()]]
        for one in (private, public):
            await NETWORK.delete(settings, SECRET, one.native_id)
        return words

    words, state = against(go, state)
    assert words == ["Мой чайник!", "C", "C"]
    assert [m["text"] for m in state.messages.values()] == ["Мой чайник!"]


def test_discussions_are_answered_and_the_answer_is_found():
    outgoing = Outgoing("Разбираемся", "k", in_reply_to=f"topic-{GROUP}_5_7")

    async def go(settings, state):
        sent = await NETWORK.publish(settings, SECRET, outgoing)
        return sent, await NETWORK.reconcile(settings, SECRET, outgoing, SINCE)

    (sent, found), _ = against(go)
    assert sent.native_id == found.native_id == f"topic-{GROUP}_5_1"
    assert sent.url == f"https://vk.com/topic-{GROUP}_5?post=1"


def test_own_posts_and_postponed_ones_are_listed_removed_and_put_back():
    state = emulation.Vk()
    state.wall_post(-GROUP, -GROUP, "старое", date=emulation.NOW - 90_000)
    state.wall_post(-GROUP, ANNA, "чужое")
    state.wall_post(-GROUP, -GROUP, "наше")
    picture = [
        {
            "type": "photo",
            "photo": {"id": 4, "owner_id": -GROUP, "album_id": -7, "date": 1, "has_tags": False},
        }
    ]
    state.wall_post(
        -GROUP, -GROUP, "Скидки!", post_type="postpone", date=emulation.NOW + 3600, attachments=picture
    )
    due = SINCE + timedelta(days=1)

    async def go(settings, state):
        own = await NETWORK.own_posts(settings, SECRET, SINCE - timedelta(hours=1))
        waiting = await NETWORK.native_schedules(settings, SECRET)
        for _ in range(2):
            await NETWORK.remove_schedule(settings, SECRET, waiting[0].native_id)
        none = await NETWORK.native_schedules(settings, SECRET)
        back = await NETWORK.restore_schedule(settings, SECRET, waiting[0], due, "k")
        return own, waiting, none, back, await NETWORK.native_schedules(settings, SECRET)

    (own, waiting, none, back, again), state = against(go, state)
    assert [i.text for i in own] == ["наше"]
    assert [(w.text, w.due_at) for w in waiting] == [("Скидки!", SINCE + timedelta(hours=1))]
    assert none == []
    assert [(w.native_id, w.text, w.due_at) for w in again] == [(back.native_id, "Скидки!", due)]
    assert json.loads(json.dumps(again[0].content)) == json.loads(json.dumps(waiting[0].content))


def test_health_names_what_is_missing():
    def health(state=None, secret=SECRET, **settings):
        return against(lambda s, _: NETWORK.health(s | settings, secret), state)[0]

    assert (health().ok, health().handle) == (True, "teapot")
    assert health(community="club500").ok
    poor = health(emulation.Vk(mask=1 << 2, permissions=("manage",)))
    assert (poor.ok, poor.missing) == (False, ("wall", "groups", "messages"))
    assert health(secret={"service_token": emulation.SERVICE_KEY}).missing == (
        "photos", "wall", "groups", "messages", "manage",
    )  # fmt: skip
    for ill in (
        health(secret={}),
        health(secret={"user_token": "wrong"}),
        health(community="teapot"),
        health(community="501"),
    ):
        assert not ill.ok
        assert ill.sentence % ill.facts
    assert poor.sentence % poor.facts
