"""Telegram, through a bot of the team's own (core.telegram.org/bots/api#sendmessage)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from stormdesk.notify.channels.base import Letter, post

SERVER = "https://api.telegram.org"
LONGEST = 4096


def send(address: str, sealed: Mapping[str, str], letter: Letter) -> None:
    """Write to the chat; the buttons under the message open the page and “I have it”. Raises NotSent.

    The text goes without any markup, so that nothing a stranger wrote is taken for formatting.
    """
    buttons = [{"text": _("Open"), "url": letter.link}]
    if letter.acknowledge:
        buttons.append({"text": _("I have it"), "url": letter.acknowledge})
    server = sealed.get("server") or SERVER
    post(
        "Telegram",
        f"{server.rstrip('/')}/bot{sealed['token']}/sendMessage",
        json={
            "chat_id": sealed["chat"],
            "text": f"{letter.title}\n\n{letter.text}"[:LONGEST],
            "link_preview_options": {"is_disabled": True},
            "reply_markup": {"inline_keyboard": [buttons]},
        },
    )
