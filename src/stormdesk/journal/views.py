"""The record of a brand: read, verified, taken out."""

from __future__ import annotations

import json

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from stormdesk.journal import queries
from stormdesk.people.access import PersonRequest, brand_page
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right


def _crisis(request: PersonRequest) -> int | None:
    number = request.GET.get("crisis", "")
    return int(number) if number.isdigit() else None


@brand_page(Right.SEE)
def journal(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Everything that was done, newest first, and whether the chain is whole."""
    crisis = _crisis(request)
    rows = queries.timeline(brand, crisis=crisis, limit=500) if crisis else queries.history(brand, limit=500)
    return render(
        request,
        "journal/journal.html",
        {"section": "settings", "rows": rows, "crisis": crisis, "faults": queries.verify(brand)},
    )


@brand_page(Right.EXPORT)
def export(request: PersonRequest, brand: Brand) -> StreamingHttpResponse:
    """The chain as JSON lines, to be verified by anyone with the documented procedure."""
    rows = queries.exported(brand, crisis=_crisis(request))
    response = StreamingHttpResponse(
        (json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows),
        content_type="application/x-ndjson",
    )
    response["Content-Disposition"] = f'attachment; filename="journal-{brand.slug}.jsonl"'
    return response
