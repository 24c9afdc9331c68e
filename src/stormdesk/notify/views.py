"""Who is on call, whom an alert reaches next, and how I am reached."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stormdesk.core.clock import utcnow
from stormdesk.notify import actions, queries
from stormdesk.notify.forms import CHANNELS, ChannelForm, QuietForm, ShiftForm, StepsForm
from stormdesk.notify.rules import ChannelKind
from stormdesk.people.access import PersonRequest, brand_page, may
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right


def _ways(filled: ChannelForm | None) -> list[dict]:
    """One form for each way to be reached; the one that was filled in and refused keeps its words, and stands open."""
    forms: list[tuple[ChannelKind, ChannelForm]] = [
        (kind, filled if isinstance(filled, form) else form(prefix=str(kind)))
        for kind, form in CHANNELS.items()
    ]
    return [{"kind": str(kind), "form": form, "open": form is filled} for kind, form in forms]


def _page(
    request: PersonRequest, brand: Brand, filled: ChannelForm | None = None, **more: object
) -> HttpResponse:
    now = utcnow()
    quiet = queries.quiet_of(request.user)
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
            "channels": [(c, CHANNELS[ChannelKind(c.kind)].title) for c in queries.channels_of(request.user)],
            "shift_form": ShiftForm(brand=brand),
            "steps_form": StepsForm(brand=brand, initial=initial),
            "ways": _ways(filled),
            "quiet_form": QuietForm(initial={"begins": quiet.begins, "ends": quiet.ends} if quiet else None),
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
def add_channel(request: PersonRequest, brand: Brand, kind: str) -> HttpResponse:
    """A way to reach me; the signing key of a webhook is shown this once."""
    if kind not in CHANNELS:
        raise Http404
    form = CHANNELS[ChannelKind(kind)](request.POST, prefix=kind)
    if not form.is_valid():
        return _page(request, brand, filled=form)
    sealed = form.sealed()
    actions.add_channel(
        user=request.user, now=utcnow(), kind=ChannelKind(kind), address=form.address(), sealed=sealed
    )
    if "key" in sealed:
        return _page(request, brand, key=sealed["key"])
    messages.success(request, _("Added. Send yourself a test to see that it arrives."))
    return redirect("on_call", brand.slug)


@require_POST
@brand_page(Right.SEE)
def set_quiet(request: PersonRequest, brand: Brand) -> HttpResponse:
    """My quiet hours."""
    form = QuietForm(request.POST)
    if not form.is_valid():
        return _page(request, brand, quiet_form=form)
    actions.set_quiet(user=request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("on_call", brand.slug)


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
