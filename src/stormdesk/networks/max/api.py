"""How the bot API of MAX is asked and what its answers mean (dev.max.ru/docs-api).

Errors come with their HTTP status as `{"code": …, "message": …}`; changes may also answer `{"success": false,
"message": …}` with status 200. The key goes into the header `Authorization`, as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.core import http
from stormdesk.core.clock import utcnow
from stormdesk.core.retry import retry_after
from stormdesk.networks import calls, pace
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

SERVER = "https://platform-api2.max.ru"
TIMEOUT = 20.0
LIMIT = Limit(
    gettext_noop("requests of a bot"),
    30,
    1,
    "https://dev.max.ru/docs-api/methods/POST/uploads",
    requests=True,
)
NOT_READY = 5.0
"""Seconds until a file that MAX still works on is tried again."""


async def ask(
    settings: Settings,
    secret: Secret,
    path: str,
    params: Mapping[str, Any] | None = None,
    *,
    method: str = "GET",
    timeout: float = TIMEOUT,
) -> Any:
    """The answer to a question; nothing changes there. Raises Retryable, Permanent, Unauthorised; never Unknown."""
    url = address(settings) + path
    try:
        answer = await _paced(method, url, params=params, headers=_key(secret), timeout=timeout)
    except http.HttpError as error:
        kind = Permanent if isinstance(error, http.Blocked | http.TooLarge) else Retryable
        raise kind(error.message, code=error.code, **error.facts) from error
    if answer.status >= 500:
        calls.judge(url, answer)
    content = _content(answer)
    if answer.status >= 400:
        raise _refusal(url, answer, content, secret)
    if content is None:
        calls.judge(url, answer)
        raise calls.unreadable(url)
    return content


async def act(
    settings: Settings,
    secret: Secret,
    method: str,
    path: str,
    params: Mapping[str, Any],
    content: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Change something, sent at most once; the answer. Raises Unknown when it may have happened all the same."""
    url = address(settings) + path
    options: dict[str, Any] = {"json": dict(content)} if content is not None else {}
    try:
        answer = await _paced(method, url, params=params, headers=_key(secret), timeout=TIMEOUT, **options)
    except http.HttpError as error:
        if error.sent:
            raise Unknown(error.message, code=error.code, **error.facts) from error
        kind = Permanent if isinstance(error, http.Blocked) else Retryable
        raise kind(error.message, code=error.code, **error.facts) from error
    if answer.status >= 500:
        raise Unknown(
            gettext_noop("“%(host)s” failed (%(status)s) after it had the request; it may have acted on it."),
            host=http.host(url),
            status=answer.status,
        )
    said = _content(answer)
    if answer.status >= 400 or (said is not None and said.get("success") is False):
        raise _refusal(url, answer, said, secret)
    if said is None:
        calls.judge(url, answer)
        raise calls.unclear(url)
    return said


async def _paced(method: str, url: str, *, headers: Mapping[str, str], **options: Any) -> http.Answer:
    """Ask when the bot has a share left of its second."""

    async def once() -> http.Answer:
        pace.take(url, headers)
        answer = await http.request(method, url, headers=headers, **options)
        pace.note(url, headers, answer.status, answer.headers)
        return answer

    with pace.account(f"max {headers['Authorization']}", (LIMIT,)):
        return await pace.patiently(once)


def address(settings: Settings) -> str:
    return str(settings.get("server") or SERVER).strip().rstrip("/")


def _key(secret: Secret) -> dict[str, str]:
    token = secret.get("token", "").strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise Unauthorised(
            gettext_noop("The bot's key is missing or not one; copy it from MAX for business as it is."),
            code="token",
        )
    return {"Authorization": token}


def _content(answer: http.Answer) -> dict[str, Any] | None:
    try:
        content = answer.json()
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _refusal(
    url: str, answer: http.Answer, content: Mapping[str, Any] | None, secret: Secret
) -> NetworkError:
    content = content or {}
    code, words = content.get("code"), content.get("message")
    said = clean_line(words, 200) if isinstance(words, str) else ""
    said = said.replace(secret.get("token", "").strip() or "\0", "…")
    name = code if isinstance(code, str) else ""
    facts: dict[str, Any] = {
        "host": http.host(url),
        "status": answer.status,
        "said": said or clean_line(name, 60) or "–",
    }
    if answer.status == 429:
        return Retryable(
            gettext_noop("“%(host)s” asks us to slow down; it will be tried again later."),
            code="slow_down",
            after=retry_after(answer.headers, utcnow()),
            **facts,
        )
    if name == "attachment.not.ready":
        return Retryable(
            gettext_noop(
                "The server is still working on the picture; nothing was posted. It will be tried again."
            ),
            code="not_ready",
            after=NOT_READY,
            **facts,
        )
    if answer.status == 401 or name == "verify.token":
        return Unauthorised(
            gettext_noop(
                "MAX does not know this key (%(said)s); take the current one from MAX for business."
            ),
            **facts,
        )
    if answer.status == 403:
        return Unauthorised(
            gettext_noop(
                "The bot may not do this there (%(said)s); make it an administrator of the chat with the right to do it."
            ),
            code="forbidden",
            **facts,
        )
    return Permanent(
        gettext_noop(
            "“%(host)s” refused this (%(status)s: %(said)s); it will not work until something is changed."
        ),
        code="gone"
        if answer.status == 404 or "not.found" in name or "not found" in said.lower()
        else "refused",
        **facts,
    )
