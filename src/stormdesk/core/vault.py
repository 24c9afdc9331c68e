"""Secrets at rest: sealed with a key that lives outside the database (G7)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from stormdesk.core.errors import StormdeskError


class WrongKey(StormdeskError):
    """The key file does not open this secret: it belongs to another installation or was replaced."""


class Vault:
    """Seals and opens short texts. The first key seals, every key opens, so keys can be rotated."""

    def __init__(self, keys: list[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    @classmethod
    def at(cls, path: Path) -> Vault:
        """The vault whose keys stand in `path`, one per line, newest first; makes the file on first use."""
        if not path.exists():
            create_private(path, Fernet.generate_key().decode() + "\n")
        return cls(path.read_text().split())

    def seal(self, text: str) -> str:
        """The text, encrypted and authenticated, as ASCII."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text again. Raises WrongKey."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise WrongKey(
                "A stored secret cannot be opened with the present key file. Put the old key file back, "
                "or connect the account again."
            ) from None

    def seal_json(self, value: object) -> str:
        """A JSON value, sealed."""
        return self.seal(json.dumps(value))

    def open_json(self, sealed: str) -> Any:
        """The JSON value again. Raises WrongKey."""
        return json.loads(self.open(sealed))

    def reseal(self, sealed: str) -> str:
        """The same secret under the newest key."""
        return self._fernet.rotate(sealed.encode()).decode()


def create_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read; an existing file is kept (two processes may start at once)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(text)
