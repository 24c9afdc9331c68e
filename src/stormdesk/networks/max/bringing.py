"""Having MAX bring what happens to our door (dev.max.ru/docs-api/methods/POST/subscriptions).

A bot may have several subscriptions; only ours is touched. While there is any, MAX gives nothing by waiting.
"""

from __future__ import annotations

from stormdesk.networks import calls, doors
from stormdesk.networks.base import Health, NetworkError, Secret, Settings
from stormdesk.networks.max import api, listening

KINDS = (*listening.TOLD, "message_removed")


async def bring_to(settings: Settings, secret: Secret, url: str) -> None:
    """Subscribe our door; once more takes the new secret. Raises NetworkError."""
    doors.check(url, "MAX")
    given = {
        "url": url,
        "update_types": list(KINDS),
        "secret": doors.word(secret, "webhook_secret", "MAX"),
    }
    await api.act(settings, secret, "POST", "/subscriptions", {}, given)


async def stop(settings: Settings, secret: Secret, url: str) -> None:
    """End our subscription, if there is one. Raises NetworkError."""
    if url in await _doors(settings, secret):
        await api.act(settings, secret, "DELETE", "/subscriptions", {"url": url})


async def brought(settings: Settings, secret: Secret, url: str) -> Health:
    """Does our subscription still stand? MAX ends those it cannot reach for hours. Never raises."""
    try:
        there = await _doors(settings, secret)
    except NetworkError as error:
        return doors.unclear(error)
    return Health(True) if url in there else doors.not_set("MAX", there[0] if there else "")


async def _doors(settings: Settings, secret: Secret) -> list[str]:
    page = await api.ask(settings, secret, "/subscriptions")
    listed = page.get("subscriptions")
    if not isinstance(listed, list):
        raise calls.unreadable(api.address(settings))
    return [one["url"] for one in listed if isinstance(one, dict) and isinstance(one.get("url"), str)]
