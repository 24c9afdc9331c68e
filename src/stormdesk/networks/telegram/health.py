"""Is the bot usable, and which rights does it lack? Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.networks.base import Health, NetworkError, Secret, Settings, gettext_noop
from stormdesk.networks.telegram import api

CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages", "can_delete_messages")
GROUP_RIGHTS = ("can_delete_messages",)
READS_ALL = "can_read_all_group_messages"
"""Privacy mode is off (core.telegram.org/bots/features#privacy-mode); administrators hear everything anyway."""


async def health(settings: Settings, secret: Secret) -> Health:
    """Asks who the bot is and what it may do in the channel and in the group of its comments. Raises nothing."""
    handle = str(settings.get("handle") or "")
    try:
        me = _mapping(await api.ask(settings, secret, "getMe"))
        handle = str(me.get("username") or handle)
        chat = str(settings.get("chat") or "").strip()
        if not chat:
            return Health(True, handle)
        place = _mapping(await api.ask(settings, secret, "getChat", {"chat_id": chat}))
        missing = await _missing(settings, secret, me, place)
    except NetworkError as error:
        return Health(False, handle, sentence=error.message, facts=error.facts)
    if not missing:
        return Health(True, handle)
    return Health(
        False,
        handle,
        missing,
        gettext_noop(
            "The bot lacks rights: %(missing)s. Give them to it in the chat's list of administrators "
            "(privacy mode is switched off with @BotFather, /setprivacy)."
        ),
        {"missing": ", ".join(missing)},
    )


async def _missing(
    settings: Settings, secret: Secret, me: Mapping[str, Any], place: Mapping[str, Any]
) -> tuple[str, ...]:
    channel = place.get("type") == "channel"
    rights = await _rights(settings, secret, place.get("id"))
    wanted = CHANNEL_RIGHTS if channel else GROUP_RIGHTS
    missing = [right for right in wanted if rights is None or rights.get(right) is not True]
    group = place.get("linked_chat_id") if channel else place.get("id")
    if group is None:
        return tuple(missing)
    there = await _rights(settings, secret, group) if channel else rights
    if channel and (there is None or there.get("can_delete_messages") is not True):
        missing.append("can_delete_messages (comments)")
    if there is None and me.get(READS_ALL) is not True:
        missing.append(READS_ALL)
    return tuple(missing)


async def _rights(settings: Settings, secret: Secret, chat: Any) -> Mapping[str, Any] | None:
    """What the bot may do as an administrator; None if it is none (core.telegram.org/bots/api#chatmember)."""
    try:
        found = _mapping(
            await api.ask(
                settings, secret, "getChatMember", {"chat_id": chat, "user_id": int(api.bot_id(secret) or 0)}
            )
        )
    except (NetworkError, ValueError):
        return None
    return found if found.get("status") == "administrator" else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
