"""Signing in by OAuth 2: send the person away, exchange the code, keep the short key fresh (RFC 6749, PKCE: RFC 7636).

Long keys (refresh tokens) are kept with the account; short ones live in this process only and are renewed before they
end. Some networks change the long key with every renewal: then `renewed` tells what must be kept instead.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from stormdesk.core import http
from stormdesk.networks import calls, exchange
from stormdesk.networks.base import (
    Connecting,
    NetworkError,
    Permanent,
    Retryable,
    Secret,
    Settings,
    Unknown,
    gettext_noop,
)

EARLY = 120.0
"""Seconds before its end that a short key is renewed: a request on its way must not arrive with a dead one."""
SHORTEST, LONGEST = 60.0, 90 * 86_400.0


@dataclass(frozen=True, slots=True)
class Door:
    """Where and how a network lets people sign in. `basic`: it wants our name in a header, not in the form."""

    authorize: str
    token: str
    scopes: tuple[str, ...]
    separator: str = " "
    pkce: bool = True
    basic: bool = False
    more: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Key:
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    until: float


_fresh: dict[str, _Key] = {}
_busy: dict[str, threading.Lock] = {}
_guard = threading.Lock()


def pkce() -> tuple[str, str]:
    """A fresh verifier and its S256 challenge."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    return verifier, base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def begin(door: Door, settings: Settings, redirect_uri: str, state: str) -> Connecting:
    """The address where the person says yes. `settings`: `client_id` and, where there is one, `client_secret`."""
    client_id = str(settings.get("client_id") or "").strip()
    if not client_id:
        raise Permanent(
            gettext_noop("The number of your application there is missing; make one and enter it."),
            code="no_client",
        )
    keep = {"client_id": client_id, "client_secret": str(settings.get("client_secret") or "").strip()}
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": door.separator.join(door.scopes),
        "state": state,
        **door.more,
    }
    if door.pkce:
        keep["verifier"], challenge = pkce()
        query |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    return Connecting(f"{door.authorize}?{urlencode(query)}", keep)


async def finish(
    door: Door, keep: Mapping[str, Any], redirect_uri: str, answer: Mapping[str, str]
) -> dict[str, Any]:
    """The network's answer to the code the person brought back: at least `access_token`. Raises NetworkError."""
    if not answer.get("code"):
        raise Permanent(
            gettext_noop(
                "The account was not connected: permission was not given. Start again if that was a mistake."
            ),
            code="declined",
        )
    form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": redirect_uri}
    if door.pkce:
        form["code_verifier"] = str(keep["verifier"])
    return await _exchanged(door, str(keep["client_id"]), str(keep["client_secret"]), form)


async def token(door: Door, settings: Settings, secret: Secret, *, not_this: str = "") -> str:
    """A short key that is good now; `not_this`: one that was refused just now.

    Raises Unauthorised when the account must be connected again, Retryable; never Unknown.
    """
    refresh = secret.get("refresh_token", "").strip()
    given = secret.get("access_token", "").strip()
    if not refresh:
        if not given or given == not_this:
            raise exchange.expired(door.token, "–")
        return given
    name = _name(door, refresh)
    with _guard:
        lock = _busy.setdefault(name, threading.Lock())
    # Others in this process may be renewing it on another loop; a long key that is good once must be used once.
    while not lock.acquire(blocking=False):
        await asyncio.sleep(0.02)
    try:
        known = _fresh.get(name)
        if known and known.access != not_this and known.until - EARLY > time.time():
            return known.access
        found = await _renewed(door, settings, secret, known.refresh if known else refresh)
        _fresh[name] = found
        return found.access
    finally:
        lock.release()


def renewed(door: Door, secret: Secret) -> dict[str, str] | None:
    """The secret as it must be kept from now on, where a renewal has changed its long key; else None."""
    refresh = secret.get("refresh_token", "").strip()
    known = _fresh.get(_name(door, refresh)) if refresh else None
    if known is None or known.refresh == refresh:
        return None
    _fresh[_name(door, known.refresh)] = known
    return dict(secret) | {"refresh_token": known.refresh}


def forget() -> None:
    """Let go of every short key of this process (for tests)."""
    _fresh.clear()


def needed(url: str, content: Mapping[str, Any], name: str) -> str:
    """A word that an answer must have. Raises Retryable."""
    value = content.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise calls.unreadable(url)
    return str(value)


async def _renewed(door: Door, settings: Settings, secret: Secret, refresh: str) -> _Key:
    form = {"grant_type": "refresh_token", "refresh_token": refresh}
    client_id = str(settings.get("client_id") or "").strip()
    client_secret = secret.get("client_secret", "").strip()
    content = await _exchanged(door, client_id, client_secret, form)
    lasts = content.get("expires_in")
    seconds = float(lasts) if isinstance(lasts, int | float) and not isinstance(lasts, bool) else 3600.0
    following = content.get("refresh_token")
    return _Key(
        needed(door.token, content, "access_token"),
        following if isinstance(following, str) and following else refresh,
        time.time() + min(max(seconds, SHORTEST), LONGEST),
    )


async def _exchanged(door: Door, client_id: str, client_secret: str, form: dict[str, str]) -> dict[str, Any]:
    headers = {"Accept": "application/json", **door.headers}
    keys = tuple(
        filter(None, (client_secret, form.get("code"), form.get("refresh_token"), form.get("code_verifier")))
    )
    if door.basic and (client_secret or not door.pkce):
        packed = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        headers["Authorization"] = f"Basic {packed}"
        keys = (*keys, packed)
    else:
        form |= {"client_id": client_id} | ({"client_secret": client_secret} if client_secret else {})

    def judge(answer: http.Answer, content: Any) -> NetworkError | None:
        content = content if isinstance(content, dict) else {}
        error = content.get("error")
        if error and answer.status < 500 and answer.status != 429:
            return exchange.expired(
                door.token, exchange.said(content.get("error_description") or error, keys)
            )
        return None

    try:
        content = await exchange.act("POST", door.token, judge, keys=keys, data=form, headers=headers)
    except Unknown as error:
        # A key that was made and never used harms nobody.
        raise Retryable(error.message, code=error.code, **error.facts) from error
    if not isinstance(content, dict) or not isinstance(content.get("access_token"), str):
        raise calls.unreadable(door.token)
    return content


def _name(door: Door, refresh: str) -> str:
    return hashlib.sha256(f"{door.token} {refresh}".encode()).hexdigest()
