"""Having Telegram bring its news to our door, against the emulation (emulation.py), and aiogram as a second opinion."""

import time

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks.base import Permanent
from stormdesk.networks.telegram import NETWORK
from stormdesk.networks.telegram.tests import emulation
from stormdesk.networks.telegram.tests.test_emulation import ANNA_CHAT, ANNA_USER, SECRET, against
from stormdesk.networks.telegram.tests.test_independent import with_bot

DOOR = "https://desk.example/b/teapot/hook/7"
BOTH = SECRET | {"webhook_secret": "Ab-_9"}


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


def bring(url=DOOR, state=None, secret=BOTH, **faults):
    return against(lambda s, _: NETWORK.bring_to(s, secret, url), state, **faults)


def brought(state, **faults):
    return against(lambda s, _: NETWORK.brought(s, BOTH, DOOR), state, **faults)[0]


def test_telegram_is_told_where_to_knock_and_with_which_secret():
    state = emulation.Telegram()
    state.tell("message", chat=ANNA_CHAT, **{"from": ANNA_USER}, text="Алло?")
    assert not brought(state).ok
    for _ in range(2):
        assert bring(state=state)[0] is None
    assert (state.webhook, state.known, len(state.updates)) == (DOOR, "Ab-_9", 1)
    state.updates.clear()
    assert brought(state).ok


def test_no_door_of_another_program_is_taken_over_or_closed():
    state = emulation.Telegram(webhook="https://other.example/hook?key=s3cret")
    done, _, server = bring(state=state)
    assert isinstance(done, Permanent)
    assert (done.code, done.facts["host"]) == ("elsewhere", "other.example")
    assert "s3cret" not in str(done)
    assert against(lambda s, _: NETWORK.stop_bringing(s, BOTH, DOOR), state)[0] is None
    assert state.webhook.startswith("https://other.example")
    assert brought(state).facts["host"] == "other.example"
    assert [r.path.rpartition("/")[2] for r in server.asked] == ["getWebhookInfo"]


def test_stopping_keeps_what_waits_and_lets_it_be_fetched():
    state = emulation.Telegram()
    bring(state=state)
    state.tell("message", chat=ANNA_CHAT, **{"from": ANNA_USER}, text="Алло?")

    async def go(settings, _):
        for _ in range(2):
            await NETWORK.stop_bringing(settings, BOTH, DOOR)
        return (await NETWORK.hear("updates", settings, SECRET, {})).items

    assert [item.text for item in against(go, state)[0]] == ["Алло?"]


@pytest.mark.parametrize(
    ("url", "secret", "code"),
    [
        ("http://desk.example/hook", BOTH, "no_https"),
        ("", BOTH, "no_https"),
        ("https://desk.example:99999/", BOTH, "no_https"),
        ("https://desk.example:9443/hook", BOTH, "port"),
        ("https://desk.local/hook", BOTH, "door"),
        (DOOR, SECRET, "no_secret"),
        (DOOR, BOTH | {"webhook_secret": "два слова"}, "no_secret"),
    ],
)
def test_a_door_at_which_telegram_cannot_knock_is_refused_with_a_sentence(url, secret, code):
    done, state, _ = bring(url, secret=secret)
    assert (type(done), done.code, state.webhook) == (Permanent, code, "")


def test_the_check_says_when_telegram_does_not_get_through():
    state = emulation.Telegram()
    bring(state=state)
    state.failed = {"last_error_date": int(time.time()) - 60, "last_error_message": "Connection timed out"}
    assert "Connection timed out" in brought(state).sentence % brought(state).facts
    state.failed["last_error_date"] -= 86_400
    assert brought(state).ok  # long ago, and nothing waits
    state.tell("message", chat=ANNA_CHAT, **{"from": ANNA_USER}, text="Алло?")
    assert brought(state).facts["waiting"] == 1
    assert brought(state, getWebhookInfo=["away"]).facts["unclear"]
    assert brought(state, getWebhookInfo=[b"HTTP/1.1 200 X\r\ncontent-length: 2\r\n\r\n[]"]).facts["unclear"]


def test_another_client_sets_and_reads_the_same_door():
    async def go(bot, state):
        assert await bot.set_webhook(DOOR, secret_token="Ab-_9", allowed_updates=["message"])
        info = await bot.get_webhook_info()
        assert (info.url, info.pending_update_count) == (DOOR, 0)
        assert await bot.delete_webhook(drop_pending_updates=False)
        return (await bot.get_webhook_info()).url

    assert with_bot(go) == ""
