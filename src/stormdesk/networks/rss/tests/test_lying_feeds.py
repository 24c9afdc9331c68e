"""Feeds that lie: about who is who, about when, about their letters, about what has changed."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.hostile import hostile, reply
from stormdesk.networks.base import NetworkError
from stormdesk.networks.rss import NETWORK


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


def visits(*answers):
    """What one feed gives on each visit, and what it was asked."""

    async def go():
        cursor, batches = {}, []
        async with hostile({"/feed": list(answers)}) as server:
            for _ in answers:
                batch = await NETWORK.hear("feed", {"url": f"{server.url}/feed"}, {}, cursor)
                cursor = batch.cursor
                batches.append(batch.items)
        return batches, server.asked

    return asyncio.run(go())


def rss(*entries, head=""):
    items = "".join(f"<item>{e}</item>" for e in entries)
    return f"{head}<rss version='2.0'><channel><title>Вести</title>{items}</channel></rss>"


def entry(title, guid="", link="", date="Wed, 25 Nov 2026 03:00:00 GMT"):
    parts = [
        f"<title>{title}</title>",
        f"<guid>{guid}</guid>" if guid else "",
        f"<link>{link}</link>" if link else "",
    ]
    return "".join([*parts, f"<pubDate>{date}</pubDate>" if date else ""])


def ok(body, **headers):
    return reply(200, body if isinstance(body, bytes) else body.encode(), **headers)


def test_ids_that_change_at_every_visit_make_no_news():
    pages = [
        rss(*(entry(f"Новость {n}", f"x{n}-{visit}", f"https://n.test/{n}") for n in range(5)))
        for visit in range(3)
    ]
    batches, _ = visits(*map(ok, pages))
    assert [len(b) for b in batches] == [5, 0, 0]


def test_one_id_for_everything_hides_nothing():
    first = rss(
        entry("Первая", "https://n.test/", "https://n.test/1"),
        entry("Вторая", "https://n.test/", "https://n.test/2"),
    )
    second = rss(
        entry("Третья", "https://n.test/", "https://n.test/3"),
        entry("Первая", "https://n.test/", "https://n.test/1"),
    )
    alone = rss(entry("Третья", "https://n.test/", "https://n.test/3"))
    batches, _ = visits(ok(first), ok(second), ok(alone))
    assert [[i.text for i in b] for b in batches] == [["Первая", "Вторая"], ["Третья"], []]


def test_an_edited_entry_keeps_its_id():
    batches, _ = visits(
        ok(rss(entry("Чайник", "1", "https://n.test/1"))),
        ok(rss(entry("Чайник, исправлено", "1", "https://n.test/1"))),
    )
    assert batches[1][0].native_id == batches[0][0].native_id
    assert batches[1][0].edited_at


@pytest.mark.parametrize(
    "date", ["", "Tue, 01 Jan 2099 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "0000-00-00", "32.13.2026", "Mon, 01 Jan 0001 00:00:00 GMT"]
)  # fmt: skip
def test_impossible_dates_count_as_now(date):
    ((item,),), _ = visits(ok(rss(entry("x", "1", date=date))))
    assert abs(item.published_at - datetime.now(UTC)) < timedelta(minutes=1)


TEXT = "Чайник взорвался на кухне, пострадавших нет, сообщает наш корреспондент"


@pytest.mark.parametrize("declared", ["utf-8", "windows-1251", "iso-8859-1", ""])
@pytest.mark.parametrize("claimed", ["utf-8", "iso-8859-1", "us-ascii", "x-unknown", ""])
def test_a_wrong_charset_does_not_garble_what_is_utf8(declared, claimed):
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    kind = f"application/rss+xml; charset={claimed}" if claimed else "application/rss+xml"
    ((item,),), _ = visits(ok(rss(entry(TEXT, "1"), head=head), content_type=kind))
    assert item.text == TEXT


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r"])
def test_an_old_charset_that_nobody_names_is_guessed(charset):
    ((item,),), _ = visits(ok(rss(entry(TEXT, "1")).encode(charset), content_type="text/xml"))
    assert item.text == TEXT


def test_a_feed_changed_this_second_is_asked_for_whole_again():
    now = datetime.now(UTC)
    young = {
        "etag": '"1"',
        "last_modified": format_datetime(now, usegmt=True),
        "date": format_datetime(now, usegmt=True),
    }
    old = young | {"last_modified": format_datetime(now - timedelta(seconds=3), usegmt=True)}
    body = rss(entry("x", "1"))
    _, asked = visits(ok(body, **young), ok(body, **old), ok(body, **old))
    assert [("if-none-match" in a.headers, "if-modified-since" in a.headers) for a in asked] == [
        (False, False),
        (False, False),
        (True, True),
    ]


def test_not_modified_from_a_site_that_was_not_asked_conditionally_is_no_news():
    batches, _ = visits(reply(304), ok(rss(entry("x", "1"))))
    assert [len(b) for b in batches] == [0, 1]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["<item>", "</item>", "<title>", "</title>", "<guid>", "<link/>", "<![CDATA[", "]]>", "&#0;", "&lt;",
                              "<pubDate>", "<content:encoded>", "<entry>", "<id>", "&nbsp;", "\ud7ff", "<br>", "x"]), max_size=30),
    st.binary(max_size=40),
)  # fmt: skip
def test_no_feed_stops_the_listening(pieces, rubbish):
    async def go():
        body = b"<rss version='2.0'><channel>" + "".join(pieces).encode() + rubbish
        async with hostile({"/feed": ok(body)}) as server:
            return await NETWORK.hear("feed", {"url": f"{server.url}/feed"}, {}, {})

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ALLOW_VARIABLE, "127.0.0.1")
        try:
            asyncio.run(go())
        except NetworkError:
            pass
