"""The emulation checked from outside: google-api-python-client, Google's own library, speaks to the same server."""

import asyncio
import threading

import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from stormdesk.networks.tests.served import served
from stormdesk.networks.youtube.tests import emulation
from stormdesk.networks.youtube.tests.emulation import ANNA, OURS, SILENT, THEIRS, US, YouTubeSite


@pytest.fixture
def site():
    """A running emulation and a way to Google's library pointed at it."""
    state, loop = YouTubeSite(shown=1), asyncio.new_event_loop()
    ready, done, found = threading.Event(), asyncio.Event(), []

    async def go():
        async with served(state.handle) as server:
            found.append(server.url)
            ready.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(go(),))
    thread.start()
    assert ready.wait(5)

    def client(**how):
        if not how:
            how["credentials"] = Credentials(
                None,
                refresh_token=emulation.REFRESH,
                token_uri=f"{found[0]}/token",
                client_id=emulation.CLIENT,
                client_secret=emulation.SECRET,
            )
        return build("youtube", "v3", client_options={"api_endpoint": found[0]}, static_discovery=True, **how)

    yield client, state
    loop.call_soon_threadsafe(done.set)
    thread.join(5)
    loop.close()


def test_another_client_does_everything_ours_does(site):
    client, state = site
    youtube = client()
    (me,) = youtube.channels().list(part="snippet", mine=True).execute()["items"]
    assert me["id"] == US
    top = {"snippet": {"textOriginal": "Мы знаем"}}
    body = {"snippet": {"channelId": US, "videoId": OURS, "topLevelComment": top}}
    made = youtube.commentThreads().insert(part="snippet", body=body).execute()
    theirs = state.write(ANNA, OURS, "Взорвался!")
    for text in ("Напишите нам.", "И вам ответим."):
        body = {"snippet": {"parentId": theirs["id"], "textOriginal": text}}
        answer = youtube.comments().insert(part="snippet", body=body).execute()
    youtube.comments().update(
        part="snippet", body={"id": answer["id"], "snippet": {"textOriginal": "Ответим."}}
    ).execute()
    query = {"part": "snippet,replies", "videoId": OURS, "order": "time", "maxResults": 1}
    request, heard = youtube.commentThreads().list(**query), []
    while request is not None:
        page = request.execute()
        heard += page["items"]
        request = youtube.commentThreads().list_next(request, page)
    assert [(t["id"], t["snippet"]["totalReplyCount"]) for t in heard] == [(theirs["id"], 2), (made["id"], 0)]
    below = (
        youtube.comments()
        .list(part="snippet", parentId=theirs["id"], textFormat="plainText")
        .execute()["items"]
    )
    assert [c["snippet"]["textOriginal"] for c in below] == ["Напишите нам.", "Ответим."]
    youtube.comments().setModerationStatus(id=theirs["id"], moderationStatus="heldForReview").execute()
    assert theirs["status"] == "heldForReview"
    youtube.comments().delete(id=answer["id"]).execute()
    assert answer["id"] not in state.comments


def test_another_client_searches_with_a_key(site):
    client, _ = site
    youtube = client(developerKey=emulation.KEY)
    query = {
        "part": "snippet",
        "q": "чайник",
        "type": "video",
        "order": "date",
        "publishedAfter": "2020-01-01T00:00:00Z",
    }
    assert {i["id"]["videoId"] for i in youtube.search().list(**query).execute()["items"]} == {OURS, THEIRS}
    assert (
        youtube.videos().list(part="snippet", id=THEIRS).execute()["items"][0]["snippet"]["channelId"] == ANNA
    )


def test_another_client_understands_every_refusal(site):
    client, state = site
    youtube = client()

    def refused(request):
        with pytest.raises(HttpError) as caught:
            request.execute()
        return caught.value.status_code, caught.value.error_details[0]["reason"]

    assert refused(youtube.commentThreads().list(part="snippet", videoId=SILENT)) == (403, "commentsDisabled")
    assert refused(youtube.comments().list(part="snippet", parentId="nothing")) == (404, "commentNotFound")
    long = {"snippet": {"parentId": state.write(ANNA, OURS, "x")["id"], "textOriginal": "x" * 10_001}}
    assert refused(youtube.comments().insert(part="snippet", body=long)) == (400, "commentTextTooLong")
    state.budget = 0
    assert refused(youtube.channels().list(part="id", mine=True)) == (403, "quotaExceeded")
    assert refused(client(developerKey="wrong").channels().list(part="id", id=US)) == (400, "badRequest")
