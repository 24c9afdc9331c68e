"""Handing pictures over before they are posted: dev.vk.com/ru/api/upload/wall-photo, …/message-photo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.networks import calls
from stormdesk.networks.base import Media, Permanent, Retryable, Secret, Settings, Unknown, gettext_noop
from stormdesk.networks.vk import api

MOST_BYTES = 50 * 2**20
_WALL = ("photos.getWallUploadServer", "photos.saveWallPhoto")
_MESSAGES = ("photos.getMessagesUploadServer", "photos.saveMessagesPhoto")


async def hand_over(
    settings: Settings, secret: Secret, media: tuple[Media, ...], group: int, to: int | None = None
) -> str:
    """Gives the pictures as `attachments` names them. `to`: of a message, who it goes to. Nothing is public yet."""
    return ",".join([await _picture(settings, secret, one, group, to) for one in media])


async def _picture(settings: Settings, secret: Secret, media: Media, group: int, to: int | None) -> str:
    if media.content is None:
        raise Permanent(gettext_noop("A picture is missing its file; attach it again."), code="no_file")
    where = {"group_id": group} if to is None else {"peer_id": to}
    ends = _WALL if to is None else _MESSAGES
    keys = (api.USER,) if to is None else (api.COMMUNITY, api.USER)
    opened = await api.ask(settings, secret, keys, ends[0], **where)
    address = opened.get("upload_url") if isinstance(opened, dict) else None
    if not isinstance(address, str):
        raise calls.unreadable(str(settings.get("server") or api.SERVER))
    file = (media.name or "photo.jpg", media.content, media.content_type or "image/jpeg")
    try:
        answer = await calls.write("POST", address, files={"photo": file}, timeout=120.0)
        given = answer.json()
        saved: Mapping[str, Any] = {name: given[name] for name in ("server", "photo", "hash")}
        if saved["photo"] in ("", "[]"):
            raise Permanent(
                gettext_noop("VK does not take “%(name)s” as a picture; use JPEG, PNG or GIF."),
                code="no_picture",
                name=media.name or "–",
            )
        more = {"group_id": group} if to is None else {}
        caption = {"caption": media.description[:2048]} if media.description and to is None else {}
        kept = await api.act(settings, secret, keys, ends[1], **saved, **more, **caption)
        photo = kept[0]
        key = photo.get("access_key")
        return f"photo{int(photo['owner_id'])}_{int(photo['id'])}" + (
            f"_{key}" if isinstance(key, str) and key else ""
        )
    except (Unknown, ValueError, KeyError, TypeError, IndexError, AttributeError):
        # A picture nobody posts is seen by nobody: trying again does no harm.
        raise Retryable(
            gettext_noop("The picture could not be handed over; nothing was posted. It will be tried again.")
        ) from None
