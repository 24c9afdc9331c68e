"""Having Telegram bring the bot's news to our door (core.telegram.org/bots/api#setwebhook, #getwebhookinfo)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.core.clock import utcnow
from stormdesk.networks import calls, doors
from stormdesk.networks.base import (
    Health,
    NetworkError,
    Permanent,
    Secret,
    Settings,
    Unauthorised,
    gettext_noop,
)
from stormdesk.networks.plain import clean_line
from stormdesk.networks.telegram import api, listening, words

PORTS = (443, 80, 88, 8443)
LATE = 3600
"""Seconds in which a fault of the last delivery still says something about the present."""


async def bring_to(settings: Settings, secret: Secret, url: str) -> None:
    """Set the webhook, unless another program's is set. What waits is brought too. Raises NetworkError."""
    doors.check(url, "Telegram", PORTS)
    known = doors.word(secret, "webhook_secret", "Telegram")
    there = (await _info(settings, secret))["url"]
    if there and there != url:
        raise doors.taken("Telegram", there)
    given = {"url": url, "secret_token": known, "allowed_updates": list(listening.ALLOWED)}
    try:
        await api.act(settings, secret, "setWebhook", given)
    except Permanent as error:
        said = str(error.facts.get("said", ""))
        if isinstance(error, Unauthorised) or "webhook" not in said.lower():
            raise
        raise Permanent(
            gettext_noop(
                "Telegram cannot bring messages to this address (%(said)s); it must be reachable from the internet by "
                "its name, with a certificate that browsers accept."
            ),
            code="door",
            **error.facts,
        ) from None


async def stop(settings: Settings, secret: Secret, url: str) -> None:
    """Remove the webhook if it is ours; what waits stays and can be fetched. Raises NetworkError."""
    if (await _info(settings, secret))["url"] == url:
        await api.act(settings, secret, "deleteWebhook", {"drop_pending_updates": False})


async def brought(settings: Settings, secret: Secret, url: str) -> Health:
    """Is the webhook ours, and does Telegram get through? Never raises."""
    try:
        info = await _info(settings, secret)
    except NetworkError as error:
        return doors.unclear(error)
    if info["url"] != url:
        return doors.not_set("Telegram", info["url"])
    waiting, at = info.get("pending_update_count"), info.get("last_error_date")
    failed = words.moment(at) if isinstance(at, int) and not isinstance(at, bool) else None
    # The fault of a delivery stays there for ever; it counts while something waits, or as long as it is fresh.
    if failed and (waiting or (utcnow() - failed).total_seconds() < LATE):
        said = info.get("last_error_message")
        return Health(
            False,
            sentence=gettext_noop(
                "Telegram does not get through to the desk (%(said)s); %(waiting)s messages wait there, for a day at most. "
                "See that the desk's address can be reached from the internet, or let the desk fetch them."
            ),
            facts={"said": clean_line(said, 200) if isinstance(said, str) else "–", "waiting": waiting or 0},
        )
    return Health(True)


async def _info(settings: Settings, secret: Secret) -> Mapping[str, Any]:
    info = await api.ask(settings, secret, "getWebhookInfo")
    if not isinstance(info, dict) or not isinstance(info.get("url"), str):
        raise calls.unreadable(str(settings.get("server") or api.SERVER))
    return info
