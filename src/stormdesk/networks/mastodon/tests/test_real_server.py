"""Two real federating servers: signed in as a person would, heard, answered, found again after a lost answer."""

import asyncio
import contextlib
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks.base import Media, Outgoing, Permanent, Unauthorised, Unknown
from stormdesk.networks.mastodon import NETWORK, listening
from stormdesk.networks.mastodon.tests.people import servers, sign_in, until

pytestmark = pytest.mark.server
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf500f0003860180"
    "5a347d6b0000000049454e44ae426082"
)


@pytest.fixture
def places(monkeypatch):
    ours, theirs = servers()
    monkeypatch.setenv(ALLOW_VARIABLE, ",".join(urlsplit(s).hostname for s in (ours, theirs)) + ",127.0.0.1")
    return ours, theirs


def word():
    return f"w{uuid.uuid4().hex[:10]}"


async def heard(person, kind, cursor, **settings):
    """Everything since the cursor, page after page."""
    items, more = [], True
    while more:
        batch = await NETWORK.hear(kind, person.settings | settings, person.secret, cursor)
        items, cursor, more = items + batch.items, batch.cursor, batch.more
    return items, cursor


def test_a_complaint_from_another_server_is_heard_and_answered(places):
    async def story():
        brand, alice = await sign_in(places[0], "brand"), await sign_in(places[1], "alice")
        health = await NETWORK.health(brand.settings, brand.secret)
        assert (health.ok, health.handle) == (True, "brand")
        mark = word()
        _, cursor = await heard(brand, "notifications", {})
        complaint = await NETWORK.publish(
            alice.settings,
            alice.secret,
            Outgoing(f"@{brand.full_handle} ваш чайник взорвался {mark} <b>!</b>", word()),
        )
        await NETWORK.publish(
            alice.settings,
            alice.secret,
            Outgoing(f"мой номер {mark}", word(), to_handle=brand.full_handle, visibility="direct"),
        )

        async def both():
            items = await _first(brand, cursor, mark)
            return items if len(items) >= 2 else None

        items = await until(both)
        public = next(i for i in items if i.visibility == "public")
        private = next(i for i in items if i.visibility == "direct")
        assert "ваш чайник взорвался" in public.text
        assert public.author.handle == alice.full_handle
        assert public.addressed
        assert private.kind == "direct"
        assert private.addressed
        assert abs(public.published_at - datetime.now(UTC)) < timedelta(minutes=2)
        assert public.url.startswith("http://")

        _, late = await heard(brand, "notifications", cursor)
        assert await _first(brand, late, mark) == []

        _, theirs = await heard(alice, "notifications", {})
        answer = Outgoing(f"Простите нас {mark}", word(), in_reply_to=public.native_id)
        sent = await NETWORK.publish(brand.settings, brand.secret, answer)
        reply = (await until(lambda: _first(alice, theirs, mark)))[0]
        assert reply.in_reply_to == complaint.native_id
        since = datetime.now(UTC) - timedelta(minutes=1)
        assert (
            await NETWORK.reconcile(brand.settings, brand.secret, answer, since)
        ).native_id == sent.native_id

    async def _first(person, cursor, mark):
        return [i for i in (await heard(person, "notifications", cursor))[0] if mark in i.text]

    asyncio.run(story())


def test_hashtag_pages_give_every_post_once(places, monkeypatch):
    monkeypatch.setattr(listening, "PAGE", 8)  # this server gets slow after some thirty posts in a row

    async def story():
        brand, alice = await sign_in(places[0], "brand"), await sign_in(places[0], "alice")
        tag, count = word(), 22
        first = await NETWORK.publish(alice.settings, alice.secret, Outgoing(f"0 #{tag}", word()))
        items, cursor = await heard(brand, "hashtag", {}, tag=tag)
        assert [i.native_id for i in items] == [first.native_id]
        for n in range(1, count):
            await NETWORK.publish(alice.settings, alice.secret, Outgoing(f"{n} #{tag}", word()))
        later, _ = await heard(brand, "hashtag", cursor, tag=tag)
        return sorted(int(i.text.split()[0]) for i in items + later), list(range(count))

    found, said = asyncio.run(story())
    assert found == said


def test_search_own_posts_edit_and_media(places):
    async def story():
        brand, alice = await sign_in(places[0], "brand"), await sign_in(places[1], "alice")
        mark, start = word(), datetime.now(UTC) - timedelta(seconds=5)
        picture = Media(
            description="красный чайник", content=PIXEL, content_type="image/png", name="kettle.png"
        )
        sent = await NETWORK.publish(
            brand.settings, brand.secret, Outgoing(f"Разбираемся {mark}", word(), media=(picture,))
        )
        own = await NETWORK.own_posts(brand.settings, brand.secret, start)
        mine = next(p for p in own if p.native_id == sent.native_id)
        assert mine.media[0].description == "красный чайник"

        await NETWORK.edit(brand.settings, brand.secret, sent.native_id, f"Разобрались {mark}")
        edited = await NETWORK.own_posts(brand.settings, brand.secret, start)
        assert [p.text for p in edited if mark in p.text] == [f"Разобрались {mark}"]

        # A server searches what reached it; this one gets only what names somebody there.
        text = f"@{brand.full_handle} нашёл {mark}"
        await NETWORK.publish(alice.settings, alice.secret, Outgoing(text, word()))
        found, _ = await until(lambda: _found(brand, mark))
        assert [i.text for i in found] == [text]

        # This server offers no deletion and says "not found": that must not pass for "removed".
        with pytest.raises(Permanent) as caught:
            await NETWORK.delete(brand.settings, brand.secret, sent.native_id)
        assert caught.value.code == "not_offered"

    async def _found(person, mark):
        items, cursor = await heard(person, "search", {}, query=mark)
        return (items, cursor) if items else None

    asyncio.run(story())


@contextlib.asynccontextmanager
async def between(server, cut_answers):
    """A wire to a real server that can be cut after the server has answered and before we hear it."""

    async def pump(reader, writer):
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()

    async def serve(reader, writer):
        away_reader, away_writer = await asyncio.open_connection(urlsplit(server).hostname, 80)
        up = asyncio.create_task(pump(reader, away_writer))
        if cut_answers:
            await away_reader.read(1)
            writer.transport.abort()
        else:
            await pump(away_reader, writer)
        up.cancel()
        writer.close()
        away_writer.close()

    wire = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{wire.sockets[0].getsockname()[1]}"
    finally:
        wire.close()


@pytest.mark.parametrize("private", [False, True])
def test_after_a_cut_wire_the_server_is_asked_and_the_post_exists_once(places, private):
    async def story():
        brand, mark = await sign_in(places[0], "brand"), word()
        to = {"to_handle": f"alice@{urlsplit(places[1]).hostname}", "visibility": "direct"} if private else {}
        outgoing = Outgoing(f"Заявление {mark}: a < b, https://example.org/x?y=1&z=2 #чай", word(), **to)
        start = datetime.now(UTC)
        never = Outgoing(f"Другое {mark}", word(), **to)
        async with between(places[0], cut_answers=True) as wire:
            with pytest.raises(Unknown):
                await NETWORK.publish(brand.settings | {"server": wire}, brand.secret, outgoing)
        found = await until(lambda: NETWORK.reconcile(brand.settings, brand.secret, outgoing, start))
        assert await NETWORK.reconcile(brand.settings, brand.secret, never, start) is None
        if not private:  # this server does not list direct messages among an account's posts
            own = await NETWORK.own_posts(brand.settings, brand.secret, start - timedelta(seconds=5))
            assert [p.native_id for p in own if mark in p.text] == [found.native_id]

    asyncio.run(story())


def test_a_wrong_key_is_said_and_nothing_is_posted(places):
    async def story():
        brand = await sign_in(places[0], "brand")
        wrong = {"access_token": "wrong"}
        health = await NETWORK.health(brand.settings, wrong)
        assert not health.ok
        assert health.sentence % health.facts
        with pytest.raises(Unauthorised):
            await NETWORK.publish(brand.settings, wrong, Outgoing("x", word()))

    asyncio.run(story())
