"""Levels, states, conditions and severities in words, with the shape they are shown in."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from stormdesk.detect.detectors.sentence import number, percent
from stormdesk.detect.holidays import countries
from stormdesk.detect.models import Alert
from stormdesk.detect.rules import AlertState, KnownKind, Level
from stormdesk.detect.rules.criteria import SHARES, Called, Condition
from stormdesk.detect.rules.severity import Weighs

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
KNOWN_WORDS = {
    KnownKind.CAMPAIGN: _("campaign"),
    KnownKind.EVENT: _("event"),
    KnownKind.HOLIDAY: _("public holiday"),
    KnownKind.OUTAGE: _("outage or works we know of"),
}
CONDITION_WORDS = {
    Condition.VOLUME: _("Times what is usual for this hour of the week"),
    Condition.NEGATIVE: _("Share of negative"),
    Condition.AUTHORS: _("Different people"),
    Condition.REACH: _("People reached"),
    Condition.NEEDS: _("People who ask for an answer"),
    Condition.SCAM: _("Posts that deceive in your name"),
    Condition.DANGER: _("People who use words of danger"),
    Condition.OUTRAGE: _("Share of posts with signs of outrage"),
}
REASON_WORDS: dict[str, str | Promise] = {
    "unusual": _("Rarer than your budget"),
    **{str(name): word for name, word in CONDITION_WORDS.items()},
}
SEVERITY_WORDS = {1: _("minor"), 2: _("serious"), 3: _("severe"), 4: _("extreme")}
WEIGHS_WORDS = {
    Weighs.REACH: _("People reached"),
    Weighs.AUTHORS: _("Different people"),
    Weighs.DANGER: _("People who use words of danger"),
    Weighs.SPEED: _("Times the upper edge of what is usual"),
    Weighs.VIDEO: _("Posts with a video"),
}
CALLED_WORDS = {
    Called.NOBODY: _("nobody: it is shown on the page"),
    Called.ON_CALL: _("whoever is on call"),
    Called.LEADERS: _("whoever is on call, and all leads and owners"),
    Called.EVERYBODY: _("everybody who may answer alerts"),
}
SPAN_WORDS = {"hour": _("hour"), "day": _("day"), "week": _("week"), "90days": _("90 days")}
COUNTRIES = {
    "RU": _("Russia"),
    "BY": _("Belarus"),
    "KZ": _("Kazakhstan"),
    "AM": _("Armenia"),
    "AZ": _("Azerbaijan"),
    "GE": _("Georgia"),
    "UZ": _("Uzbekistan"),
    "GB": _("United Kingdom"),
    "IE": _("Ireland"),
    "US": _("United States"),
    "CA": _("Canada"),
    "AU": _("Australia"),
    "DE": _("Germany"),
    "AT": _("Austria"),
    "CH": _("Switzerland"),
    "FR": _("France"),
    "ES": _("Spain"),
    "IT": _("Italy"),
    "PL": _("Poland"),
    "TR": _("Türkiye"),
    "IN": _("India"),
}
"""The countries most of our brands live in, by name; the others stand after them by their code."""


def country_names() -> list[tuple[str, str | Promise]]:
    """(code, name) of every country whose public holidays are known."""
    known = countries()
    return [(code, name) for code, name in COUNTRIES.items() if code in known] + [
        (code, code) for code in known if code not in COUNTRIES
    ]


MOVED_WORDS = {
    "rivals": _("About a competitor alone"),
    "competitor": _("About you and a competitor"),
    "needs": _("Ask for an answer"),
    "urgent": _("Urgent"),
    "scam": _("Deceive in your name"),
    "outraged": _("Signs of outrage"),
}


def told_value(name: str, value: float, language: str) -> str:
    """A condition's value as people write it: a share with its sign, a ratio with its digit."""
    if name in SHARES:
        return percent(value / 100, language)
    if name == Condition.VOLUME and value < 10:
        return f"{value:.1f}".replace(".", "," if language == "ru" else ".")
    return number(value, language)


def explained(facts: Mapping[str, Any], zone: str, language: str) -> list[str]:
    """What stands beside the number: something known, conditions that are met, answers to the brand's own posts."""
    told = []
    if known := facts.get("known"):
        until = datetime.fromisoformat(known["until"]).astimezone(zoneinfo.ZoneInfo(zone))
        values = {"name": known["name"], "until": f"{until:%d.%m %H:%M}"}
        if known.get("hushed"):
            told.append(gettext("Known: %(name)s, until %(until)s, so nobody was called.") % values)
        else:
            told.append(
                gettext(
                    "Known: %(name)s, until %(until)s; but what is said has turned, which that does not explain."
                )
                % values
            )
    if met := facts.get("met"):
        parts = [
            gettext("%(condition)s: %(value)s (from %(from)s)")
            % {
                "condition": str(CONDITION_WORDS[Condition(name)]).lower(),
                "value": told_value(name, value, language),
                "from": told_value(name, threshold, language),
            }
            for name, (value, threshold) in met.items()
        ]
        told.append(
            gettext("Your own conditions are met: %(conditions)s.") % {"conditions": "; ".join(parts)}
        )
    if (share := facts.get("own_replies") or 0) >= 0.3:
        told.append(
            gettext("%(share)s answer posts of your own accounts.") % {"share": percent(share, language)}
        )
    return told


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
