"""The text of each kind of message and its picture, told in the language of whoever gets it. Registered like journal sentences."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stormdesk.journal.registry import Told
from stormdesk.people.models import Brand

log = logging.getLogger("stormdesk.notify")

PICTURE_MOST = 200_000
"""Bytes of a picture; a larger one stays on the page."""


@dataclass(frozen=True)
class Message:
    """Subject and body with %(names)s of facts."""

    subject: str | Promise
    body: str | Promise


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing that stands alone (SVG, its colours in it), and in one sentence what it shows."""

    svg: str
    alt: str


Draw = Callable[[Brand, str, datetime], Picture | None]
"""(brand, what the matter is about as in `alert:5`, now): its picture in the active language, None without one."""

_MESSAGES: dict[str, Message] = {}
_PICTURES: dict[str, Draw] = {}


def register_message(kind: str, subject: str | Promise, body: str | Promise) -> None:
    """Make `kind` sendable. Raises ValueError when two stages claim one name."""
    if kind in _MESSAGES:
        raise ValueError(f"The message kind {kind} is registered twice.")
    _MESSAGES[kind] = Message(subject, body)


def register_picture(kind: str, draw: Draw) -> None:
    """Let mail of `kind` carry a picture, drawn when it is sent. Raises ValueError when two stages claim one kind."""
    if kind in _PICTURES:
        raise ValueError(f"The picture of the message kind {kind} is registered twice.")
    _PICTURES[kind] = draw


def registered(kind: str) -> bool:
    """Whether a kind has a text."""
    return kind in _MESSAGES


def text_of(kind: str, facts: dict) -> tuple[str, str]:
    """Subject (one line) and body in the active language. Raises KeyError for an unregistered kind."""
    message, told = _MESSAGES[kind], Told(facts)
    return " ".join((str(message.subject) % told).split()), str(message.body) % told


def picture_of(kind: str, brand: Brand, about: str, now: datetime) -> Picture | None:
    """The picture of a matter in the active language; None for a kind without one, or for one too large.

    Never raises: somebody has to be reached, with the picture or without it.
    """
    draw = _PICTURES.get(kind)
    if draw is None:
        return None
    try:
        with transaction.atomic():  # a query that fails must not take the note that it was sent with it
            picture = draw(brand, about, now)
    except Exception:
        log.exception("No picture of %s for a message of kind %s", about, kind)
        return None
    if picture and len(picture.svg.encode()) > PICTURE_MOST:
        log.warning("The picture of %s is too large for a message", about)
        return None
    return picture


register_message(
    "test", _("A test of this channel"), _("Stormdesk can reach you here. Nothing has happened.")
)
