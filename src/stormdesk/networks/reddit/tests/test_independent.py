"""The emulation checked from outside: PRAW, a client library of others, speaks to the same server."""

import asyncio
import threading

import praw
import pytest
from praw.exceptions import RedditAPIException
from prawcore.exceptions import Forbidden, ResponseException

from stormdesk.networks.reddit.tests import emulation
from stormdesk.networks.reddit.tests.emulation import OWN_SUB, SUB, US, RedditSite
from stormdesk.networks.tests.served import served


@pytest.fixture
def site():
    """A running emulation and a PRAW client of the account, signed in with its permanent key."""
    state, loop = RedditSite(), asyncio.new_event_loop()
    ready, done, found = threading.Event(), asyncio.Event(), []

    async def go():
        async with served(state.handle) as server:
            found.append(server.url)
            ready.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(go(),))
    thread.start()
    assert ready.wait(5)
    reddit = praw.Reddit(
        client_id=emulation.CLIENT,
        client_secret=emulation.SECRET,
        refresh_token=emulation.REFRESH,
        redirect_uri=emulation.BACK,
        user_agent=f"web:other:1 (by /u/{US})",
        reddit_url=found[0],
        oauth_url=found[0],
        check_for_updates=False,
        ratelimit_seconds=0,
        validate_on_submit=True,
    )
    yield reddit, state
    loop.call_soon_threadsafe(done.set)
    thread.join(5)
    loop.close()


def test_another_client_does_everything_ours_does(site):
    reddit, state = site
    assert reddit.user.me().name == US
    assert reddit.auth.authorize(emulation.CODE) == emulation.REFRESH
    post = reddit.subreddit(SUB).submit("О чайниках", selftext="Мы знаем & чиним.")
    assert (post.title, post.selftext, post.author.name) == ("О чайниках", "Мы знаем & чиним.", US)
    link = reddit.subreddit(SUB).submit("Ответы", url="https://kettle.example/answers")
    assert link.url == "https://kettle.example/answers"
    theirs = state.comment("anna", post.id and f"t3_{post.id}", "Где деньги?")
    answer = reddit.comment(theirs["id"]).reply("Напишите нам.")
    assert answer.parent_id == theirs["name"]
    answer.edit("Напишите нам, пожалуйста.")
    state.hidden_children = 1
    post = reddit.submission(post.id)
    post.comments.replace_more(limit=None)
    assert [c.body for c in post.comments.list()] == ["Где деньги?", "Напишите нам, пожалуйста."]
    assert {p.title for p in reddit.subreddit(SUB).new(limit=10)} == {"О чайниках", "Ответы"}
    assert [c.author.name for c in reddit.subreddit(SUB).comments(limit=10)] == [US, "anna"]
    assert [p.title for p in reddit.subreddit("all").search("деньги", sort="new")] == []
    assert [p.title for p in reddit.subreddit(SUB).search("чайник", sort="new")] == ["О чайниках"]
    reddit.redditor("anna").message(subject="Чайник", message="Напишите адрес")
    state.message("anna", US, "Чайник", "Вот он")
    assert [m.body for m in reddit.inbox.sent()] == ["Напишите адрес"]
    assert {type(m).__name__ for m in reddit.inbox.all()} == {"Comment", "Message"}
    assert len(list(reddit.redditor(US).new(limit=None))) == 3
    hers = state.comment("anna", state.post("boris", OWN_SUB, "x")["name"], "ругань")
    comment = reddit.comment(hers["id"])
    comment.mod.remove()
    assert state.things[hers["name"]]["data"]["removed_by_category"] == "moderator"
    comment.mod.approve()
    comment.report("Spam")
    answer.delete()
    assert answer.name not in state.things


def test_long_lists_come_page_by_page(site):
    reddit, state = site
    names = [state.post("anna", SUB, f"{i}")["name"] for i in range(230)]
    assert [p.name for p in reddit.subreddit(SUB).new(limit=None)] == names[::-1]


def test_another_client_understands_every_refusal(site):
    reddit, state = site
    with pytest.raises(RedditAPIException) as caught:
        reddit.redditor("hermit").message(subject="x", message="y")
    assert caught.value.items[0].error_type == "NOT_WHITELISTED_BY_USER_MESSAGE"
    with pytest.raises(RedditAPIException) as caught:
        reddit.subreddit("nowhere").submit("x", selftext="y")
    assert caught.value.items[0].error_type == "SUBREDDIT_NOEXIST"
    with pytest.raises(Forbidden):
        list(reddit.subreddit("secret").new())
    state.wait = 543.2
    with pytest.raises(RedditAPIException) as caught:
        reddit.subreddit(SUB).submit("x", selftext="y")
    assert caught.value.items[0].error_type == "RATELIMIT"
    state.left = 0
    with pytest.raises(ResponseException) as refused:
        list(reddit.subreddit(SUB).new())
    assert refused.value.response.status_code == 429
