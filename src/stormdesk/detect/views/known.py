"""What is known ahead: noted, removed, and the public holidays beside it."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stormdesk.core.clock import utcnow
from stormdesk.detect import actions, queries
from stormdesk.detect.forms import KnownForm
from stormdesk.detect.rules import KnownKind
from stormdesk.detect.words import COUNTRIES, KNOWN_WORDS
from stormdesk.people.access import PersonRequest, brand_page, rights
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right

PAST = timedelta(days=30)
AHEAD = timedelta(days=120)


@brand_page(Right.SEE)
def known(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Campaigns, events and outages; a form for another one; the holidays of the next months."""
    may = {right.value for right in rights(request.user, brand)}
    form = KnownForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.add_known(brand=brand, by=request.user, now=utcnow(), **form.cleaned_data)
        messages.success(request, _("Noted. A rise in its time is explained by it."))
        return redirect("known", brand.slug)
    now = utcnow()
    country = queries.criteria(brand).country
    return render(
        request,
        "detect/known.html",
        {
            "section": "alerts",
            "form": form,
            "now": now,
            "noted": [(row, KNOWN_WORDS[KnownKind(row.kind)]) for row in queries.noted(brand, now - PAST)],
            "holidays": queries.holidays_of(brand, now, now + AHEAD),
            "country": COUNTRIES.get(country, country),
            "may": may,
        },
    )


@require_POST
@brand_page(Right.ALERTS)
def remove_known(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """It will not happen."""
    actions.remove_known(known=queries.get_known(brand, pk), by=request.user, now=utcnow())
    return redirect("known", brand.slug)
