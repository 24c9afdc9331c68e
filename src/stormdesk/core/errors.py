"""The exceptions whose sentence may be shown to a person.

StormdeskError
├── Refused            a person asked for something the rules do not allow
│   ├── AccessDenied   … because it is not theirs to see or do
│   └── Conflict       … because someone was faster
└── BadInput           a file, a form or a message that cannot be read; says what, where and what to do
"""

from __future__ import annotations


class StormdeskError(Exception):
    """Base of all errors with a sentence for people; `str(error)` is that sentence."""


class Refused(StormdeskError):
    """The request is understood and not allowed; the sentence says why and what to do instead."""


class AccessDenied(Refused):
    """The person has no right to this, or may not know that it exists."""


class Conflict(Refused):
    """Someone else changed the same thing first; nothing was changed by this request."""


class BadInput(StormdeskError):
    """Input that cannot be read. `where` names the place: a file and line, or a field."""

    def __init__(self, sentence: object, *, where: str = "") -> None:
        super().__init__(f"{where}: {sentence}" if where else str(sentence))
        self.where = where
