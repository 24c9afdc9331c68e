"""Feeds of real sites: WordPress, MediaWiki and Isso, as they write them."""

import asyncio
import json
import os
import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from stormdesk.core import http
from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks.base import Outgoing
from stormdesk.networks.rss import NETWORK
from stormdesk.networks.wordpress import NETWORK as WORDPRESS
from stormdesk.networks.wordpress.tests.site import address, member

pytestmark = [pytest.mark.server, pytest.mark.acceptance]


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


def running(service):
    """Address of a server that scripts/services starts; a test that needs it fails loudly where it is missing."""
    name = f"STORMDESK_TEST_{service.upper()}_URL"
    if name not in os.environ:
        pytest.fail(
            f"This test needs a real server: `scripts/services run --only {service} -- pytest -m server`."
        )
    return os.environ[name]


def word():
    return f"w{uuid.uuid4().hex[:10]}"


async def heard(url, cursor, kind="feed"):
    batch = await NETWORK.hear(kind, {"url": url}, {}, cursor)
    return batch.items, batch.cursor


@pytest.fixture
def asked(monkeypatch):
    """The statuses of the answers, so that a saved transfer is seen."""
    statuses = []
    real = http.request

    async def request(*arguments, **options):
        answer = await real(*arguments, **options)
        statuses.append(answer.status)
        return answer

    monkeypatch.setattr(http, "request", request)
    return statuses


@pytest.mark.parametrize("form", ["rss2", "atom", "rdf"])
def test_posts_of_wordpress_come_once_unchanged_feeds_are_not_sent_again_and_edits_are_seen(form, asked):
    async def story():
        brand, mark = member("brand"), word()
        feed = f"{address()}/?feed={form}"
        _, cursor = await heard(feed, {})
        text = f"Чайник «{mark}»\n\nПострадавших нет: a < b."
        sent = await WORDPRESS.publish(brand.settings, brand.secret, Outgoing(text, mark))
        items, cursor = await heard(feed, cursor)
        (post,) = [i for i in items if mark in i.text]
        assert post.text == text
        assert post.author.name == "Brand"
        assert abs(post.published_at - datetime.now(UTC)) < timedelta(minutes=2)
        assert post.url == sent.url
        # The site's clock of changes counts whole seconds, so validators are trusted a little later.
        assert (await heard(feed, cursor))[0] == []
        await asyncio.sleep(2.1)
        _, cursor = await heard(feed, cursor)
        before = len(asked)
        assert (await heard(feed, cursor))[0] == []
        assert asked[before:] == [304]
        await WORDPRESS.edit(brand.settings, brand.secret, sent.native_id, f"Чайник «{mark}»\n\nИсправлено.")
        (changed,), cursor = await heard(feed, cursor)
        assert (changed.native_id, changed.text) == (post.native_id, f"Чайник «{mark}»\n\nИсправлено.")
        assert changed.edited_at is not None

    asyncio.run(story())


def test_comments_of_wordpress_come_as_comments():
    async def story():
        brand, mark = member("brand"), word()
        post = await WORDPRESS.publish(brand.settings, brand.secret, Outgoing(f"Вести {mark}", word()))
        for feed in (f"{address()}/?feed=comments-rss2", f"{address()}/?feed=comments-atom"):
            _, cursor = await heard(feed, {}, "comments")
            said = word()
            answer = Outgoing(f"Верните деньги {said}", word(), in_reply_to=post.native_id)
            await WORDPRESS.publish(brand.settings, brand.secret, answer)
            (comment,), cursor = await heard(feed, cursor, "comments")
            assert comment.kind == "comment"
            assert f"Верните деньги {said}" in comment.text
            assert "#comment-" in comment.url

    asyncio.run(story())


async def edit(wiki, title, text, summary):
    """Edit a page as somebody who is not signed in."""
    answer = await http.request(
        "POST",
        f"{wiki}/api.php",
        data={
            "action": "edit",
            "title": title,
            "text": text,
            "summary": summary,
            "token": "+\\",
            "format": "json",
        },
    )
    assert json.loads(answer.body)["edit"]["result"] == "Success", answer.body


def test_changes_of_a_wiki_come_one_by_one():
    async def story():
        wiki, mark = running("mediawiki"), word()
        for feed in (
            f"{wiki}/api.php?action=feedrecentchanges&feedformat=atom&limit=50",
            f"{wiki}/index.php?title=Special:RecentChanges&feed=atom",
        ):
            page, _ = f"Acme {word()}", await heard(feed, {})
            cursor = _[1]
            await edit(wiki, page, f"Чайники {mark}", "создана")
            await edit(wiki, page, f"Чайники {mark} взрываются", "вандализм")
            items, cursor = await heard(feed, cursor)
            ours = [i for i in items if page in i.text]
            assert ours, items
            assert any(mark in i.text for i in ours)
            assert all(i.url.startswith(wiki) for i in ours)
            assert (await heard(feed, cursor))[0] == []

    asyncio.run(story())


def test_the_history_of_one_page_of_a_wiki_is_a_feed_too():
    async def story():
        wiki, page = running("mediawiki"), f"Acme {word()}"
        feed = f"{wiki}/index.php?title={page.replace(' ', '_')}&action=history&feed=atom"
        await edit(wiki, page, "Чайники", "создана")
        first, cursor = await heard(feed, {})
        assert len(first) == 1
        await edit(wiki, page, "Чайники взрываются", "правка")
        (second,), cursor = await heard(feed, cursor)
        assert "взрываются" in second.text
        assert re.fullmatch(r"127\.0\.0\.1|[0-9a-f:.]+", second.author.name)

    asyncio.run(story())


async def comment(isso, page, text, author):
    answer = await http.request(
        "POST", f"{isso}/new?uri={page}", json={"text": text, "author": author, "title": "Acme"}
    )
    assert answer.status == 201, answer.body
    return json.loads(answer.body)["id"], answer.headers["set-cookie"].split(";")[0]


def test_comments_of_isso_come_once_and_edits_are_seen():
    async def story():
        isso, page = running("isso"), f"/{word()}"
        feed = f"{isso}/feed?uri={page}"
        await comment(isso, page, "Верните **деньги** <script>x()</script>", "Ольга")
        items, cursor = await heard(feed, {}, "comments")
        assert [(i.kind, i.author.name) for i in items] == [("comment", "Ольга")]
        assert "Верните деньги" in items[0].text
        assert "script" not in items[0].text.replace("<script>x()</script>", "")
        second, cookie = await comment(isso, page, "И мне", "Ольга")
        (again,), cursor = await heard(feed, cursor, "comments")
        assert "И мне" in again.text
        put = await http.request(
            "PUT",
            f"{isso}/id/{second}",
            json={"text": "И мне, пожалуйста", "author": "Ольга"},
            headers={"cookie": cookie},
        )
        assert put.status == 200, put.body
        (edited,), cursor = await heard(feed, cursor, "comments")
        assert (edited.native_id, edited.edited_at is not None) == (again.native_id, True)
        assert (await heard(feed, cursor, "comments"))[0] == []

    asyncio.run(story())
