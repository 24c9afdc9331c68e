"""Every network against servers that lie, drip, bomb and send us elsewhere: bounded in time, size and reach (G9).

A new folder is in it by itself. Its address is given as the settings `server`, `url`, `site` and `address`; where that is
not enough, `networks/<name>/tests/against.py` may say `SETTINGS`, `SECRET` and `HONEST` (path → an honest answer, such
as the opening of a session, so that what follows is reached).
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import tracemalloc
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from types import SimpleNamespace

import pytest

from stormdesk import networks
from stormdesk.core import http
from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.core.tests.hostile import Hostile, endless, hostile, raw, reply
from stormdesk.networks import pace
from stormdesk.networks.base import (
    RECEIVE,
    Batch,
    Capability,
    Health,
    Network,
    NetworkError,
    Outgoing,
    Unknown,
    Wrong,
)

PATIENCE = 0.3
"""Seconds one exchange may take here; twenty in the product."""
LONGEST = 20.0
AT_ONCE = 50
"""Servers at once: most of them only let us wait."""
MEMORY = 64 * 2**20
SECRET_WORD = "top-secret"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
BOMB = gzip.compress(b"[" + b" " * (64 * 2**20) + b"]", 9)
DEEP = b'{"a":' * 50_000
WRONG = [
    b"", b"null", b"5", b'"x"', b"[]", b"{}", b"[null, 5, [], {}]", b"true", b"NaN", b"1e999", b"\x00\xff\xfe",
    '{"ошибка": "да"}'.encode("cp1251"), b"\xef\xbb\xbf{}", b'{"ok": true, "result": 5, "response": 5, "data": 5}',
    b'{"ok": true, "result": [null, 5, {}, [[]]], "response": {"items": [null, 5, {}]}, "data": {"children": [5]}}',
    b'{"posts": 5, "feed": [5, {"post": 5}], "notifications": {"x": 1}, "items": {"a": 5}, "thread": [5], "cursor": 5}',
    b'{"cursor": "x", "posts": [], "notifications": [], "feed": [], "items": [], "next": "x", "nextPageToken": "x"}',
    DEEP, DEEP[:2000], b"<html><body>It works!</body></html>", b"<?xml version='1.0'?><rss>", b"id,text\n1,x\n",
]  # fmt: skip
EVERYWHERE = {
    "gzip bomb": raw(OK + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(BOMB), BOMB),
    "unknown packing": raw(OK + b"content-encoding: br\r\ncontent-length: 4\r\n\r\nxxxx"),
    "no end": endless(OK + b"\r\n", b"[" * 65536),
    "no end of events": endless(
        OK.replace(b"application/json", b"text/event-stream") + b"\r\n", b"data: x\n" * 8000
    ),
    "ten megabytes": reply(200, json.dumps({"items": ["x" * 1000] * 10_000}).encode()),
    "drip": endless(OK + b"content-length: 5000\r\n\r\n", b" ", pause=0.05),
    "drip of heads": endless(b"HTTP/1.1 200 OK\r\n", b"x-a: b\r\n", pause=0.01),
    "huge head": raw(b"HTTP/1.1 200 OK\r\nx-a: " + b"a" * 2**20 + b"\r\n\r\n{}"),
    "cut short": raw(OK + b'content-length: 500\r\n\r\n{"items": ['),
    "no answer": raw(),
    "reset": raw(OK, reset=True),
    "not http": raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
    **{
        f"status {code}": reply(code, b"<html>no")
        for code in (204, 304, 400, 401, 403, 404, 418, 429, 500, 503)
    },
    **{f"wrong {body[:20]!r}": reply(200, body, content_type="application/json") for body in WRONG},
}
every = pytest.mark.parametrize("network", networks.ALL.values(), ids=networks.ALL.keys())


class Everywhere(dict):
    """The same behaviour on every path but those that stay honest."""

    def __init__(self, behaviour, honest) -> None:
        super().__init__(honest)
        self.behaviour = behaviour

    def __missing__(self, path):
        return self.behaviour


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
    real = http.request

    async def hurried(*arguments, **options):
        return await real(*arguments, **options | {"timeout": PATIENCE})

    monkeypatch.setattr(http, "request", hurried)
    for stream in (http.frames, http.events):
        defaults = stream.__wrapped__.__kwdefaults__  # type: ignore[attr-defined]  # a context manager's function
        for name in ("connect_timeout", "silence"):
            monkeypatch.setitem(defaults, name, PATIENCE)
    monkeypatch.setattr("stormdesk.networks.bluesky.client.LOOK", PATIENCE)
    pace.keep_in(pace.Memory())


def given(network: Network) -> SimpleNamespace:
    """What the folder says of itself for this suite."""
    name = f"stormdesk.networks.{network.name}.tests.against"
    return SimpleNamespace(
        **{"SETTINGS": {}, "SECRET": {}, "HONEST": {}}
        | (vars(import_module(name)) if find_spec(name) else {})
    )


def settings_for(network: Network, url: str) -> tuple[dict, dict]:
    """Settings and secret with every declared field filled in, and the address of the server in all its names."""
    fields = [*network.fields, *(field for way in network.sources for field in way.fields)]
    filled = {f.name: f.choices[0] if f.choices else "1" for f in fields if not f.secret}
    here = {"server": url, "url": url, "site": url, "appview": url, "address": url.replace("http", "ws")}
    secret = {f.name: SECRET_WORD for f in fields if f.secret} | {"access_token": SECRET_WORD}
    said = given(network)
    return filled | here | {"account_id": "1"} | said.SETTINGS, secret | said.SECRET


def calls(network: Network, settings: dict, secret: dict) -> dict[str, Callable[[], Awaitable[object]]]:
    """Everything the network can be asked, by name."""
    this = settings.get("native_id", "1")
    outgoing = Outgoing("hello", "key-1")
    asked: dict[str, Callable[[], Awaitable[object]]] = {}
    for way in network.sources:
        if way.kind == RECEIVE:  # nothing is asked there
            continue
        asked[f"hear {way.kind}"] = lambda kind=way.kind: network.hear(kind, settings, secret, {})
        asked[f"hear on {way.kind}"] = lambda kind=way.kind: network.hear(
            kind, settings, secret, {"min_id": "1"}
        )
        if way.stream and not network.asked_as_list:
            asked[f"stream {way.kind}"] = lambda kind=way.kind: streamed(network, kind, settings, secret)
    if network.can(Capability.PUBLISH):
        asked["health"] = lambda: network.health(settings, secret)
        asked["publish"] = lambda: network.publish(settings, secret, outgoing)
        asked["reconcile"] = lambda: network.reconcile(settings, secret, outgoing, NOW)
        asked["own posts"] = lambda: network.own_posts(settings, secret, NOW)
    for capability, name, more in (
        (Capability.THREAD, "thread", ()),
        (Capability.DELETE, "delete", ()),
        (Capability.EDIT, "edit", ("new",)),
        (Capability.HIDE, "hide", ()),
        (Capability.REMOVE, "remove", ()),
        (Capability.REPORT, "report", (Wrong.SPAM,)),
    ):
        if network.can(capability):
            asked[name] = lambda name=name, more=more: getattr(network, name)(settings, secret, this, *more)
    if network.can(Capability.NATIVE_SCHEDULES):
        asked["schedules"] = lambda: network.native_schedules(settings, secret)
    return asked


async def streamed(network: Network, kind: str, settings: dict, secret: dict) -> object:
    stream = network.stream(kind, settings, secret, {})
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(2 * PATIENCE):
            async for batch in stream:
                assert isinstance(batch, Batch)
    with contextlib.suppress(Exception):
        await stream.aclose()  # type: ignore[attr-defined]
    return None


async def survive(network: Network, behaviour, what: str, only: str = "") -> Hostile:
    """Ask everything; whatever comes back is a value of ours or an error of ours, in time, without our secrets."""
    async with hostile(Everywhere(behaviour, given(network).HONEST)) as server:
        settings, secret = settings_for(network, server.url)
        for name, ask in calls(network, settings, secret).items():
            if not name.startswith(only):
                continue
            pace.keep_in(pace.Memory())  # “too many requests” would end the questions here
            try:
                async with asyncio.timeout(LONGEST):
                    answer: object = await ask()
            except Exception as error:
                answer = error
            judge(answer, name, what)
        return server


def judge(answer: object, name: str, what: str) -> None:
    """A value of ours, or an error of ours that says what it means and keeps our secrets."""
    here = f"{what}: {name}"
    if isinstance(answer, NetworkError):
        assert answer.message % answer.facts == str(answer), here
        assert SECRET_WORD not in f"{answer} {answer.facts!r}", here
        if name.startswith(("hear", "stream", "thread", "own")):
            assert not isinstance(answer, Unknown), f"{here} only reads, so nothing can have happened"
    elif isinstance(answer, Exception):
        raise AssertionError(f"{here} broke") from answer
    elif name.startswith("hear"):
        assert isinstance(answer, Batch), here
        json.dumps(answer.cursor)
    elif name == "health":
        assert isinstance(answer, Health), here
        assert isinstance(answer.sentence % answer.facts, str), here


def speaks(network: Network) -> bool:
    """Does it ask a server at all? Files, what is sent to us, and the practice network do not."""
    asks = {Capability.SEARCH, Capability.NOTIFICATIONS, Capability.TIMELINE, Capability.PUBLISH}
    return bool(network.capabilities & asks) and network.name != "practice"


@every
def test_whatever_a_server_answers_the_desk_goes_on(network):
    if not speaks(network):
        pytest.skip("it asks no server")

    async def all_of_them() -> int:
        ways, asked = list(EVERYWHERE.items()), 0
        for start in range(0, len(ways), AT_ONCE):
            some = ways[start : start + AT_ONCE]
            servers = await asyncio.gather(*(survive(network, behaviour, what) for what, behaviour in some))
            asked += sum(len(server.asked) for server in servers)
        return asked

    asked = asyncio.run(all_of_them())
    if not asked:
        pytest.skip("it speaks another protocol than the web's; its folder tests its own hostile servers")
    assert asked > len(EVERYWHERE), (
        f"{network.name} hardly asked the server it was given: see this file's beginning"
    )


@every
@pytest.mark.parametrize("what", ["gzip bomb", "no end"])
def test_what_has_no_end_takes_no_memory(network, what):
    if not speaks(network):
        pytest.skip("it asks no server")
    tracemalloc.start()
    try:
        asyncio.run(survive(network, EVERYWHERE[what], what, "hear "))
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


@every
def test_nobody_is_led_into_the_private_network(network):
    if not speaks(network):
        pytest.skip("it asks no server")

    async def led() -> list:
        inside = Hostile({})
        listening = await asyncio.start_server(inside.serve, "127.0.0.2", 0)
        port = listening.sockets[0].getsockname()[1]
        for code in (301, 302, 303, 307, 308):
            for target in (
                f"http://127.0.0.2:{port}/x",
                f"//127.0.0.2:{port}/x",
                f"http://localhost:{port}/x",
            ):
                await survive(network, reply(code, location=target), f"redirect {code} to {target}")
        listening.close()
        return inside.asked

    assert asyncio.run(led()) == []
