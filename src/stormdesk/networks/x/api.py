"""How the X API v2 is asked and what its refusals mean (docs.x.com/x-api/fundamentals/response-codes-and-errors).

Refusals are `{"title": …, "detail": …, "type": …}`; limits stand per way and user in `x-rate-limit-remaining` and, as
the moment they end, in `x-rate-limit-reset` (docs.x.com/x-api/fundamentals/rate-limits). Every post read is paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.core import http
from stormdesk.core.clock import utcnow
from stormdesk.networks import calls, exchange, oauth
from stormdesk.networks.base import NetworkError, Permanent, Secret, Settings, Unauthorised, gettext_noop

SERVER, SITE = "https://api.x.com", "https://x.com"
SCOPES = (
    "tweet.read", "tweet.write", "tweet.moderate.write", "users.read", "dm.read", "dm.write", "media.write",
    "offline.access",
)  # fmt: skip
WINDOW = 900.0
"""Seconds of the usual window of a limit."""


async def ask(
    settings: Settings, secret: Secret, path: str, params: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The answer to a question; nothing changes there. Raises Retryable, Permanent, Unauthorised; never Unknown."""
    content = await _told(settings, secret, "GET", path, {"params": dict(params or {})}, acting=False)
    if not isinstance(content, dict):
        raise calls.unreadable(url(settings, path))
    return content


async def act(settings: Settings, secret: Secret, method: str, path: str, **content: Any) -> Any:
    """Change something, sent at most once. Raises Unknown when it may have happened all the same."""
    return await _told(settings, secret, method, path, content, acting=True)


def door(settings: Settings) -> oauth.Door:
    """X's sign-in with PKCE (docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code).

    A long key is good for one renewal and comes with a new one; see `networks.kept`.
    """
    own = str(settings.get("server") or "").strip().rstrip("/")
    return oauth.Door(
        f"{own or SITE}/i/oauth2/authorize", f"{own or SERVER}/2/oauth2/token", SCOPES, basic=True
    )


def url(settings: Settings, path: str) -> str:
    return f"{str(settings.get('server') or SERVER).strip().rstrip('/')}/2{path}"


async def _told(
    settings: Settings, secret: Secret, method: str, path: str, options: dict[str, Any], *, acting: bool
) -> Any:
    where = url(settings, path)
    refused = ""
    while True:
        token = await oauth.token(door(settings), settings, secret, not_this=refused)
        headers = {"Authorization": f"Bearer {token}"}

        def judge(answer: http.Answer, content: Any, token: str = token) -> NetworkError | None:
            return refusal(where, answer, content, (token,))

        try:
            if acting:
                return await exchange.act(
                    method, where, judge, keys=(token,), empty=True, headers=headers, **options
                )
            return await exchange.ask(where, judge, keys=(token,), headers=headers, **options)
        except Unauthorised as error:
            if error.code != "expired" or refused or not secret.get("refresh_token"):
                raise
            refused = token


def refusal(where: str, answer: http.Answer, content: Any, keys: tuple[str, ...] = ()) -> NetworkError | None:
    """What stands in the way, if anything does; None where the status alone says it."""
    if answer.status < 400:
        return None
    content = content if isinstance(content, dict) else {}
    listed = content.get("errors")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    detail = content.get("detail") or first.get("message") or first.get("detail") or content.get("title")
    words = exchange.said(detail, keys)
    kind = content.get("type")
    kind = kind.rpartition("/")[2] if isinstance(kind, str) else ""
    low = words.lower()
    facts: dict[str, Any] = {"host": http.host(where), "status": answer.status, "said": words, "named": kind}
    if answer.status == 402 or kind in ("credits", "usage-capped"):
        return Permanent(
            gettext_noop(
                "The credit at X is used up or its limit of spending reached (%(said)s), and X answers nothing until "
                "it is raised; do that at console.x.com."
            ),
            code="credit",
            **facts,
        )
    if answer.status == 429:
        return exchange.slow_down(where, _until(answer.headers))
    if answer.status == 401:
        return exchange.expired(where, words)
    if answer.status == 403:
        return _forbidden(low, kind, facts)
    if answer.status < 500:
        gone = answer.status == 404 or kind == "resource-not-found"
        return exchange.refused(where, answer.status, words, code="gone" if gone else "refused")
    return None


def _forbidden(low: str, kind: str, facts: dict[str, Any]) -> NetworkError:
    if "duplicate content" in low:
        return Permanent(
            gettext_noop(
                "X takes the same words only once, and this account has said them lately; nothing was posted now. "
                "Say it differently."
            ),
            code="duplicate",
            **facts,
        )
    if kind in ("client-forbidden", "oauth1-permissions", "unsupported-authentication") or "scope" in low:
        return Unauthorised(
            gettext_noop(
                "X does not give this application or account the right to do this (%(said)s); see its project at "
                "console.x.com and connect the account again."
            ),
            code="scope",
            **facts,
        )
    return Permanent(
        gettext_noop(
            "X does not let this account do that (%(said)s). Programs without a contract may answer only those who "
            "mention or quote the account, and write privately only to those who allow it."
        ),
        code="forbidden",
        **facts,
    )


def _until(headers: Mapping[str, str]) -> float:
    try:
        wait = float(headers.get("x-rate-limit-reset", "")) - utcnow().timestamp()
    except ValueError:
        return WINDOW
    return min(max(wait, 1.0), 86_400.0) if wait == wait else WINDOW
