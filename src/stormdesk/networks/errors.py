"""What can go wrong with a network, sorted by what to do next.

    NetworkError
    ├── Permanent           will never work as asked: tell the person
    │   └── Unauthorised    … because the account's key is wrong, expired or lacks a right: connect again
    ├── Retryable(after)    surely did not happen: try again, not before `after` seconds
    └── Unknown             may have happened: ask `Network.reconcile` before anything is repeated

Each error carries a stable `code` for programs, `message` (an English msgid with %(name)s places) and `facts`
(what goes into the places), so that whoever shows it can translate: `gettext(error.message) % error.facts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.core.errors import StormdeskError
from stormdesk.core.http import gettext_noop

__all__ = ["NetworkError", "Permanent", "Retryable", "Unauthorised", "Unknown", "gettext_noop"]


class NetworkError(StormdeskError):
    """Base: something between us and a network. `str(error)` and `sentence()` are the English sentence."""

    code = "network_error"

    def __init__(self, message: str, *, code: str = "", **facts: Any) -> None:
        self.message = message
        self.facts: Mapping[str, Any] = facts
        self.code = code or self.code
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """The English sentence, facts filled in: what happened, what it means, what to do."""
        return self.message % self.facts if self.facts else self.message


class Permanent(NetworkError):
    """It will never work as asked; repeating is pointless until a person changes something."""

    code = "refused"


class Unauthorised(Permanent):
    """The key of the account is wrong, expired or lacks a right; connecting the account again helps."""

    code = "unauthorised"


class Retryable(NetworkError):
    """It surely did not happen and may work later. `after`: seconds the network asked us to wait, or None."""

    code = "later"

    def __init__(self, message: str, *, code: str = "", after: float | None = None, **facts: Any) -> None:
        self.after = after
        super().__init__(message, code=code, **facts)


class Unknown(NetworkError):
    """It may have happened. Never repeat blindly: call `Network.reconcile` first."""

    code = "unknown"
