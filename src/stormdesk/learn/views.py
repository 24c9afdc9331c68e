"""Reviews: the facts, the questions, the measures, the export."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stormdesk.core.clock import utcnow
from stormdesk.declare.queries import get_crisis
from stormdesk.learn import actions, export, queries
from stormdesk.learn.forms import AnswersForm, MeasureForm
from stormdesk.learn.models import Review
from stormdesk.people.access import PersonRequest, brand_page, may
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right


@brand_page(Right.SEE)
def reviews(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Reviews of the brand, and what was to be different since."""
    return render(
        request,
        "learn/reviews.html",
        {
            "section": "reviews",
            "reviews": queries.reviews(brand),
            "measures": queries.open_measures(brand, utcnow().date()),
        },
    )


@brand_page(Right.SEE)
def review(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """One review: what is known by itself, and what people add. Looking writes nothing."""
    crisis = get_crisis(brand, pk)
    found = queries.review_of(crisis)
    may_review = may(request.user, Right.REVIEW, brand)
    context = export.context(crisis, found, utcnow())
    return render(
        request,
        "learn/review.html",
        {
            "section": "reviews",
            **context,
            "form": AnswersForm(initial=found.answers if found else {}),
            "measure_form": MeasureForm(brand=brand),
            "unanswered": sum(not answer for _key, _word, answer in context["questions"]),
            "may_open": may_review,
            "may_write": may_review and found is not None and found.finished_at is None,
            "may_settle": may_review,
            "may_export": may(request.user, Right.EXPORT, brand),
        },
    )


@require_POST
@brand_page(Right.REVIEW)
def open_review(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Let people add why."""
    actions.open_review(crisis=get_crisis(brand, pk), by=request.user, now=utcnow())
    return redirect("review", brand.slug, pk)


def _review(brand: Brand, crisis: int) -> Review:
    found = queries.review_of(get_crisis(brand, crisis))
    if found is None:
        raise Http404
    return found


@require_POST
@brand_page(Right.REVIEW)
def answer(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Write down why."""
    form = AnswersForm(request.POST)
    if form.is_valid():
        actions.answer_questions(
            review=_review(brand, pk), by=request.user, now=utcnow(), answers=form.cleaned_data
        )
        messages.success(request, _("Saved."))
    return redirect("review", brand.slug, pk)


@require_POST
@brand_page(Right.REVIEW)
def finish(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Nothing more to add."""
    actions.finish_review(review=_review(brand, pk), by=request.user, now=utcnow())
    return redirect("review", brand.slug, pk)


@require_POST
@brand_page(Right.REVIEW)
def add_measure(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """What will be different."""
    form = MeasureForm(request.POST, brand=brand)
    if form.is_valid():
        actions.add_measure(review=_review(brand, pk), by=request.user, now=utcnow(), **form.cleaned_data)
    else:
        messages.error(request, _("Write what will be different, so that one can see whether it is."))
    return redirect("review", brand.slug, pk)


@require_POST
@brand_page(Right.REVIEW)
def settle_measure(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Done, dropped, or open again."""
    measure = queries.get_measure(brand, pk)
    state = request.POST.get("state", "")
    if state in ("open", "done", "dropped"):
        actions.settle_measure(measure=measure, by=request.user, now=utcnow(), state=state)
    return redirect("review", brand.slug, measure.review.crisis_id)


def _file(content: str | bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@brand_page(Right.EXPORT)
def as_html(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """One HTML file."""
    return _file(export.html(_review(brand, pk), utcnow()), "text/html; charset=utf-8", f"review-{pk}.html")


@brand_page(Right.EXPORT)
def as_pdf(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """PDF with the charts."""
    return _file(export.pdf(_review(brand, pk), utcnow()), "application/pdf", f"review-{pk}.pdf")


@brand_page(Right.EXPORT)
def as_json(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Facts and record for machines."""
    return _file(export.as_json(_review(brand, pk), utcnow()), "application/json", f"review-{pk}.json")
