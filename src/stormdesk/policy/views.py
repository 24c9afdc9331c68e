"""The policy: the document, its rules with their examples, who has signed."""

from __future__ import annotations

import nh3
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from markdown_it import MarkdownIt

from stormdesk.core.clock import utcnow
from stormdesk.core.errors import BadInput
from stormdesk.people.access import PersonRequest, brand_page, may
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right
from stormdesk.policy import actions, queries
from stormdesk.policy.forms import DocumentForm, RuleForm
from stormdesk.policy.rules import RuleKind, Severity
from stormdesk.policy.words import KIND_WORDS, SEVERITY_WORDS

TAGS = {"h1", "h2", "h3", "h4", "p", "ul", "ol", "li", "strong", "em", "blockquote", "hr", "br", "code"}


def rendered(markdown: str) -> str:
    """Markdown as HTML with nothing in it but text structure."""
    return mark_safe(nh3.clean(MarkdownIt("commonmark").render(markdown), tags=TAGS, attributes={}))


@brand_page(Right.SEE)
def policy(request: PersonRequest, brand: Brand) -> HttpResponse:
    """The document in force, the rules, the signatures."""
    document = queries.document_in_force(brand)
    signed, missing = queries.signatures(document) if document else ([], [])
    rules = queries.all_rules(brand)
    groups: dict[str, list] = {}
    now = utcnow()
    for rule in rules:
        failing = actions.failing_examples(queries.rule_data(rule), rule.good, rule.bad, now)
        total = len(rule.good) + len(rule.bad)
        groups.setdefault(str(KIND_WORDS[RuleKind(rule.kind)]), []).append(
            (rule, SEVERITY_WORDS[Severity(rule.severity)], total - len(failing), total)
        )
    return render(
        request,
        "policy/policy.html",
        {
            "section": "policy",
            "document": document,
            "html": rendered(document.text) if document else "",
            "signed": signed,
            "missing": missing,
            "i_signed": any(row.user_id == request.user.pk for row in signed),
            "groups": groups.items(),
            "rule_count": len(rules),
            "examples": {
                "hold": sum(row[-2] for rows in groups.values() for row in rows),
                "total": sum(row[-1] for rows in groups.values() for row in rows),
            },
            "block_count": sum(rule.severity == Severity.BLOCK and rule.is_active for rule in rules),
            "may_change": may(request.user, Right.POLICY, brand),
        },
    )


@require_POST
@brand_page(Right.SEE)
def sign(request: PersonRequest, brand: Brand, version: int) -> HttpResponse:
    """I have read it."""
    actions.sign(document=queries.get_document(brand, version), by=request.user, now=utcnow())
    messages.success(request, _("Signed. Thank you."))
    return redirect("policy", brand.slug)


@brand_page(Right.POLICY)
def edit(request: PersonRequest, brand: Brand) -> HttpResponse:
    """A new version of the document."""
    document = queries.document_in_force(brand)
    form = DocumentForm(request.POST or None, initial={"text": document.text if document else ""})
    if request.method == "POST" and form.is_valid():
        try:
            actions.publish_document(brand=brand, by=request.user, now=utcnow(), **form.cleaned_data)
        except BadInput as error:
            form.add_error(None, str(error))
        else:
            return redirect("policy", brand.slug)
    return render(request, "policy/edit.html", {"section": "policy", "form": form, "document": document})


@brand_page(Right.POLICY)
def rule(request: PersonRequest, brand: Brand, pk: int | None = None) -> HttpResponse:
    """Add or change a rule."""
    found = queries.get_rule(brand, pk) if pk else None
    names = ("title", "kind", "severity", "words", "reason", "fix", "good", "bad")
    form = RuleForm(
        request.POST or None, initial={name: getattr(found, name) for name in names} if found else None
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_rule(brand=brand, by=request.user, now=utcnow(), rule=found, **form.cleaned_data)
        except BadInput as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved. It holds for everything that goes out from now on."))
            return redirect("policy", brand.slug)
    return render(request, "policy/rule.html", {"section": "policy", "form": form, "rule": found})


@require_POST
@brand_page(Right.POLICY)
def switch(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Switch a rule off or on."""
    found = queries.get_rule(brand, pk)
    actions.switch_rule(rule=found, by=request.user, now=utcnow(), on=not found.is_active)
    return redirect("policy", brand.slug)
