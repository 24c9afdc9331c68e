"""Marks the English sentences of built-in checks for translation, without Django."""

from __future__ import annotations


def gettext_noop(message: str) -> str:
    """The message itself; the name is what the extraction of messages looks for."""
    return message
