"""Push messages to a phone through ntfy (docs.ntfy.sh/publish, JSON), on ntfy.sh or a server of one's own."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from stormdesk.notify.channels.base import Letter, post

URGENT = 5


def send(address: str, sealed: Mapping[str, str], letter: Letter) -> None:
    """Push it: a tap opens the page, a button leads to “I have it”. Raises NotSent.

    What somebody has to take over rings through the phone's own quiet mode, the rest does not.
    """
    message: dict[str, object] = {
        "topic": sealed["topic"],
        "title": letter.title,
        "message": letter.text,
        "click": letter.link,
    }
    if letter.acknowledge:
        message["priority"] = URGENT
        message["actions"] = [{"action": "view", "label": _("I have it"), "url": letter.acknowledge}]
    headers = {"Authorization": f"Bearer {sealed['token']}"} if sealed.get("token") else {}
    post("ntfy", sealed["server"], json=message, headers=headers)
