"""Settings: where the brand listens, and for which words."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stormdesk import networks
from stormdesk.accounts.queries import accounts_of
from stormdesk.core.clock import utcnow
from stormdesk.core.errors import Refused, StormdeskError
from stormdesk.listen import actions, queries, showing, words
from stormdesk.listen.actions.doors import address_of, can_be_brought
from stormdesk.listen.actions.health import told as told_trouble
from stormdesk.listen.actions.sources import way_of
from stormdesk.listen.forms import QueryForm, SourceForm, SwitchForm, language
from stormdesk.listen.matching import told
from stormdesk.listen.models import Source
from stormdesk.listen.views import person
from stormdesk.networks.base import RECEIVE, Capability, Network, NetworkError
from stormdesk.networks.base import Source as Way
from stormdesk.people.access import brand_page, may
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right

_BROUGHT = frozenset({Capability.IMPORT})


def _offered(brand: Brand) -> list[tuple[Network, list[Way], list[str]]]:
    """Networks that can be listened to, with what they cannot see."""
    return [
        (network, list(network.sources), network.cannot_see(language()))
        for name, network in sorted(networks.ALL.items())
        if network.sources
        and not (network.capabilities <= _BROUGHT)
        and (not brand.is_drill or name == "practice")
    ]


@brand_page(Right.SEE)
def sources(request: HttpRequest, brand: Brand) -> HttpResponse:
    """Every source with its health, and what could be added."""
    now = utcnow()
    heard = queries.heard_from(brand, now.replace(hour=0, minute=0, second=0, microsecond=0))
    return render(
        request,
        "listen/sources.html",
        {
            "section": "settings",
            "sources": [
                (source, *words.source_state(source), told_trouble(source), heard.get(source.pk, 0))
                for source in queries.sources_of(brand)
            ],
            "offered": _offered(brand),
            "may_change": may(person(request), Right.SETTINGS, brand),
        },
    )


def _form(
    brand: Brand, network: Network, way: Way, data: Any = None, source: Source | None = None
) -> SourceForm:
    return SourceForm(
        data,
        way=way,
        accounts=[
            account for account in accounts_of(brand, connected=True) if account.network == network.name
        ],
        source=source,
        own=way.kind == RECEIVE,
        initial={"name": gettext(network.title)},
    )


@brand_page(Right.SETTINGS)
def add_source(request: HttpRequest, brand: Brand, network: str, kind: str) -> HttpResponse:
    """A new source: filled in, tried, added."""
    try:
        place, way = way_of(network, kind)
    except StormdeskError:
        raise Http404 from None
    form = _form(brand, place, way, request.POST or None)
    context: dict[str, Any] = {"network": place, "way": way, "form": form, "new": True}
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = {
            "settings": form.settings(),
            "secret": form.secret(),
            "account": form.cleaned_data.get("account"),
        }
        try:
            if "try" in request.POST:
                batch = actions.try_source(
                    brand=brand, by=person(request), network=network, kind=kind, **given
                )
                context["tried"] = batch.items[:5]
                context["tried_count"] = len(batch.items)
            else:
                own = way.kind == RECEIVE
                source = actions.add_source(
                    brand=brand,
                    by=person(request),
                    now=utcnow(),
                    network=network,
                    kind=kind,
                    name=form.cleaned_data["name"],
                    poll_every=0 if own else form.cleaned_data["poll_every"],
                    speaks_every=form.cleaned_data["speaks_every"],
                    **given,
                )
                messages.info(request, _("The source is added; what it says now is being heard."))
                return redirect("source", brand.slug, source.pk)
        except NetworkError as error:
            context["refused"] = gettext(error.message) % error.facts
        except Refused as error:
            context["refused"] = str(error)
    return _source_page(request, brand, context)


@brand_page(Right.SEE)
def source(request: HttpRequest, brand: Brand, pk: int) -> HttpResponse:
    """One source: its health and gaps; changed by those who may."""
    found = queries.get_source(brand, pk)
    place, way = way_of(found.network, found.kind)
    changes = may(person(request), Right.SETTINGS, brand)
    form = _form(brand, place, way, (request.POST or None) if changes else None, found)
    context: dict[str, Any] = {"network": place, "way": way, "form": form, "source": found, "new": False}
    if request.method == "POST" and changes and form.is_valid():
        try:
            actions.edit_source(
                source=found,
                by=person(request),
                now=utcnow(),
                name=form.cleaned_data["name"],
                settings=form.settings(),
                secret=form.secret(),
                account=form.cleaned_data.get("account"),
                poll_every=form.cleaned_data.get("poll_every"),
                speaks_every=form.cleaned_data["speaks_every"],
            )
            return redirect("source", brand.slug, pk)
        except StormdeskError as error:
            context["refused"] = str(error)
    return _source_page(request, brand, context)


def _source_page(request: HttpRequest, brand: Brand, context: dict[str, Any]) -> HttpResponse:
    found = context.get("source")
    if found:
        shape, word = words.source_state(found)
        context |= {
            "shape": shape,
            "word": word,
            "trouble": told_trouble(found),
            "gaps": queries.gaps_of(found, utcnow()),
            "switch_form": SwitchForm(),
            "door": address_of(found),
            "can_be_brought": can_be_brought(found),
        }
    context |= {
        "section": "settings",
        "cannot_see": context["network"].cannot_see(language()),
        "may_change": may(person(request), Right.SETTINGS, brand),
    }
    return render(request, "listen/source.html", context)


@require_POST
@brand_page(Right.SETTINGS)
def switch_source(request: HttpRequest, brand: Brand, pk: int) -> HttpResponse:
    """Switch a source off with a reason, or on again."""
    found = queries.get_source(brand, pk)
    on = request.POST.get("on") == "yes"
    form = SwitchForm(request.POST)
    if not on and not form.is_valid():
        raise Refused(_("Say why the source is switched off; nothing was changed."))
    if on:
        actions.switch_source(source=found, by=person(request), now=utcnow(), on=True)
    else:
        actions.switch_off(source=found, by=person(request), now=utcnow(), reason=form.cleaned_data["reason"])
    return redirect("source", brand.slug, pk)


@require_POST
@brand_page(Right.SETTINGS)
def door(request: HttpRequest, brand: Brand, pk: int) -> HttpResponse:
    """Have the network bring its messages to our door, or fetch them again."""
    found = queries.get_source(brand, pk)
    change = actions.bring if request.POST.get("brought") == "yes" else actions.fetch
    try:
        change(source=found, by=person(request), now=utcnow())
    except NetworkError as error:
        messages.error(request, gettext(error.message) % error.facts)
    return redirect("source", brand.slug, pk)


@brand_page(Right.SEE)
def queries_page(request: HttpRequest, brand: Brand, pk: int = 0) -> HttpResponse:
    """The words to listen for: all queries, one open to be changed and tried on history."""
    every = queries.queries_of(brand)
    found = queries.get_query(brand, pk) if pk else None
    if found is None and "new" not in request.GET and request.method == "GET" and every:
        found = every[0]
    changes = may(person(request), Right.SETTINGS, brand)
    data = request.POST if request.method == "POST" and changes else None
    form = QueryForm(data) if data else QueryForm.of(found) if found else QueryForm(initial={"kind": "brand"})
    trial = None
    if data and form.is_valid():
        if "save" in data:
            saved = actions.save_query(
                brand=brand,
                by=person(request),
                now=utcnow(),
                query=found,
                **form.cleaned_data,
            )
            messages.info(request, _("Saved. It is listened for from now on."))
            return redirect("query", brand.slug, saved.pk)
        trial = queries.try_query(brand, form.cleaned_data["expression"], query=pk)
    elif not data and found:
        trial = queries.try_query(brand, found.expression, query=found.pk, most=2000)
    sees = may(person(request), Right.CORRECT, brand)
    marked = [word.term.value for word in trial.words] if trial else []
    return render(
        request,
        "listen/queries.html",
        {
            "section": "settings",
            "queries": [(query, words.QUERY_KIND[query.kind]) for query in every],
            "present": found,
            "form": form,
            "trial": trial,
            "understood": told(trial.tree, {k: str(v) for k, v in words.OPERATORS.items()}) if trial else "",
            "examples": showing.show(trial.examples, sees_personal=sees, marked=marked, most=280) if trial else [],
            "left_out": showing.show(trial.left_out, sees_personal=sees, most=280) if trial else [],
            "may_change": changes,
        },
    )  # fmt: skip


@require_POST
@brand_page(Right.SETTINGS)
def remove_query(request: HttpRequest, brand: Brand, pk: int) -> HttpResponse:
    """Stop listening for it."""
    actions.remove_query(query=queries.get_query(brand, pk), by=person(request), now=utcnow())
    return redirect("queries", brand.slug)
