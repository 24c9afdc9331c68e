"""Connections to mail servers: to checked addresses only, encrypted, bounded in time and size.

The standard library's clients do the talking, in a thread; when it takes too long, the wire is cut under them.
"""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import os
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from stormdesk.core import http
from stormdesk.core.http import guard
from stormdesk.core.http.client import tls
from stormdesk.networks.base import Permanent, Retryable, Secret, Settings, Unauthorised, gettext_noop

T = TypeVar("T")
Service = Literal["imap", "smtp"]
PORTS = {("imap", "tls"): 993, ("imap", "starttls"): 143, ("smtp", "tls"): 465, ("smtp", "starttls"): 587,
         ("imap", "none"): 143, ("smtp", "none"): 25}  # fmt: skip
SILENCE = 20.0
MOST = 64 * 2**20
"""Bytes one conversation with a server may bring."""
LINE = 100
"""What a line costs beside its bytes: a million short ones take long to read."""
LONGEST_LITERAL = 4 * 2**20
# RFC 5530: what a server says when the password is not the reason.
_BUSY = (b"[UNAVAILABLE]", b"[INUSE]", b"[LIMIT]", b"[SERVERBUG]")


@dataclass
class Door:
    """Where a service stands and how its wire is opened."""

    host: str
    port: int
    security: str
    addresses: list[str]
    sock: socket.socket | None = field(default=None, repr=False)
    ended: bool = False

    def connect(self) -> socket.socket:
        """A connection to one of the checked addresses. Raises HttpError."""
        for last, address in ((a == self.addresses[-1], a) for a in self.addresses):
            if self.ended:
                break
            try:
                self.sock = socket.create_connection((address, self.port), SILENCE)
                break
            except OSError:
                if last:
                    break
        if self.sock is None or self.ended:
            raise http.Unreachable("connection", sent=False, host=self.host)
        if self.security == "tls":
            self.sock = self.encrypt(self.sock)
        return self.sock

    def encrypt(self, plain: socket.socket) -> ssl.SSLSocket:
        try:
            return tls().wrap_socket(plain, server_hostname=self.host)
        except ssl.SSLCertVerificationError:
            raise http.Unreachable("certificate", sent=False, host=self.host) from None
        except OSError:
            raise http.Unreachable("connection", sent=False, host=self.host) from None

    def cut(self) -> None:
        """Wake whoever waits on the wire; nothing comes over it any more."""
        self.ended = True
        if self.sock is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class _Bounded:
    """A file of the server's words that ends before they fill the memory."""

    def __init__(self, file: Any) -> None:
        self._file, self._left = file, MOST

    def reads(self, file: Any) -> bool:
        return self._file is file

    def readline(self, limit: int = -1) -> bytes:
        return self._took(self._file.readline(limit), LINE)

    def read(self, size: int) -> bytes:
        if size > LONGEST_LITERAL:
            raise OSError("a longer piece than was asked for")
        return self._took(self._file.read(size))

    def _took(self, got: bytes, more: int = 0) -> bytes:
        self._left -= len(got) + more
        if self._left < 0:
            raise OSError("more than is read")
        return got

    def close(self) -> None:
        self._file.close()


class Imap(imaplib.IMAP4):
    """The library's client on our wire."""

    _bounded: _Bounded | None = None

    def __init__(self, door: Door) -> None:
        self._door = door
        super().__init__(door.host, door.port)
        if door.security == "starttls":
            self.starttls(_Context(door))  # type: ignore[arg-type]

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._door.connect()

    def read(self, size: int) -> bytes:
        return self._through().read(size)

    def readline(self) -> bytes:
        line = self._through().readline(1_000_001)
        if len(line) > 1_000_000:
            raise self.error("a longer line than is read")
        return line

    def _through(self) -> _Bounded:
        # A wire that was encrypted in the meantime is another file.
        if self._bounded is None or not self._bounded.reads(self.file):
            self._bounded = _Bounded(self.file)
        return self._bounded


class Smtp(smtplib.SMTP):
    """The library's client on our wire."""

    def __init__(self, door: Door) -> None:
        self._door = door
        super().__init__(local_hostname="localhost", timeout=SILENCE)
        self.host = door.host  # type: ignore[attr-defined]
        self._host = door.host
        code, greeting = self.connect(door.host, door.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, greeting)
        if door.security == "starttls":
            self.starttls(context=_Context(door))  # type: ignore[call-overload]
        self.ehlo_or_helo_if_needed()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._door.connect()

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:
            self.file = _Bounded(self.sock.makefile("rb"))  # type: ignore[union-attr]
        return super().getreply()


@dataclass
class _Context:
    """Stands in for a TLS context, so that a wire encrypted later is cut and judged like every other."""

    door: Door

    def wrap_socket(self, plain: socket.socket, server_hostname: str = "") -> ssl.SSLSocket:
        self.door.sock = self.door.encrypt(plain)
        return self.door.sock


async def door(service: Service, settings: Settings) -> Door:
    """Find a service's server and check every address behind its name. Raises Permanent, Retryable."""
    host = str(settings.get(f"{service}_host") or "").strip().lower()
    security = str(settings.get(f"{service}_security") or "tls")
    if (service, security) not in PORTS:
        security = "tls"
    try:
        port = int(settings.get(f"{service}_port") or PORTS[service, security])
        target = guard.valid(f"https://{host}:{port}/")
        addresses = await guard.resolve(target)
    except http.HttpError as error:
        raise judged(error) from error
    except ValueError:
        raise Permanent(
            gettext_noop("The port of the mail server is not a number; correct it."), code="port"
        ) from None
    allowed = {name.strip().lower() for name in os.environ.get(http.ALLOW_VARIABLE, "").split(",")}
    if security == "none" and host not in allowed:
        raise Permanent(
            gettext_noop(
                "“%(host)s” would get the password unencrypted, so nothing was sent; choose TLS or STARTTLS. "
                "An administrator can allow single hosts of the own network."
            ),
            code="unencrypted",
            host=host,
        )
    return Door(target.host, port, security, addresses)


async def talk(at: Door, words: Callable[[Door], T], seconds: float = 60.0) -> T:
    """Run a conversation in a thread, for at most so long. Raises whatever it raises, or http.TooSlow."""
    going = asyncio.create_task(asyncio.to_thread(words, at))
    try:
        return await asyncio.wait_for(asyncio.shield(going), seconds)
    except TimeoutError:
        at.cut()
        with contextlib.suppress(BaseException):
            await asyncio.wait_for(going, 5)
        raise http.TooSlow(sent=True, host=at.host, seconds=round(seconds)) from None
    except asyncio.CancelledError:
        at.cut()
        going.add_done_callback(lambda task: task.cancelled() or task.exception())
        raise


def judged(error: http.HttpError) -> Permanent | Retryable:
    """What a fault means while nothing is being said in the brand's name."""
    kind = Permanent if isinstance(error, http.Blocked | http.TooLarge) else Retryable
    return kind(error.message, code=error.code, **error.facts)


async def ask(settings: Settings, secret: Secret, words: Callable[[Imap], T]) -> T:
    """Sign in to the mailbox and ask it something. Raises Retryable, Permanent, Unauthorised."""
    at = await door("imap", settings)
    user, password = credentials(settings, secret)

    def conversation(at: Door) -> T:
        mailbox = Imap(at)
        try:
            _sign_in(mailbox, at, user, password)
            return words(mailbox)
        finally:
            with contextlib.suppress(Exception):
                mailbox.logout()

    try:
        return await talk(at, conversation)
    except http.HttpError as error:
        raise judged(error) from error
    except (
        imaplib.IMAP4.error,
        OSError,
        EOFError,
        ValueError,
        IndexError,
        TypeError,
        AttributeError,
    ) as error:
        # The library's own faults on hostile answers are many and of every kind.
        raise Retryable(
            gettext_noop(
                "The mail server “%(host)s” broke off or answered something that cannot be read; it will be asked again."
            ),
            code="unreadable",
            host=at.host,
        ) from error


def _sign_in(mailbox: Imap, at: Door, user: str, password: str) -> None:
    try:
        mailbox.login(user, password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        said = error.args[0] if error.args and isinstance(error.args[0], bytes) else str(error).encode()
        if any(word in said for word in _BUSY):
            raise Retryable(
                gettext_noop(
                    "The mail server “%(host)s” cannot let us in right now; it will be asked again."
                ),
                code="busy",
                host=at.host,
            ) from None
        raise refused(at.host) from None


def refused(host: str) -> Unauthorised:
    return Unauthorised(
        gettext_noop(
            "The mail server “%(host)s” does not accept the name or the password. Many providers want a password made "
            "for programs (“app password”) and access by IMAP switched on."
        ),
        host=host,
    )


def credentials(settings: Settings, secret: Secret) -> tuple[str, str]:
    return str(settings.get("user") or settings.get("address") or ""), secret.get("password", "")
