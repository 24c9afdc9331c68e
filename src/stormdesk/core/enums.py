"""Enumerations of a stage's rules as the choices of its tables."""

from __future__ import annotations

from enum import StrEnum


def choices(enum: type[StrEnum]) -> list[tuple[str, str]]:
    """Pairs for a model field; labels for people are translated where they are shown."""
    return [(member.value, member.value) for member in enum]
