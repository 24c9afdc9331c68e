"""Playbooks: what is done for each type of crisis, and the brand's own changes to it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from stormdesk.core.clock import utcnow
from stormdesk.declare import actions, queries
from stormdesk.declare.forms import PlaybookForm
from stormdesk.declare.playbook_text import tasks_from_text, text_of_tasks
from stormdesk.declare.rules import CrisisType
from stormdesk.declare.words import TYPE_WORDS
from stormdesk.people.access import PersonRequest, brand_page, may
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right


@brand_page(Right.SEE)
def playbooks(request: PersonRequest, brand: Brand) -> HttpResponse:
    """One playbook a type; the shipped ones until the brand writes its own."""
    own = {playbook.type: playbook for playbook in queries.playbooks_of(brand)}
    rows = [
        (type_.value, word, own.get(type_.value), queries.playbook_body(brand, type_))
        for type_, word in TYPE_WORDS.items()
    ]
    return render(request, "declare/playbooks.html", {"section": "settings", "rows": rows})


@brand_page(Right.SEE)
def playbook(request: PersonRequest, brand: Brand, type: str) -> HttpResponse:
    """One playbook: read by all, changed by those who may. Running crises keep their copy."""
    if type not in set(CrisisType):
        raise Http404
    body = queries.playbook_body(brand, type)
    title = body.get("title") or str(TYPE_WORDS[CrisisType(type)])
    form = PlaybookForm(
        request.POST or None, initial={"title": title, "tasks": text_of_tasks(body.get("tasks", []))}
    )
    may_change = may(request.user, Right.SETTINGS, brand)
    if request.method == "POST" and form.is_valid():
        tasks = tasks_from_text(form.cleaned_data["tasks"], body.get("tasks", []))
        actions.save_playbook(
            brand=brand,
            by=request.user,
            now=utcnow(),
            type=type,
            title=form.cleaned_data["title"],
            body={**body, "title": form.cleaned_data["title"], "tasks": tasks},
        )
        messages.success(request, _("Saved. A crisis that is running keeps the copy it began with."))
        return redirect("playbook", brand.slug, type)
    return render(
        request,
        "declare/playbook.html",
        {
            "section": "settings",
            "title": title,
            "word": TYPE_WORDS[CrisisType(type)],
            "body": body,
            "form": form,
            "may_change": may_change,
        },
    )
