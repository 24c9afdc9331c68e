"""A real WordPress: heard, answered, moderated, published once whatever the wire does, its schedules held back."""

import asyncio
import contextlib
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from stormdesk.networks.base import Media, Outgoing, Permanent, Retryable, Unauthorised, Unknown
from stormdesk.networks.wordpress import NETWORK, place, words
from stormdesk.networks.wordpress.tests.site import address, all_of_it, allow, member, run, visit, word

pytestmark = [pytest.mark.server, pytest.mark.acceptance]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf500f0003860180"
    "5a347d6b0000000049454e44ae426082"
)


@pytest.fixture(autouse=True)
def brand(monkeypatch):
    allow(monkeypatch)
    return member("brand")


async def say(person, text, **more):
    return await NETWORK.publish(person.settings, person.secret, Outgoing(text, word(), **more))


async def about(mark, person, kind, cursor):
    """What is heard of one story, while others go on beside it: its own words, and whatever was deleted."""
    items, cursor = await all_of_it(person, kind, cursor)
    return [i for i in items if mark in i.text or i.deleted], cursor


def test_a_visitors_comment_that_waits_for_approval_is_heard_answered_and_moderated(brand):
    async def story():
        mark = word()
        post = await say(brand, f"Отзыв партии чайников {mark}\n\nПодробности завтра.")
        _, cursor = await all_of_it(brand, "comments", {})
        assert await visit(post.native_id, f"Верните деньги! {mark} <b>жду</b>") < 400
        items, later = await about(mark, brand, "comments", cursor)
        heard = next(i for i in items if mark in i.text)
        assert heard.text == f"Верните деньги! {mark} жду"
        assert (heard.author.name, heard.kind, heard.addressed) == ("Ольга", "comment", True)
        assert heard.author.id.startswith("visitor-")
        assert (heard.in_reply_to, heard.thread) == (post.native_id, post.native_id)
        # The site lives in Moscow time: three hours would show here.
        assert abs(heard.published_at - datetime.now(UTC)) < timedelta(minutes=2)
        assert (await about(mark, brand, "comments", later))[0] == []
        # It waits for approval, so strangers do not hear it yet.
        stranger, theirs = await all_of_it(brand, "elsewhere", {})
        assert not any(mark in i.text for i in stranger)

        await NETWORK.hide(brand.settings, brand.secret, heard.native_id, hidden=False)
        shown, theirs = await about(mark, brand, "elsewhere", theirs)
        assert [i.native_id for i in shown if mark in i.text] == [heard.native_id]
        answer = await say(
            brand, f"Вернём, пишите <нам> «сегодня» {mark} -- да...", in_reply_to=heard.native_id
        )
        thread = await NETWORK.thread(brand.settings, brand.secret, heard.native_id)
        assert [i.native_id for i in thread] == [post.native_id, heard.native_id, answer.native_id]
        assert "<нам>" in thread[2].text
        assert thread[2].in_reply_to == heard.native_id
        assert (await about(mark, brand, "comments", later))[0] == []  # own words are no news

        await NETWORK.hide(brand.settings, brand.secret, heard.native_id)
        gone, theirs = await about(mark, brand, "elsewhere", theirs)
        assert (heard.native_id, True) in [(i.native_id, i.deleted) for i in gone]
        await NETWORK.edit(brand.settings, brand.secret, heard.native_id, f"поправлено {mark}")
        edited, later = await about(mark, brand, "comments", later)
        assert [(i.text, i.edited_at is not None) for i in edited] == [(f"поправлено {mark}", True)]
        await NETWORK.remove(brand.settings, brand.secret, heard.native_id)
        await NETWORK.remove(brand.settings, brand.secret, heard.native_id)
        removed, later = await about(mark, brand, "comments", later)
        assert (heard.native_id, True) in [(i.native_id, i.deleted) for i in removed]
        again, _ = await about(mark, brand, "comments", later)
        assert heard.native_id not in {i.native_id for i in again}

    run(story)


def test_more_comments_than_a_page_come_oldest_first_and_once(brand, monkeypatch):
    monkeypatch.setattr("stormdesk.networks.wordpress.listening.PAGE", 5)

    async def story():
        mark = word()
        post = await say(brand, f"Вести {mark}")
        _, cursor = await all_of_it(brand, "elsewhere", {})
        for n in range(12):
            await say(brand, f"{n} {mark}\nвторая строка", in_reply_to=post.native_id)
        items, cursor = await about(mark, brand, "elsewhere", cursor)
        assert [i.text for i in items] == [f"{n} {mark}\nвторая строка" for n in range(12)]
        assert (await about(mark, brand, "elsewhere", cursor))[0] == []

    run(story)


def test_a_post_with_a_picture_is_found_among_own_edited_and_binned(brand):
    async def story():
        mark, start = word(), datetime.now(UTC) - timedelta(seconds=5)
        picture = Media(
            description="красный «чайник»", content=PIXEL, content_type="image/png", name="kettle.png"
        )
        text = f'Мы отзываем "чайники" {mark} :)\n\nПервый абзац: a < b & c.\nСтрока\n\nhttps://example.org/x?y=1&z=2.'
        sent = await say(brand, text, media=(picture,))
        value, _ = await place.read(brand.settings, brand.secret, f"posts/{words.place(sent.native_id)[1]}")
        html = value["content"]["rendered"]
        assert 'alt="красный «чайник»"' in html
        assert (
            'href="https://example.org/x?y=1&amp;z=2"' in html
            or 'href="https://example.org/x?y=1&#038;z=2"' in html
        )
        own = await NETWORK.own_posts(brand.settings, brand.secret, start)
        mine = next(p for p in own if p.native_id == sent.native_id)
        assert "Первый абзац: a < b & c.\nСтрока" in mine.text
        found = await NETWORK.reconcile(brand.settings, brand.secret, Outgoing(text, word()), start)
        assert found.native_id == sent.native_id
        await NETWORK.edit(brand.settings, brand.secret, sent.native_id, f"Исправлено {mark}\n\nДругое")
        own = await NETWORK.own_posts(brand.settings, brand.secret, start)
        assert [p.text for p in own if mark in p.text] == [f"Исправлено {mark}\n\nДругое"]
        await NETWORK.delete(brand.settings, brand.secret, sent.native_id)
        await NETWORK.delete(brand.settings, brand.secret, sent.native_id)
        own = await NETWORK.own_posts(brand.settings, brand.secret, start)
        assert not any(mark in p.text for p in own)

    run(story)


@contextlib.asynccontextmanager
async def between(server, cut_answers):
    """A wire to the site that can be cut after the site has answered and before we hear it."""

    async def serve(reader, writer):
        away_reader, away_writer = await asyncio.open_connection(
            urlsplit(server).hostname, urlsplit(server).port
        )

        async def up():
            with contextlib.suppress(ConnectionError):
                while data := await reader.read(65536):
                    away_writer.write(data)
                    await away_writer.drain()

        going = asyncio.create_task(up())
        asked = (await away_reader.read(1)) or b""
        if cut_answers():
            writer.transport.abort()
        else:
            writer.write(asked + await away_reader.read())
            with contextlib.suppress(ConnectionError):
                await writer.drain()
        going.cancel()
        writer.close()
        away_writer.close()

    wire = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{wire.sockets[0].getsockname()[1]}"
    finally:
        wire.close()


@pytest.mark.parametrize("answers", [False, True])
def test_after_a_cut_wire_the_site_is_asked_and_the_words_stand_there_once(brand, answers):
    async def story():
        mark, start = word(), datetime.now(UTC)
        to = (await say(brand, f"Вопрос {mark}")).native_id if answers else None
        outgoing = Outgoing(f'Заявление {mark}: a < b... "так"\n\nи ещё', word(), in_reply_to=to)
        never = Outgoing(f"Другое {mark}", word(), in_reply_to=to)
        async with between(address(), lambda: True) as wire:
            with pytest.raises(Unknown):
                await NETWORK.publish(brand.settings | {"site": wire}, brand.secret, outgoing)
        found = await NETWORK.reconcile(brand.settings, brand.secret, outgoing, start)
        assert await NETWORK.reconcile(brand.settings, brand.secret, never, start) is None
        own = await NETWORK.own_posts(brand.settings, brand.secret, start - timedelta(seconds=5))
        assert [p.native_id for p in own if "Заявление" in p.text and mark in p.text] == [found.native_id]
        if answers:  # WordPress itself refuses a comment of the same words in the same place
            assert await NETWORK.publish(brand.settings, brand.secret, outgoing) == found

    run(story)


def test_schedules_of_the_site_are_listed_held_back_and_put_back(brand):
    async def story():
        mark, due = word(), datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
        body = {"title": f"Скидка {mark}", "content": "<p>Всем!</p>", "status": "future",
                "date_gmt": due.strftime("%Y-%m-%dT%H:%M:%S")}  # fmt: skip
        await place.write(brand.settings, brand.secret, "POST", "posts", json=body)

        async def waiting():
            return [s for s in await NETWORK.native_schedules(brand.settings, brand.secret) if mark in s.text]

        (first,) = await waiting()
        assert (first.due_at, first.text) == (due, f"Скидка {mark}\n\nВсем!")
        await NETWORK.remove_schedule(brand.settings, brand.secret, first.native_id)
        assert await waiting() == []
        later = due + timedelta(days=1)
        for _ in range(2):  # repeated after a lost answer, it is still one post
            back = await NETWORK.restore_schedule(brand.settings, brand.secret, first, later, word())
        assert [(s.native_id, s.due_at) for s in await waiting()] == [(back.native_id, later)]
        await NETWORK.remove(brand.settings, brand.secret, back.native_id)
        await NETWORK.remove_schedule(brand.settings, brand.secret, back.native_id)
        again = await NETWORK.restore_schedule(brand.settings, brand.secret, first, later, word())
        assert [s.native_id for s in await waiting()] == [again.native_id]
        # What came out in the meantime stays out.
        published = await say(brand, f"Уже вышло {mark}")
        await NETWORK.remove_schedule(brand.settings, brand.secret, published.native_id)
        own = await NETWORK.own_posts(brand.settings, brand.secret, due - timedelta(days=3))
        assert published.native_id in {p.native_id for p in own}

    run(story)


def test_health_names_missing_rights_and_a_wrong_key(brand):
    async def story():
        assert (await NETWORK.health(brand.settings, brand.secret)).ok
        writer = member("writer")
        poor = await NETWORK.health(writer.settings, writer.secret)
        assert poor.missing == ("publish_posts", "upload_files", "edit_others_posts", "moderate_comments")
        assert "moderate_comments" in poor.sentence % poor.facts
        with pytest.raises(Permanent) as caught:
            await say(writer, "x")
        assert caught.value.code == "not_allowed"
        wrong = await NETWORK.health(brand.settings, {"application_password": "wrong"})
        assert not wrong.ok
        assert wrong.sentence % wrong.facts
        with pytest.raises(Unauthorised):
            await NETWORK.publish(brand.settings, {"application_password": "wrong"}, Outgoing("x", word()))

    run(story)


def test_flood_control_and_closed_comments_are_told_apart(brand):
    async def story():
        writer, mark = member("writer"), word()
        post = await say(brand, f"Вести {mark}")
        start = datetime.now(UTC)
        first = Outgoing(f"Первый {mark}", word(), in_reply_to=post.native_id)
        sent = await NETWORK.publish(writer.settings, writer.secret, first)
        # A contributor's own words are compared as they are shown, for he may not see them as they were given.
        found = await NETWORK.reconcile(writer.settings, writer.secret, first, start)
        assert found.native_id == sent.native_id
        with pytest.raises(Retryable) as slow:
            await say(writer, f"Сразу за ним {mark}", in_reply_to=post.native_id)
        assert slow.value.after == place.FLOOD_SECONDS
        number = words.place(post.native_id)[1]
        await place.write(
            brand.settings, brand.secret, "POST", f"posts/{number}", json={"comment_status": "closed"}
        )
        with pytest.raises(Permanent) as caught:
            await say(writer, f"Второй {mark}", in_reply_to=post.native_id)
        assert caught.value.code == "not_allowed"
        assert not isinstance(caught.value, Unauthorised)

    run(story)


def test_a_person_signs_in_on_the_site(brand):
    async def story():
        back = "https://desk.example/connected"
        begun = await NETWORK.begin_connecting({"site": address()}, back, "state-1")
        async with httpx2.AsyncClient(follow_redirects=False) as browser:
            await browser.get(f"{address()}/wp-login.php")
            form = {"log": "brand", "pwd": "brand-pass-1", "testcookie": "1", "wp-submit": "Log In"}
            assert (await browser.post(f"{address()}/wp-login.php", data=form)).status_code == 302
            page = (await browser.get(begun.url)).text
            hidden = dict(
                re.findall(
                    r"<input type=[\"']hidden[\"'][^>]*name=[\"']([^\"']+)[\"'][^>]*value=[\"']([^\"']*)[\"']",
                    page,
                )
            )
            hidden = {k: v.replace("&#038;", "&").replace("&amp;", "&") for k, v in hidden.items()}
            answers = []
            for choice in ("approve", "reject"):
                form = hidden | {"app_name": "Stormdesk", choice: "yes"}
                gone = await browser.post(f"{address()}/wp-admin/authorize-application.php", data=form)
                assert gone.headers["location"].startswith(f"{back}?"), gone.text[:500]
                answers.append(
                    {k: v[0] for k, v in parse_qs(urlsplit(gone.headers["location"]).query).items()}
                )
        assert answers[0]["state"] == answers[1]["state"] == "state-1"
        connected = await NETWORK.finish_connecting({}, begun.keep, back, answers[0])
        assert (connected.settings["handle"], connected.settings["site"]) == ("brand", address())
        assert (await NETWORK.health(connected.settings, connected.secret)).ok
        with pytest.raises(Permanent) as caught:
            await NETWORK.finish_connecting({}, begun.keep, back, answers[1])
        assert caught.value.code == "declined"

    run(story)
