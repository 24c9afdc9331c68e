"""What every network is to the rest of the house: what it can do, what comes in, what goes out, what may go wrong.

A network is a folder beside this file with `NETWORK = …` in its `__init__.py`, a `CANNOT_SEE.md` and tests.
Nothing here knows Django; everything a network needs is given with the call. A secret whose keys change by themselves
is changed in one place only: `networks.kept`.
"""

from __future__ import annotations

import inspect
import re
from abc import ABC
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from stormdesk.networks.errors import NetworkError, Permanent, Retryable, Unauthorised, Unknown, gettext_noop
from stormdesk.networks.values import (
    RECEIVE,
    Author,
    Batch,
    Capability,
    Connected,
    Connecting,
    Field,
    Health,
    Incoming,
    Kind,
    Limit,
    Media,
    Outgoing,
    Received,
    Scheduled,
    Scope,
    Sent,
    Source,
    Visibility,
    WritesFirst,
    Wrong,
)

__all__ = [
    "RECEIVE",
    "Author",
    "Batch",
    "Capability",
    "Connected",
    "Connecting",
    "Field",
    "Health",
    "Incoming",
    "Kind",
    "Limit",
    "Media",
    "Network",
    "NetworkError",
    "Outgoing",
    "Permanent",
    "Received",
    "Retryable",
    "Scheduled",
    "Scope",
    "Sent",
    "Source",
    "Unauthorised",
    "Unknown",
    "Visibility",
    "WritesFirst",
    "Wrong",
    "gettext_noop",
]

Settings = Mapping[str, Any]
Secret = Mapping[str, str]


class Network(ABC):
    """A place where people speak. Subclasses override what their `capabilities` promise; the rest refuses."""

    name: ClassVar[str]
    title: ClassVar[str]
    capabilities: ClassVar[frozenset[Capability]]
    text_limit: ClassVar[int | None] = None
    """Longest post in characters as this network counts them; None where there is no fixed limit."""
    fields: ClassVar[tuple[Field, ...]] = ()
    """What an account of this network needs."""
    sources: ClassVar[tuple[Source, ...]] = ()

    writes_first: ClassVar[WritesFirst] = WritesFirst.NOBODY
    """To whom a private message may go; asked before a conversation is moved to private."""
    media_count: ClassVar[int] = 0
    """Pictures or videos one post may carry."""
    limits: ClassVar[tuple[Limit, ...]] = ()
    scopes: ClassVar[tuple[Scope, ...]] = ()
    """What an account is asked for when it is connected, explained."""

    own_key: ClassVar[bool] = False
    """Signing in proves who we are with a key pair of this desk, given as `client_key` to `begin_connecting`."""

    asked_as_list: ClassVar[bool] = False
    """Its streams are for others; the desk asks it again and again, which costs nothing there."""

    tested_against: ClassVar[str]
    """The servers the tests of this network speak to; shown in the documentation."""

    def can(self, capability: Capability) -> bool:
        """May a screen offer this?"""
        return capability in self.capabilities

    def count(self, text: str) -> int:
        """The length of `text` as this network counts it, to be compared with `text_limit`."""
        return len(text)

    def cannot_see(self, language: str = "en") -> list[str]:
        """What this network hides from us, point by point, in `ru` or `en` (any other language gets English)."""
        path = Path(inspect.getfile(type(self))).with_name("CANNOT_SEE.md")
        sections = _sections(path.read_text(encoding="utf-8"))
        told = sections.get(language.split("-")[0].lower(), sections["en"])
        return [
            " ".join(point.split()) for point in re.split(r"^- ", told, flags=re.MULTILINE) if point.strip()
        ]

    async def hear(self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
        """What is new since `cursor` ({} at first) in one source `kind`. Raises NetworkError."""
        raise self._cannot("hear")

    def receive(
        self,
        headers: Mapping[str, str],
        body: bytes,
        settings: Settings,
        secret: Secret,
        cursor: Mapping[str, Any],
        now: datetime,
    ) -> Received:
        """Check and read one message that the network brought to a source of the kind `receive`.

        `headers`: any case. One that came before gives an empty batch. Raises Unauthorised (not from there) and
        Permanent (cannot be read); then nothing was taken.
        """
        raise self._cannot("receive")

    async def bring_to(self, settings: Settings, secret: Secret, url: str) -> None:
        """Have the network bring what happens to `url`, a source's door under https; once more is fine.

        Raises NetworkError; Permanent(`elsewhere`) where another program's address is set: it is not taken over.
        """
        raise self._cannot("bring_to")

    async def stop_bringing(self, settings: Settings, secret: Secret, url: str) -> None:
        """End it; content where nothing is brought, or only to another address. Raises NetworkError."""
        raise self._cannot("stop_bringing")

    async def brought(self, settings: Settings, secret: Secret, url: str) -> Health:
        """Does the network bring its messages to `url`, and do they arrive? Never raises: says so.

        `facts["unclear"]`: the network could not be asked, so nothing new is known.
        """
        raise self._cannot("brought")

    def stream(
        self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]
    ) -> AsyncIterator[Batch]:
        """Batches as they happen, until the connection ends with a NetworkError; fill gaps with `hear`."""
        raise self._cannot("stream")

    async def complete(self, settings: Settings, secret: Secret, items: list[Incoming]) -> list[Incoming]:
        """The same items with what a stream leaves out (names, followers), asked for only where they are kept.

        Gives them back as they are where the network tells nothing more or does not answer; never raises NetworkError.
        """
        return items

    async def publish(self, settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
        """Say it, once. Raises Retryable (did not happen), Permanent (never will), Unknown (may have happened)."""
        raise self._cannot("publish")

    async def reconcile(
        self, settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime
    ) -> Sent | None:
        """Did `outgoing`, first tried at `since`, get there? Its place, or None if the network has no such post."""
        raise self._cannot("reconcile")

    async def edit(self, settings: Settings, secret: Secret, native_id: str, text: str) -> None:
        """Replace the text of an own post."""
        raise self._cannot("edit")

    async def delete(self, settings: Settings, secret: Secret, native_id: str) -> None:
        """Remove an own post; one that is gone already is fine."""
        raise self._cannot("delete")

    async def thread(self, settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
        """What stands above and below a post, oldest first, as far as the network shows it."""
        raise self._cannot("thread")

    async def hide(self, settings: Settings, secret: Secret, native_id: str, hidden: bool = True) -> None:
        """Hide somebody's comment under an own post from others, or show it again."""
        raise self._cannot("hide")

    async def remove(self, settings: Settings, secret: Secret, native_id: str) -> None:
        """Delete somebody's comment under an own post, for good; one that is gone already is fine."""
        raise self._cannot("remove")

    async def report(
        self, settings: Settings, secret: Secret, native_id: str, wrong: Wrong, words: str = ""
    ) -> str:
        """Tell the network's moderators about somebody's post; returns their number of the report, if they give one."""
        raise self._cannot("report")

    async def own_posts(self, settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
        """Everything the account itself said since then, whoever pressed the button."""
        raise self._cannot("own_posts")

    async def health(self, settings: Settings, secret: Secret) -> Health:
        """Try the account without changing anything. Never raises for an unusable account: says so."""
        raise self._cannot("health")

    async def begin_connecting(self, settings: Settings, redirect_uri: str, state: str) -> Connecting:
        """Start signing in to an account. `state`: unguessable, checked by the caller when the person returns."""
        raise self._cannot("begin_connecting")

    def signs_in(self, given: Mapping[str, Any]) -> bool:
        """With what a person entered, is the next step to sign in there? Otherwise there is a key to be tried.

        An application's own secret is needed for signing in; any other one makes signing in needless.
        """
        secrets = [field.name for field in self.fields if field.secret and field.name != "client_secret"]
        return self.can(Capability.CONNECT) and not any(given.get(name) for name in secrets)

    def takes_key(self) -> bool:
        """May a key be entered in place of signing in?"""
        return any(field.secret and field.name != "client_secret" for field in self.fields)

    def new_key(self) -> str:
        """A fresh key pair for a network with `own_key`."""
        raise self._cannot("new_key")

    def client_document(self, redirect_uri: str, key: str) -> dict[str, Any]:
        """What servers of a network with `own_key` read about this desk, at `client.json` below `redirect_uri`.

        Raises Permanent where no server could reach it.
        """
        raise self._cannot("client_document")

    async def finish_connecting(
        self, settings: Settings, keep: Mapping[str, Any], redirect_uri: str, answer: Mapping[str, str]
    ) -> Connected:
        """End it with the query parameters the person brought back. Raises Permanent if they declined."""
        raise self._cannot("finish_connecting")

    async def native_schedules(self, settings: Settings, secret: Secret) -> list[Scheduled]:
        """Posts that wait inside the network, so that a pause can find them."""
        raise self._cannot("native_schedules")

    async def remove_schedule(self, settings: Settings, secret: Secret, native_id: str) -> None:
        """Take one out; keep its `Scheduled` first. One that is gone already is fine."""
        raise self._cannot("remove_schedule")

    async def restore_schedule(
        self, settings: Settings, secret: Secret, scheduled: Scheduled, due_at: datetime, key: str
    ) -> Scheduled:
        """Put one back for `due_at`; `key` as in Outgoing. Raises as `publish` does."""
        raise self._cannot("restore_schedule")

    def _cannot(self, what: str) -> Permanent:
        return Permanent(
            gettext_noop("%(network)s does not offer this (%(what)s); choose another network for it."),
            code="not_offered",
            network=self.title,
            what=what,
        )


def _sections(markdown: str) -> dict[str, str]:
    """Split a file with `## English` and `## Русский` headings by language."""
    names = {"English": "en", "Русский": "ru"}
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in markdown.splitlines():
        if line.startswith("## ") and line[3:].strip() in names:
            current = found.setdefault(names[line[3:].strip()], [])
        elif current is not None:
            current.append(line)
    return {language: "\n".join(lines).strip() for language, lines in found.items()}
