"""Who is on call, whom an alert reaches next, and how I am reached."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stormdesk.core.clock import utcnow
from stormdesk.notify import actions, queries
from stormdesk.notify.forms import EmailForm, ShiftForm, StepsForm, WebhookForm
from stormdesk.people.access import PersonRequest, brand_page, may
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right


def _page(request: PersonRequest, brand: Brand, **more: object) -> HttpResponse:
    now = utcnow()
    steps = queries.steps_of(brand)
    initial: dict[str, object] = {f"after_{n}": step.after_minutes for n, step in enumerate(steps)}
    initial |= {f"who_{n}": str(step.user_id) if step.user_id else "on_call" for n, step in enumerate(steps)}
    return render(
        request,
        "notify/on_call.html",
        {
            "section": "settings",
            "on_call": queries.on_call(brand, now),
            "first_called": queries.first_called(brand, now),
            "shifts": queries.shifts_of(brand, now),
            "channels": queries.channels_of(request.user),
            "shift_form": ShiftForm(brand=brand),
            "steps_form": StepsForm(brand=brand, initial=initial),
            "email_form": EmailForm(),
            "webhook_form": WebhookForm(),
            "may_change": may(request.user, Right.SETTINGS, brand),
            **more,
        },
    )


@brand_page(Right.SEE)
def on_call(request: PersonRequest, brand: Brand) -> HttpResponse:
    """The schedule, the escalation, my channels."""
    return _page(request, brand)


@require_POST
@brand_page(Right.SETTINGS)
def add_shift(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Put a person on call."""
    form = ShiftForm(request.POST, brand=brand)
    if not form.is_valid():
        return _page(request, brand, shift_form=form)
    actions.add_shift(brand=brand, by=request.user, now=utcnow(), **form.cleaned_data)
    return redirect("on_call", brand.slug)


@require_POST
@brand_page(Right.SETTINGS)
def remove_shift(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Take a shift off the schedule."""
    actions.remove_shift(brand=brand, by=request.user, now=utcnow(), pk=pk)
    return redirect("on_call", brand.slug)


@require_POST
@brand_page(Right.SETTINGS)
def set_steps(request: PersonRequest, brand: Brand) -> HttpResponse:
    """The escalation."""
    form = StepsForm(request.POST, brand=brand)
    if not form.is_valid():
        return _page(request, brand, steps_form=form)
    actions.set_steps(brand=brand, by=request.user, now=utcnow(), steps=form.steps())
    messages.success(request, _("Saved."))
    return redirect("on_call", brand.slug)


@require_POST
@brand_page(Right.SEE)
def add_email(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Another address of mine."""
    form = EmailForm(request.POST)
    if not form.is_valid():
        return _page(request, brand, email_form=form)
    actions.add_email(user=request.user, now=utcnow(), **form.cleaned_data)
    return redirect("on_call", brand.slug)


@require_POST
@brand_page(Right.SEE)
def add_webhook(request: PersonRequest, brand: Brand) -> HttpResponse:
    """A webhook of mine; its key is shown this once."""
    form = WebhookForm(request.POST)
    if not form.is_valid():
        return _page(request, brand, webhook_form=form)
    _channel, key = actions.add_webhook(user=request.user, now=utcnow(), **form.cleaned_data)
    return _page(request, brand, key=key)


@require_POST
@brand_page(Right.SEE)
def remove_channel(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """One of my channels."""
    actions.remove_channel(user=request.user, pk=pk)
    return redirect("on_call", brand.slug)


@require_POST
@brand_page(Right.SEE)
def send_test(request: PersonRequest, brand: Brand) -> HttpResponse:
    """A message to myself."""
    actions.send_test(brand=brand, user=request.user, now=utcnow())
    messages.success(request, _("A test message is on its way to you."))
    return redirect("on_call", brand.slug)
