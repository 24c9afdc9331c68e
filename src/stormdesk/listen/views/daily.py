"""The daily review: ten minutes a day with what came to the brand's own accounts, signed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from stormdesk.core.clock import utcnow
from stormdesk.core.errors import BadInput
from stormdesk.listen import actions, queries, showing
from stormdesk.listen.actions.health import told as told_trouble
from stormdesk.listen.forms import SignForm
from stormdesk.listen.views import person
from stormdesk.people.access import brand_page, may, require
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right


@brand_page(Right.SEE)
def daily_review(request: HttpRequest, brand: Brand) -> HttpResponse:
    """What is to be looked at; signed by POST."""
    now = utcnow()
    sees = may(person(request), Right.CORRECT, brand)
    if request.method == "POST":
        require(person(request), Right.CORRECT, brand)
        form = SignForm(request.POST)
        since = parse_datetime(request.POST.get("since", "")[:40])
        if not form.is_valid() or since is None or since.tzinfo is None:
            raise BadInput(_("The review cannot be signed in this way. Open it again."))
        actions.sign_daily_review(
            brand=brand,
            by=person(request),
            now=now,
            since=since,
            note=form.cleaned_data["note"],
        )
        messages.info(request, _("Signed. The next review begins now."))
        return redirect("daily_review", brand.slug)
    day = queries.day_of(brand, now)
    return render(
        request,
        "listen/daily.html",
        {
            "section": "heard",
            "day": day,
            "rows": showing.show(day.mentions, sees_personal=sees, most=300),
            "complete": queries.completeness(brand, day.since, now),
            "troubled": [
                (source, told_trouble(source))
                for source in queries.sources_of(brand)
                if source.state in ("failing", "silent")
            ],
            "form": SignForm(),
            "may_sign": sees,
        },
    )
