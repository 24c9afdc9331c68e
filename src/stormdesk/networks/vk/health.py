"""Are the account's keys usable, and what do they lack? Changes nothing."""

from __future__ import annotations

from typing import Any

from stormdesk.networks.base import Health, NetworkError, Secret, Settings, gettext_noop
from stormdesk.networks.vk import api

USER_RIGHTS = {"photos": 1 << 2, "wall": 1 << 13, "groups": 1 << 18}
"""dev.vk.com/ru/reference/access-rights: the bits of `account.getAppPermissions`."""
COMMUNITY_RIGHTS = ("messages", "manage")


async def health(settings: Settings, secret: Secret) -> Health:
    """Asks whose community it is and what each key may do. Raises nothing.

    A kind of key that was not given is named and is no fault: many communities only hear and answer.
    """
    handle = str(settings.get("handle") or "")
    missing: list[str] = []
    try:
        group = api.group(settings)
        found = await api.ask(
            settings, secret, (api.USER, api.COMMUNITY, api.SERVICE), "groups.getById", group_id=group
        )
        groups = found.get("groups") if isinstance(found, dict) else found
        first = groups[0] if isinstance(groups, list) and groups else None
        if isinstance(first, dict):
            handle = str(first.get("screen_name") or handle)
        missing += await _user(settings, secret) if api.has(secret, api.USER) else []
        missing += await _community(settings, secret) if api.has(secret, api.COMMUNITY) else []
    except NetworkError as error:
        return Health(False, handle, sentence=error.message, facts=error.facts)
    if not missing:
        without = [] if api.has(secret, api.USER) else list(USER_RIGHTS)
        without += [] if api.has(secret, api.COMMUNITY) else COMMUNITY_RIGHTS
        return Health(True, handle, tuple(without))
    return Health(
        False,
        handle,
        tuple(missing),
        gettext_noop(
            "The account's keys lack: %(missing)s. Posts need the user's key, messages the community's; "
            "take keys with these rights and enter them."
        ),
        {"missing": ", ".join(missing)},
    )


async def _user(settings: Settings, secret: Secret) -> list[str]:
    mask = await api.ask(settings, secret, (api.USER,), "account.getAppPermissions")
    mask = mask if isinstance(mask, int) else 0
    return [right for right, bit in USER_RIGHTS.items() if not mask & bit]


async def _community(settings: Settings, secret: Secret) -> list[str]:
    given: Any = await api.ask(settings, secret, (api.COMMUNITY,), "groups.getTokenPermissions")
    rights = given.get("permissions") if isinstance(given, dict) else None
    names = {r.get("name") for r in rights if isinstance(r, dict)} if isinstance(rights, list) else set()
    return [right for right in COMMUNITY_RIGHTS if right not in names]
