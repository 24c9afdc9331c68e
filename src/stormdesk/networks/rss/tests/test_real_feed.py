"""The feed of a real server (the one that speaks for Mastodon here also writes RSS)."""

import asyncio
import uuid
from urllib.parse import urlsplit

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks.base import Outgoing
from stormdesk.networks.mastodon import NETWORK as MASTODON
from stormdesk.networks.mastodon.tests.people import servers, sign_in
from stormdesk.networks.rss import NETWORK


@pytest.mark.server
def test_a_new_post_appears_in_the_feed_once(monkeypatch):
    server = servers()[0]
    monkeypatch.setenv(ALLOW_VARIABLE, urlsplit(server).hostname)

    async def story():
        troll = await sign_in(server, "troll")
        feed = {"url": f"{server}/troll.rss"}
        before = await NETWORK.hear("feed", feed, {}, {})
        mark = uuid.uuid4().hex
        await MASTODON.publish(troll.settings, troll.secret, Outgoing(f"Чайник взорвался {mark}", mark))
        after = await NETWORK.hear("feed", feed, {}, before.cursor)
        assert [f"Чайник взорвался {mark}" in i.text for i in after.items] == [True]
        assert after.items[0].url.startswith(server)
        assert (await NETWORK.hear("feed", feed, {}, after.cursor)).items == []

    asyncio.run(story())
