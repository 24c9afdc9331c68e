"""Questions and changes over XRPC (atproto.com/specs/xrpc), with the session and the network's own names of faults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.networks import calls, pace
from stormdesk.networks.base import NetworkError, Permanent, Secret, Settings, Unauthorised, gettext_noop
from stormdesk.networks.bluesky import session as sessions

_STALE = ("ExpiredToken", "InvalidToken")
_GONE = ("RecordNotFound", "NotFound", "BlobNotFound")


async def query(
    settings: Settings, secret: Secret, name: str, params: Mapping[str, Any], *, public: bool = False
) -> dict[str, Any]:
    """Ask. `public`: may be asked without an account. Raises Retryable, Permanent, Unauthorised."""
    if public and not sessions.has_account(settings, secret):
        url = f"{str(settings.get('appview') or sessions.PUBLIC).rstrip('/')}/xrpc/{name}"
        return content(url, await _named(calls.read(url, params=params)))

    async def ask(session: sessions.Session) -> Any:
        return await calls.read(f"{session.server}/xrpc/{name}", params=params, headers=_key(session))

    answer = await _signed(settings, secret, ask)
    return content(f"{sessions.server(settings)}/xrpc/{name}", answer)


async def change(
    settings: Settings, secret: Secret, name: str, headers: Mapping[str, str] | None = None, **body: Any
) -> Any:
    """Change something, sent at most once; gives the answer. Raises Unknown when it may have happened."""

    async def ask(session: sessions.Session) -> Any:
        url = f"{session.server}/xrpc/{name}"
        return await calls.write("POST", url, headers={**_key(session), **(headers or {})}, **body)

    return await _signed(settings, secret, ask)


def content(url: str, answer: Any) -> dict[str, Any]:
    """The mapping in an answer to a question. Raises Retryable if it is cut short or none."""
    try:
        found = answer.json()
    except ValueError:
        raise calls.unreadable(url) from None
    if not isinstance(found, dict):
        raise calls.unreadable(url)
    return found


async def _signed(settings: Settings, secret: Secret, ask: Any) -> Any:
    session = await sessions.session(settings, secret)
    with pace.account(session.did):
        return await _asked(settings, secret, ask, session)


async def _asked(settings: Settings, secret: Secret, ask: Any, session: sessions.Session) -> Any:
    try:
        return await _named(ask(session))
    except Permanent as error:
        # A server that does not take the token has not looked at the request: it is asked once more with a new one.
        if error.facts.get("named") not in _STALE:
            raise
    session = await sessions.session(settings, secret, not_this=session.access)
    return await _named(ask(session))


async def _named(asked: Any) -> Any:
    """The same, with the faults this network tells by name instead of by number."""
    try:
        return await asked
    except Permanent as error:
        named = error.facts.get("named")
        raise _meant(error, str(named)) from error


def _meant(error: Permanent, named: str) -> NetworkError:
    if named in _GONE:
        return Permanent(error.message, code="gone", **error.facts)
    if named in ("AuthMissing", "AuthenticationRequired", "AccountTakedown", *_STALE) and not isinstance(
        error, Unauthorised
    ):
        return Unauthorised(
            gettext_noop(
                "“%(host)s” does not accept the account's key for this (%(status)s: %(said)s); connect the account again."
            ),
            **error.facts,
        )
    return error


def _key(session: sessions.Session) -> dict[str, str]:
    return {"Authorization": f"Bearer {session.access}"}
