"""Signing in: the person allows us on their site, which makes a password for this program alone.

The way: make.wordpress.org/core/2020/11/05/application-passwords-integration-guide/
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from stormdesk.core import http
from stormdesk.networks import calls
from stormdesk.networks.base import Connected, Connecting, Permanent, Settings, gettext_noop
from stormdesk.networks.wordpress import place

APP_ID = str(uuid.uuid5(uuid.NAMESPACE_DNS, "stormdesk"))


async def begin(settings: Settings, redirect_uri: str, state: str) -> Connecting:
    """The page of the site where the person says yes. Raises Permanent if the site makes no such passwords."""
    site = place.site(settings)
    # The site may have moved to another address, and a post is never sent along a redirect: remember where it is.
    answer = await calls.read(f"{site}/", params={"rest_route": "/"})
    try:
        index = answer.json()
        endpoint = index["authentication"]["application-passwords"]["endpoints"]["authorization"]
    except (ValueError, KeyError, TypeError):
        raise Permanent(
            gettext_noop(
                "“%(host)s” offers no application passwords: it is no WordPress of 5.6 or later, has no https, "
                "or a plugin turned them off. Ask its administrator."
            ),
            code="no_application_passwords",
            host=http.host(site),
        ) from None
    if not isinstance(endpoint, str) or urlsplit(endpoint).hostname != urlsplit(answer.url).hostname:
        raise calls.unreadable(site)
    back = f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode({'state': state})}"
    query = {"app_name": "Stormdesk", "app_id": APP_ID, "success_url": back, "reject_url": back}
    home = str(index.get("home") or "") if isinstance(index, dict) else ""
    if urlsplit(home).hostname != urlsplit(answer.url).hostname:
        home = site
    return Connecting(
        f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}", {"site": home.rstrip("/")}
    )


async def finish(keep: Mapping[str, Any], answer: Mapping[str, str]) -> Connected:
    """Keep the password the site made, and ask whose it is."""
    user, password = answer.get("user_login", ""), answer.get("password", "")
    if not user or not password:
        raise Permanent(
            gettext_noop(
                "The account was not connected: permission was not given. Start again if that was a mistake."
            ),
            code="declined",
        )
    settings = {"site": str(keep["site"]), "user": user}
    secret = {"application_password": password}
    me, _ = await place.read(settings, secret, "users/me")
    if not isinstance(me, dict) or not isinstance(me.get("id"), int):
        raise calls.unreadable(settings["site"])
    return Connected(settings | {"account_id": str(me["id"]), "handle": user}, secret)
