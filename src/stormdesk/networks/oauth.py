"""Signing in by OAuth 2: send the person away, exchange the code, keep the short key fresh (RFC 6749, PKCE: RFC 7636).

Long keys (refresh tokens) and the short ones they are exchanged for are kept with the account, and renewed before they
end; `kept` sees to it that a long key is used once, and that its successor is stored before it is used.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from stormdesk.core import http
from stormdesk.networks import calls, exchange, kept
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
    method: str = "S256"
    """The name of the one way of PKCE as this network writes it."""
    basic: bool = False
    more: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    """What this network wants with every exchange beside the key."""


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
        query |= {"code_challenge": challenge, "code_challenge_method": door.method}
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
    try:
        return await _exchanged(door, str(keep["client_id"]), str(keep["client_secret"]), form)
    except Unknown as error:
        # A key that was made and never used harms nobody: the person begins again.
        raise Retryable(error.message, code=error.code, **error.facts) from error


async def token(door: Door, settings: Settings, secret: Secret, *, not_this: str = "") -> str:
    """A short key that is good now; `not_this`: one that was refused just now.

    Raises Unauthorised when the account must be connected again, Retryable; never Unknown.
    """

    def good(held: Secret) -> bool:
        return lasts(held, not_this)

    async def renew(held: Secret) -> dict[str, str]:
        return await _renewed(door, settings, held)

    if not secret.get(kept.LONG, "").strip() and not good(secret):
        raise exchange.expired(door.token, "–")
    return (await kept.fresh(secret, good, renew))[kept.SHORT].strip()


def lasts(held: Secret, not_this: str = "") -> bool:
    """Is its short key good for a while? One without a long key is taken for good until it is refused."""
    access = held.get(kept.SHORT, "").strip()
    if not access or access == not_this:
        return False
    if not held.get(kept.LONG, "").strip():
        return True
    try:
        return float(held.get(kept.UNTIL, "0")) - EARLY > time.time()
    except ValueError:
        return False


def given(content: Mapping[str, Any], url: str) -> dict[str, str]:
    """What an exchange changes in the secret. Raises Retryable for an answer without a key."""
    seconds = content.get("expires_in")
    lasting = float(seconds) if isinstance(seconds, int | float) and not isinstance(seconds, bool) else 3600.0
    until = time.time() + min(max(lasting, SHORTEST), LONGEST)
    changes = {kept.SHORT: needed(url, content, "access_token"), kept.UNTIL: str(int(until))}
    following = content.get("refresh_token")
    return changes | ({kept.LONG: following} if isinstance(following, str) and following else {})


def forget() -> None:
    """Let go of every key of this process (for tests)."""
    kept.forget()


def needed(url: str, content: Mapping[str, Any], name: str) -> str:
    """A word that an answer must have. Raises Retryable."""
    value = content.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise calls.unreadable(url)
    return str(value)


async def _renewed(door: Door, settings: Settings, secret: Secret) -> dict[str, str]:
    refresh = secret.get(kept.LONG, "").strip()
    if not refresh:
        raise exchange.expired(door.token, "–")
    form = {"grant_type": "refresh_token", "refresh_token": refresh}
    client_id = str(settings.get("client_id") or "").strip()
    client_secret = secret.get("client_secret", "").strip()
    return given(await _exchanged(door, client_id, client_secret, form), door.token)


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
        form |= {"client_id": client_id, **door.beside} | (
            {"client_secret": client_secret} if client_secret else {}
        )

    def judge(answer: http.Answer, content: Any) -> NetworkError | None:
        content = content if isinstance(content, dict) else {}
        error = content.get("error")
        if error and answer.status < 500 and answer.status != 429:
            return exchange.expired(
                door.token, exchange.said(content.get("error_description") or error, keys)
            )
        return None

    content = await exchange.act("POST", door.token, judge, keys=keys, data=form, headers=headers)
    if not isinstance(content, dict) or not isinstance(content.get("access_token"), str):
        raise calls.unclear(door.token)
    return content
