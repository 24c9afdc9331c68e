"""Signing in at the account's own server, without any password here (atproto.com/specs/oauth).

The server is found from the handle; the request is pushed to it first (PAR, RFC 9126), and every key is bound to a key
pair of ours (see `proof`). Who we are is a document at an https address of this desk, which the server reads; a desk
that only its own machine can reach may use the exception for development, and any other needs an app password.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from stormdesk.core import http
from stormdesk.networks import calls, exchange, kept, oauth
from stormdesk.networks.base import (
    Connected,
    Connecting,
    NetworkError,
    Permanent,
    Retryable,
    Secret,
    Settings,
    Unauthorised,
    Unknown,
    gettext_noop,
)
from stormdesk.networks.bluesky import proof

SCOPES = ("atproto", "transition:generic", "transition:chat.bsky")
DIRECTORY = "https://plc.directory"
DOCUMENT = "client.json"
KEY = "bound_key"
CLIENT_KEY = "client_key"
"""Entries of a secret: the key pair the account's keys are bound to, and the one that says who we are."""
_DID = re.compile(r"did:(plc:[a-z2-7]{24}|web:[A-Za-z0-9.-]{1,250}(%3A[0-9]{1,5})?)")


def client(redirect_uri: str) -> str:
    """The address that names us to every server. Raises Permanent where servers could not read it."""
    parts = urlsplit(redirect_uri)
    name = parts.hostname or ""
    if parts.scheme == "https" and "." in name and not name.replace(".", "").isdigit():
        return redirect_uri + DOCUMENT
    if parts.scheme == "http" and name == "127.0.0.1":
        query = urlencode({"redirect_uri": redirect_uri, "scope": " ".join(SCOPES)}, quote_via=quote)
        return f"http://localhost?{query}"
    raise Permanent(
        gettext_noop(
            "Bluesky lets people sign in only from a desk it can reach at an https address, and this one stands at "
            "%(address)s. Make an app password at Bluesky and enter it instead, or give the desk a public address."
        ),
        code="no_public_address",
        address=f"{parts.scheme}://{parts.netloc}",
    )


def document(redirect_uri: str, key: str) -> dict[str, Any]:
    """What a server reads about us (atproto.com/specs/oauth, “client metadata”); `key`: our pair."""
    parts = urlsplit(redirect_uri)
    return {
        "client_id": client(redirect_uri),
        "client_name": f"Stormdesk, {parts.netloc}",
        "client_uri": f"{parts.scheme}://{parts.netloc}",
        "application_type": "web",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "redirect_uris": [redirect_uri],
        "scope": " ".join(SCOPES),
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "dpop_bound_access_tokens": True,
        "jwks": {"keys": [proof.public(key)]},
    }


async def begin(settings: Settings, address: str, handle: str, redirect_uri: str, state: str) -> Connecting:
    """Where the person says yes. `address`: the server that knows the handle, or the account's own."""
    us = client(redirect_uri)
    did, server = await _found(settings, address, handle)
    issuer = await _issuer(server)
    place = await _described(issuer)
    verifier, challenge = oauth.pkce()
    keep = {
        "client_id": us,
        KEY: proof.new_key(),
        CLIENT_KEY: "" if us.startswith("http://") else str(settings.get(CLIENT_KEY) or ""),
        "verifier": verifier,
        "did": did,
        "server": server,
        "issuer": issuer,
        "token": place["token_endpoint"],
    }
    form = {
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": " ".join(SCOPES),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "login_hint": handle,
    }
    pushed = await _asked(place["pushed_authorization_request_endpoint"], keep, form)
    query = {"client_id": us, "request_uri": oauth.needed(issuer, pushed, "request_uri")}
    return Connecting(f"{place['authorization_endpoint']}?{urlencode(query)}", keep)


async def finish(keep: Mapping[str, Any], redirect_uri: str, answer: Mapping[str, str]) -> Connected:
    """The keys for the code the person brought back. Raises Permanent if they declined or it is another account."""
    if not answer.get("code"):
        raise Permanent(
            gettext_noop(
                "The account was not connected: permission was not given. Start again if that was a mistake."
            ),
            code="declined",
        )
    if answer.get("iss", "").rstrip("/") != keep["issuer"]:
        raise _stranger()
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": redirect_uri,
        "code_verifier": str(keep["verifier"]),
    }
    try:
        content = await _asked(str(keep["token"]), keep, form)
    except Unknown as error:
        raise Retryable(error.message, code=error.code, **error.facts) from error
    if content.get("sub") != keep["did"]:
        raise Permanent(
            gettext_noop(
                "Somebody signed in to another account than the one entered; nothing was connected. Begin again and "
                "sign in to that one."
            ),
            code="other_account",
        )
    settings = {name: keep[name] for name in ("client_id", "did", "server", "issuer", "token")}
    secret = oauth.given(content, str(keep["token"])) | {KEY: keep[KEY]}
    if keep[CLIENT_KEY]:
        secret[CLIENT_KEY] = keep[CLIENT_KEY]
    return Connected(settings | {"scopes": str(content.get("scope") or "")}, secret)


async def fresh(settings: Settings, secret: Secret, not_this: str) -> Secret:
    """The secret with a short key that is good now; `not_this`: one that was refused just now."""

    async def renew(held: Secret) -> dict[str, str]:
        keep = {**settings, **held}
        form = {"grant_type": "refresh_token", "refresh_token": held.get(kept.LONG, "")}
        where = str(settings.get("token") or "")
        return oauth.given(await _asked(where, keep, form), where)

    return await kept.fresh(secret, lambda held: oauth.lasts(held, not_this), renew)


async def _asked(url: str, keep: Mapping[str, Any], form: dict[str, str]) -> dict[str, Any]:
    """One exchange with the server that signs people in, once more if it wants its number seen. May raise Unknown."""
    keys = tuple(filter(None, (form.get("code"), form.get("refresh_token"), form.get("code_verifier"))))
    wanted = False

    def judge(answer: http.Answer, content: Any) -> NetworkError | None:
        nonlocal wanted
        proof.heard(url, answer.headers)
        content = content if isinstance(content, dict) else {}
        error = content.get("error")
        wanted = error == "use_dpop_nonce"
        if error and answer.status < 500 and answer.status != 429:
            return exchange.expired(url, exchange.said(content.get("error_description") or error, keys))
        return None

    form = form | {"client_id": str(keep["client_id"])}
    for again in (True, False):
        if keep.get(CLIENT_KEY):
            form |= proof.assertion(str(keep[CLIENT_KEY]), str(keep["client_id"]), str(keep["issuer"]))
        try:
            content = await exchange.act(
                "POST", url, judge, keys=keys, data=form, headers=proof.headers(str(keep[KEY]), "POST", url)
            )
            break
        except Unauthorised:
            # It has not looked at the request yet.
            if not (wanted and again):
                raise
    if not isinstance(content, dict):
        raise calls.unclear(url)
    return content


async def _found(settings: Settings, address: str, handle: str) -> tuple[str, str]:
    """Whose handle it is, and the server of that account."""
    did = handle
    if not handle.startswith("did:"):
        url = f"{address}/xrpc/com.atproto.identity.resolveHandle"
        did = str((await _read(url, params={"handle": handle})).get("did") or "")
    if not _DID.fullmatch(did):
        raise _nobody(handle)
    if str(settings.get("server") or ""):
        return did, address
    if did.startswith("did:web:"):
        where = f"https://{did[8:].replace('%3A', ':')}/.well-known/did.json"
    else:
        where = f"{str(settings.get('directory') or DIRECTORY).rstrip('/')}/{did}"
    services = (await _read(where)).get("service")
    for service in services if isinstance(services, list) else []:
        if isinstance(service, dict) and str(service.get("id", "")).endswith("#atproto_pds"):
            return did, str(service.get("serviceEndpoint") or "").rstrip("/")
    raise _nobody(handle)


async def _issuer(server: str) -> str:
    found = await _read(f"{server}/.well-known/oauth-protected-resource")
    listed = found.get("authorization_servers")
    if not isinstance(listed, list) or len(listed) != 1 or not isinstance(listed[0], str):
        raise calls.unreadable(server)
    return listed[0].rstrip("/")


async def _described(issuer: str) -> dict[str, str]:
    found = await _read(f"{issuer}/.well-known/oauth-authorization-server")
    if str(found.get("issuer", "")).rstrip("/") != issuer:
        raise _stranger()
    wanted = ("authorization_endpoint", "token_endpoint", "pushed_authorization_request_endpoint")
    return {name: oauth.needed(issuer, found, name) for name in wanted}


async def _read(url: str, **options: Any) -> dict[str, Any]:
    try:
        content = (await calls.read(url, **options)).json()
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise calls.unreadable(url)
    return content


def _nobody(handle: str) -> Permanent:
    return Permanent(
        gettext_noop("Nobody on Bluesky is called %(handle)s; see whether it is spelled as there."),
        code="nobody",
        handle=handle,
    )


def _stranger() -> Permanent:
    return Permanent(
        gettext_noop(
            "The answer does not come from the server where the sign-in began; nothing was connected. Begin again, and "
            "if it happens again, tell whoever runs that server."
        ),
        code="other_server",
    )
