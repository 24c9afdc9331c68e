"""A mailbox, read by IMAP (RFC 3501) and answered by SMTP (RFC 5321)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from stormdesk.networks.base import (
    Author,
    Batch,
    Capability,
    Field,
    Health,
    Incoming,
    Network,
    NetworkError,
    Outgoing,
    Secret,
    Sent,
    Settings,
    Source,
    WritesFirst,
    gettext_noop,
)
from stormdesk.networks.email import listening, speaking, wire

SECURITY = ("tls", "starttls", "none")


def _server(name: str, title: str, port: str) -> tuple[Field, ...]:
    return (
        Field(f"{name}_host", title),
        Field(f"{name}_port", port, "number", required=False, help=gettext_noop("Empty: the usual one.")),
        Field(
            f"{name}_security",
            gettext_noop("Encryption"),
            "choice",
            required=False,
            choices=SECURITY,
            help=gettext_noop("“none” only inside the own network, if an administrator allows it."),
        ),
    )


class Email(Network):
    """`settings`: `address`, `name`, `user`, `folder`, `imap_*` and `smtp_*` (host, port, security); `secret`: `password`.

    A letter's id is its Message-ID without brackets. Our own is made from the key, so a letter whose handing over
    ended unclearly is found again by it: every letter goes to ourselves as well, unseen by its reader.
    """

    name = "email"
    title = "E-mail"
    writes_first = WritesFirst.WHO_WROTE
    media_count = 10
    tested_against = (
        "pymap 0.36.7 (IMAP) and aiosmtpd 1.4.6 (SMTP), both real servers; faulty contract servers"
    )
    capabilities = frozenset(
        {
            Capability.NOTIFICATIONS,
            Capability.TIMELINE,
            Capability.PUBLISH,
            Capability.REPLY,
            Capability.DIRECT,
            Capability.MEDIA,
            Capability.RECONCILE,
            Capability.OWN_POSTS,
        }
    )
    fields = (
        Field(
            "address",
            gettext_noop("E-mail address"),
            help=gettext_noop("Letters are answered from this address."),
        ),
        Field("name", gettext_noop("Name beside the address"), required=False),
        *_server("imap", gettext_noop("Server for reading (IMAP)"), gettext_noop("Port for reading")),
        *_server("smtp", gettext_noop("Server for sending (SMTP)"), gettext_noop("Port for sending")),
        Field("user", gettext_noop("User name"), required=False, help=gettext_noop("Empty: the address.")),
        Field(
            "password",
            gettext_noop("Password"),
            "password",
            secret=True,
            help=gettext_noop(
                "Better one made for programs (“app password”) than the one people sign in with."
            ),
        ),
    )
    sources = (
        Source(
            "letters",
            gettext_noop("Letters from customers"),
            (
                Field(
                    "folder", gettext_noop("Folder"), required=False, help=gettext_noop("Empty: the inbox.")
                ),
            ),
            needs_account=True,
        ),
        Source(
            "alerts",
            gettext_noop("Alerts of other services, by e-mail"),
            (
                Field(
                    "folder", gettext_noop("Folder"), required=False, help=gettext_noop("Empty: the inbox.")
                ),
                Field(
                    "sender",
                    gettext_noop("Sender"),
                    required=False,
                    help=gettext_noop("An address or a domain; letters of others are passed over."),
                ),
            ),
            needs_account=True,
        ),
    )

    async def hear(self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
        kinds: dict[str, Literal["letters", "alerts"]] = {"letters": "letters", "alerts": "alerts"}
        if kind not in kinds:
            raise ValueError(f"e-mail has no source called {kind!r}")
        return await listening.hear(kinds[kind], settings, secret, cursor)

    async def publish(self, settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
        message, to = await speaking.compose(settings, secret, outgoing)
        return await speaking.send(settings, secret, message, to)

    async def reconcile(
        self, settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime
    ) -> Sent | None:
        """Looks for our own copy by its Message-ID; for three minutes its absence counts as “not known yet” (Retryable)."""
        return await speaking.find(settings, secret, outgoing.key, since)

    async def own_posts(self, settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
        """Letters from the own address, as far as the inbox and the folder for sent ones show them."""
        own = speaking.own_address(settings)
        return [
            Incoming(
                network="email",
                native_id=letter.message_id,
                text=f"{letter.subject}\n\n{letter.text}".strip(),
                published_at=at,
                author=Author(own, own, letter.name),
                in_reply_to=letter.in_reply_to,
                thread=letter.thread,
                kind="direct",
                visibility="direct",
            )
            for letter, at in await speaking.own_letters(settings, secret, since)
        ]

    async def health(self, settings: Settings, secret: Secret) -> Health:
        handle = str(settings.get("address") or "")
        folder = str(settings.get("folder") or "INBOX")
        try:
            speaking.own_address(settings)
            await wire.ask(settings, secret, lambda mailbox: listening.enter(mailbox, folder))
        except NetworkError as error:
            return Health(False, handle, ("imap",), error.message, error.facts)
        try:
            await speaking.try_out(settings, secret)
        except NetworkError as error:
            return Health(False, handle, ("smtp",), error.message, error.facts)
        return Health(True, handle)
