"""Statements: the list, the page with the ledger, approvals and publication."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from stormdesk.accounts.queries import accounts_of
from stormdesk.core.clock import utcnow
from stormdesk.core.errors import BadInput
from stormdesk.declare.queries import open_crisis
from stormdesk.people.access import PersonRequest, brand_page, may
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right
from stormdesk.policy.linter.blanks import names
from stormdesk.policy.queries import findings
from stormdesk.publish import actions, queries, templates_library
from stormdesk.publish.forms import KIND_WORDS, FactForm, StatementForm, zone_of
from stormdesk.publish.manuscript import difference, distinct, labelled, paragraphs
from stormdesk.publish.models import Statement
from stormdesk.publish.rules import CLOCK, StatementKind, StatementState, may_approve

LANGUAGES = (("en", "English"), ("ru", "Русский"))


@brand_page(Right.SEE)
def statements(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Everything the brand has said or prepared about its crises, and templates to begin with."""
    crisis = open_crisis(brand)
    return render(
        request,
        "publish/statements.html",
        {
            "section": "statements",
            "statements": [
                (row, KIND_WORDS[StatementKind(row.kind)]) for row in queries.statements_of_brand(brand)
            ],
            "crisis": crisis,
            "templates": _templates(crisis.type, _language(request, brand)) if crisis else [],
            "languages": LANGUAGES,
            "language": _language(request, brand),
            "may_draft": may(request.user, Right.DRAFT, brand),
        },
    )


def _language(request: PersonRequest, brand: Brand) -> str:
    asked = request.GET.get("language") or request.POST.get("language") or brand.language
    return asked if asked in templates_library.LANGUAGES else "en"


def _templates(type_: str, language: str) -> list[templates_library.Template]:
    return templates_library.load(language, type_ if type_ in templates_library.TYPES else None)


def _template(statement: Statement) -> templates_library.Template | None:
    if statement.language not in templates_library.LANGUAGES:
        return None
    return next((t for t in templates_library.load(statement.language) if t.key == statement.template), None)


@require_POST
@brand_page(Right.DRAFT)
def new(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Begin a statement from a template, or an empty one."""
    crisis = open_crisis(brand)
    if crisis is None:
        raise BadInput(_("A statement belongs to a crisis. Declare one first, or write an ordinary post."))
    language, key = _language(request, brand), request.POST.get("template", "")
    template = next((t for t in _templates(crisis.type, language) if t.key == key), None)
    statement = actions.draft_statement(
        crisis=crisis,
        by=request.user,
        now=utcnow(),
        kind=template.stage if template else StatementKind.UPDATE,
        template=template.key if template else "",
        language=language,
        title=template.title if template else _("Statement"),
        text=template.body if template else "{{what_happened}}",
        short_text=template.medium if template else "",
    )
    return redirect("statement_edit", brand.slug, statement.pk)


def _page(
    request: PersonRequest, brand: Brand, statement: Statement, form: StatementForm | None
) -> HttpResponse:
    now = utcnow()
    checks = queries.checks(statement, now)
    template, versions = _template(statement), queries.versions_of(statement)
    user, clock = request.user, CLOCK[statement.crisis.severity] if statement.crisis else None
    known = {blank.key: blank for blank in template.blanks} if template else {}
    labels = {key: (blank.label, blank.hint) for key, blank in known.items()}
    found = distinct(labelled(checks.findings, labels))
    usable = [version for version in checks.versions if version.usable]
    return render(
        request,
        "publish/statement.html",
        {
            "section": "statements",
            "statement": statement,
            "kind": KIND_WORDS[StatementKind(statement.kind)],
            "form": form,
            "checks": checks,
            "findings": found,
            "blocks": [finding for finding in found if finding.blocks],
            "advice": [finding for finding in found if not finding.blocks],
            "paragraphs": paragraphs(statement.text, checks.in_text, labels),
            "blanks": [(name, known.get(name)) for name in names(statement.text)],
            "facts": queries.facts_of(statement.crisis) if statement.crisis else [],
            "fact_form": FactForm(),
            "template": template,
            "versions": versions,
            "changes": difference(versions[1].text, versions[0].text) if len(versions) > 1 else [],
            "approvals": statement.approvals.select_related("by"),
            "approvers": queries.statement_approvers(statement),
            "standing": queries.statement_standing(statement),
            "hash": queries.statement_hash(statement),
            "clock_ends": statement.review_since + clock if statement.review_since and clock else None,
            "usable": usable,
            "posts": statement.posts.select_related("account"),
            "zone": zone_of(user, brand).key,
            "open": statement.state in actions.OPEN_STATEMENTS,
            "may_draft": may(user, Right.DRAFT, brand),
            "may_tasks": may(user, Right.TASKS, brand),
            "may_approve": may(user, Right.APPROVE, brand)
            and may_approve(user.pk, author=statement.author_id, edited_by=statement.edited_by_id),
            "own": not may_approve(user.pk, author=statement.author_id, edited_by=statement.edited_by_id),
            "may_publish": may(user, Right.PUBLISH, brand),
            "ready": statement.state == StatementState.APPROVED and checks.clear,
        },
        status=422 if form is not None and form.errors else 200,
    )


@brand_page(Right.SEE)
def statement(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """The draft beside the facts; findings, previews, approvals, what changed."""
    return _page(request, brand, queries.get_statement(brand, pk), None)


@brand_page(Right.DRAFT)
def edit(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """The same page with the text open for writing."""
    found = queries.get_statement(brand, pk)
    initial = {"title": found.title, "text": found.text, "short_text": found.short_text}
    form = StatementForm(
        zone_of(request.user, brand), request.POST or None, moment=found.promise_at, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        actions.edit_statement(
            statement=found,
            by=request.user,
            now=utcnow(),
            title=form.cleaned_data["title"],
            text=form.cleaned_data["text"].replace("\r\n", "\n"),
            short_text=form.cleaned_data["short_text"].replace("\r\n", "\n"),
            promise_at=form.cleaned_data["moment"],
        )
        return redirect("statement", brand.slug, pk)
    return _page(request, brand, found, form)


@require_POST
@brand_page(Right.DRAFT)
def check(request: PersonRequest, brand: Brand) -> HttpResponse:
    """The fragment beside the editor: what the rules say about what is being written."""
    text = request.POST.get("text", "").replace("\r\n", "\n")[:100_000]
    short = request.POST.get("short_text", "").replace("\r\n", "\n")[:100_000]
    found = findings(brand, text, kind="statement", now=utcnow())
    if short.strip():
        found += findings(brand, short, kind="statement", now=utcnow())
    return render(request, "publish/partials/findings.html", {"findings": distinct(found), "brand": brand})


@require_POST
@brand_page(Right.DRAFT)
def to_review(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Start the clock of the approvals."""
    actions.send_statement_for_review(
        statement=queries.get_statement(brand, pk), by=request.user, now=utcnow()
    )
    return redirect("statement", brand.slug, pk)


@require_POST
@brand_page(Right.APPROVE)
def approve(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Say yes or no to the text that is on the screen."""
    actions.approve_statement(
        statement=queries.get_statement(brand, pk),
        by=request.user,
        yes=request.POST.get("yes") == "1",
        comment=request.POST.get("comment", ""),
        now=utcnow(),
        seen=request.POST.get("seen", ""),
    )
    return redirect("statement", brand.slug, pk)


@require_POST
@brand_page(Right.PUBLISH)
def publish(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Publish to the chosen accounts now."""
    chosen = set(request.POST.getlist("account"))
    posts = actions.publish_statement_posts(
        statement=queries.get_statement(brand, pk),
        accounts=[account for account in accounts_of(brand) if str(account.pk) in chosen],
        by=request.user,
        now=utcnow(),
    )
    messages.success(
        request,
        ngettext("On its way to %(n)s account.", "On its way to %(n)s accounts.", len(posts))
        % {"n": len(posts)},
    )
    return redirect("statement", brand.slug, pk)


@require_POST
@brand_page(Right.DRAFT)
def withdraw(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Decide that it is not published."""
    actions.withdraw_statement(statement=queries.get_statement(brand, pk), by=request.user, now=utcnow())
    return redirect("statements", brand.slug)


@require_POST
@brand_page(Right.TASKS)
def new_fact(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Write a line into the ledger of the open crisis."""
    crisis = open_crisis(brand)
    if crisis is None:
        raise BadInput(_("Facts belong to a crisis, and none is declared."))
    form = FactForm(request.POST)
    if not form.is_valid():
        raise BadInput(next(iter(form.errors.values()))[0])
    actions.add_fact(crisis=crisis, by=request.user, now=utcnow(), **form.cleaned_data)
    return _back(request, brand)


@require_POST
@brand_page(Right.TASKS)
def settle_fact(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Say what has become of a fact: confirmed, refuted, unknown again."""
    actions.settle_fact(
        fact=queries.get_fact(brand, pk),
        by=request.user,
        now=utcnow(),
        state=request.POST.get("state", ""),
        source=request.POST.get("source", ""),
    )
    return _back(request, brand)


def _back(request: PersonRequest, brand: Brand) -> HttpResponse:
    number = request.POST.get("statement", "")
    if number.isdigit():
        return redirect("statement", brand.slug, int(number))
    return redirect("statements", brand.slug)
