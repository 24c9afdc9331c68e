"""People on the real servers that scripts/services starts. Not a test itself."""

from __future__ import annotations

import asyncio
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest

from stormdesk.core import http
from stormdesk.networks.mastodon import NETWORK

RETURN = "http://127.0.0.1:9/connected"


@dataclass(frozen=True)
class Person:
    settings: dict[str, Any]
    secret: dict[str, str]
    full_handle: str


def servers() -> tuple[str, str]:
    """The two federating servers; a test that needs them fails loudly where they are missing."""
    names = ("STORMDESK_TEST_SNAC_URL", "STORMDESK_TEST_SNAC_URL2", "STORMDESK_TEST_SNAC_PASSWORDS")
    if any(name not in os.environ for name in names):
        pytest.fail(
            "This test speaks to real servers: run it as `scripts/services run --only snac -- pytest -m server`."
        )
    return os.environ[names[0]].rstrip("/"), os.environ[names[1]].rstrip("/")


async def sign_in(server: str, user: str) -> Person:
    """The whole way a person goes: register, allow on the server's page, come back with a code."""
    host = urlsplit(server).hostname
    passwords = dict(
        line.split() for line in Path(os.environ["STORMDESK_TEST_SNAC_PASSWORDS"]).read_text().splitlines()
    )
    begun = await NETWORK.begin_connecting({"server": server}, RETURN, "state-1")
    page = (await http.request("GET", begun.url)).body.decode()
    action = re.search(r'<form[^>]*action="([^"]+)"', page).group(1)
    form = {}
    for tag in re.findall(r"<input[^>]*>", page):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" in attributes:
            form[attributes["name"]] = attributes.get("value", "")
    form |= {"login": user, "passwd": passwords[f"{user}@{host}"]}
    back = await http.request("POST", urljoin(server, action), data=form)
    answer = {k: v[0] for k, v in parse_qs(urlsplit(back.headers["location"]).query).items()}
    assert answer["state"] == "state-1"
    connected = await NETWORK.finish_connecting({"server": server}, begun.keep, RETURN, answer)
    return Person(dict(connected.settings), dict(connected.secret), f"{user}@{host}")


async def until(ask, seconds=40):
    """Ask again and again until the answer is true: federation takes its time. For tests with real servers only."""
    for _ in range(seconds * 4):
        if found := await ask():
            return found
        await asyncio.sleep(0.25)
    pytest.fail("the servers did not get that far in time")
