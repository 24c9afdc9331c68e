"""Signing in to a page: the person's key, a long one for it, and the page's own, which does not end.

developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.networks import exchange, oauth
from stormdesk.networks.base import Permanent, Secret, Settings, gettext_noop
from stormdesk.networks.facebook import graph


async def page(
    settings: Settings,
    keep: Mapping[str, Any],
    redirect_uri: str,
    answer: Mapping[str, str],
    scopes: tuple[str, ...],
) -> tuple[dict[str, Any], dict[str, str], dict[str, Any]]:
    """Settings and secret of the page the person chose, and what Meta tells of it. Raises NetworkError."""
    door = graph.door(settings, scopes)
    given = await oauth.finish(door, keep, redirect_uri, answer)
    client_id, client_secret = str(keep["client_id"]), str(keep["client_secret"])
    form = {
        "grant_type": "fb_exchange_token",
        "client_id": client_id,
        "client_secret": client_secret,
        "fb_exchange_token": given["access_token"],
    }
    keys = (client_secret, given["access_token"])
    judge = _judge(door.token, keys)
    longer = await exchange.ask(door.token, judge, method="POST", keys=keys, data=form)
    person: Secret = {
        "access_token": oauth.needed(door.token, longer if isinstance(longer, dict) else {}, "access_token"),
        "client_secret": client_secret,
    }
    fields = "id,name,access_token,tasks,instagram_business_account{id,username}"
    pages = graph.entries(
        settings, await graph.ask(settings, person, "me/accounts", {"fields": fields, "limit": 100})
    )
    pages = [one for one in pages if isinstance(one, dict) and isinstance(one.get("access_token"), str)]
    wanted = str(settings.get("page_id") or "").strip()
    chosen = [one for one in pages if one.get("id") == wanted] if wanted else pages
    if len(chosen) != 1:
        raise Permanent(
            gettext_noop(
                "This person looks after these pages: %(pages)s. Write the number of one of them into “Page number” "
                "and sign in again."
            ),
            code="no_page",
            pages=exchange.said(", ".join(f"{one.get('name')} ({one.get('id')})" for one in pages)),
        )
    found = chosen[0]
    url = graph.url(settings, "me/accounts")
    made = {name: value for name, value in settings.items() if name != "client_secret"}
    made |= {
        "client_id": client_id,
        "page_id": oauth.needed(url, found, "id"),
        "handle": oauth.needed(url, found, "name"),
        "scopes": " ".join(await granted(settings, person)),
    }
    return made, {"access_token": found["access_token"], "client_secret": client_secret}, found


async def granted(settings: Settings, secret: Secret) -> list[str]:
    """The rights the person really gave: each can be refused alone."""
    page = await graph.ask(settings, secret, "me/permissions", {"limit": 100})
    return [
        one["permission"]
        for one in graph.entries(settings, page)
        if isinstance(one, dict) and one.get("status") == "granted" and isinstance(one.get("permission"), str)
    ]


def _judge(where: str, keys: tuple[str, ...]) -> exchange.Judge:
    return lambda answer, content: graph.refusal(where, answer, content, keys)
