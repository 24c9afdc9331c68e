"""A signed POST to an address of the person's own."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping

from django.utils.translation import gettext as _

from stormdesk.notify.channels.base import Letter, post


def send(address: str, sealed: Mapping[str, str], letter: Letter) -> None:
    """POST the message as JSON, signed with HMAC-SHA256 in X-Stormdesk-Signature. Raises NotSent."""
    payload = json.dumps(
        {
            "id": int(letter.key),
            "brand": letter.brand,
            "kind": letter.kind,
            "subject": letter.subject,
            "text": letter.text,
            "link": letter.link,
            "acknowledge": letter.acknowledge,
        },
        ensure_ascii=False,
    ).encode()
    signature = hmac.new(sealed["key"].encode(), payload, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Stormdesk-Signature": f"sha256={signature}"}
    post(_("The webhook"), sealed["url"], content=payload, headers=headers)
