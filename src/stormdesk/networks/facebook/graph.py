"""How Meta's Graph API is asked and what its refusals mean (developers.facebook.com/docs/graph-api/guides/error-handling).

Facebook pages and Instagram accounts share it. Refusals are `{"error": {"code": …, "error_subcode": …, "message": …}}`;
how much of the allowance is used, in percent, stands in `X-App-Usage` and `X-Business-Use-Case-Usage`
(developers.facebook.com/docs/graph-api/overview/rate-limiting).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from stormdesk.core import http
from stormdesk.networks import calls, exchange, oauth
from stormdesk.networks.base import (
    NetworkError,
    Permanent,
    Retryable,
    Secret,
    Settings,
    Unauthorised,
    Unknown,
    gettext_noop,
)

SERVER, SITE, VERSION = "https://graph.facebook.com", "https://www.facebook.com", "v25.0"
TIMEOUT = 30.0
FAULTS = frozenset({1, 2})
"""Faults of Meta's own: the request may have been acted on."""
SLOWER = frozenset({4, 17, 32, 341, 613, *range(80_000, 80_015)})
KEY = frozenset({102, 190, 463, 467})
GONE = frozenset({(100, 33), (100, 1_705_029), (803, 0), (10, 2_108_006)})
WINDOW_CLOSED = frozenset({2_018_278, 2_534_022, 2_018_065})
BREATH = 300.0
_RIGHT = re.compile(r"\b(?:pages|instagram|business|read|publish)_[a-z_]{3,40}\b")
_ID = re.compile(r"[\w-]{1,120}", re.ASCII)


async def ask(
    settings: Settings, secret: Secret, path: str, params: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The answer to a question; nothing changes there. Raises Retryable, Permanent, Unauthorised; never Unknown."""
    where, token = url(settings, path), _token(secret)
    options: dict[str, Any] = {
        "params": {**(params or {}), **_proof(secret, token)},
        "headers": _headers(token),
        "timeout": TIMEOUT,
    }
    content = await exchange.ask(
        where, _judge(where, secret, acting=False), keys=_keys(secret), allowance=allowance, **options
    )
    if not isinstance(content, dict):
        raise calls.unreadable(where)
    return content


async def act(
    settings: Settings,
    secret: Secret,
    method: str,
    path: str,
    form: Mapping[str, Any] | None = None,
    *,
    files: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Change something, sent at most once. Raises Unknown when it may have happened all the same."""
    where, token = url(settings, path), _token(secret)
    data = {
        name: json.dumps(value) if isinstance(value, dict | list) else str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in {**(form or {}), **_proof(secret, token)}.items()
    }  # fmt: skip
    options: dict[str, Any] = {"params": data} if method == "DELETE" else {"data": data}
    options |= {"files": dict(files), "timeout": 120.0} if files else {"timeout": TIMEOUT}
    judge = _judge(where, secret, acting=True)
    content = await exchange.act(
        method, where, judge, keys=_keys(secret), allowance=allowance, headers=_headers(token), **options
    )
    if not isinstance(content, dict):
        raise calls.unclear(where)
    return content


def identified(settings: Settings, content: Mapping[str, Any], name: str = "id") -> str:
    """The number a change was answered with. Raises Unknown if there is none."""
    number = content.get(name)
    if not isinstance(number, str) or not number or len(number) > 200:
        raise calls.unclear(url(settings, "x"))
    return number


def node(native_id: str) -> str:
    """A number that may stand in a path. Raises Permanent."""
    if not _ID.fullmatch(native_id):
        raise Permanent(
            gettext_noop("“%(id)s” is no number of Meta's; nothing was done."),
            code="no_post",
            id=native_id[:40] or "–",
        )
    return native_id


def entries(settings: Settings, page: Any) -> list[Any]:
    """The entries of a page. Raises Retryable if it is none."""
    found = page.get("data") if isinstance(page, dict) else None
    if not isinstance(found, list):
        raise calls.unreadable(url(settings, "x"))
    return found


def following(page: Any) -> str:
    """Where the next page begins; empty at the end."""
    paging = page.get("paging") if isinstance(page, dict) else None
    if not isinstance(paging, dict) or not isinstance(paging.get("next"), str):
        return ""
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, dict) else None
    return after if isinstance(after, str) else ""


def moment(text: Any) -> datetime | None:
    """A time as Meta writes it (2026-03-01T12:00:00+0000), or epoch seconds; None if it is none."""
    try:
        if isinstance(text, int | float) and not isinstance(text, bool):
            return datetime.fromtimestamp(text, UTC)
        found = datetime.fromisoformat(text[:40])
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def url(settings: Settings, path: str) -> str:
    return f"{str(settings.get('server') or SERVER).strip().rstrip('/')}/{VERSION}/{path}"


def door(settings: Settings, scopes: tuple[str, ...]) -> oauth.Door:
    """Facebook's sign-in (developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow)."""
    own = str(settings.get("server") or "").strip().rstrip("/")
    return oauth.Door(
        f"{own or SITE}/{VERSION}/dialog/oauth",
        url(settings, "oauth/access_token"),
        scopes,
        separator=",",
        pkce=False,
    )


def refusal(
    where: str, answer: http.Answer, content: Any, keys: tuple[str, ...] = (), *, acting: bool = False
) -> NetworkError | None:
    """What stands in the way, if anything does; None where the status alone says it."""
    error = content.get("error") if isinstance(content, dict) else None
    if not isinstance(error, dict):
        return None
    code, sub = (
        n if isinstance(n := error.get(name), int) and not isinstance(n, bool) else 0
        for name in ("code", "error_subcode")
    )
    words = exchange.said(error.get("error_user_msg") or error.get("message"), keys)
    facts: dict[str, Any] = {"host": http.host(where), "status": code or answer.status, "said": words}
    if code in SLOWER or answer.status == 429:
        return exchange.slow_down(where, _regained(answer.headers) or BREATH)
    if code in KEY or answer.status == 401:
        return exchange.expired(where, words)
    if sub in WINDOW_CLOSED or code == 551:
        return Permanent(
            gettext_noop(
                "Meta lets an account write only to people who wrote to it within the last 24 hours, and once to the "
                "author of a comment of the last seven days (%(said)s); answer in public."
            ),
            code="writes_first",
            **facts,
        )
    if (code, sub) in GONE or code == 803:
        return exchange.refused(where, code, words, code="gone")
    if code == 10 or 200 <= code <= 299:
        right = _RIGHT.search(words)
        return Unauthorised(
            gettext_noop(
                "The account lacks the right “%(right)s” at Meta (%(said)s); connect it again and allow that, "
                "or have it approved in the app's review."
            ),
            code="scope",
            right=right[0] if right else "–",
            **facts,
        )
    if code == 506:
        return Permanent(
            gettext_noop(
                "Meta takes the same words only once in a row, and this account has said them lately; nothing was "
                "posted now. Say it differently."
            ),
            code="duplicate",
            **facts,
        )
    if code == 368:
        return Permanent(
            gettext_noop(
                "Meta has blocked this kind of action for the account for a while (%(said)s); see its notices there."
            ),
            code="blocked",
            **facts,
        )
    if code in FAULTS or error.get("is_transient") is True:
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
    if answer.status < 500:
        return exchange.refused(
            where, code or answer.status, words, code="gone" if answer.status == 404 else "refused"
        )
    return None


def _judge(where: str, secret: Secret, *, acting: bool) -> exchange.Judge:
    keys = _keys(secret)
    return lambda answer, content: refusal(where, answer, content, keys, acting=acting)


def allowance(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Meta tells the share that is used, in percent, and sometimes when it is free again."""
    if not _usages(headers):
        return headers
    left, again = max(100 - _used(headers), 0), _regained(headers) or BREATH
    told = {"ratelimit-limit": "100", "ratelimit-remaining": str(left), "ratelimit-reset": str(again)}
    return {**headers, **told}


def _used(headers: Mapping[str, str]) -> float:
    """The largest share of an allowance that is used, in percent."""
    found: list[float] = [0.0]
    for one in _usages(headers):
        found += [
            float(v)
            for n, v in one.items()
            if n in ("call_count", "total_time", "total_cputime") and isinstance(v, int)
        ]
    return max(found)


def _regained(headers: Mapping[str, str]) -> float | None:
    """Seconds until Meta lets us ask again, where it says so (in minutes)."""
    minutes = [
        m
        for one in _usages(headers)
        if isinstance(m := one.get("estimated_time_to_regain_access"), int) and 0 < m <= 1440
    ]
    return max(minutes) * 60.0 if minutes else None


def _usages(headers: Mapping[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in ("x-app-usage", "x-page-usage", "x-business-use-case-usage"):
        try:
            value = json.loads(headers.get(name, "{}")[:10_000])
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            inner = [one for many in value.values() if isinstance(many, list) for one in many]
            found += [one for one in (value, *inner) if isinstance(one, dict)]
    return found


def _token(secret: Secret) -> str:
    token = secret.get("access_token", "").strip()
    if not token or not token.isascii() or any(c.isspace() for c in token):
        raise Unauthorised(
            gettext_noop("The account's key is missing or not one; connect the account again."), code="no_key"
        )
    return token


def _proof(secret: Secret, token: str) -> dict[str, str]:
    """Shows that whoever asks knows the app's secret (developers.facebook.com/docs/graph-api/guides/secure-requests)."""
    app = secret.get("client_secret", "").strip()
    if not app:
        return {}
    return {"appsecret_proof": hmac.new(app.encode(), token.encode(), hashlib.sha256).hexdigest()}


def _headers(token: str) -> dict[str, str]:
    # In a header, never in the address: addresses are written to logs on the way.
    return {"Authorization": f"Bearer {token}"}


def _keys(secret: Secret) -> tuple[str, ...]:
    return tuple(
        filter(None, (secret.get("access_token", "").strip(), secret.get("client_secret", "").strip()))
    )
