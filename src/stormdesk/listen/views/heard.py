"""Heard: everything that was heard, searched, filtered, selected, exported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from stormdesk.core.clock import utcnow
from stormdesk.listen import actions, queries, showing, words
from stormdesk.listen.export import lines
from stormdesk.listen.forms import SaveViewForm, told
from stormdesk.listen.matching import QueryError
from stormdesk.listen.pictures import narrative_spark
from stormdesk.listen.views import person
from stormdesk.people.access import brand_page, rights
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right

_SHOWN = 600
"""Letters of a mention in a list."""


@dataclass(frozen=True)
class Chip:
    """A filter that is a link: pressed or not, and the address that turns it over."""

    label: Any
    href: str
    on: bool = False


def _chips(filters: queries.Filters) -> list[Chip]:
    def turn(label: Any, **changes: Any) -> Chip:
        on = all(getattr(filters, name) == value for name, value in changes.items())
        default = queries.Filters()
        off = {name: getattr(default, name) for name in changes}
        return Chip(label, "?" + filters.address(**(off if on else changes)), on)

    chips = [
        turn(_("Negative"), mood="negative"),
        turn(_("Positive"), mood="positive"),
        turn(_("Waits for an answer"), waits=True),
        turn(_("Urgent"), urgency=2),
        turn(_("Scam"), scam=True),
        turn(_("Personal data"), personal=True),
        turn(_("Flagged"), flagged=True),
        turn(_("Without copies"), copies=False),
        turn(_("Our own posts too"), own=True),
    ]
    if filters.author:
        chips.insert(0, turn("@" + filters.author, author=filters.author))
    return chips


def _menus(brand: Brand, filters: queries.Filters) -> list[dict[str, Any]]:
    def menu(name: str, title: Any, choices: list[tuple[Any, Any]]) -> dict[str, Any]:
        present = getattr(filters, name)
        default = getattr(queries.Filters(), name)
        chosen = next((label for value, label in choices if value == present and present != default), None)
        return {
            "title": chosen or title,
            "on": present != default,
            "choices": [
                Chip(label, "?" + filters.address(**{name: value}), value == present)
                for value, label in choices
            ],
        }

    facets = queries.facets(brand)
    told_by = [(0, _("Any narrative"))] + [(n.pk, n.label or n.key) for n in facets.narratives]
    if filters.narrative and filters.narrative not in {value for value, _label in told_by}:
        told_by.append((filters.narrative, f"№ {filters.narrative}"))
    time = menu("since", _("Any time"), [("", _("Any time")), *words.SINCE.items()])
    if filters.start or filters.end:
        time |= {"title": _("Chosen time"), "on": True}
    return [
        menu("narrative", _("Narrative"), told_by),
        time,
        menu(
            "network", _("Network"), [("", _("Any network")), *((n, n.capitalize()) for n in facets.networks)]
        ),
        menu(
            "language",
            _("Language"),
            [("", _("Any language")), *((code, words.LANGUAGE.get(code, code)) for code in facets.languages)],
        ),
        menu("about", words.ABOUT["brand"], list(words.ABOUT.items())),
    ]


@brand_page(Right.SEE)
def heard(request: HttpRequest, brand: Brand) -> HttpResponse:
    """The list, with what is known about the story it is filtered by."""
    now = utcnow()
    filters = queries.Filters.of(request.GET.dict())
    error = ""
    try:
        found = queries.mentions(brand, filters, now)
        page = queries.page_of(
            found, before=request.GET.get("before", ""), after=request.GET.get("after", "")
        )
        total, exact = queries.count_up_to(found)
    except QueryError as problem:
        error, page, total, exact = told(problem), queries.Page([]), 0, True
    may = rights(person(request), brand)
    start, end = filters.span(now)
    complete = queries.completeness(brand, start or now - timedelta(days=1), min(end or now, now))
    narratives = queries.narratives(brand, start or now - timedelta(days=7), most=8)
    context = {
        "section": "heard",
        "filters": filters,
        "address": filters.address(),
        "kept": list(_parameters(filters.address(q="")).items()),
        "error": error,
        "total": total,
        "exact": exact,
        "rows": showing.show(
            page.rows,
            sees_personal=Right.CORRECT in may,
            marked=showing.words_of_search(filters.q),
            most=_SHOWN,
        ),
        "older": page.older,
        "newer": page.newer,
        "chips": _chips(filters),
        "menus": _menus(brand, filters),
        "complete": complete,
        "newest": queries.newest(brand),
        "narratives": [(narrative, narrative_spark(narrative)) for narrative in narratives],
        "saved": queries.saved_filters(brand, person(request)),
        "save_form": SaveViewForm(initial={"query": filters.address()}),
        "listens": queries.listens(brand),
        "may": {right.value for right in may},
    }
    return render(request, "listen/heard.html", context)


@require_POST
@brand_page(Right.SEE)
def save_view(request: HttpRequest, brand: Brand) -> HttpResponse:
    """Keep the present filter under a name."""
    form = SaveViewForm(request.POST)
    if form.is_valid():
        address = queries.Filters.of(_parameters(form.cleaned_data["query"])).address()
        actions.save_filter(brand=brand, by=person(request), name=form.cleaned_data["name"], query=address)
        return redirect(f"{reverse('heard', args=[brand.slug])}?{address}")
    return redirect("heard", brand.slug)


def _parameters(address: str) -> dict[str, str]:
    from urllib.parse import parse_qsl

    return dict(parse_qsl(address, max_num_fields=50))


@require_POST
@brand_page(Right.SEE)
def forget_view(request: HttpRequest, brand: Brand, pk: int) -> HttpResponse:
    """Remove a kept view."""
    actions.remove_filter(brand=brand, by=person(request), pk=pk)
    return redirect("heard", brand.slug)


@require_POST
@brand_page(Right.CORRECT)
def bulk(request: HttpRequest, brand: Brand) -> HttpResponse:
    """Flag the selected mentions, take the flag off, or add them to the crisis."""
    picked = [
        int(pk) for pk in request.POST.getlist("mention") if pk.isascii() and pk.isdigit() and len(pk) < 18
    ]
    now, by, what = utcnow(), person(request), request.POST.get("what", "")
    if what == "crisis" and request.POST.get("crisis", "").isdigit():
        changed = actions.add_to_crisis(
            brand=brand,
            by=by,
            now=now,
            mentions=picked,
            crisis=int(request.POST["crisis"][:18]),
        )
        words_ = ngettext(
            "%(n)s mention is on the crisis now.", "%(n)s mentions are on the crisis now.", changed
        )
    else:
        changed = actions.flag_mentions(brand=brand, by=by, now=now, mentions=picked, on=what != "unflag")
        words_ = ngettext("%(n)s mention changed.", "%(n)s mentions changed.", changed)
    messages.info(request, words_ % {"n": changed})
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if safe and back.startswith("/") else reverse("heard", args=[brand.slug]))


@brand_page(Right.EXPORT)
def export(request: HttpRequest, brand: Brand, form: str) -> StreamingHttpResponse:
    """Everything the filter shows, as CSV or JSON Lines; written down in the journal."""
    now = utcnow()
    filters = queries.Filters.of(request.GET.dict())
    found = actions.export_mentions(brand=brand, by=person(request), now=now, filters=filters)
    kinds = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson; charset=utf-8"}
    return StreamingHttpResponse(
        lines(found, form),
        content_type=kinds[form],
        headers={
            "Content-Disposition": f'attachment; filename="{brand.slug}-heard-{now:%Y%m%d-%H%M}.{form}"'
        },
    )
