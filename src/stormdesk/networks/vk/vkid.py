"""Signing in with VK ID: the user's key without copying one (OAuth 2.1, id.vk.com, “Справочник методов API VK ID”).

https://id.vk.com/about/business/go/docs/ru/vkid/latest/vk-id/connection/api-integration/api-description: the short key
is good for an hour; the long one is good once and belongs to the `device_id` the person came back with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.networks import oauth
from stormdesk.networks.base import Connected, Connecting, Permanent, Settings, gettext_noop

SERVER = "https://id.vk.com"
SCOPES = ("wall", "groups", "photos")
DEVICE = "device_id"
BESIDE = ("group_token", "service_token")
"""Keys that are pasted and go with a sign-in."""


def door(settings: Settings, device: str = "", state: str = "") -> oauth.Door:
    """VK ID's addresses. VK wants the device with every exchange, and the state with the first."""
    own = str(settings.get("server") or SERVER).strip().rstrip("/")
    beside = ({DEVICE: device} if device else {}) | ({"state": state} if state else {})
    return oauth.Door(f"{own}/authorize", f"{own}/oauth2/auth", SCOPES, method="s256", beside=beside)


def begin(settings: Settings, redirect_uri: str, state: str) -> Connecting:
    """The address where the person says yes; the other keys that were entered wait until they come back."""
    begun = oauth.begin(door(settings), settings, redirect_uri, state)
    pasted = {name: settings[name] for name in BESIDE if settings.get(name)}
    return Connecting(begun.url, {**begun.keep, "pasted": pasted})


async def finish(
    settings: Settings, keep: Mapping[str, Any], redirect_uri: str, answer: Mapping[str, str]
) -> Connected:
    """The keys for the code the person brought back. Raises Permanent, Retryable."""
    device = answer.get(DEVICE, "")
    if answer.get("code") and not device:
        raise Permanent(
            gettext_noop("VK did not say from which device somebody signed in; begin again."),
            code="no_device",
        )
    where = door(settings, device, answer.get("state", ""))
    given = await oauth.finish(where, keep, redirect_uri, answer)
    secret = oauth.given(given, where.token) | {DEVICE: device, **keep.get("pasted", {})}
    secret["refresh_token"] = oauth.needed(where.token, given, "refresh_token")
    if keep.get("client_secret"):
        secret["client_secret"] = str(keep["client_secret"])
    made = {name: value for name, value in settings.items() if name not in ("client_secret", *BESIDE)}
    return Connected({**made, "scopes": str(given.get("scope") or "")}, secret)
