"""The one sentence of an alert: what came, what is usual at this time of the week, since when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

NBSP = "\u00a0"
THOUSANDS = {"en": ",", "ru": NBSP}


def _times(mark: Callable[[str], str]) -> list[list[str]]:
    """Night, morning, afternoon and evening of each day from Monday on; each is one phrase, since languages differ."""
    _ = mark
    return [
        [_("Monday night"), _("Monday morning"), _("Monday afternoon"), _("Monday evening")],
        [_("Tuesday night"), _("Tuesday morning"), _("Tuesday afternoon"), _("Tuesday evening")],
        [_("Wednesday night"), _("Wednesday morning"), _("Wednesday afternoon"), _("Wednesday evening")],
        [_("Thursday night"), _("Thursday morning"), _("Thursday afternoon"), _("Thursday evening")],
        [_("Friday night"), _("Friday morning"), _("Friday afternoon"), _("Friday evening")],
        [_("Saturday night"), _("Saturday morning"), _("Saturday afternoon"), _("Saturday evening")],
        [_("Sunday night"), _("Sunday morning"), _("Sunday afternoon"), _("Sunday evening")],
    ]


def number(value: float, language: str) -> str:
    """A whole number as people of this language write it: 1,240 or 1 240 (no-break space)."""
    return f"{round(value):,}".replace(",", THOUSANDS.get(language[:2], NBSP))


def percent(share: float, language: str) -> str:
    """A share of one as whole per cent: 71% or 71 % (no-break space)."""
    return f"{round(share * 100)}" + ("%" if language[:2] == "en" else f"{NBSP}%")


def sentence(
    facts: Mapping[str, Any],
    language: str,
    brand: str,
    gettext: Callable[[str], str],
    ngettext: Callable[[str, str, int], str],
) -> str:
    """One plain sentence about a score's facts, in the language that the two translators speak.

    facts: of a `Score`; with `local` (ISO time at the brand's place) the time of the week is local, else it is UTC,
    likewise `since_local`. language: "en" or "ru", for numbers. brand: its name as people know it.
    """
    _ = gettext
    kind = facts.get("kind", "volume")
    if kind == "gap":
        return _("Nothing was heard about %(brand)s: the sources were silent, so this is not calm.") % {
            "brand": brand
        }
    count = int(facts.get("count", 0))
    minutes = int(facts.get("window", 60))
    if kind == "few_authors":
        people = int(facts.get("authors") or count)
        text = ngettext(
            "%(count)s person wrote about %(brand)s %(window)s, where hardly anyone does",
            "%(count)s different people wrote about %(brand)s %(window)s, where hardly anyone does",
            people,
        ) % {
            "count": number(people, language),
            "brand": brand,
            "window": _window(minutes, language, _, ngettext),
        }
    else:
        mentions = ngettext("%(count)s mention", "%(count)s mentions", count) % {
            "count": number(count, language)
        }
        values = {
            "mentions": mentions,
            "window": _window(minutes, language, _, ngettext),
            "low": number(facts.get("low", 0), language),
            "high": number(facts.get("high", 0), language),
            "time": _time(facts, _),
        }
        if facts.get("learning") or not values["time"]:
            text = _("%(mentions)s %(window)s, where %(low)s–%(high)s would be usual so far") % values
        elif kind == "slow":
            text = (
                _("%(mentions)s %(window)s, a slow climb from the usual %(low)s–%(high)s for %(time)s")
                % values
            )
        else:
            text = _("%(mentions)s %(window)s, where %(low)s–%(high)s are usual for %(time)s") % values
    parts = [text]
    if facts.get("knows_negative", True) and facts.get("negative") is not None:
        share, usual = float(facts["negative"]), facts.get("usual_negative")
        if usual is not None and kind in ("content", "slow", "mood") and share - usual >= 0.08:
            parts.append(
                _("%(share)s negative instead of %(usual)s")
                % {"share": percent(share, language), "usual": percent(usual, language)}
            )
        else:
            parts.append(_("%(share)s negative") % {"share": percent(share, language)})
    began = _began(facts)
    if began:
        parts.append(_("unusual since %(time)s") % {"time": began})
    return "; ".join(parts) + "."


def _window(
    minutes: int, language: str, gettext: Callable[[str], str], ngettext: Callable[[str, str, int], str]
) -> str:
    _ = gettext
    if minutes == 60:
        return _("in the last hour")
    if minutes % 60 == 0:
        hours = minutes // 60
        return ngettext("in the last %(count)s hour", "in the last %(count)s hours", hours) % {
            "count": number(hours, language)
        }
    return ngettext("in the last %(count)s minute", "in the last %(count)s minutes", minutes) % {
        "count": number(minutes, language)
    }


def _time(facts: Mapping[str, Any], gettext: Callable[[str], str]) -> str:
    written = facts.get("local") or facts.get("at")
    if not written:
        return ""
    at = datetime.fromisoformat(written)
    return _times(gettext)[at.weekday()][at.hour // 6]


def _began(facts: Mapping[str, Any]) -> str:
    """When it began, if that is not just now."""
    began, now = facts.get("since_local") or facts.get("since"), facts.get("local") or facts.get("at")
    if not began or not now:
        return ""
    since, at = datetime.fromisoformat(began), datetime.fromisoformat(now)
    if (at - since).total_seconds() < 1800:
        return ""
    return f"{since:%H:%M}" if since.date() == at.date() else f"{since:%d.%m %H:%M}"
