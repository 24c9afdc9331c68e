"""Why an exchange failed, and whether the server may have acted on it all the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.core.errors import StormdeskError


def gettext_noop(message: str) -> str:
    """Mark a sentence for translation without translating it: the tools know no Django."""
    return message


class HttpError(StormdeskError):
    """Base. `message` is a msgid, `facts` fill it, `code` is for programs, `sent`: may the server have acted?"""

    reasons: Mapping[str, str]
    """Code → msgid; the first is meant where none is given."""

    def __init__(self, code: str = "", *, sent: bool, **facts: Any) -> None:
        self.code = code or next(iter(self.reasons))
        self.message = self.reasons[self.code]
        self.facts = facts
        self.sent = sent
        super().__init__(self.message % facts)


class Blocked(HttpError):
    reasons = {
        "address": gettext_noop(
            "“%(host)s” is not an address that can be asked; give one that starts with https://."
        ),
        "private": gettext_noop(
            "“%(host)s” lies inside a private network, so nothing was sent there. "
            "Check the address; an administrator can allow single hosts of the own network."
        ),
        "redirects": gettext_noop(
            "“%(host)s” passes every request on to another address; give the final address instead."
        ),
    }


class Unreachable(HttpError):
    reasons = {
        "connection": gettext_noop(
            "“%(host)s” does not take connections now; nothing was sent. Try again later."
        ),
        "name": gettext_noop(
            "There is no host called “%(host)s”, or the name service is away; check the address."
        ),
        "certificate": gettext_noop(
            "The certificate of “%(host)s” is not valid, so nothing was sent; its administrator must renew it."
        ),
    }


class Broken(HttpError):
    reasons = {"broken": gettext_noop("“%(host)s” ended the connection before its answer was complete.")}


class TooSlow(HttpError):
    reasons = {"too_slow": gettext_noop("“%(host)s” did not answer completely within %(seconds)s seconds.")}


class TooLarge(HttpError):
    reasons = {
        "too_large": gettext_noop("“%(host)s” answered with more than the %(limit)s bytes that are read."),
        "packing": gettext_noop("“%(host)s” packed its answer in a way that is not read."),
    }
