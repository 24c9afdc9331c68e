"""Writing a letter: who it goes to and what it answers is looked up first; then it is handed over, at most once."""

from __future__ import annotations

import contextlib
import hashlib
import re
import smtplib
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from stormdesk.core import http
from stormdesk.core.clock import utcnow
from stormdesk.networks.base import (
    Outgoing,
    Permanent,
    Retryable,
    Secret,
    Sent,
    Settings,
    Unknown,
    gettext_noop,
)
from stormdesk.networks.email import folders, letters, listening, wire
from stormdesk.networks.email.letters import Letter, is_address
from stormdesk.networks.plain import clean, clean_line

TITLE = 90
MOST_ATTACHED = 20 * 2**20
SETTLED = timedelta(minutes=3)
"""A copy to ourselves may take so long; before that, its absence says nothing."""


def own_id(settings: Settings, key: str) -> str:
    """The Message-ID of the letter with this key: always the same one."""
    address = own_address(settings)
    return f"{hashlib.sha256(f'{address} {key}'.encode()).hexdigest()[:40]}{listening.mark(address)}"


def own_address(settings: Settings) -> str:
    address = str(settings.get("address") or "").strip().lower()
    if not is_address(address) or not address.isascii():
        raise Permanent(
            gettext_noop(
                "The account's own address is no e-mail address; correct it where the account is set up."
            ),
            code="own_address",
        )
    return address


async def compose(settings: Settings, secret: Secret, outgoing: Outgoing) -> tuple[EmailMessage, str]:
    """The letter and the one address it goes to. Nothing is sent."""
    own_address(settings)
    original: Letter | None = None
    if outgoing.in_reply_to:
        wanted = outgoing.in_reply_to
        original = await wire.ask(settings, secret, lambda mailbox: _find_letter(mailbox, settings, wanted))
    to = (outgoing.to_handle or (original.address if original else "")).strip()
    if not to and outgoing.in_reply_to:
        raise Permanent(
            gettext_noop(
                "The letter that is to be answered is no longer in the mailbox, so nobody knows where to write to."
            ),
            code="gone",
        )
    return write(settings, outgoing, original, to), to


def write(settings: Settings, outgoing: Outgoing, original: Letter | None, to: str) -> EmailMessage:
    """Put the letter on paper. Raises Permanent for what cannot be written."""
    try:
        local, _, domain = to.rpartition("@")
        recipient = Address(username=local, domain=domain.encode("idna").decode())
        if not is_address(to) or not local.isascii():
            raise ValueError(to)
    except ValueError:
        raise Permanent(
            gettext_noop("“%(to)s” is no address a letter can be sent to; check it."),
            code="no_address",
            to=clean_line(to),
        ) from None
    text = clean(outgoing.text)
    if original and (asked := clean_line(original.subject, 300)):
        subject = asked if re.match(r"(?i)(re|ответ|на)\s?:", asked) else f"Re: {asked}"
    else:
        first = clean_line(text.split("\n")[0])
        subject = first if len(first) <= TITLE else f"{first[:TITLE].rsplit(' ', 1)[0]}…"
    message = EmailMessage(policy=SMTP)
    own_local, _, own_domain = own_address(settings).rpartition("@")
    name = clean_line(str(settings.get("name") or ""), 100)
    message["From"] = Address(display_name=name, username=own_local, domain=own_domain)
    message["To"] = recipient
    message["Subject"] = subject
    message["Date"] = format_datetime(utcnow())
    message["Message-ID"] = f"<{own_id(settings, outgoing.key)}>"
    if outgoing.in_reply_to:
        answered = original.message_id if original else outgoing.in_reply_to
        earlier = [*(original.refers if original else ()), answered]
        # Long conversations: the first letter and the latest ones, so that no line grows without end (RFC 5322 3.6.4).
        earlier = earlier if len(earlier) <= 12 else [earlier[0], *earlier[-11:]]
        given = [f"<{i}>" for i in earlier if re.fullmatch(r"[!-;=?-~]{1,250}", i)]
        if given:
            message["In-Reply-To"] = given[-1]
            message["References"] = " ".join(given)
    message.set_content(text or " ")
    _attach(message, outgoing)
    return message


def _attach(message: EmailMessage, outgoing: Outgoing) -> None:
    if any(media.content is None for media in outgoing.media):
        raise Permanent(gettext_noop("A picture is missing its file; attach it again."), code="no_file")
    if sum(len(media.content or b"") for media in outgoing.media) > MOST_ATTACHED:
        raise Permanent(
            gettext_noop(
                "The attached files together are larger than 20 MB, and many mailboxes refuse that; attach less."
            ),
            code="too_large",
        )
    for media in outgoing.media:
        kind = (
            media.content_type
            if re.fullmatch(r"[\w.+-]+/[\w.+-]+", media.content_type)
            else "application/octet-stream"
        )
        main, _, sub = kind.partition("/")
        if main in ("text", "message", "multipart"):
            main, sub = "application", "octet-stream"
        name = clean_line(media.name, 100) or "file"
        message.add_attachment(media.content or b"", maintype=main, subtype=sub, filename=name)
        if media.description:
            message.get_payload()[-1]["Content-Description"] = clean_line(media.description)  # type: ignore[index]


async def send(settings: Settings, secret: Secret, message: EmailMessage, to: str) -> Sent:
    """Hand it over, with a copy to ourselves that proves that it went out. Raises as `Network.publish` does."""
    own = own_address(settings)
    content = message.as_bytes()
    at = await wire.door("smtp", settings)
    user, password = wire.credentials(settings, secret)
    handed_over = False

    def conversation(at: wire.Door) -> None:
        nonlocal handed_over
        server = _entered(at, user, password)
        try:
            _accepted(at, *server.mail(own))
            recipient = str(message["To"].addresses[0].addr_spec)
            _accepted(at, *server.rcpt(recipient), to=to)
            if recipient.lower() != own:
                with contextlib.suppress(smtplib.SMTPResponseException):
                    server.rcpt(own)
            handed_over = True
            try:
                reply = server.data(content)
            except smtplib.SMTPDataError as error:  # said before one byte of the letter
                handed_over = False
                reply = (error.smtp_code, _bytes(error.smtp_error))
            # Only a clear answer settles it; anything else leaves the letter perhaps on its way.
            if reply[0] // 100 not in (2, 4, 5):
                raise smtplib.SMTPServerDisconnected("the answer cannot be read")
            handed_over = False
            _accepted(at, *reply)
        finally:
            with contextlib.suppress(Exception):
                server.close() if handed_over else server.quit()

    try:
        await wire.talk(at, conversation, seconds=50)
    except (http.HttpError, OSError, EOFError, ValueError, TypeError, smtplib.SMTPException) as error:
        if handed_over:
            raise Unknown(
                gettext_noop(
                    "“%(host)s” took the letter and did not say what became of it; it may be on its way."
                ),
                host=at.host,
            ) from error
        if isinstance(error, http.HttpError):
            raise wire.judged(error) from error
        raise Retryable(
            gettext_noop(
                "The mail server “%(host)s” broke off before the letter was handed over; it will be tried again."
            ),
            code="broken",
            host=at.host,
        ) from error
    return Sent(str(message["Message-ID"]).strip("<> "), "", utcnow())


async def try_out(settings: Settings, secret: Secret) -> None:
    """Sign in to the sending server and say nothing. Raises Retryable, Permanent, Unauthorised."""
    at = await wire.door("smtp", settings)
    user, password = wire.credentials(settings, secret)

    def conversation(at: wire.Door) -> None:
        server = _entered(at, user, password)
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.quit()

    try:
        await wire.talk(at, conversation)
    except http.HttpError as error:
        raise wire.judged(error) from error
    except (OSError, EOFError, ValueError, TypeError, smtplib.SMTPException) as error:
        raise Retryable(
            gettext_noop(
                "The mail server “%(host)s” broke off or answered something that cannot be read; it will be asked again."
            ),
            code="unreadable",
            host=at.host,
        ) from error


def _entered(at: wire.Door, user: str, password: str) -> wire.Smtp:
    server = wire.Smtp(at)
    if not password or not server.has_extn("auth"):
        return server
    try:
        server.login(user, password)
    except smtplib.SMTPAuthenticationError as error:
        server.close()
        if 400 <= error.smtp_code < 500:
            raise
        raise wire.refused(at.host) from None
    return server


def _accepted(at: wire.Door, code: int, said: bytes, to: str = "") -> None:
    """What a reply of the server means: 2xx yes, 4xx later, 5xx never (RFC 5321 4.2.1)."""
    if 200 <= code < 300:
        return
    words = clean_line(_bytes(said).decode("utf-8", "replace"), 200)
    if not 500 <= code < 600:
        raise Retryable(
            gettext_noop(
                "The mail server “%(host)s” does not take the letter now (%(said)s); it will be tried again."
            ),
            code="later",
            host=at.host,
            said=words,
        )
    raise Permanent(
        gettext_noop("The letter to “%(to)s” was refused (%(said)s); check the address and the text.")
        if to
        else gettext_noop(
            "The mail server “%(host)s” refused the letter (%(said)s); it will not work until something is changed."
        ),
        code="refused",
        host=at.host,
        to=to,
        said=words,
    )


def _bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value


async def find(settings: Settings, secret: Secret, key: str, since: datetime) -> Sent | None:
    """The letter with this key in our own mailbox: the copy to ourselves, or what the provider keeps as sent."""
    wanted = own_id(settings, key)

    def look(mailbox: wire.Imap) -> datetime | None:
        for folder in folders.likely(mailbox, _inbox(settings)):
            found = _by_id(mailbox, folder, wanted)
            if found:
                return found[-1].at
        return None

    at = await wire.ask(settings, secret, look)
    if at is None and utcnow() - since < SETTLED:
        raise Retryable(
            gettext_noop(
                "The letter is not in the mailbox yet; its copy may still be on its way, and will be looked for again."
            ),
            code="not_settled",
            after=30,
        )
    return Sent(wanted, "", at) if at else None


async def own_letters(settings: Settings, secret: Secret, since: datetime) -> list[tuple[Letter, datetime]]:
    """Letters from our own address since then, oldest first, each once."""
    own = own_address(settings)
    day = (since - timedelta(days=1)).strftime("%d-%b-%Y")

    def look(mailbox: wire.Imap) -> list[listening.Fetched]:
        found: list[listening.Fetched] = []
        for folder in dict.fromkeys([_inbox(settings), *folders.sent(mailbox)]):
            listening.enter(mailbox, folder)
            numbers = listening.search(mailbox, "SINCE", day, "FROM", f'"{own}"')[-200:]
            found += listening.fetch(mailbox, numbers, most=2**17)
        return found

    said: dict[str, tuple[Letter, datetime]] = {}
    for fetched in await wire.ask(settings, secret, look):
        letter = letters.read(fetched.raw)
        if fetched.at >= since and letter.sender == own:
            said.setdefault(letter.message_id, (letter, fetched.at))
    return sorted(said.values(), key=lambda pair: pair[1])


def _inbox(settings: Settings) -> str:
    return str(settings.get("folder") or "INBOX")


def _find_letter(mailbox: wire.Imap, settings: Settings, wanted: str) -> Letter | None:
    """The letter with this id, where people keep letters."""
    for folder in folders.likely(mailbox, _inbox(settings)):
        for fetched in _by_id(mailbox, folder, wanted):
            letter = letters.read(fetched.raw)
            if letter.message_id == wanted:
                return letter
    return None


def _by_id(mailbox: wire.Imap, folder: str, wanted: str) -> list[listening.Fetched]:
    if not re.fullmatch(r"[!#-;=?-\[\]-~]{1,250}", wanted):
        return []
    listening.enter(mailbox, folder)
    numbers = listening.search(mailbox, "HEADER", "Message-ID", f'"{wanted}"')
    return listening.fetch(mailbox, numbers[-5:], most=2**17)
