"""One mention, and one narrative."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from stormdesk.core.clock import utcnow
from stormdesk.journal.queries import history
from stormdesk.listen import actions, queries, rules, showing, words
from stormdesk.listen.actions.handling import value_of
from stormdesk.listen.models import Mention, Narrative
from stormdesk.listen.pictures import narrative_growth
from stormdesk.listen.views import person
from stormdesk.people.access import brand_page, may, rights
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right
from stormdesk.understand import copying


def _understood(mention: Mention) -> list[dict[str, Any]]:
    """Rows of “why it was understood this way”: what, how likely, the deciding words, what it may be corrected to."""
    corrected = {correction.field for correction in queries.corrections_of(mention)}
    rows = []
    for field in rules.CORRECTABLE:
        present = value_of(mention, field)
        likely = {"mood": getattr(mention, mention.mood), "urgency": None}.get(field, getattr(mention, field))
        reason = "sentiment" if field == "mood" else field
        rows.append(
            {
                "field": field,
                "name": words.FIELD[field],
                "value": words.value_word(field, present),
                "p": likely if field not in corrected else None,
                "reasons": mention.reasons.get(reason, []),
                "corrected": field in corrected,
                "present": present,
                "choices": [
                    (value, words.value_word(field, value))
                    for value in rules.CORRECTABLE[field]
                    if value != present
                ],
            }
        )
    return rows


@brand_page(Right.SEE)
def mention(request: HttpRequest, brand: Brand, pk: int) -> HttpResponse:
    """A mention: its words, thread and author, what was understood and why, its history."""
    found = queries.get_mention(brand, pk)
    has = rights(person(request), brand)
    sees = Right.CORRECT in has
    deciding = showing.words_of_reasons(found, ["sentiment", "complaint", "needs_reply", "scam", "urgency"])
    thread = queries.thread_of(found)
    return render(
        request,
        "listen/mention.html",
        {
            "section": "heard",
            "shown": showing.show([found], sees_personal=sees, marked=deciding)[0],
            "mention": found,
            "kind": words.KIND.get(found.kind, found.kind),
            "spoken": words.LANGUAGE.get(found.language, found.language),
            "personal": sorted({str(words.PERSONAL.get(span["kind"], span["kind"])) for span in found.personal_data}),
            "understood": _understood(found),
            "thread": showing.show(thread, sees_personal=sees, most=300) if len(thread) > 1 else [],
            "others": showing.show(queries.by_author(found), sees_personal=sees, most=200),
            "copies": queries.copies_of(found),
            "versions": queries.versions_of(found) if sees else [],
            "corrections": [
                (c, words.FIELD.get(c.field, c.field), words.value_word(c.field, c.was), words.value_word(c.field, c.value))
                for c in queries.corrections_of(found)
            ],
            "corrected_in_all": queries.corrections_count(brand),
            "found_by": [query for query in queries.queries_of(brand) if query.pk in found.queries],
            "history": history(brand, subject=f"mention:{pk}"),
            "may": {right.value for right in has},
        },
    )  # fmt: skip


@require_POST
@brand_page(Right.CORRECT)
def correct(request: HttpRequest, brand: Brand, pk: int) -> HttpResponse:
    """Overrule what was understood."""
    actions.correct_mention(
        mention=queries.get_mention(brand, pk),
        by=person(request),
        now=utcnow(),
        field=request.POST.get("field", ""),
        value=request.POST.get("value", ""),
    )
    return redirect("mention", brand.slug, pk)


def _together(narrative: Narrative) -> dict[str, Any]:
    """How much of a narrative may be coordinated copying, with the signs in words."""
    found = queries.together(narrative)
    signs = [(words.COPYING[sign], posts) for sign, posts in found.signs.items() if sign in words.COPYING]
    few = found.posts < copying.FEW_POSTS
    return {"low": found.low, "high": found.high, "few": few, "posts": found.posts, "signs": signs}


@brand_page(Right.SEE)
def narrative(request: HttpRequest, brand: Brand, pk: int) -> HttpResponse:
    """A narrative: how it grew, who began it, who spread it, its posts."""
    found = queries.get_narrative(brand, pk)
    sees = may(person(request), Right.CORRECT, brand)
    spreaders = queries.spreaders(found)
    page = queries.page_of(
        queries.told_by(found), before=request.GET.get("before", ""), after=request.GET.get("after", "")
    )
    return render(
        request,
        "listen/narrative.html",
        {
            "section": "heard",
            "narrative": found,
            "pictures": narrative_growth(found, spreaders),
            "standing": queries.standing(found),
            "together": _together(found),
            "spreaders": spreaders,
            "first": showing.show([s.mention for s in spreaders[:1]], sees_personal=sees),
            "rows": showing.show(page.rows, sees_personal=sees, most=400),
            "older": page.older,
            "newer": page.newer,
        },
    )
