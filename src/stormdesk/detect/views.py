"""Alerts, one alert, concerns, and what the brand calls a crisis."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stormdesk.core.clock import utcnow
from stormdesk.detect import actions, queries
from stormdesk.detect.forms import ConcernForm, DecideForm, DefinitionForm, DismissForm, SilenceForm
from stormdesk.detect.models import Alert
from stormdesk.detect.pictures import alert_pictures
from stormdesk.detect.rules import WAITING, Level
from stormdesk.detect.words import chance_of, level_of, state_of
from stormdesk.journal.queries import history
from stormdesk.notify.queries import calls_of, escalation_of
from stormdesk.people.access import PersonRequest, brand_page, rights
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right


def _row(alert: Alert) -> dict:
    shape, level = level_of(alert)
    return {
        "alert": alert,
        "shape": shape,
        "level": level,
        "state": state_of(alert),
        "sentence": queries.sentence_of(alert),
        "waits": alert.state in WAITING,
    }


@brand_page(Right.SEE)
def alerts(request: PersonRequest, brand: Brand) -> HttpResponse:
    """What waits for a decision, concerns raised by hand, and what was before."""
    return render(
        request,
        "detect/alerts.html",
        {
            "section": "alerts",
            "open": [_row(alert) for alert in queries.open_alerts(brand)],
            "past": [_row(alert) for alert in queries.past_alerts(brand)],
            "concerns": queries.concerns(brand),
            "silence": queries.silence_at(brand, utcnow()),
            "silence_form": SilenceForm(),
            "concern_form": ConcernForm(),
            "decide_form": DecideForm(),
            "may": {right.value for right in rights(request.user, brand)},
        },
    )


@brand_page(Right.SEE)
def alert(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """One alert: the sentence, the picture, the five posts, what to decide."""
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
            "chance": chance_of(found.facts.get("rate") or 0),
            "pictures": {} if blind else alert_pictures(found),
            "heard": queries.series_for_chart(brand, found.last_at - timedelta(hours=1), found.last_at).heard,
            "posts": queries.posts_of(found),
            "similar": [_row(other) for other in queries.similar(found)],
            "escalation": escalation,
            "calls": calls_of(escalation) if escalation else [],
            "history": history(brand, subject=about),
            "dismiss_form": DismissForm(),
            "silence_form": SilenceForm(),
            "may": {right.value for right in rights(request.user, brand)},
        },
    )


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


@brand_page(Right.SETTINGS)
def definition(request: PersonRequest, brand: Brand) -> HttpResponse:
    """What the brand calls a crisis; tried on the last 90 days before it is saved."""
    present = queries.definition(brand)
    form = DefinitionForm(request.POST or None, initial={"budget": present.budget})
    tried = None
    if request.method == "POST" and form.is_valid():
        budget = form.cleaned_data["budget"]
        if "save" in request.POST:
            actions.save_definition(brand=brand, by=request.user, now=utcnow(), budget=budget)
            messages.success(request, _("Saved. It holds for what comes from now on."))
            return redirect("definition", brand.slug)
        tried = queries.back_test(brand, budget, utcnow())
    return render(
        request,
        "detect/definition.html",
        {"section": "settings", "form": form, "present": present, "tried": tried},
    )
