"""Signing in: register the application, send the person to their server, exchange the code (OAuth 2, PKCE S256)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from stormdesk.networks import calls
from stormdesk.networks.base import Connected, Connecting, Permanent, gettext_noop

SCOPES = ("read", "write", "follow")


def pkce() -> tuple[str, str]:
    """A fresh verifier and its S256 challenge (RFC 7636). Servers that do not know PKCE ignore the challenge."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    return verifier, base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


async def register(server: str, redirect_uri: str) -> tuple[str, str]:
    """Make us known to a server; returns client id and secret. Raises NetworkError."""
    url = f"{server}/api/v1/apps"
    answer = await calls.write(
        "POST",
        url,
        data={"client_name": "Stormdesk", "redirect_uris": redirect_uri, "scopes": " ".join(SCOPES)},
    )
    made = _mapping(url, answer)
    return _needed(url, made, "client_id"), _needed(url, made, "client_secret")


async def begin(server: str, redirect_uri: str, state: str) -> Connecting:
    """Register and give the address where the person says yes."""
    client_id, client_secret = await register(server, redirect_uri)
    verifier, challenge = pkce()
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(SCOPES),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    keep = {"server": server, "client_id": client_id, "client_secret": client_secret, "verifier": verifier}
    return Connecting(f"{server}/oauth/authorize?{urlencode(query)}", keep)


async def finish(keep: Mapping[str, Any], redirect_uri: str, answer: Mapping[str, str]) -> Connected:
    """Exchange the code for a token and ask whose it is."""
    server = keep["server"]
    if "code" not in answer:
        raise Permanent(
            gettext_noop(
                "The account was not connected: permission was not given. Start again if that was a mistake."
            ),
            code="declined",
        )
    url = f"{server}/oauth/token"
    given = _mapping(
        url,
        await calls.write(
            "POST",
            url,
            data={
                "grant_type": "authorization_code",
                "client_id": keep["client_id"],
                "client_secret": keep["client_secret"],
                "redirect_uri": redirect_uri,
                "code": answer["code"],
                "code_verifier": keep["verifier"],
                "scope": " ".join(SCOPES),
            },
        ),
    )
    token = _needed(url, given, "access_token")
    who = f"{server}/api/v1/accounts/verify_credentials"
    me = _mapping(who, await calls.read(who, headers={"Authorization": f"Bearer {token}"}))
    return Connected(
        {
            "server": server,
            "account_id": _needed(who, me, "id"),
            "handle": _needed(who, me, "acct"),
            "scopes": str(given.get("scope") or ""),
        },
        {"access_token": token, "client_id": keep["client_id"], "client_secret": keep["client_secret"]},
    )


def _mapping(url: str, answer: Any) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        raise calls.unreadable(url) from None
    if not isinstance(content, dict):
        raise calls.unreadable(url)
    return content


def _needed(url: str, content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str | int) or value == "":
        raise calls.unreadable(url)
    return str(value)
