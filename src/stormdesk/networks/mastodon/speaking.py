"""Saying something: media first, then one post, sent at most once; and what the account has said or will say."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from stormdesk.networks import calls
from stormdesk.networks.base import (
    Media,
    Outgoing,
    Permanent,
    Retryable,
    Scheduled,
    Secret,
    Settings,
    Unknown,
    Wrong,
    gettext_noop,
)
from stormdesk.networks.mastodon import place, words

PAGE = 40
PAGES = 25
"""How far back own posts are followed: a thousand."""
MEDIA_PATIENCE = 30
"""How often, once a second, an upload that is still being worked on is asked for."""


async def prepare(settings: Settings, secret: Secret, outgoing: Outgoing) -> dict[str, Any]:
    """All that must be known before the post itself is sent; nothing here says anything in public."""
    to = (outgoing.to_handle or "").lstrip("@")
    if outgoing.in_reply_to and not to:
        # A reply that does not name its author reaches nobody's notifications.
        url = f"{place.server(settings)}/api/v1/statuses/{quote(outgoing.in_reply_to, safe='')}"
        parent = words.status(place.content(url, await calls.read(url, headers=place.headers(secret))))
        if parent and str(parent.account.id) != str(settings.get("account_id", "")):
            to = parent.account.acct
    text = (
        outgoing.text
        if not to or f"@{to}".casefold() in outgoing.text.casefold()
        else f"@{to} {outgoing.text}"
    )
    content: dict[str, Any] = {"status": text, "visibility": outgoing.visibility}
    if outgoing.in_reply_to:
        content["in_reply_to_id"] = outgoing.in_reply_to
    if outgoing.language:
        content["language"] = outgoing.language
    if outgoing.media:
        content["media_ids"] = [await _upload(settings, secret, media) for media in outgoing.media]
    return content


async def say(settings: Settings, secret: Secret, content: Mapping[str, Any], key: str) -> words.Status:
    """Send one prepared post. Raises as `Network.publish` does."""
    url = f"{place.server(settings)}/api/v1/statuses"
    answer = await calls.write(
        "POST", url, json=content, headers=place.headers(secret) | {"Idempotency-Key": key}
    )
    try:
        said = words.status(answer.json())
    except ValueError:
        said = None
    if said is None:
        raise calls.unclear(url)
    return said


_CATEGORY = {Wrong.SPAM: "spam", Wrong.SCAM: "spam", Wrong.ILLEGAL: "legal"}
REPORT_LIMIT = 1000
"""Characters a moderator is told at most (docs.joinmastodon.org/methods/reports/)."""


async def report(settings: Settings, secret: Secret, native_id: str, wrong: Wrong, said: str) -> str:
    """Tell the server's moderators about a status, and those of its author's server too."""
    here = f"{place.server(settings)}/api/v1/statuses/{quote(native_id, safe='')}"
    found = words.status(place.content(here, await calls.read(here, headers=place.headers(secret))))
    if found is None:
        raise calls.unreadable(here)
    content = {
        "account_id": str(found.account.id),
        "status_ids": [native_id],
        "comment": said[:REPORT_LIMIT],
        "category": _CATEGORY.get(wrong, "other"),
        "forward": True,
    }
    url = f"{place.server(settings)}/api/v1/reports"
    answer = await calls.write("POST", url, json=content, headers=place.headers(secret))
    try:
        return str(answer.json().get("id") or "")
    except (ValueError, AttributeError):
        return ""


async def own(settings: Settings, secret: Secret, since: datetime) -> list[words.Status]:
    """The account's own statuses since then, newest first, shared ones left out.

    Mastodon lists direct messages here too; some of its kin do not: see `own_at_home`.
    """
    account = settings.get("account_id") or await _whoami(settings, secret)
    return await _listed(settings, secret, f"/api/v1/accounts/{quote(str(account), safe='')}/statuses", since)


async def own_at_home(settings: Settings, secret: Secret, since: datetime) -> list[words.Status]:
    """The same from the home timeline, where kin that hide direct messages from the list above show them."""
    account = str(settings.get("account_id") or await _whoami(settings, secret))
    home = await _listed(settings, secret, "/api/v1/timelines/home", since)
    return [status for status in home if str(status.account.id) == account]


async def _listed(settings: Settings, secret: Secret, path: str, since: datetime) -> list[words.Status]:
    url = place.server(settings) + path
    found: list[words.Status] = []
    params: dict[str, Any] = {"limit": PAGE, "exclude_reblogs": "true"}
    seen: set[str] = set()
    for _ in range(PAGES):
        page = place.content(url, await calls.read(url, params=params, headers=place.headers(secret)))
        if not isinstance(page, list):
            raise calls.unreadable(url)
        fresh = [s for value in page if (s := words.status(value)) and str(s.id) not in seen]
        recent = [s for s in fresh if words.sent(s).at >= since]
        found += [s for s in recent if s.reblog is None]
        seen |= {str(s.id) for s in fresh}
        # Pinned posts may be old and stand first: go on while a page has anything recent.
        if not recent or len(page) < PAGE:
            break
        params["max_id"] = str(fresh[-1].id)
    return found


async def schedules(settings: Settings, secret: Secret) -> list[Scheduled]:
    """Every post that waits on the server itself."""
    url = f"{place.server(settings)}/api/v1/scheduled_statuses"
    found: dict[str, Scheduled] = {}
    params: dict[str, Any] = {"limit": PAGE}
    while True:
        page = place.content(url, await calls.read(url, params=params, headers=place.headers(secret)))
        if not isinstance(page, list):
            raise calls.unreadable(url)
        fresh = [
            waiting for value in page if (waiting := _scheduled(value)) and waiting.native_id not in found
        ]
        found |= {waiting.native_id: waiting for waiting in fresh}
        if not fresh or len(page) < PAGE:
            return sorted(found.values(), key=lambda waiting: waiting.due_at)
        params["max_id"] = fresh[-1].native_id


async def schedule(
    settings: Settings, secret: Secret, waiting: Scheduled, due_at: datetime, key: str
) -> Scheduled:
    """Put a removed one back. Pictures stay on the server only for a while: if they are gone, it refuses."""
    url = f"{place.server(settings)}/api/v1/statuses"
    answer = await calls.write(
        "POST",
        url,
        json=dict(waiting.content) | {"scheduled_at": due_at.isoformat()},
        headers=place.headers(secret) | {"Idempotency-Key": key},
    )
    try:
        back = _scheduled(answer.json())
    except ValueError:
        back = None
    if back is None:
        raise calls.unclear(url)
    return back


_KEPT = ("text", "in_reply_to_id", "visibility", "language", "sensitive", "spoiler_text", "poll", "media_ids")


def _scheduled(value: Any) -> Scheduled | None:
    try:
        params = value["params"]
        content = {name: params[name] for name in _KEPT if params.get(name) is not None}
        content["status"] = content.pop("text", "")
        due = datetime.fromisoformat(value["scheduled_at"])
        return Scheduled(str(value["id"]), content["status"], due, content)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


async def _whoami(settings: Settings, secret: Secret) -> str:
    url = f"{place.server(settings)}/api/v1/accounts/verify_credentials"
    me = place.content(url, await calls.read(url, headers=place.headers(secret)))
    if not isinstance(me, dict) or not me.get("id"):
        raise calls.unreadable(url)
    return str(me["id"])


async def _upload(settings: Settings, secret: Secret, media: Media) -> str:
    if media.content is None:
        raise Permanent(gettext_noop("A picture is missing its file; attach it again."), code="no_file")
    url = f"{place.server(settings)}/api/v2/media"
    try:
        answer = await calls.write(
            "POST",
            url,
            files={
                "file": (
                    media.name or "file",
                    media.content,
                    media.content_type or "application/octet-stream",
                )
            },
            data={"description": media.description},
            headers=place.headers(secret),
            timeout=120.0,
        )
        media_id = str(answer.json()["id"])
    except (Unknown, ValueError, KeyError, TypeError):
        # An upload that nobody posts is thrown away by the server: trying again does no harm.
        raise Retryable(
            gettext_noop("The picture could not be handed over; nothing was posted. It will be tried again.")
        ) from None
    for _ in range(MEDIA_PATIENCE):
        if answer.status not in (202, 206):
            return media_id
        await asyncio.sleep(1)
        here = f"{place.server(settings)}/api/v1/media/{quote(media_id, safe='')}"
        answer = await calls.read(here, headers=place.headers(secret))
    raise Retryable(
        gettext_noop(
            "The server is still working on the picture; nothing was posted. It will be tried again."
        )
    )
