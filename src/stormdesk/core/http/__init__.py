"""The only way out to addresses that people typed or strangers sent: bounded in time, size and reach.

    HttpError(sent)          `sent`: may the server have acted on it? False only if not one byte of it went out
    ├── Blocked              the address is not for us: private, not http(s), redirected too often
    ├── Unreachable          no connection: name unknown, refused, certificate wrong
    ├── Broken               the connection ended before the answer did
    ├── TooSlow              the whole exchange took longer than allowed
    └── TooLarge             the answer is larger than allowed, or packed in a way that is not read

Sentences name the host and nothing else of the address: paths and queries carry keys.
"""

from stormdesk.core.http.client import TIMEOUT, Answer, events, request
from stormdesk.core.http.errors import (
    Blocked,
    Broken,
    HttpError,
    TooLarge,
    TooSlow,
    Unreachable,
    gettext_noop,
)
from stormdesk.core.http.frames import frames
from stormdesk.core.http.guard import ALLOW_VARIABLE, check, host

__all__ = [
    "ALLOW_VARIABLE",
    "TIMEOUT",
    "Answer",
    "Blocked",
    "Broken",
    "HttpError",
    "TooLarge",
    "TooSlow",
    "Unreachable",
    "check",
    "events",
    "frames",
    "gettext_noop",
    "host",
    "request",
]
