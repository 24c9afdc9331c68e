"""People on the real network in a box that scripts/services starts. Not a test itself."""

from __future__ import annotations

import asyncio
import os
import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from stormdesk.core import http

PASSWORD = "correct-horse-battery"


@dataclass(frozen=True)
class Person:
    """Somebody with an app password; `settings` and `secret` as the product keeps them."""

    settings: dict[str, Any]
    secret: dict[str, str]
    did: str
    access: str

    @property
    def handle(self) -> str:
        return self.settings["handle"]


def pds() -> str:
    """The account server; a test that needs it fails loudly where it is missing."""
    if "STORMDESK_TEST_ATPROTO_PDS" not in os.environ:
        pytest.fail(
            "This test speaks to real servers: run it as `scripts/services run --only atproto -- pytest -m server`."
        )
    return os.environ["STORMDESK_TEST_ATPROTO_PDS"]


def appview() -> str:
    """The index that answers without an account."""
    return os.environ["STORMDESK_TEST_ATPROTO_APPVIEW"]


async def sign_up(name: str, *, messages: bool = True) -> Person:
    """A new account with an app password, with access to private messages or not; its handle begins with `name`."""
    handle = f"{name}-{uuid.uuid4().hex[:8]}.test"
    made = await xrpc(
        "com.atproto.server.createAccount",
        {"handle": handle, "email": f"{uuid.uuid4().hex}@mail.test", "password": PASSWORD},
    )
    given = await xrpc(
        "com.atproto.server.createAppPassword", {"name": "desk", "privileged": messages}, made["accessJwt"]
    )
    settings = {"handle": handle, "server": pds(), "appview": appview()}

    async def known() -> bool:
        found = await http.request("GET", f"{appview()}/xrpc/app.bsky.actor.getProfile?actor={made['did']}")
        return found.status == 200

    # The index hears of an account a moment later, and says until then that there is nobody of that name.
    await until(known)
    return Person(settings, {"app_password": given["password"]}, made["did"], made["accessJwt"])


async def xrpc(name: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
    """What a person does there by other means than ours."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    answer = await http.request("POST", f"{pds()}/xrpc/{name}", json=body, headers=headers)
    assert answer.status == 200, answer.body
    return answer.json()


async def until(ask, seconds=20):
    """Ask again and again until the answer is true: the index takes its time. For tests with real servers only."""
    for _ in range(seconds * 5):
        if found := await ask():
            return found
        await asyncio.sleep(0.2)
    pytest.fail("the network did not get that far in time")
