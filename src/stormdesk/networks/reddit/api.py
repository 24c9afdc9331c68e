"""How Reddit is asked and what its answers mean (www.reddit.com/dev/api, github.com/reddit-archive/reddit/wiki/API).

Refusals come either with an HTTP status or with 200 as `{"json": {"errors": [[code, words, field]]}}`. Every answer
tells what is left of the client's requests: `X-Ratelimit-Remaining` and, in seconds, `X-Ratelimit-Reset`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.core import http
from stormdesk.networks import exchange, oauth
from stormdesk.networks.base import (
    NetworkError,
    Permanent,
    Secret,
    Settings,
    Unauthorised,
    gettext_noop,
)

SITE = "https://www.reddit.com"
SERVER = "https://oauth.reddit.com"
SCOPES = ("identity", "read", "history", "submit", "edit", "privatemessages", "modposts", "report")
LONGEST_WAIT = 3600.0
GONE = frozenset({"DELETED_LINK", "DELETED_COMMENT", "DELETED_THING"})
WAIT = frozenset({"RATELIMIT", "SUBREDDIT_RATELIMIT", "QUOTA_FILLED"})
NO_MESSAGES = frozenset({"NOT_WHITELISTED_BY_USER_MESSAGE", "USER_BLOCKED", "USER_BLOCKED_MESSAGE"})


async def ask(
    settings: Settings,
    secret: Secret,
    path: str,
    params: Mapping[str, Any] | None = None,
    *,
    method: str = "GET",
) -> Any:
    """The answer to a question; nothing changes there. Raises Retryable, Permanent, Unauthorised; never Unknown."""
    options = (
        {"params": {"raw_json": 1, **(params or {})}} if method == "GET" else {"data": dict(params or {})}
    )
    return await _told(settings, secret, method, path, options, acting=False)


async def act(settings: Settings, secret: Secret, path: str, form: Mapping[str, Any]) -> Any:
    """Change something, sent at most once. Raises Unknown when it may have happened all the same."""
    return await _told(settings, secret, "POST", path, {"data": dict(form)}, acting=True)


def door(settings: Settings) -> oauth.Door:
    """Reddit's sign-in (github.com/reddit-archive/reddit/wiki/OAuth2): no PKCE, a permanent key on request."""
    site = str(settings.get("server") or SITE).strip().rstrip("/")
    return oauth.Door(
        f"{site}/api/v1/authorize",
        f"{site}/api/v1/access_token",
        SCOPES,
        pkce=False,
        basic=True,
        more={"duration": "permanent"},
        headers={"User-Agent": agent(settings)},
    )


def agent(settings: Settings) -> str:
    """Reddit wants to know who asks: <platform>:<app>:<version> (by /u/<name>); common names are slowed down."""
    name = "".join(c for c in str(settings.get("handle") or "") if c.isascii() and (c.isalnum() or c in "_-"))
    return f"web:stormdesk:0.1 (by /u/{name or 'unknown'})"


async def _told(
    settings: Settings, secret: Secret, method: str, path: str, options: dict[str, Any], *, acting: bool
) -> Any:
    url = _server(settings) + path
    refused = ""
    while True:
        token = await oauth.token(door(settings), settings, secret, not_this=refused)
        headers = {"Authorization": f"Bearer {token}", "User-Agent": agent(settings)}

        def judge(answer: http.Answer, content: Any, token: str = token) -> NetworkError | None:
            return refusal(url, answer, content, (token,))

        try:
            if acting:
                return await exchange.act(
                    method,
                    url,
                    judge,
                    keys=(token,),
                    empty=True,
                    allowance=allowance,
                    headers=headers,
                    **options,
                )
            return await exchange.ask(
                url, judge, method=method, keys=(token,), allowance=allowance, headers=headers, **options
            )
        except Unauthorised as error:
            # A short key may end before its time; a request that was not let in did nothing.
            if error.code != "expired" or refused or not secret.get("refresh_token"):
                raise
            refused = token


def refusal(url: str, answer: http.Answer, content: Any, keys: tuple[str, ...] = ()) -> NetworkError | None:
    """What stands in the way, if anything does; None where the status alone says it."""
    content = content if isinstance(content, dict) else {}
    facts: dict[str, Any] = {"host": http.host(url), "status": answer.status}
    if answer.status == 401:
        return exchange.expired(url, exchange.said(content.get("message"), keys))
    if answer.status == 403:
        if "insufficient_scope" in answer.headers.get("www-authenticate", ""):
            return Unauthorised(
                gettext_noop("Reddit was not asked for the right to do this; connect the account again."),
                code="scope",
                **facts,
            )
        return Permanent(
            gettext_noop(
                "Reddit does not let this account in there (%(said)s): the community may be private, "
                "quarantined or closed to it, or the right of a moderator is missing."
            ),
            code="forbidden",
            said=exchange.said(content.get("reason") or content.get("message"), keys),
            **facts,
        )
    inner = content.get("json")
    errors = inner.get("errors") if isinstance(inner, dict) else None
    if answer.status < 300 and isinstance(errors, list) and errors:
        first = errors[0] if isinstance(errors[0], list) else [errors[0]]
        words = [word for word in first if isinstance(word, str)]
        return _named(url, words[0] if words else "", " ".join(words[1:2]) or "–", inner, facts)
    return None


def _named(url: str, code: str, words: str, inner: Mapping[str, Any], facts: dict[str, Any]) -> NetworkError:
    facts |= {"said": exchange.said(words), "named": exchange.said(code)}
    if code in WAIT:
        wait = inner.get("ratelimit")
        good = isinstance(wait, int | float) and not isinstance(wait, bool) and 0 <= wait <= LONGEST_WAIT
        return exchange.slow_down(url, float(wait) if good and wait is not None else None)
    if code in NO_MESSAGES:
        return Permanent(
            gettext_noop(
                "This person takes no private messages from this account on Reddit (%(said)s); answer in public."
            ),
            code="writes_first",
            **facts,
        )
    if code == "USER_REQUIRED":
        return exchange.expired(url, exchange.said(words))
    return Permanent(
        gettext_noop(
            "Reddit refused this (%(named)s: %(said)s); it will not work until something is changed."
        ),
        code="gone" if code in GONE else "refused",
        **facts,
    )


def allowance(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Reddit tells what is used and what is left, and the sum is the whole."""
    try:
        whole = float(headers["x-ratelimit-used"]) + float(headers["x-ratelimit-remaining"])
        return {**headers, "x-ratelimit-limit": str(round(whole))}
    except (KeyError, ValueError, OverflowError):
        return headers


def _server(settings: Settings) -> str:
    return str(settings.get("server") or SERVER).strip().rstrip("/")
