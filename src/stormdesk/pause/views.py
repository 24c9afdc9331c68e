"""The page of the switch."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stormdesk.core.clock import utcnow
from stormdesk.pause import actions, queries
from stormdesk.pause.forms import PauseForm
from stormdesk.pause.rules import REVIEW_AFTER
from stormdesk.people.access import PersonRequest, brand_page, may
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right


@brand_page(Right.SEE)
def pause(request: PersonRequest, brand: Brand) -> HttpResponse:
    """What is paused, and the form that pauses more; a POST pauses."""
    many = len(queries.pausable_brands(request.user)) > 1
    form = PauseForm(brand, request.POST or None, many_brands=many)
    if request.method == "POST" and form.is_valid():
        now = utcnow()
        actions.start_pause(brand=brand, by=request.user, now=now, **form.arguments(now))
        messages.success(request, _("Publishing is paused. Nothing new is taken from now on."))
        return redirect("pause", brand.slug)
    pauses = [(pause, queries.scope_words(pause)) for pause in queries.open_pauses(brand)]
    return render(
        request,
        "pause/pause.html",
        {
            "section": "calendar",
            "form": form,
            "pauses": pauses,
            "may_start": may(request.user, Right.PAUSE, brand),
            "may_end": may(request.user, Right.RESUME, brand),
        },
        status=422 if form.errors else 200,
    )


@require_POST
@brand_page(Right.RESUME)
def end(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """End one pause; what came due waits in the resume review."""
    actions.end_pause(pause=queries.get_pause(brand, pk), by=request.user, now=utcnow())
    messages.success(
        request,
        _("The pause is over. What came due meanwhile waits in the resume review; nothing fires by itself."),
    )
    return redirect("pause", brand.slug)


@require_POST
@brand_page(Right.PAUSE)
def later(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Leave a pause on and ask again later."""
    now = utcnow()
    hours = request.POST.get("hours", "")
    wait = timedelta(hours=min(int(hours), 72)) if hours.isdigit() and int(hours) else REVIEW_AFTER
    actions.postpone_review(
        pause=queries.get_pause(brand, pk), by=request.user, now=now, review_at=now + wait
    )
    messages.success(request, _("The pause stays on; you will be asked again."))
    return redirect("pause", brand.slug)
