"""The text of each kind of message, told in the language of whoever gets it. Registered like journal sentences."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stormdesk.journal.registry import Told


@dataclass(frozen=True)
class Message:
    """Subject and body with %(names)s of facts."""

    subject: str | Promise
    body: str | Promise


_MESSAGES: dict[str, Message] = {}


def register_message(kind: str, subject: str | Promise, body: str | Promise) -> None:
    """Make `kind` sendable. Raises ValueError when two stages claim one name."""
    if kind in _MESSAGES:
        raise ValueError(f"The message kind {kind} is registered twice.")
    _MESSAGES[kind] = Message(subject, body)


def registered(kind: str) -> bool:
    """Whether a kind has a text."""
    return kind in _MESSAGES


def text_of(kind: str, facts: dict) -> tuple[str, str]:
    """Subject (one line) and body in the active language. Raises KeyError for an unregistered kind."""
    message, told = _MESSAGES[kind], Told(facts)
    return " ".join((str(message.subject) % told).split()), str(message.body) % told


register_message(
    "test", _("A test of this channel"), _("Stormdesk can reach you here. Nothing has happened.")
)
