"""Where a site is, how its REST API is asked, and what its refusals mean."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from stormdesk.core import http
from stormdesk.networks import calls
from stormdesk.networks.base import Permanent, Secret, Settings, Unauthorised, gettext_noop

FLOOD_SECONDS = 15
"""How long WordPress makes one commenter wait; it does not say so in its answer."""


def site(settings: Settings) -> str:
    """The site's address without a slash at the end; https if nothing is said."""
    address = str(settings.get("site") or "").strip().rstrip("/")
    return address if "://" in address else f"https://{address}"


def api(settings: Settings, path: str) -> tuple[str, dict[str, Any]]:
    """Address and route of one endpoint: the query variable works whatever the site's permalinks look like."""
    return f"{site(settings)}/", {"rest_route": f"/wp/v2/{path}"}


def headers(secret: Secret) -> dict[str, str]:
    user, password = secret.get("user", ""), secret.get("application_password", "")
    if not password:
        return {}
    packed = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {packed}"}


def account(settings: Settings, secret: Secret) -> dict[str, str]:
    """What the key is made of: the name is no secret, so it stands with the settings."""
    return {"user": str(settings.get("user") or ""), **secret}


async def read(settings: Settings, secret: Secret, path: str, **query: Any) -> tuple[Any, http.Answer]:
    """The JSON of an answer to a question, with the answer. Raises Retryable, Permanent, Unauthorised."""
    url, route = api(settings, path)
    key = headers(account(settings, secret))
    # A key does not follow to another address, and without it the site would only say that it does not know us.
    straight: dict[str, Any] = {"max_redirects": 0} if key else {}
    try:
        answer = await calls.read(url, params=route | _plain(query), headers=key, **straight)
    except Unauthorised as error:
        raise _not_allowed(error) from error
    try:
        return answer.json(), answer
    except ValueError:
        raise calls.unreadable(url) from None


async def listed(settings: Settings, secret: Secret, path: str, **query: Any) -> tuple[list[Any], int]:
    """One page of a list, and how many pages there are."""
    found, answer = await read(settings, secret, path, **query)
    if not isinstance(found, list):
        raise calls.unreadable(site(settings))
    try:
        pages = int(answer.headers.get("x-wp-totalpages", "1"))
    except ValueError:
        pages = 1
    return found, pages


async def write(
    settings: Settings,
    secret: Secret,
    method: str,
    path: str,
    query: Mapping[str, Any] | None = None,
    **options: Any,
) -> Mapping[str, Any]:
    """Change something, once; the JSON object of the answer. Raises as `Network.publish` does."""
    url, route = api(settings, path)
    sent = options.pop("headers", {}) | headers(account(settings, secret))
    try:
        answer = await calls.write(method, url, params=route | _plain(query or {}), headers=sent, **options)
    except Unauthorised as error:
        raise _not_allowed(error) from error
    try:
        found = answer.json()
    except ValueError:
        raise calls.unclear(url) from None
    if not isinstance(found, dict):
        raise calls.unclear(url)
    return found


def _plain(query: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        for name, value in query.items()
    }


def _not_allowed(error: Unauthorised) -> Permanent:
    """WordPress says 401 to a wrong key and 403 to a right one whose owner may not do this, or nobody may."""
    if error.facts.get("status") != 403:
        return error
    return Permanent(
        gettext_noop(
            "The site “%(host)s” does not let the account do this: %(said)s An administrator of the site can change that."
        ),
        code="not_allowed",
        **error.facts,
    )
