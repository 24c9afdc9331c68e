"""The tabs of Settings: one list, whichever stage a page belongs to."""

from __future__ import annotations

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

register = template.Library()

TABS = {
    "queries": _("Words to listen for"),
    "sources": _("Sources"),
    "import": _("Import"),
    "understanding": _("Understanding"),
    "definition": _("What is a crisis"),
    "people": _("People and roles"),
    "on_call": _("On call"),
    "playbooks": _("Playbooks"),
    "journal": _("Journal"),
}


@register.inclusion_tag("web/partials/settings_tabs.html", takes_context=True)
def settings_tabs(context: dict, present: str) -> dict:
    """`{% settings_tabs "people" %}`: every page of Settings that exists, the present one marked."""
    tabs = []
    for name, word in TABS.items():
        try:
            tabs.append((reverse(name, args=[context["brand"].slug]), word, name == present))
        except NoReverseMatch:
            continue
    return {"tabs": tabs}
