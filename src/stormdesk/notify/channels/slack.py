"""Slack, through an incoming webhook (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from stormdesk.notify.channels.base import Letter, post

LONGEST = 3000


def send(address: str, sealed: Mapping[str, str], letter: Letter) -> None:
    """Write to the webhook's channel, with buttons that open the page and “I have it”. Raises NotSent.

    Texts are `plain_text` blocks: what a stranger wrote cannot mention people or hide a link.
    """
    buttons = [_button(_("Open"), letter.link)]
    if letter.acknowledge:
        buttons.append(_button(_("I have it"), letter.acknowledge))
    blocks = [
        {"type": "header", "text": _plain(letter.title, 150)},
        {"type": "section", "text": _plain(letter.text, LONGEST)},
        {"type": "actions", "elements": buttons},
    ]
    # `text` is what a notification shows; there & < > have a meaning.
    shown = letter.title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    post("Slack", sealed["url"], json={"text": shown, "blocks": blocks})


def _plain(text: str, longest: int) -> dict[str, object]:
    return {"type": "plain_text", "text": text[:longest] or "–", "emoji": False}


def _button(title: str, url: str) -> dict[str, object]:
    return {"type": "button", "text": _plain(title, 75), "url": url}
