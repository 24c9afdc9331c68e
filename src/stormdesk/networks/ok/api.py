"""How OK's Bot API for groups is asked and what its answers mean (apiok.ru/dev/graph_api/bot_api).

Errors come as `{"error_code": …, "error_msg": …}`, with status 200 as well (apiok.ru/dev/errors). The group's key goes
into the query, so an address is never said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.core import http
from stormdesk.networks import calls
from stormdesk.networks.base import (
    Permanent,
    Retryable,
    Secret,
    Settings,
    Unauthorised,
    Unknown,
    gettext_noop,
)
from stormdesk.networks.plain import clean_line

SERVER = "https://api.ok.ru"
UNKNOWN, SERVICE, FLOOD, BLOCKED_ADDRESS, LIMIT = 1, 2, 8, 9, 11
_KEY = {101, 102, 103, 104, 200, 210}
"""The key is unknown, has ended, or lacks the right."""
_LATER = {UNKNOWN, SERVICE, FLOOD, BLOCKED_ADDRESS, LIMIT, 30, 31}


def address(settings: Settings) -> str:
    return str(settings.get("server") or SERVER).rstrip("/")


async def ask(settings: Settings, secret: Secret, path: str, **query: Any) -> Mapping[str, Any]:
    """The answer to a question; nothing changes there. Raises Retryable, Permanent, Unauthorised."""
    url = f"{address(settings)}/graph/me/{path}"
    answer = await calls.read(url, params=_params(secret, query))
    content = _content(answer)
    if content is None:
        raise calls.unreadable(url)
    _judge(url, content, secret, changing=False)
    return content


async def tell(settings: Settings, secret: Secret, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Change something, once. Raises as `Network.publish` does."""
    url = f"{address(settings)}/graph/me/{path}"
    answer = await calls.write(
        "POST",
        url,
        params=_params(secret, {}),
        json=body,
        headers={"content-type": "application/json;charset=utf-8"},
    )
    content = _content(answer)
    if content is None:
        raise calls.unclear(url)
    _judge(url, content, secret, changing=True)
    return content


def _params(secret: Secret, query: Mapping[str, Any]) -> dict[str, str]:
    return {"access_token": secret.get("access_token", "")} | {
        k: str(v) for k, v in query.items() if v is not None
    }


def _content(answer: http.Answer) -> Mapping[str, Any] | None:
    try:
        content = answer.json()
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _judge(url: str, content: Mapping[str, Any], secret: Secret, *, changing: bool) -> None:
    """Raise what an error of OK means; nothing for everything else."""
    if "error_code" not in content:
        return
    number = content["error_code"] if isinstance(content["error_code"], int) else 0
    said = clean_line(
        str(content.get("error_msg") or "–").replace(secret.get("access_token") or "\0", "…"), 200
    )
    facts: dict[str, Any] = {"said": said, "number": number, "host": http.host(url)}
    if number in _KEY:
        raise Unauthorised(
            gettext_noop(
                "OK does not accept the group's key for this (%(said)s); make a new one in the group's settings."
            ),
            **facts,
        )
    if number in (UNKNOWN, SERVICE) and changing:
        raise Unknown(
            gettext_noop("OK had a fault of its own (%(said)s); it may have acted all the same."), **facts
        )
    if number in _LATER:
        raise Retryable(gettext_noop("OK asks us to come back later (%(said)s)."), code="slow_down", **facts)
    raise Permanent(
        gettext_noop("OK refused this (%(number)s: %(said)s); it will not work until something is changed."),
        **facts,
    )
