"""Bluesky's own servers in a box: heard, answered, said once, taken back, hidden, reported."""

import asyncio
import contextlib
import io
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks.base import Media, Outgoing, Permanent, Unauthorised, Wrong
from stormdesk.networks.bluesky import NETWORK, firehose, keys
from stormdesk.networks.bluesky import session as sessions
from stormdesk.networks.bluesky.tests.people import PASSWORD, Person, pds, sign_up, until, xrpc

pytestmark = [pytest.mark.server, pytest.mark.acceptance]


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "localhost,127.0.0.1")
    sessions.forget()


def word():
    return f"w{uuid.uuid4().hex[:10]}"


def outgoing(text, **more):
    return Outgoing(text, str(uuid.uuid4()), **more)


async def say(person: Person, text: str, **more):
    return await NETWORK.publish(person.settings, person.secret, outgoing(text, **more))


async def heard(person, kind, cursor, **settings):
    """Everything since the cursor, page after page."""
    items, more = [], True
    while more:
        batch = await NETWORK.hear(kind, person.settings | settings, person.secret, cursor)
        items, cursor, more = items + batch.items, batch.cursor, batch.more
    return items, cursor


def test_a_complaint_is_heard_and_answered_in_its_place():
    async def story():
        brand, anna = await sign_up("meadow"), await sign_up("anna")
        health = await NETWORK.health(brand.settings, brand.secret)
        assert (health.ok, health.handle, health.sentence) == (True, brand.handle, "")
        _, cursor = await heard(brand, "notifications", {})
        mark = word()
        complaint = await say(anna, f"@{brand.handle} ваш чайник взорвался {mark} <b>!</b> 👩🏽‍🚀")

        async def told():
            items, _ = await heard(brand, "notifications", cursor)
            return [item for item in items if mark in item.text]

        (item,) = await until(told)
        assert item.native_id == complaint.native_id
        assert item.text == f"@{brand.handle} ваш чайник взорвался {mark} <b>!</b> 👩🏽‍🚀"
        assert item.addressed
        assert item.author.handle == anna.handle
        assert item.url == complaint.url
        assert abs(item.published_at - datetime.now(UTC)) < timedelta(minutes=2)

        answer = outgoing(f"Простите нас {mark}", in_reply_to=item.native_id)
        sent = await NETWORK.publish(brand.settings, brand.secret, answer)
        second = await say(anna, f"Не прощу {mark}", in_reply_to=sent.native_id)

        async def whole():
            found = []
            with contextlib.suppress(Permanent):  # not indexed yet
                found = await NETWORK.thread(brand.settings, brand.secret, sent.native_id)
            return found if len(found) >= 2 else None

        above, below = await until(whole)
        assert (above.native_id, below.native_id) == (complaint.native_id, second.native_id)
        assert below.in_reply_to == sent.native_id
        assert below.thread == complaint.native_id

    asyncio.run(story())


def test_the_same_sending_never_makes_a_second_post():
    async def story():
        brand, mark = await sign_up("meadow"), word()
        start = datetime.now(UTC) - timedelta(seconds=5)
        post = outgoing(f"Заявление {mark}: https://example.org/x?y=1 #чай")
        assert await NETWORK.reconcile(brand.settings, brand.secret, post, start) is None
        first, *others = await asyncio.gather(
            *(NETWORK.publish(brand.settings, brand.secret, post) for _ in range(4))
        )
        assert {other.native_id for other in others} == {first.native_id}
        found = await NETWORK.reconcile(brand.settings, brand.secret, post, start)
        assert found.native_id == first.native_id

        async def own():
            return await NETWORK.own_posts(brand.settings, brand.secret, start)

        assert [p.native_id for p in await until(own)] == [first.native_id]
        await NETWORK.delete(brand.settings, brand.secret, first.native_id)
        await NETWORK.delete(brand.settings, brand.secret, first.native_id)
        assert await NETWORK.reconcile(brand.settings, brand.secret, post, start) is None

    asyncio.run(story())


def test_links_mentions_tags_and_pictures_arrive_as_the_network_knows_them():
    async def story():
        brand, anna = await sign_up("meadow"), await sign_up("anna")
        file = io.BytesIO()
        Image.new("RGB", (30, 20), "red").save(file, "PNG")
        text = f"Ёж 🦔 @{anna.handle}, см. https://example.org/а?b=1. #чай2026 и @nobody-{word()}.test"
        picture = Media(description="красный чайник", content=file.getvalue(), content_type="image/png")
        sent = await say(brand, text, media=(picture,), language="ru")
        where = keys.place(sent.native_id)
        params = {"repo": where.did, "collection": where.collection, "rkey": where.key}
        from stormdesk.networks.bluesky import xrpc as ours

        record = (await ours.query(brand.settings, brand.secret, "com.atproto.repo.getRecord", params))[
            "value"
        ]
        raw = text.encode()
        pieces = {
            raw[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode(): f["features"][0]
            for f in record["facets"]
        }
        assert pieces[f"@{anna.handle}"]["did"] == anna.did
        assert pieces["https://example.org/а?b=1"]["uri"] == "https://example.org/а?b=1"
        assert pieces["#чай2026"]["tag"] == "чай2026"
        assert len(pieces) == 3, "nobody's handle is plain text"
        assert record["langs"] == ["ru"]

        async def seen():
            start = datetime.now(UTC) - timedelta(minutes=1)
            return await NETWORK.own_posts(brand.settings, brand.secret, start)

        (mine,) = await until(seen)
        assert mine.media[0].description == "красный чайник"
        assert mine.media[0].url.startswith("http")
        assert mine.language == "ru"

    asyncio.run(story())


def test_search_gives_every_post_once_and_goes_on_from_its_cursor():
    async def story():
        brand, anna, mark = await sign_up("meadow"), await sign_up("anna"), word()
        first = await say(anna, f"0 {mark}")

        async def one():
            items, cursor = await heard(brand, "search", {}, query=mark)
            return (items, cursor) if items else None

        items, cursor = await until(one)
        assert [item.native_id for item in items] == [first.native_id]
        said = [await say(anna, f"{n} {mark}") for n in range(1, 8)]

        async def all_of_them():
            later, _ = await heard(brand, "search", cursor, query=mark)
            found = {item.native_id for item in later}
            return found if found >= {s.native_id for s in said} else None

        await until(all_of_them)

    asyncio.run(story())


def test_a_main_password_is_said_and_a_wrong_one_posts_nothing():
    async def story():
        brand = await sign_up("meadow")
        main = await NETWORK.health(brand.settings, {"app_password": PASSWORD})
        assert main.ok
        assert "app password" in main.sentence
        wrong = await NETWORK.health(brand.settings, {"app_password": "abcd-abcd-abcd-abcd"})
        assert not wrong.ok
        assert wrong.sentence % wrong.facts
        with pytest.raises(Unauthorised):
            await NETWORK.publish(brand.settings, {"app_password": "no"}, outgoing("x"))
        # A token the server has forgotten is renewed in the middle of a sending.
        session = await sessions.session(brand.settings, brand.secret)
        session.access = session.access[:-4] + "AAAA"
        assert (await say(brand, "still here")).native_id

    asyncio.run(story())


def test_an_answer_can_be_hidden_shown_again_and_reported():
    async def story():
        brand, troll = await sign_up("meadow"), await sign_up("troll")
        post = await say(brand, f"Скидки {word()}")
        await until(
            lambda: NETWORK.own_posts(brand.settings, brand.secret, datetime.now(UTC) - timedelta(minutes=1))
        )
        rude = await say(troll, f"Воры {word()}", in_reply_to=post.native_id)

        async def hidden():
            answer = await xrpc_get("app.bsky.feed.getPosts", troll, uris=[post.native_id])
            gate = answer["posts"][0].get("threadgate") or {}
            return rude.native_id in (gate.get("record") or {}).get("hiddenReplies", [])

        await NETWORK.hide(brand.settings, brand.secret, rude.native_id)
        await until(hidden)
        await NETWORK.hide(brand.settings, brand.secret, rude.native_id, hidden=False)

        async def shown():
            return not await hidden()

        await until(shown)
        with pytest.raises(Permanent) as caught:
            await NETWORK.hide(troll.settings, troll.secret, rude.native_id)
        assert caught.value.code == "not_own"
        number = await NETWORK.report(
            brand.settings, brand.secret, rude.native_id, Wrong.ABUSE, "оскорбление"
        )
        assert number

    asyncio.run(story())


async def xrpc_get(name, person, **params):
    from stormdesk.networks.bluesky import xrpc as ours

    return await ours.query(person.settings, person.secret, name, params)


def test_the_firehose_tells_of_posts_edits_and_removals_from_a_cursor_on():
    async def story():
        anna, mark = await sign_up("anna"), word()
        sent = await say(anna, f"первый {mark}")
        where = keys.place(sent.native_id)
        changed = {"$type": keys.POST, "text": f"второй {mark}", "createdAt": "2026-11-25T02:00:00.000Z"}
        body = {"repo": anna.did, "collection": keys.POST, "rkey": where.key, "record": changed}
        await xrpc("com.atproto.repo.putRecord", body, anna.access)
        await NETWORK.delete(anna.settings, anna.secret, sent.native_id)

        async def tail(cursor, wanted):
            settings = anna.settings | {"wire": "firehose", "address": pds().replace("http", "ws")}
            found, cursors = [], []
            stream = NETWORK.stream("stream", settings, anna.secret, cursor)
            async for batch in stream:
                found += [item for item in batch.items if item.native_id == sent.native_id]
                cursors.append(batch.cursor)
                if len(found) >= wanted:
                    break
            await stream.aclose()
            return found, cursors

        host = "localhost"
        found, cursors = await asyncio.wait_for(tail({"seq": 1, "host": host}, 3), 30)
        assert [(i.text, bool(i.edited_at), i.deleted) for i in found] == [
            (f"первый {mark}", False, False),
            (f"второй {mark}", True, False),
            ("", False, True),
        ]
        assert cursors[-1]["host"] == host
        assert firehose.read(b"nonsense")[1] == []

    asyncio.run(story())


def test_names_of_people_are_filled_in_where_a_stream_has_only_numbers():
    async def story():
        anna = await sign_up("anna")
        from stormdesk.networks.base import Author, Incoming

        item = Incoming(
            "bluesky", keys.uri(anna.did, "3l3qo2vutsw2b"), "x", datetime.now(UTC), Author(anna.did, anna.did)
        )

        async def named():
            (found,) = await NETWORK.complete({"appview": anna.settings["appview"]}, {}, [item])
            return found.author if found.author.handle != anna.did else None

        assert (await until(named)).handle == anna.handle

    asyncio.run(story())
