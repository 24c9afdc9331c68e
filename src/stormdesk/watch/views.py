"""The executive's page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from stormdesk.core.clock import utcnow
from stormdesk.people.access import PersonRequest, brand_page
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right
from stormdesk.watch import queries


@brand_page(Right.SEE)
def executive(request: PersonRequest, brand: Brand) -> HttpResponse:
    """One phone screen: state, what happened, what is done, what comes next, what needs a decision (W3)."""
    now = utcnow()
    page = queries.executive(brand, request.user, now)
    return render(
        request, "watch/executive.html", {"section": "executive", "page": page, "now": now, "rail": None}
    )
