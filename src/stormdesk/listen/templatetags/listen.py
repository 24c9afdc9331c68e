"""Words and shares of a mention for templates: `{% load listen %}`."""

from __future__ import annotations

from typing import Any

from django import template

from stormdesk.listen import words
from stormdesk.listen.actions.health import told
from stormdesk.listen.models import Mention, Source
from stormdesk.networks.plain import clean

register = template.Library()


@register.filter
def mood_word(mood: str) -> Any:
    """negative, neutral or positive in the reader's language."""
    return words.MOOD.get(mood, mood)


@register.filter
def mood_share(mention: Mention) -> float:
    """How likely the mood is that is shown; 1 when a person said so."""
    return float(getattr(mention, mention.mood, 1.0))


@register.filter
def source_state(source: Source) -> tuple[str, object]:
    """Shape and word of a source's health."""
    return words.source_state(source)


@register.filter
def source_trouble(source: Source) -> str:
    """What is wrong with a source, in the reader's language; empty when nothing is."""
    return told(source)


@register.filter
def plain_text(text: str) -> str:
    """A stranger's text without marks that deceive the eye; the template escapes it. Spaces at the ends stay."""
    if not text.strip():
        return text
    begins = text[: len(text) - len(text.lstrip())]
    ends = text[len(text.rstrip()) :]
    return begins + clean(text) + ends
