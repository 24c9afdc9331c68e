"""A post office for the tests: a real mailbox, and a real SMTP server that delivers into it. Not a test itself."""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import os
import ssl
import uuid
import warnings
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from stormdesk.networks.email import NETWORK
from stormdesk.networks.email.folders import quoted

OWN = "help@acme.test"


@dataclass
class Office:
    """`sent`: what was handed over, as (recipients, letter). `behaves`: what the server does with the next letter."""

    folder: str
    settings: dict[str, Any]
    secret: dict[str, str]
    sent: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    behaves: str = "well"
    encrypted: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Signing in costs this server half a second, so the office stays signed in.
        self.box = self.mailbox()

    def mailbox(self) -> imaplib.IMAP4:
        box = imaplib.IMAP4("127.0.0.1", self.settings["imap_port"], timeout=10)
        box.login(self.settings["user"], self.secret["password"])
        return box

    def deliver(self, raw: bytes, folder: str = "") -> None:
        """Put a letter into the mailbox, as a mail server does."""
        self.box.append(folder or self.folder, "", "", raw)

    async def hear(
        self, cursor: dict[str, Any], kind: str = "letters", **settings: Any
    ) -> tuple[list[Any], dict[str, Any]]:
        items, more = [], True
        while more:
            batch = await NETWORK.hear(kind, self.settings | settings, self.secret, cursor)
            items, cursor, more = items + batch.items, batch.cursor, batch.more
        return items, cursor

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.startswith("nobody"):
            return "550 5.1.1 no such user"
        if address.startswith("slow"):
            return "451 4.7.1 greylisted"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.behaves == "refuses":
            return "554 5.7.1 looks like spam"
        self.sent.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))  # type: ignore[arg-type]
        self.encrypted.append(session.ssl is not None)
        if OWN in envelope.rcpt_tos:
            self.deliver(envelope.content)
        if self.behaves == "falls silent":
            self.behaves = "well"
            server.transport.abort()
        return "250 kept"


@contextlib.asynccontextmanager
async def office(behaves: str = "well", context: ssl.SSLContext | None = None) -> AsyncIterator[Office]:
    """A folder of its own in the mailbox that scripts/services starts, and an SMTP server while the block runs.

    With `context`, the SMTP server wants encryption (STARTTLS) before a password.
    """
    if "STORMDESK_TEST_IMAP_PORT" not in os.environ:
        pytest.fail(
            "This test reads a real mailbox: run it as `scripts/services run --only imap -- pytest -m server`."
        )
    folder = f"Обращения {uuid.uuid4().hex[:8]}"
    settings = {
        "address": OWN, "name": "Acme «Помощь»", "user": os.environ["STORMDESK_TEST_IMAP_USER"], "folder": folder,
        "imap_host": "127.0.0.1", "imap_port": int(os.environ["STORMDESK_TEST_IMAP_PORT"]), "imap_security": "none",
        "smtp_host": "127.0.0.1", "smtp_security": "none",
    }  # fmt: skip
    it = Office(folder, settings, {"password": os.environ["STORMDESK_TEST_IMAP_PASSWORD"]}, behaves=behaves)

    def enter(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password.decode() == it.secret["password"])

    def serve() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a password over an open line: here it is meant
            return SMTP(it, hostname="acme.test", authenticator=enter, auth_required=True, tls_context=context,
                        require_starttls=context is not None, auth_require_tls=context is not None)  # fmt: skip

    server = await asyncio.get_running_loop().create_server(serve, "127.0.0.1", 0)
    settings["smtp_port"] = server.sockets[0].getsockname()[1]
    it.folder = quoted(folder)
    it.box.create(it.folder)
    try:
        yield it
    finally:
        server.close()
        it.box.logout()


def letter(text: str = "Верните деньги", number: str = "", **headers: str) -> bytes:
    """A letter from Olga, as mail programs write it; `_` in names stands for `-`."""
    made = EmailMessage(policy=policy.SMTP)
    given = {"From": "Ольга Петрова <olga@mail.test>", "To": OWN, "Subject": "Чайник",
             "Message-ID": f"<{number or uuid.uuid4().hex}@mail.test>"}  # fmt: skip
    for name, value in (given | {k.replace("_", "-"): v for k, v in headers.items()}).items():
        made[name] = value
    made.set_content(text)
    return made.as_bytes()
