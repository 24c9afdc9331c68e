"""Signed messages: taken whole, once, while fresh; anything else is refused with a reason and nothing is taken."""

import contextlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormdesk.networks.base import NetworkError, Permanent, Unauthorised
from stormdesk.networks.webhook import receive, sign

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = "a key of some length"
ITEM = {
    "id": "7",
    "text": "Чайник течёт\u202e",
    "published_at": "2026-03-01T14:59:00+03:00",
    "author": {"handle": "@anna"},
}


def send(message, *, key=KEY, at=NOW, secret=None, **options):
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    stamp = int(at.timestamp())
    headers = {"Stormdesk-Timestamp": str(stamp), "STORMDESK-SIGNATURE": sign(key, stamp, body)}
    return receive(headers, body, secret or {"signing_key": KEY}, NOW, **options)


def test_a_signed_message_is_taken():
    batch = send({"items": [ITEM, ITEM | {"id": "8", "html": "<p>a<script>b</script></p>", "text": ""}]})
    first, second = batch.items
    assert (first.text, first.author.handle, first.published_at) == (
        "Чайник течёт",
        "anna",
        NOW - timedelta(minutes=1),
    )
    assert second.text == "a"


def test_the_same_message_is_not_taken_twice():
    batch = send({"items": [ITEM]})
    with pytest.raises(Unauthorised) as caught:
        send({"items": [ITEM]}, seen={batch.cursor["signature"]})
    assert caught.value.code == "repeated"


@pytest.mark.parametrize("away", [timedelta(minutes=6), -timedelta(minutes=6)])
def test_old_and_future_messages_are_refused(away):
    with pytest.raises(Unauthorised) as caught:
        send({"items": []}, at=NOW - away)
    assert caught.value.code == "stale"


def test_wrong_and_missing_signatures_are_refused():
    with pytest.raises(Unauthorised):
        send({"items": []}, key="another")
    for headers in (
        {},
        {"stormdesk-timestamp": "x"},
        {"stormdesk-timestamp": "1" * 99},
        {"stormdesk-signature": "v1="},
    ):
        with pytest.raises(Unauthorised):
            receive(headers, b"{}", {"signing_key": KEY}, NOW)
    stamp = str(int(NOW.timestamp()))
    for secret in ({}, {"signing_key": ""}):
        headers = {"stormdesk-timestamp": stamp, "stormdesk-signature": sign("", int(stamp), b"{}")}
        with pytest.raises(Unauthorised):
            receive(headers, b"{}", secret, NOW)


def test_both_keys_hold_while_one_is_changed():
    secret = {"signing_key": "the new key", "previous_key": KEY}
    assert send({"items": []}, secret=secret).items == []
    assert send({"items": []}, secret=secret, key="the new key").items == []


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ({"id": ""}, "items[0]"),
        ({"published_at": "2026-03-01T12:00:00"}, "items[0]"),
        ({"published_at": "noon"}, "published_at"),
        ({"author": {}}, "handle"),
        ({"kind": "shout"}, "kind"),
        ({"txet": "typo"}, "txet"),
    ],
)
def test_the_place_of_a_mistake_is_named(item, place):
    with pytest.raises(Permanent) as caught:
        send({"items": [ITEM | item]})
    assert place in str(caught.value)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.integers() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
        ),
    )
)
def test_nonsense_is_refused_and_never_breaks(message):
    with contextlib.suppress(NetworkError):
        assert send(message).items == []


def test_too_much_and_too_deep_are_refused():
    for body in (
        b'{"items": [' + b" " * 2**20 + b"]}",
        b"[" * 100_000,
        json.dumps({"items": [ITEM] * 1001}).encode(),
    ):
        with pytest.raises(Permanent):
            send(body)
