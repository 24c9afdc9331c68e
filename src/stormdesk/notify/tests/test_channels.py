"""Each way to reach a person: on a real server where one runs here, else by what its documentation asks for."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import urllib.request
import uuid
from datetime import timedelta

import pytest

from stormdesk.notify import actions
from stormdesk.notify.forms import CHANNELS
from stormdesk.notify.models import Call, Channel
from stormdesk.notify.rules import ChannelKind
from stormdesk.notify.sending import send_due

pytestmark = pytest.mark.django_db

TOKEN = "123456789:AAExampleExampleExampleExampleExample"


def add(user, now, kind, **typed):
    """A channel as its form makes it."""
    form = CHANNELS[ChannelKind(kind)](typed)
    assert form.is_valid(), form.errors
    return actions.add_channel(
        user=user, now=now, kind=kind, address=form.address(), sealed=form.sealed()
    ), form


def call(brand, now):
    actions.call_people(
        brand=brand, about="alert:1", kind="test", path=f"/b/{brand.slug}/", facts={}, now=now
    )


def test_a_webhook_gets_signed_json(brand, owner, now, hook):
    channel, _form = add(owner, now, "webhook", url=f"{hook.url}/hook")
    assert hook.url not in channel.sealed
    call(brand, now)
    assert send_due(now=now) == 1
    _method, _path, headers, body = hook.got[0]
    key = settings_of(channel)["key"]
    assert (
        headers["X-Stormdesk-Signature"]
        == "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    )
    assert hook.said()["brand"] == brand.slug
    assert "/taken/" in hook.said()["acknowledge"]


def settings_of(channel):
    from django.conf import settings

    return settings.VAULT.open_json(channel.sealed)


def test_a_webhook_into_the_private_network_is_refused(brand, owner, now, monkeypatch):
    monkeypatch.delenv("STORMDESK_ALLOW_PRIVATE_HOSTS", raising=False)
    add(owner, now, "webhook", url="http://127.0.0.1:9/x")
    call(brand, now)
    send_due(now=now)
    assert Call.objects.get().state == "failed"


def test_telegram_gets_plain_text_and_two_buttons(brand, owner, now, hook):
    """By core.telegram.org/bots/api#sendmessage: chat_id and text are required, buttons carry text and url."""
    add(owner, now, "telegram", token=TOKEN, chat="-100500", server=hook.url)
    call(brand, now)
    assert send_due(now=now) == 1
    assert hook.got[0][:2] == ("POST", f"/bot{TOKEN}/sendMessage")
    said = hook.said()
    assert said["chat_id"] == "-100500"
    assert brand.name in said["text"]
    assert "parse_mode" not in said
    assert [set(button) for button in said["reply_markup"]["inline_keyboard"][0]] == [{"text", "url"}] * 2


def test_slack_gets_blocks_that_nobody_can_mention_people_with(brand, owner, now, hook):
    """By docs.slack.dev/reference/block-kit: plain_text, at most 150 and 3000 characters."""
    add(owner, now, "slack", name="#storm", url=f"{hook.url}/services/T0/B0/x")
    type(brand).objects.filter(pk=brand.pk).update(name="<!channel> & co")
    brand.refresh_from_db()
    call(brand, now)
    assert send_due(now=now) == 1
    said = hook.said()
    assert "<!channel>" not in said["text"]
    assert {block["type"] for block in said["blocks"]} == {"header", "section", "actions"}
    texts = [block["text"] for block in said["blocks"] if "text" in block]
    assert all(text["type"] == "plain_text" for text in texts)
    assert len(said["blocks"][2]["elements"]) == 2


def test_a_service_that_asks_to_wait_is_waited_for(brand, owner, now, hook):
    add(owner, now, "slack", name="#storm", url=f"{hook.url}/x")
    hook.answers = [(429, {"Retry-After": "77"})]
    call(brand, now)
    assert send_due(now=now) == 0
    assert Call.objects.get().due_at == now + timedelta(seconds=77)
    hook.answers = [(404, {})]
    assert send_due(now=now + timedelta(seconds=78)) == 0
    assert Call.objects.get().state == "failed"
    assert "404" in Channel.objects.get().last_failure


@pytest.mark.server
def test_ntfy_pushes_with_a_button_and_urgently(brand, owner, now, monkeypatch):
    server, topic = os.environ["STORMDESK_TEST_NTFY_URL"], uuid.uuid4().hex
    monkeypatch.setenv("STORMDESK_ALLOW_PRIVATE_HOSTS", "127.0.0.1")
    channel, _form = add(owner, now, "ntfy", server=server, topic=topic)
    assert topic not in channel.address
    call(brand, now)
    assert send_due(now=now) == 1
    with urllib.request.urlopen(f"{server}/{topic}/json?poll=1") as answer:
        said = json.loads(answer.read().splitlines()[0])
    assert said["title"].startswith(brand.name)
    assert said["priority"] == 5
    assert "/taken/" in said["actions"][0]["url"]


def matrix(method, path, token="", **body):
    request = urllib.request.Request(
        os.environ["STORMDESK_TEST_MATRIX_URL"] + path,
        json.dumps(body).encode() if body or method != "GET" else None,
        {"Authorization": f"Bearer {token}"} if token else {},
        method=method,
    )
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def matrix_person(name):
    """The access token of a new account (Synapse's shared-secret registration)."""
    nonce = matrix("GET", "/_synapse/admin/v1/register")["nonce"]
    words = "\0".join([nonce, name, "word", "notadmin"]).encode()
    mac = hmac.new(os.environ["STORMDESK_TEST_MATRIX_SECRET"].encode(), words, hashlib.sha1).hexdigest()
    return matrix(
        "POST", "/_synapse/admin/v1/register",
        nonce=nonce, username=name, password="word", admin=False, mac=mac,
    )["access_token"]  # fmt: skip


@pytest.mark.acceptance
@pytest.mark.server
def test_a_matrix_room_reads_it_once_even_if_it_is_sent_twice(brand, owner, now, monkeypatch):
    server = os.environ["STORMDESK_TEST_MATRIX_URL"]
    monkeypatch.setenv("STORMDESK_ALLOW_PRIVATE_HOSTS", "127.0.0.1")
    token = matrix_person(f"desk{uuid.uuid4().hex[:8]}")
    room = matrix("POST", "/_matrix/client/v3/createRoom", token, name="War room")["room_id"]
    add(owner, now, "matrix", server=server, room=room, token=token)
    call(brand, now)
    assert send_due(now=now) == 1
    Call.objects.update(state="due")  # as after a kill between the answer and our note of it
    assert send_due(now=now) == 1
    heard = matrix("GET", f"/_matrix/client/v3/rooms/{room}/messages?dir=b&limit=20", token)["chunk"]
    bodies = [event["content"]["body"] for event in heard if event["type"] == "m.room.message"]
    assert len(bodies) == 1
    assert brand.name in bodies[0]


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("email", {"to": "nobody"}),
        ("telegram", {"token": "hello", "chat": "12"}),
        ("telegram", {"token": TOKEN, "chat": "my chat"}),
        ("slack", {"name": "x", "url": "ftp//"}),
        ("matrix", {"server": "https://x.org", "room": "#war:x.org", "token": "t"}),
        ("ntfy", {"server": "https://ntfy.sh", "topic": "a b"}),
        ("webhook", {"url": ""}),
    ],
)
def test_what_cannot_be_a_channel_is_refused_on_the_page(brand, owner, client_of, kind, typed):
    answer = client_of(owner).post(
        f"/b/{brand.slug}/on-call/channels/{kind}/add/", {f"{kind}-{k}": v for k, v in typed.items()}
    )
    assert answer.status_code == 200
    assert (
        b"errorlist" in answer.content
        or b"field-error" in answer.content
        or b"<details open" in answer.content
    )
    assert not Channel.objects.exists()


def test_secrets_of_channels_are_shown_nowhere(brand, owner, now, client_of):
    add(owner, now, "telegram", token=TOKEN, chat="-100500")
    add(owner, now, "matrix", server="https://x.org", room="!war:x.org", token="planted-token")
    page = client_of(owner).get(f"/b/{brand.slug}/on-call/").content.decode()
    assert "-100500" in page
    assert TOKEN not in page
    assert "planted-token" not in page
