"""What the law says of a network, shown where somebody is about to publish: `{% load law %}{% law brand network %}`."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

from stormdesk.accounts import queries
from stormdesk.accounts.words import COUNTRIES, STANDING
from stormdesk.networks.legal import Note
from stormdesk.people.models import Brand

register = template.Library()


def rows(notes: list[Note]) -> list[dict]:
    """Notes with their words, in the reader's language."""
    return [
        {
            "note": note,
            "text": note.told(get_language() or "en"),
            "country": COUNTRIES.get(note.country, note.country),
            "shape": STANDING[note.status][0],
            "word": STANDING[note.status][1],
        }
        for note in notes
    ]


@register.inclusion_tag("accounts/law.html")
def law(brand: Brand, network: str) -> dict:
    """Nothing where nothing is in the way."""
    return {"rows": rows(queries.in_the_way(brand, network))}
