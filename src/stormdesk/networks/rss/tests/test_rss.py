"""Feeds as they are found: changed, repeated, in old encodings, lying, hostile."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.hostile import hostile, reply
from stormdesk.networks.base import Permanent, Retryable
from stormdesk.networks.rss import NETWORK

ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ru"><title>Вести</title>
<entry><id>1</id><title>Чайник &amp; пожар</title><updated>2026-03-01T10:00:00+03:00</updated><link href="/a"/>
<author><name>Анна</name></author><content type="html">&lt;p&gt;Горит &lt;script&gt;x()&lt;/script&gt;кухня&lt;/p&gt;</content></entry>
<entry><id>2</id><title>Вторая</title><updated>2026-03-01T08:00:00Z</updated></entry></feed>"""


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


def read(*answers, cursor=None, kind="feed"):
    """Hear one feed as often as there are answers; gives the batches and what the server was asked."""

    async def go():
        here, batches = cursor or {}, []
        async with hostile({"/feed": list(answers)}) as server:
            for _ in answers:
                # The address is part of an entry's identity, and the port changes with every server.
                batches.append(await NETWORK.hear(kind, {"url": f"{server.url}/feed"}, {}, here))
                here = batches[-1].cursor
        return batches, server.asked

    return asyncio.run(go())


def one(body, **headers):
    batches, _ = read(reply(200, body if isinstance(body, bytes) else body.encode(), **headers))
    return batches[0].items


def test_an_entry_is_read_as_plain_text_in_utc():
    first, second = one(ATOM)
    assert first.text == "Чайник & пожар\n\nГорит кухня"
    assert "x()" not in first.text
    assert first.published_at == datetime(2026, 3, 1, 7, tzinfo=UTC)
    assert first.author.name == "Анна"
    assert first.url.endswith("/a")
    assert second.author.name == "Вести"


def test_only_new_and_changed_entries_come_again():
    changed = ATOM.replace("Вторая", "Вторая, исправлено")
    ok = {"etag": '"v1"', "last_modified": "Sun, 01 Mar 2026 10:00:00 GMT"}
    batches, asked = read(
        reply(200, ATOM.encode(), **ok),
        reply(304),
        reply(200, ATOM.encode(), **ok),
        reply(200, changed.encode()),
    )
    assert [len(b.items) for b in batches] == [2, 0, 0, 1]
    assert batches[3].items[0].text == "Вторая, исправлено"
    assert batches[3].items[0].edited_at is not None
    assert batches[3].items[0].native_id == batches[0].items[1].native_id
    assert asked[1].headers["if-none-match"] == '"v1"'
    assert asked[1].headers["if-modified-since"] == ok["last_modified"]


def test_dates_from_the_future_and_no_dates_count_as_now():
    for when in ("<updated>2099-01-01T00:00:00Z</updated>", "<updated>yesterday</updated>", ""):
        body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><id>1</id><title>x</title>{when}</entry></feed>'
        assert abs(one(body)[0].published_at - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "utf-16"])
def test_old_encodings_are_read(encoding):
    body = ATOM.replace("utf-8", encoding).encode(encoding)
    assert {i.text.split("\n")[0] for i in one(body)} == {"Чайник & пожар", "Вторая"}
    plain = ATOM.replace(' encoding="utf-8"', "").encode(encoding)
    if encoding != "utf-16":
        items = one(plain, content_type=f"application/atom+xml; charset={encoding}")
        assert "Вторая" in {i.text for i in items}


def test_the_same_id_twice_and_a_broken_feed_give_what_can_be_read():
    assert len(one(ATOM.replace("<id>2</id>", "<id>1</id>"))) == 1
    assert len(one(ATOM.replace("</entry></feed>", ""))) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_at_once(encoding):
    bomb = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    bomb += "".join(f'<!ENTITY a{n} "{f"&a{n - 1 or str()};" * 10}">' for n in range(1, 12))
    bomb += "]><rss version='2.0'><channel><title>&a11;</title></channel></rss>"
    start = time.process_time()
    with pytest.raises(Permanent) as caught:
        one(bomb.encode(encoding))
    assert caught.value.code == "entities"
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>Hello</body></html>", b"\x00\xff" * 1000, b"{}", b"<" * 10000]
)
def test_what_is_no_feed_is_said(body):
    with pytest.raises(Permanent) as caught:
        one(body)
    assert caught.value.code == "no_feed"
    health = asyncio.run(NETWORK.health({"url": "http://127.0.0.1:9/"}, {}))
    assert not health.ok


def test_refusals_are_told_apart():
    for status, error in ((404, Permanent), (410, Permanent), (500, Retryable), (429, Retryable)):
        with pytest.raises(error):
            read(reply(status))


@pytest.mark.parametrize(
    "nested", [b"<b>" * 300_000, b"<b>" * 200_000 + b"</b>" * 200_000, b"<!--" * 300_000]
)
def test_a_deep_feed_ends_soon(nested):
    body = (
        b"<rss version='2.0'><channel><item><description>" + nested + b"</description></item></channel></rss>"
    )
    start = time.process_time()
    with contextlib.suppress(Permanent):
        one(body)
    assert time.process_time() - start < 10
