"""Handing pictures and videos over before a post (docs.x.com/x-api/media/quickstart/media-upload-chunked)."""

from __future__ import annotations

import asyncio
from typing import Any

from stormdesk.networks.base import Media, Permanent, Retryable, Secret, Settings, Unknown, gettext_noop
from stormdesk.networks.x import api

MEDIA = 4
PIECE = 4 * 2**20
LIMITS = {"image": 5 * 10**6, "gif": 15 * 10**6, "video": 512 * 10**6}
"""docs.x.com/x-api/media/quickstart/best-practices."""
ALT_LIMIT = 1000
PATIENCE = 40
"""How often, with pauses X names, an upload that is still being worked on is asked for."""


def check(media: tuple[Media, ...]) -> None:
    """What X would not take, said before anything is sent. Raises Permanent."""
    kinds = [kind(one) for one in media]
    if len(media) > MEDIA or (len(media) > 1 and set(kinds) != {"image"}):
        raise Permanent(
            gettext_noop("X takes four pictures or one video in a post; choose fewer."), code="too_many"
        )
    for one, what in zip(media, kinds, strict=True):
        if one.content is None:
            raise Permanent(gettext_noop("A picture is missing its file; attach it again."), code="no_file")
        if len(one.content) > LIMITS[what]:
            raise Permanent(
                gettext_noop("“%(name)s” is larger than the %(limit)s MB X takes; make it smaller."),
                code="too_large",
                name=one.name or "–",
                limit=LIMITS[what] // 10**6,
            )


def kind(media: Media) -> str:
    """image, gif or video. Raises Permanent for anything else."""
    if media.content_type == "image/gif":
        return "gif"
    what = media.content_type.partition("/")[0]
    if what in ("image", "video"):
        return what
    raise Permanent(
        gettext_noop("“%(name)s” is neither a picture nor a video; X takes nothing else."),
        code="no_picture",
        name=media.name or media.content_type or "–",
    )


async def hand_over(settings: Settings, secret: Secret, media: Media, where: str = "tweet") -> str:
    """The number of the uploaded file, ready to be posted. Raises Retryable, Permanent; never Unknown."""
    content = media.content or b""
    begun = {
        "media_type": media.content_type,
        "total_bytes": len(content),
        "media_category": f"{where}_{kind(media)}",
    }
    try:
        made = _data(await api.act(settings, secret, "POST", "/media/upload/initialize", json=begun))
        number = made.get("id")
        if not isinstance(number, str) or not number.isascii() or not number.isdigit():
            raise _again()
        for index, start in enumerate(range(0, len(content), PIECE)):
            await api.act(
                settings,
                secret,
                "POST",
                f"/media/upload/{number}/append",
                data={"segment_index": str(index)},
                files={"media": (media.name or "file", content[start : start + PIECE], media.content_type)},
                timeout=120.0,
            )
        done = _data(await api.act(settings, secret, "POST", f"/media/upload/{number}/finalize"))
        await _wait(settings, secret, number, done)
        if media.description:
            text = {"alt_text": {"text": media.description[:ALT_LIMIT]}}
            await api.act(settings, secret, "POST", "/media/metadata", json={"id": number, "metadata": text})
    except Unknown:
        # A file nobody posts is thrown away by X after a day: trying again does no harm.
        raise _again() from None
    return number


async def _wait(settings: Settings, secret: Secret, number: str, told: dict[str, Any]) -> None:
    for _ in range(PATIENCE):
        info = told.get("processing_info")
        info = info if isinstance(info, dict) else {"state": "succeeded"}
        state, pause = info.get("state"), info.get("check_after_secs")
        if state == "succeeded":
            return
        if state == "failed":
            raise Permanent(
                gettext_noop(
                    "X could not make anything of the attached file; nothing was posted. Try another file."
                ),
                code="no_picture",
            )
        good = isinstance(pause, int | float) and not isinstance(pause, bool) and 0 <= pause <= 10
        await asyncio.sleep(float(pause) if good and pause is not None else 1.0)
        query = {"command": "STATUS", "media_id": number}
        told = _data(await api.ask(settings, secret, "/media/upload", query))
    raise Retryable(
        gettext_noop(
            "The server is still working on the picture; nothing was posted. It will be tried again."
        )
    )


def _data(answer: Any) -> dict[str, Any]:
    data = answer.get("data") if isinstance(answer, dict) else None
    return data if isinstance(data, dict) else {}


def _again() -> Retryable:
    return Retryable(
        gettext_noop("The picture could not be handed over; nothing was posted. It will be tried again.")
    )
