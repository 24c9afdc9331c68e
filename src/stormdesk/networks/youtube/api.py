"""How the YouTube Data API v3 is asked and what its refusals mean (developers.google.com/youtube/v3/docs/errors).

Refusals are `{"error": {"code": …, "message": …, "errors": [{"reason": …}]}}`. Every call costs units of a daily budget
of the project, 1 for a list and 50 for a change, but searches, which have a budget of their own; both are whole again at
midnight in California (developers.google.com/youtube/v3/determine_quota_cost).
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stormdesk.core import http
from stormdesk.core.clock import utcnow
from stormdesk.networks import exchange, oauth, pace
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

SERVER = "https://youtube.googleapis.com"
ACCOUNTS, TOKENS = "https://accounts.google.com", "https://oauth2.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
QUOTA = "https://developers.google.com/youtube/v3/determine_quota_cost"
UNITS = Limit(gettext_noop("units of the project"), 10_000, 86_400, QUOTA, requests=True)
SEARCHES = Limit(gettext_noop("searches of the project"), 100, 86_400, QUOTA, requests=True)
CHANGE = 50
"""Units of a change; a question is one."""
CALIFORNIA = ZoneInfo("America/Los_Angeles")
SPENT = frozenset({"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"})
FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "uploadRateLimitExceeded"})
KEY = frozenset({"accessNotConfigured", "keyInvalid", "keyExpired", "ipRefererBlocked"})
BREATH = 60.0
GONE = frozenset(
    {"commentNotFound", "commentThreadNotFound", "videoNotFound", "channelNotFound", "parentCommentNotFound", "notFound"}
)  # fmt: skip


async def ask(settings: Settings, secret: Secret, path: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a question; an API key is enough for what is public. Raises all but Unknown."""
    content = await _told(settings, secret, "GET", path, {"params": dict(params)}, acting=False)
    return content if isinstance(content, dict) else {}


async def act(
    settings: Settings,
    secret: Secret,
    method: str,
    path: str,
    params: Mapping[str, Any],
    body: Mapping[str, Any] | None = None,
) -> Any:
    """Change something, sent at most once. Raises Unknown when it may have happened all the same."""
    options: dict[str, Any] = {"params": dict(params)} | ({"json": dict(body)} if body is not None else {})
    return await _told(settings, secret, method, path, options, acting=True)


def door(settings: Settings) -> oauth.Door:
    """Google's sign-in with PKCE (developers.google.com/youtube/v3/guides/auth/server-side-web-apps)."""
    own = str(settings.get("server") or "").strip().rstrip("/")
    return oauth.Door(
        f"{own or ACCOUNTS}/o/oauth2/v2/auth",
        f"{own or TOKENS}/token",
        (SCOPE,),
        more={"access_type": "offline", "prompt": "consent"},
    )


def signs_in(secret: Secret) -> bool:
    return bool(secret.get("refresh_token") or secret.get("access_token"))


async def _told(
    settings: Settings, secret: Secret, method: str, path: str, options: dict[str, Any], *, acting: bool
) -> Any:
    url = f"{str(settings.get('server') or SERVER).strip().rstrip('/')}/youtube/v3/{path}"
    key = secret.get("api_key", "").strip()
    if not signs_in(secret) and (acting or not key):
        raise Unauthorised(
            gettext_noop("This needs an account that has signed in at Google; connect the account first."),
            code="no_account",
        )
    refused = ""
    while True:
        token = (
            await oauth.token(door(settings), settings, secret, not_this=refused) if signs_in(secret) else ""
        )
        # In a header, never in the address: addresses are written to logs on the way.
        headers = {"Authorization": f"Bearer {token}"} if token else {"X-Goog-Api-Key": key}

        def judge(answer: http.Answer, content: Any, token: str = token) -> NetworkError | None:
            return refusal(url, answer.status, content, (token, key), acting=acting)

        try:
            with _budget(settings, key, path, acting):
                if acting:
                    return await exchange.act(
                        method, url, judge, keys=(token,), empty=True, headers=headers, **options
                    )
                return await exchange.ask(url, judge, keys=(token or key,), headers=headers, **options)
        except Unauthorised as error:
            if error.code != "expired" or refused or not secret.get("refresh_token"):
                raise
            refused = token


def _budget(settings: Settings, key: str, path: str, acting: bool) -> contextlib.AbstractContextManager[None]:
    """The budget belongs to the project, whoever of its accounts asks."""
    project = str(settings.get("client_id") or "").strip() or key
    if path == "search":
        return pace.account(f"youtube search {project}", (SEARCHES,), zone=CALIFORNIA)
    return pace.account(f"youtube {project}", (UNITS,), units=CHANGE if acting else 1, zone=CALIFORNIA)


def refusal(
    url: str, status: int, content: Any, keys: tuple[str, ...] = (), *, acting: bool = False
) -> NetworkError | None:
    """What stands in the way, if anything does; None where the status alone says it."""
    error = content.get("error") if isinstance(content, dict) else None
    if status < 400 or not isinstance(error, dict):
        return None
    listed = error.get("errors")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    reason = first.get("reason")
    reason = reason if isinstance(reason, str) else ""
    words = exchange.said(error.get("message"), keys)
    facts: dict[str, Any] = {
        "host": http.host(url),
        "status": status,
        "said": words,
        "named": exchange.said(reason),
    }
    if reason in SPENT:
        return Retryable(
            gettext_noop(
                "The project's daily budget at YouTube is spent; it is whole again at midnight in California. "
                "Ask Google for a larger one, or look less often."
            ),
            code="budget",
            after=_until_midnight(utcnow()),
            **facts,
        )
    if reason in FAST or status == 429:
        return exchange.slow_down(url, BREATH)
    if reason == "processingFailure":
        # Google calls this mostly our fault and sometimes its own.
        if acting:
            return Unknown(
                gettext_noop(
                    "“%(host)s” failed (%(status)s) after it had the request; it may have acted on it."
                ),
                **facts,
            )
        return Retryable(
            gettext_noop("“%(host)s” has a fault of its own (%(status)s); it will be asked again."), **facts
        )
    if reason == "commentsDisabled":
        return Permanent(
            gettext_noop("Comments are switched off under this video; nothing can be said or heard there."),
            code="comments_disabled",
            **facts,
        )
    if reason in KEY or (reason == "badRequest" and "api key" in words.lower()):
        return Unauthorised(
            gettext_noop(
                "Google does not take the key of this project (%(said)s); switch on the YouTube Data API v3 "
                "for it and allow the key to use it."
            ),
            code="key",
            **facts,
        )
    if status == 401:
        return exchange.expired(url, words)
    if reason == "insufficientPermissions":
        return Unauthorised(
            gettext_noop("Google was not asked for the right to do this; connect the account again."),
            code="scope",
            **facts,
        )
    if status == 403:
        return Permanent(
            gettext_noop(
                "YouTube does not let this account do that (%(said)s): it can hide only comments under its own "
                "videos and change only its own."
            ),
            code="forbidden",
            **facts,
        )
    if status >= 500:
        return None
    return exchange.refused(
        url,
        status,
        words,
        code="gone" if reason in GONE or status == 404 else "refused",
        named=facts["named"],
    )


def _until_midnight(now: datetime) -> float:
    here = now.astimezone(CALIFORNIA)
    midnight = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - here).total_seconds()
