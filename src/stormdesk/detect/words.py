"""Levels and states of an alert in words, with the shape they are shown in."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from stormdesk.detect.models import Alert
from stormdesk.detect.rules import AlertState, Level

LEVEL_WORDS = {
    Level.ATTENTION: ("attn", _("Attention")),
    Level.CRISIS: ("attn", _("Looks like a crisis")),
    Level.BLIND: ("quiet", _("Not heard")),
}
STATE_WORDS = {
    AlertState.OPEN: _("waits for a decision"),
    AlertState.ACKNOWLEDGED: _("taken"),
    AlertState.DISMISSED: _("not a crisis"),
    AlertState.DECLARED: _("became a crisis"),
    AlertState.CLOSED: _("passed by itself"),
}


def level_of(alert: Alert) -> tuple[str, str | Promise]:
    """(shape, word): red is kept for a declared crisis, so even a serious alert is ochre."""
    return LEVEL_WORDS[Level(alert.level)]


def state_of(alert: Alert) -> str | Promise:
    """How far people have come with it."""
    return STATE_WORDS[AlertState(alert.state)]


def chance_of(per_week: float) -> str:
    """How often chance alone makes such a rise, in a sentence; nothing when it is not known."""
    if not per_week:
        return ""
    if per_week > 0.5:
        often = round(per_week) or 1
        return ngettext(
            "By chance a rise like this comes about once a week.",
            "By chance a rise like this comes about %(n)s times a week.",
            often,
        ) % {"n": often}
    weeks = round(1 / per_week)
    if weeks > 100:
        return gettext("By chance a rise like this comes less than once in two years.")
    return ngettext(
        "By chance a rise like this comes about once in %(n)s week.",
        "By chance a rise like this comes about once in %(n)s weeks.",
        weeks,
    ) % {"n": weeks}
