"""Settings: bringing a file of posts, and saying which column holds what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from stormdesk.core.clock import utcnow
from stormdesk.core.errors import BadInput
from stormdesk.listen import actions, queries, words
from stormdesk.listen.files import Mapping, columns_of
from stormdesk.listen.forms import MappingForm, UploadForm
from stormdesk.listen.rules import ImportState
from stormdesk.listen.views import person
from stormdesk.people.access import brand_page
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right


@brand_page(Right.SETTINGS)
def imports(request: HttpRequest, brand: Brand) -> HttpResponse:
    """Files that were brought, and a new one."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            brought = actions.bring_file(
                brand=brand,
                by=person(request),
                now=utcnow(),
                file=form.cleaned_data["file"],
            )
            return redirect("one_import", brand.slug, brought.pk)
        except BadInput as error:
            form.add_error("file", str(error))
    return render(
        request,
        "listen/imports.html",
        {
            "section": "settings",
            "form": form,
            "imports": [(one, *words.IMPORT_STATE[one.state]) for one in queries.imports_of(brand)],
        },
    )


@brand_page(Right.SETTINGS)
def one_import(request: HttpRequest, brand: Brand, pk: int) -> HttpResponse:
    """One file: its columns to be agreed, then how far it is, then what was refused and why."""
    found = queries.get_import(brand, pk)
    shape, word = words.IMPORT_STATE[found.state]
    context: dict[str, Any] = {"section": "settings", "brought": found, "shape": shape, "word": word}
    if found.state == ImportState.MAPPING:
        columns, first = columns_of(Path(found.path))
        mapping = Mapping.from_dict(found.mapping)
        form = MappingForm(request.POST or None, columns=columns, mapping=mapping)
        if request.method == "POST" and form.is_valid():
            given = {field: form.cleaned_data[field] for field in words.COLUMN if form.cleaned_data[field]}
            actions.start_import(
                brought=found,
                by=person(request),
                now=utcnow(),
                mapping=Mapping(given, "", form.cleaned_data["zone"]),
                network=form.cleaned_data["network"],
            )
            return redirect("one_import", brand.slug, pk)
        rows = [[row.values.get(column, "")[:200] for column in columns[:12]] for row in first[:5]]
        context |= {"form": form, "columns": columns[:12], "rows": rows}
    context["refusals"] = [(line, gettext(message) % facts) for line, message, facts in found.refusals]
    return render(request, "listen/import.html", context)
