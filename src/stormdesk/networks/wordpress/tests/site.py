"""People of the real site that scripts/services starts, and its visitors. Not a test itself."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from stormdesk.core import http
from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks.wordpress import NETWORK


@dataclass(frozen=True)
class Person:
    settings: dict[str, Any]
    secret: dict[str, str]


def address() -> str:
    """The site; a test that needs it fails loudly where it is missing."""
    if "STORMDESK_TEST_WORDPRESS_URL" not in os.environ:
        pytest.fail(
            "This test speaks to a real site: run it as `scripts/services run --only wordpress -- pytest -m server`."
        )
    return os.environ["STORMDESK_TEST_WORDPRESS_URL"]


def member(name: str) -> Person:
    """`brand` is an editor of the site, `writer` a contributor."""
    password = json.loads(os.environ["STORMDESK_TEST_WORDPRESS_PASSWORDS"])[name]
    return Person({"site": address(), "user": name}, {"application_password": password})


def word() -> str:
    return f"w{uuid.uuid4().hex[:10]}"


async def visit(post: str, text: str, name: str = "Ольга", parent: str = "0") -> int:
    """Write a comment through the form on the site's page, as a visitor from elsewhere does; the answer's status."""
    answer = await http.request(
        "POST",
        f"{address()}/wp-comments-post.php",
        data={
            "comment": text,
            "author": name,
            "email": f"{uuid.uuid4().hex[:8]}@mail.test",
            "comment_post_ID": post.removeprefix("post-"),
            "comment_parent": parent.removeprefix("comment-"),
        },
        headers={"x-visitor": str(ipaddress.IPv4Address(uuid.uuid4().int % 2**32))},
    )
    return answer.status


async def all_of_it(person: Person, kind: str, cursor: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Everything since the cursor, page after page."""
    items, more = [], True
    while more:
        batch = await NETWORK.hear(kind, person.settings, person.secret, cursor)
        items, cursor, more = items + batch.items, batch.cursor, batch.more
    return items, cursor


def allow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOW_VARIABLE, f"{urlsplit(address()).hostname},127.0.0.1")


def run(story: Any) -> Any:
    return asyncio.run(story())
