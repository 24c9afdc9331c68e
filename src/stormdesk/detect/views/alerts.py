"""Alerts, one alert, and concerns raised by hand."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import localize
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stormdesk.core.charts import sparkline
from stormdesk.core.clock import utcnow
from stormdesk.detect import actions, queries
from stormdesk.detect.detectors.sentence import number, percent
from stormdesk.detect.forms import ConcernForm, DecideForm, DismissForm, SilenceForm
from stormdesk.detect.models import Alert
from stormdesk.detect.pictures import alert_pictures
from stormdesk.detect.rules import WAITING, AlertState, Level
from stormdesk.detect.rules.course import OWN
from stormdesk.detect.rules.severity import Weighs
from stormdesk.detect.words import (
    MOVED_WORDS,
    SEVERITY_WORDS,
    SPAN_WORDS,
    WEIGHS_WORDS,
    chance_of,
    level_of,
    state_of,
)
from stormdesk.journal.queries import history
from stormdesk.notify.queries import calls_of, escalation_of
from stormdesk.people.access import PersonRequest, brand_page, rights
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right

KNOWN_AHEAD = timedelta(days=14)


def _row(alert: Alert) -> dict:
    shape, level = level_of(alert)
    return {
        "alert": alert,
        "shape": shape,
        "level": level,
        "state": state_of(alert),
        "sentence": queries.sentence_of(alert),
        "severity": SEVERITY_WORDS[alert.severity],
        "waits": alert.state in WAITING,
    }


@brand_page(Right.SEE)
def alerts(request: PersonRequest, brand: Brand) -> HttpResponse:
    """What waits for a decision, concerns raised by hand, what is known ahead, and what was before."""
    now = utcnow()
    return render(
        request,
        "detect/alerts.html",
        {
            "section": "alerts",
            "open": [_row(alert) for alert in queries.open_alerts(brand)],
            "past": [_row(alert) for alert in queries.past_alerts(brand)],
            "concerns": queries.concerns(brand),
            "standing": queries.standing(brand, now, queries.first_minute(brand)),
            "budget": queries.criteria(brand).budget,
            "known": queries.known(brand, now, now + KNOWN_AHEAD)[:6],
            "silence": queries.silence_at(brand, now),
            "silence_form": SilenceForm(),
            "concern_form": ConcernForm(),
            "decide_form": DecideForm(),
            "may": {right.value for right in rights(request.user, brand)},
        },
    )


@brand_page(Right.SEE)
def alert(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """One alert: the sentence, the picture, the five posts, what else is known, what to decide."""
    found = queries.get_alert(brand, pk)
    about = f"alert:{pk}"
    escalation = escalation_of(brand, about)
    blind = found.level == Level.BLIND
    return render(
        request,
        "detect/alert.html",
        {
            "section": "alerts",
            **_row(found),
            "blind": blind,
            **({} if blind else _storm(found)),
            "similar": [
                {**_row(other.alert), "like": other, "half": _half(other.alert)}
                for other in queries.similar(found)
            ],
            "escalation": escalation,
            "calls": calls_of(escalation) if escalation else [],
            "history": history(brand, subject=about),
            "dismiss_form": DismissForm(),
            "silence_form": SilenceForm(),
            "may": {right.value for right in rights(request.user, brand)},
        },
    )


def _storm(found: Alert) -> dict:
    """What the page of a storm shows beside its sentence."""
    language = (get_language() or "en")[:2]
    whole = queries.whole(found)
    found.facts["hours"] = (found.facts.get("window") or 60) / 60
    ahead = queries.outlook(found) if found.state != AlertState.DISMISSED else None
    moved = queries.what_moved(found)
    top = max((value for row in moved for value in row.line if value is not None), default=0) or None
    parts = found.facts.get("severity", {}).get("parts", [])
    return {
        "chance": chance_of(found.facts.get("rate") or 0),
        "pictures": alert_pictures(found, ahead),
        "outlook": ahead,
        "own_course": ahead is not None and ahead.fades.own >= OWN,
        "later": ahead.band()[-1] if ahead and ahead.ahead else None,
        "half_life": timedelta(minutes=ahead.fades.middle) if ahead else None,
        "half_low": timedelta(minutes=ahead.fades.low) if ahead else None,
        "half_high": timedelta(minutes=ahead.fades.high) if ahead else None,
        "ended_half": _half(found),
        "whole": whole,
        "heard_text": _("%(share)s heard") % {"share": percent(whole.heard.share, language)},
        "spans": list(SPAN_WORDS.items()),
        "shown_until": (found.last_at + timedelta(minutes=15)).isoformat(),
        "posts": queries.posts_of(found),
        "who": queries.spread(found),
        "moved": [
            {
                "row": row,
                "name": MOVED_WORDS.get(row.kind, ""),
                "picture": sparkline(row.line, top=top) if row.line else "",
            }
            for row in moved
        ],
        "parts": [
            (WEIGHS_WORDS[name], _weight(name, value, language), points, most)
            for name, value, points, most in parts
        ],
        "points": found.facts.get("severity", {}).get("points"),
    }


def _half(alert: Alert) -> timedelta | None:
    """How long half of an ended storm took."""
    minutes = alert.facts.get("half_life")
    return timedelta(minutes=minutes) if minutes else None


def _weight(name: str, value: float, language: str) -> str:
    if name == Weighs.VIDEO:
        return percent(value, language)
    return number(value, language) if name != Weighs.SPEED or value >= 10 else localize(round(value, 1))


@require_POST
@brand_page(Right.ALERTS)
def acknowledge(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """I have it."""
    actions.acknowledge_alert(alert=queries.get_alert(brand, pk), by=request.user, now=utcnow())
    return redirect("alert", brand.slug, pk)


@require_POST
@brand_page(Right.ALERTS)
def dismiss(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Not a crisis, because …"""
    found = queries.get_alert(brand, pk)
    form = DismissForm(request.POST)
    why = form.cleaned_data["why"] if form.is_valid() else ""
    actions.dismiss_alert(alert=found, by=request.user, now=utcnow(), why=why)
    return redirect("alert", brand.slug, pk)


@require_POST
@brand_page(Right.ALERTS)
def silence(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Nobody is called for a while."""
    form = SilenceForm(request.POST)
    if form.is_valid():
        now = utcnow()
        until = now + timedelta(hours=form.cleaned_data["hours"])
        actions.silence(
            brand=brand, by=request.user, now=now, reason=form.cleaned_data["reason"], until=until
        )
    else:
        messages.error(request, _("A silence needs a reason and an end that lies ahead."))
    return redirect("alerts", brand.slug)


@require_POST
@brand_page(Right.ALERTS)
def end_silence(request: PersonRequest, brand: Brand) -> HttpResponse:
    """People are called again."""
    actions.end_silences(brand=brand, by=request.user, now=utcnow())
    return redirect("alerts", brand.slug)


@require_POST
@brand_page(Right.CORRECT)
def raise_concern(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Something a person noticed."""
    form = ConcernForm(request.POST)
    if form.is_valid():
        actions.raise_concern(brand=brand, by=request.user, now=utcnow(), **form.cleaned_data)
        messages.success(request, _("Thank you. Whoever is on call hears of it now."))
    else:
        messages.error(request, _("Say in a sentence what you noticed."))
    return redirect("alerts", brand.slug)


@require_POST
@brand_page(Right.ALERTS)
def decide_concern(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Whether it needs a reaction."""
    concern = queries.get_concern(brand, pk)
    form = DecideForm(request.POST)
    if form.is_valid():
        actions.decide_concern(concern=concern, by=request.user, now=utcnow(), **form.cleaned_data)
    else:
        messages.error(request, _("Say why: the person who raised it will read it."))
    return redirect("alerts", brand.slug)
