"""Questions and changes over XRPC (atproto.com/specs/xrpc), with the session and the network's own names of faults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.core import http
from stormdesk.networks import calls, exchange, pace
from stormdesk.networks.base import NetworkError, Permanent, Secret, Settings, Unauthorised, gettext_noop
from stormdesk.networks.bluesky import proof
from stormdesk.networks.bluesky import session as sessions

_NUMBER = "use_dpop_nonce"
_STALE = ("ExpiredToken", "InvalidToken", "invalid_token")
_GONE = ("RecordNotFound", "NotFound", "BlobNotFound")


async def query(
    settings: Settings,
    secret: Secret,
    name: str,
    params: Mapping[str, Any],
    *,
    public: bool = False,
    through: str = "",
) -> dict[str, Any]:
    """Ask. `public`: may be asked without an account; `through`: the service the server is to ask for us.

    Raises Retryable, Permanent, Unauthorised.
    """
    if public and not sessions.has_account(settings, secret):
        url = f"{str(settings.get('appview') or sessions.PUBLIC).rstrip('/')}/xrpc/{name}"
        return content(url, await _named(exchange.ask(url, _heard(url), params=params)))

    async def ask(session: sessions.Session) -> Any:
        url = f"{session.server}/xrpc/{name}"
        headers = session.headers("GET", url) | _through(through)
        return await exchange.ask(url, _heard(url), params=params, headers=headers, keys=(session.access,))

    found = await _signed(settings, secret, ask)
    return content(f"{sessions.server(settings)}/xrpc/{name}", found)


async def change(
    settings: Settings,
    secret: Secret,
    name: str,
    headers: Mapping[str, str] | None = None,
    *,
    through: str = "",
    **body: Any,
) -> dict[str, Any]:
    """Change something, sent at most once; what is answered. Raises Unknown when it may have happened."""

    async def ask(session: sessions.Session) -> Any:
        url = f"{session.server}/xrpc/{name}"
        given = session.headers("POST", url) | _through(through) | dict(headers or {})
        return await exchange.act(
            "POST", url, _heard(url), keys=(session.access,), empty=True, headers=given, **body
        )

    found = await _signed(settings, secret, ask)
    return found if isinstance(found, dict) else {}


def content(url: str, found: Any) -> dict[str, Any]:
    """The mapping in an answer to a question. Raises Retryable if it is none."""
    if not isinstance(found, dict):
        raise calls.unreadable(url)
    return found


def _through(service: str) -> dict[str, str]:
    return {"atproto-proxy": service} if service else {}


def _heard(url: str) -> exchange.Judge:
    def judge(answer: http.Answer, _content: Any) -> NetworkError | None:
        proof.heard(url, answer.headers)
        return None

    return judge


async def _signed(settings: Settings, secret: Secret, ask: Any) -> Any:
    session = await sessions.session(settings, secret)
    with pace.account(session.did):
        return await _asked(settings, secret, ask, session)


async def _asked(settings: Settings, secret: Secret, ask: Any, session: sessions.Session) -> Any:
    # A server that wants its number in the proof, or does not take the token, has not looked at the request: it is
    # asked once more, for each of these reasons.
    allowed = {_NUMBER, "stale"}
    while True:
        try:
            return await _named(ask(session))
        except Permanent as error:
            named = error.facts.get("named")
            reason = "stale" if named in _STALE else named
            if reason not in allowed:
                raise
            allowed.remove(reason)
        if reason == "stale":
            session = await sessions.session(settings, secret, not_this=session.access)


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
