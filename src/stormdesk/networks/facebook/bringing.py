"""Having Meta bring what happens to our door (developers.facebook.com/docs/graph-api/webhooks/subscriptions-edge).

Two agreements are needed: the application's, which names the door, one for pages and one for Instagram; and the page's
with the application (…/graph-api/reference/page/subscribed_apps), which Instagram needs too. While the first is made,
Meta asks its question at the door (see `webhooks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.networks import doors
from stormdesk.networks.base import (
    Health,
    NetworkError,
    Permanent,
    Secret,
    Settings,
    gettext_noop,
)
from stormdesk.networks.facebook import graph, listening

RIGHT = "pages_manage_metadata"
FIELDS = {"page": "feed,messages", "instagram": "comments,messages"}
"""What an application hears of pages and of Instagram accounts; exactly what `webhooks` reads."""
PAGE_FIELDS = "feed,messages"
UNANSWERED = 2200
"""Meta asked its question at the door and did not get the answer."""


async def bring_to(settings: Settings, secret: Secret, url: str, about: str) -> None:
    """Make both agreements. `about`: "page" or "instagram". Raises NetworkError."""
    doors.check(url, "Meta")
    word = doors.word(secret, "verify_token", "Meta")
    app = _app(settings, secret)
    there = await _door(settings, app, about)
    if there and there != url:
        raise doors.taken("Meta", there)
    page = listening.page(settings)
    form = {"object": about, "callback_url": url, "fields": FIELDS[about], "verify_token": word}
    try:
        await graph.act(settings, app, "POST", f"{_number(settings)}/subscriptions", form)
    except Permanent as error:
        if error.facts.get("status") != UNANSWERED:
            raise
        raise Permanent(
            gettext_noop(
                "Meta asked at the desk's address and got no answer it accepts (%(said)s); the address must be reachable "
                "from the internet, with a certificate that browsers accept."
            ),
            code="door",
            **error.facts,
        ) from None
    await graph.act(settings, secret, "POST", f"{page}/subscribed_apps", {"subscribed_fields": PAGE_FIELDS})


async def stop(settings: Settings, secret: Secret, url: str, about: str) -> None:
    """End the application's agreement if it names our door; the page's stays, for others may need it."""
    app = _app(settings, secret)
    if await _door(settings, app, about) == url:
        await graph.act(settings, app, "DELETE", f"{_number(settings)}/subscriptions", {"object": about})


async def brought(settings: Settings, secret: Secret, url: str, about: str) -> Health:
    """Do both agreements stand? Never raises."""
    try:
        there = await _door(settings, _app(settings, secret), about)
        if there != url:
            return doors.not_set("Meta", there)
        known = await graph.ask(settings, secret, f"{listening.page(settings)}/subscribed_apps")
    except NetworkError as error:
        return doors.unclear(error)
    apps = [one.get("id") for one in graph.entries(settings, known) if isinstance(one, dict)]
    return Health(True) if _number(settings) in apps else doors.not_set("Meta")


async def _door(settings: Settings, app: Secret, about: str) -> str:
    """Where the application has pages or Instagram accounts brought; empty if nowhere."""
    listed = graph.entries(settings, await graph.ask(settings, app, f"{_number(settings)}/subscriptions"))
    mine: list[Mapping[str, Any]] = [
        one
        for one in listed
        if isinstance(one, dict) and one.get("object") == about and one.get("active") is not False
    ]
    url = mine[0].get("callback_url") if mine else ""
    return url if isinstance(url, str) else ""


def _number(settings: Settings) -> str:
    return str(settings.get("client_id") or "").strip()


def _app(settings: Settings, secret: Secret) -> dict[str, str]:
    """The application's own key (developers.facebook.com/docs/facebook-login/guides/access-tokens#apptokens)."""
    number, word = _number(settings), secret.get("client_secret", "").strip()
    if not (number.isascii() and number.isdigit() and word):
        raise Permanent(
            gettext_noop(
                "Only an application can have Meta bring messages; enter its number and its secret in the account."
            ),
            code="no_app",
        )
    return {"access_token": f"{number}|{word}", "client_secret": word}
