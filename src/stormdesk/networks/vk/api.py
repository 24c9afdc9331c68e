"""How the API is asked and what its answers mean (dev.vk.com/ru/api/api-requests, dev.vk.com/ru/reference/errors).

Answers come with HTTP 200 as `{"response": …}` or `{"error": {"error_code": …, "error_msg": …}}`. Three kinds of keys
exist, and each method takes some of them: the user's (walls), the community's (messages, comments) and the
application's service key (reading what is public).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from stormdesk.core import http
from stormdesk.networks import calls, kept, oauth, pace
from stormdesk.networks.base import (
    Limit,
    NetworkError,
    Permanent,
    Retryable,
    Secret,
    Settings,
    Unauthorised,
    Unknown,
    gettext_noop,
)
from stormdesk.networks.plain import clean_line
from stormdesk.networks.vk import vkid

SERVER = "https://api.vk.com"
VERSION = "5.199"
TIMEOUT = 20.0
USER, COMMUNITY, SERVICE = "user_token", "group_token", "service_token"
KEYS: Mapping[str, str] = {
    USER: gettext_noop(
        "This needs the user's key of VK, which the account does not have; add it to the account."
    ),
    COMMUNITY: gettext_noop(
        "This needs the community's key of VK, which the account does not have; add it to the account."
    ),
    SERVICE: gettext_noop(
        "This needs a service key of VK, which the account does not have; add it to the account."
    ),
}
"""Each kind of key, and what is said where it is missing."""

FAULTS = frozenset({1, 10, 13, 36})
"""Faults of VK's own: the request may have been acted on."""
SLOWER = {6: 1.0, 9: 60.0, 29: 3600.0, 601: 3600.0}
"""Too fast, flood, and the limits of a day; seconds to wait, which VK itself does not name."""
KEY = frozenset({4, 5, 7, 15, 16, 17, 18, 20, 21, 27, 28, 203, 204, 210, 211, 212, 213, 214, 260})
NO_MESSAGES = frozenset({900, 901, 902})
CAPTCHA = 14
TOO_FAST = 6
NOT_LET_IN = 5
WAITS = (1.0, 2.0)
"""Seconds until a question that came too fast is asked again."""


LIMITS = {
    USER: Limit(
        gettext_noop("requests with the user's key"),
        3,
        1,
        "https://dev.vk.com/ru/api/api-requests",
        requests=True,
    ),
    COMMUNITY: Limit(
        gettext_noop("requests with the community's key"),
        20,
        1,
        "https://dev.vk.com/ru/api/bots/development/messages",
        requests=True,
    ),
}
"""What VK allows each key, whoever uses it; a service key gets what a user's key gets."""


async def ask(settings: Settings, secret: Secret, keys: tuple[str, ...], method: str, **params: Any) -> Any:
    """The response to a question; nothing changes there. `keys`: which may be used, best first.

    Raises Retryable, Permanent, Unauthorised; never Unknown.
    """
    url = _url(settings, method)

    async def once(key: Key) -> Any:
        content = _content(await calls.read(url, method="POST", data=_form(key, params), timeout=TIMEOUT))
        if content is None:
            raise calls.unreadable(url)
        if "error" in content:
            raise _refusal(url, content["error"], secret, key, acted=False)
        return content["response"]

    waits = iter(WAITS)
    while True:
        try:
            return await _let_in(settings, secret, keys, once)
        except Retryable as refused:
            # Others use the key from other machines, or VK counts otherwise than we do.
            wait = next(waits, None) if refused.facts.get("status") == TOO_FAST else None
            if wait is None:
                raise
        await asyncio.sleep(wait)


async def act(settings: Settings, secret: Secret, keys: tuple[str, ...], method: str, **params: Any) -> Any:
    """Change something, sent at most once; the response. Raises Unknown when it may have happened all the same."""
    url = _url(settings, method)

    async def once(key: Key) -> Any:
        content = _content(await calls.write("POST", url, data=_form(key, params), timeout=TIMEOUT))
        if content is None:
            raise calls.unclear(url)
        if "error" in content:
            raise _refusal(url, content["error"], secret, key, acted=True)
        return content["response"]

    return await _let_in(settings, secret, keys, once)


class Key(NamedTuple):
    """The key of one request."""

    name: str
    value: str


async def _let_in(
    settings: Settings, secret: Secret, keys: tuple[str, ...], once: Callable[[Key], Awaitable[Any]]
) -> Any:
    """Ask when the key has a share left; with a renewed key if VK no longer takes it: such a request was not let in."""
    refused = ""
    while True:
        key = await _key(settings, secret, keys, refused)
        limit = LIMITS[COMMUNITY if key.name == COMMUNITY else USER]
        try:
            with pace.account(f"vk {key.value}", (limit,)):
                return await pace.patiently(partial(once, key))
        except Unauthorised as error:
            if error.facts.get("status") != NOT_LET_IN or refused or not signed_in(secret, key.name):
                raise
            refused = key.value


async def _key(settings: Settings, secret: Secret, keys: tuple[str, ...], refused: str) -> Key:
    name = next((name for name in keys if has(secret, name)), "")
    if not name:
        raise Unauthorised(KEYS[keys[0]], code="no_key")
    if signed_in(secret, name):
        door = vkid.door(settings, secret.get(vkid.DEVICE, ""))
        return Key(name, await oauth.token(door, settings, secret, not_this=refused))
    return Key(name, secret[name].strip())


def signed_in(secret: Secret, name: str) -> bool:
    """Is this key one that VK ID gave and renews?"""
    return name == USER and not secret.get(USER, "").strip() and bool(secret.get(kept.LONG, "").strip())


def has(secret: Secret, key: str) -> bool:
    """Does the account have this kind of key?"""
    return bool(secret.get(key, "").strip()) or signed_in(secret, key)


def group(settings: Settings) -> int:
    """The number of the account's community. Raises Permanent."""
    number = str(settings.get("community") or "").strip().lower().removeprefix("club").removeprefix("-")
    if not (number.isascii() and number.isdigit() and 0 < int(number[:19]) < 2**53):
        raise Permanent(
            gettext_noop(
                "The account does not name its community by number; VK shows it in the community's settings as club…"
            ),
            code="no_community",
        )
    return int(number)


def _refusal(url: str, error: Any, secret: Secret, key: Key, *, acted: bool) -> NetworkError:
    error = error if isinstance(error, dict) else {}
    code, words = error.get("error_code"), error.get("error_msg")
    said = clean_line(words, 200) if isinstance(words, str) else ""
    for value in filter(None, (key.value, *(secret.get(name, "").strip() for name in KEYS))):
        said = said.replace(value, "…")
    facts: dict[str, Any] = {
        "host": http.host(url),
        "status": code if isinstance(code, int) else 0,
        "said": said or "–",
    }
    if not isinstance(code, int) or isinstance(code, bool):
        return calls.unclear(url) if acted else calls.unreadable(url)
    if code in FAULTS:
        if acted:
            return Unknown(
                gettext_noop(
                    "“%(host)s” failed (%(status)s) after it had the request; it may have acted on it."
                ),
                **facts,
            )
        return Retryable(
            gettext_noop("“%(host)s” has a fault of its own (%(status)s); it will be asked again."), **facts
        )
    if code in SLOWER:
        return Retryable(
            gettext_noop("“%(host)s” asks us to slow down; it will be tried again later."),
            code="slow_down",
            after=SLOWER[code],
            **facts,
        )
    if code == CAPTCHA:
        return Permanent(
            gettext_noop(
                "VK wants a person to solve a captcha before it goes on; open VK in the browser as the owner "
                "of the key, solve it there and try again."
            ),
            code="captcha",
            **facts,
        )
    if code in NO_MESSAGES:
        return Permanent(
            gettext_noop(
                "VK lets a community write only to people who wrote to it first or allowed it "
                "(%(said)s); ask them to write to the community."
            ),
            code="writes_first",
            **facts,
        )
    if code in KEY:
        return Unauthorised(
            gettext_noop(
                "VK does not allow this with the account's key (%(status)s: %(said)s); "
                "take a key with the right to do it and connect the account again."
            ),
            **facts,
        )
    return Permanent(
        gettext_noop(
            "“%(host)s” refused this (%(status)s: %(said)s); it will not work until something is changed."
        ),
        code="gone" if code == 104 else "refused",
        **facts,
    )


def _url(settings: Settings, method: str) -> str:
    return f"{str(settings.get('server') or SERVER).strip().rstrip('/')}/method/{method}"


def _form(key: Key, params: Mapping[str, Any]) -> dict[str, str]:
    form = {name: str(int(value) if isinstance(value, bool) else value) for name, value in params.items()}
    # In the body, never in the address: addresses are written to logs on the way.
    return form | {"access_token": key.value, "v": VERSION}


def _content(answer: http.Answer) -> dict[str, Any] | None:
    try:
        content = answer.json()
    except ValueError:
        return None
    return content if isinstance(content, dict) and ("response" in content or "error" in content) else None
