"""Who we are there: a sign-in that is renewed where it is kept (see `signin`), or a session opened with an app password,
kept in this process and renewed before it ends.

Servers count new sessions (30 in five minutes and 300 a day, some 100), so one is opened only when there is none.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from stormdesk.networks import calls, kept
from stormdesk.networks.base import (
    Permanent,
    Retryable,
    Secret,
    Settings,
    Unauthorised,
    Unknown,
    gettext_noop,
)
from stormdesk.networks.bluesky import proof, signin

SERVER = "https://bsky.social"
PUBLIC = "https://public.api.bsky.app"
"""Answers questions that need no account."""
EARLY = 120.0
"""Seconds before its end that a session is renewed: a request on its way must not arrive with a dead one."""
MAIN_PASSWORD, WITHOUT_MESSAGES = "com.atproto.access", "com.atproto.appPass"
SIGNED_IN = "oauth"


@dataclass(slots=True)
class Session:
    """An open session. `scope` tells an app password from the account's main password; `key`: what a sign-in is bound to."""

    server: str
    did: str
    handle: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    until: float
    scope: str
    key: str = field(default="", repr=False)

    def headers(self, method: str, url: str) -> dict[str, str]:
        """What lets a request in."""
        if self.key:
            return proof.headers(self.key, method, url, self.access)
        return {"Authorization": f"Bearer {self.access}"}


_open: dict[tuple[str, str, str], Session] = {}
_lock = threading.Lock()


def server(settings: Settings) -> str:
    """The account's server, without a slash at the end."""
    address = str(settings.get("server") or SERVER).strip().rstrip("/")
    return address if "://" in address else f"https://{address}"


def handle(settings: Settings) -> str:
    """The account's name as it signs in: a handle without @, or a did."""
    return str(settings.get("handle", "")).strip().lstrip("@").lower()


def has_account(settings: Settings, secret: Secret) -> bool:
    """Is there anything to sign in with?"""
    return bool(handle(settings) and (secret.get("app_password") or signed_in(secret)))


def signed_in(secret: Secret) -> bool:
    """Was it connected by signing in, without a password?"""
    return bool(secret.get(signin.KEY) and secret.get(kept.LONG))


async def session(settings: Settings, secret: Secret, *, not_this: str = "") -> Session:
    """The open session of this account, else a new one; `not_this`: an access token that was refused just now.

    Raises Unauthorised, Retryable, Permanent; never Unknown: opening one twice does no harm.
    """
    if not has_account(settings, secret):
        raise Unauthorised(
            gettext_noop("This needs a Bluesky account; connect one first."),
            code="no_account",
        )
    if signed_in(secret):
        held = await signin.fresh(settings, secret, not_this)
        did, until = str(settings.get("did") or ""), float(held.get(kept.UNTIL, "0"))
        return Session(
            server(settings), did, handle(settings), held[kept.SHORT], "", until, SIGNED_IN, held[signin.KEY]
        )
    password = secret["app_password"].strip()
    key = (server(settings), handle(settings), hashlib.sha256(password.encode()).hexdigest())
    with _lock:
        known = _open.get(key)
    if known and known.access != not_this and known.until - EARLY > time.time():
        return known
    found = await _renewed(known) if known else None
    if found is None:
        found = await _opened(key[0], key[1], password)
    with _lock:
        _open[key] = found
    return found


def forget() -> None:
    """Let go of every session of this process (for tests)."""
    with _lock:
        _open.clear()


async def _opened(address: str, identifier: str, password: str) -> Session:
    url = f"{address}/xrpc/com.atproto.server.createSession"
    try:
        answer = await calls.write("POST", url, json={"identifier": identifier, "password": password})
    except Unknown as error:
        raise Retryable(error.message, code=error.code, **error.facts) from error
    except Unauthorised as error:
        if error.facts.get("named") == "AuthFactorTokenRequired":
            raise Unauthorised(
                gettext_noop(
                    "This is the account's main password, guarded by a code by e-mail; make an app password "
                    "in Settings → Privacy and security → App passwords and give that."
                ),
                code="main_password",
            ) from None
        raise Unauthorised(
            gettext_noop(
                "“%(host)s” does not accept this name and app password (%(said)s); make a new app password there."
            ),
            **error.facts,
        ) from None
    return _read(url, address, answer.json() if _is_json(answer) else None)


async def _renewed(old: Session) -> Session | None:
    """The session renewed; None if it cannot be any more."""
    url = f"{old.server}/xrpc/com.atproto.server.refreshSession"
    try:
        answer = await calls.write("POST", url, headers={"Authorization": f"Bearer {old.refresh}"})
        return _read(url, old.server, answer.json() if _is_json(answer) else None)
    except (Permanent, Unknown):
        return None


def _read(url: str, address: str, content: Any) -> Session:
    wanted = ("did", "handle", "accessJwt", "refreshJwt")
    if not isinstance(content, dict) or not all(isinstance(content.get(name), str) for name in wanted):
        raise calls.unreadable(url)
    if content.get("active") is False:
        raise Unauthorised(
            gettext_noop("The account %(handle)s is switched off there (%(status)s); sign in on its pages."),
            code="inactive",
            handle=content["handle"],
            status=str(content.get("status") or "inactive"),
        )
    claims = _claims(content["accessJwt"])
    until = claims.get("exp")
    return Session(
        address,
        content["did"],
        content["handle"],
        content["accessJwt"],
        content["refreshJwt"],
        float(until) if isinstance(until, int | float) else time.time() + 3600,
        str(claims.get("scope", "")),
    )


def _claims(token: str) -> dict[str, Any]:
    """What a token says of itself; for its end only, so the signature is the server's business."""
    try:
        part = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_json(answer: Any) -> bool:
    try:
        answer.json()
    except ValueError:
        return False
    return True
