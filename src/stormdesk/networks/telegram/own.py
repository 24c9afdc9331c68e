"""What the account itself said, as far as Telegram shows it to anybody: posts of a public channel."""

from __future__ import annotations

from datetime import datetime, timedelta

from stormdesk.networks.base import (
    Incoming,
    NetworkError,
    Outgoing,
    Permanent,
    Secret,
    Sent,
    Settings,
    Unknown,
    gettext_noop,
)
from stormdesk.networks.telegram import api, pages
from stormdesk.networks.telegram.place import place

CLOCKS = timedelta(minutes=2)
"""How far Telegram's clock may be from ours when a sent post is looked for."""


async def find(settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime) -> Sent | None:
    """The post, if the channel's page shows it. Raises Unknown(`unknowable`) otherwise: a person must look.

    That the page does not show a post proves nothing: nobody promises how soon it does. So "not there", upon which
    the post would be sent again, is never the answer.
    """
    words = _comparable(outgoing.text)
    elsewhere = bool(outgoing.in_reply_to) and not await _in_channel(settings, secret, outgoing)
    if outgoing.visibility == "direct" or elsewhere or not words:
        raise _unknowable()
    try:
        said = await posts(settings, secret, since - CLOCKS)
    except Permanent as error:
        if error.code in ("no_page", "no_chat"):
            raise _unknowable() from error
        raise
    for item in said:
        if _comparable(item.text) == words and item.in_reply_to == outgoing.in_reply_to:
            return Sent(item.native_id, item.url, item.published_at)
    raise _unknowable()


async def posts(settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
    """The posts of the account's public channel since then, oldest first. Raises NetworkError."""
    return await pages.since(settings, await _name(settings, secret), since)


async def _name(settings: Settings, secret: Secret) -> str:
    """The public name of the account's channel. Raises Permanent(`no_page`, `no_chat`)."""
    chat = str(settings.get("chat") or "").strip()
    if not chat:
        raise Permanent(
            gettext_noop("The account names no channel or group; enter it in the account."), code="no_chat"
        )
    if not chat.lstrip("-").isdigit():
        return pages.channel(chat)
    found = await api.ask(settings, secret, "getChat", {"chat_id": int(chat)})
    name = found.get("username") if isinstance(found, dict) else None
    if not isinstance(name, str) or not name:
        raise Permanent(
            gettext_noop(
                "Telegram shows nobody the posts of a private channel or group afterwards, not even the bot "
                "that wrote them; look there by hand."
            ),
            code="no_page",
        )
    return pages.channel(name)


async def _in_channel(settings: Settings, secret: Secret, outgoing: Outgoing) -> bool:
    """Does the answered message stand in the account's own channel?"""
    chat = str(settings.get("chat") or "").strip()
    answered = place(outgoing.in_reply_to or "").chat
    if answered == chat:
        return True
    try:
        found = await api.ask(settings, secret, "getChat", {"chat_id": chat})
    except NetworkError:
        return False
    return isinstance(found, dict) and str(found.get("id")) == answered


def _comparable(text: str) -> str:
    return " ".join(text.split())


def _unknowable() -> Unknown:
    return Unknown(
        gettext_noop(
            "Telegram does not tell a bot what it has said, and the channel's public page does not show the post; "
            "look in the chat and say whether it is there."
        ),
        code="unknowable",
    )
