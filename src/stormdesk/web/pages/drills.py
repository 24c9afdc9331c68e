"""Drills: choose one, run it with a clock and a score, read the debrief."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stormdesk.core.clock import utcnow
from stormdesk.declare.queries import crises_of, open_crisis
from stormdesk.flows.start_drill import may_start_drill, start_drill
from stormdesk.learn import actions, drills
from stormdesk.learn import queries as learn
from stormdesk.learn.forms import DrillForm
from stormdesk.learn.models import Drill
from stormdesk.learn.rules import DrillState
from stormdesk.learn.words import MARK_WORDS, REPORT_WORDS
from stormdesk.listen.queries import counts
from stormdesk.people.access import PersonRequest, brand_page, brands_of, may
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right
from stormdesk.publish.actions import add_fact
from stormdesk.publish.queries import facts_of
from stormdesk.publish.rules import FactState
from stormdesk.reply.queries import waiting


def choose(request: PersonRequest) -> HttpResponse:
    """The shipped drills, each with its brief, and the button that starts it."""
    language = _language()
    form = DrillForm(request.POST or None, language=language, initial={"language": language, "speed": 18})
    if request.method == "POST" and form.is_valid():
        drill = start_drill(by=request.user, now=utcnow(), **form.cleaned_data)
        return redirect("drills", drill.brand.slug)
    return render(request, "web/drills/choose.html", {"section": "drills", **_shipped(request, form)})


def _shipped(request: PersonRequest, form: DrillForm) -> dict:
    language = _language()
    run = learn.drills_of(brands_of(request.user))
    return {
        "form": form,
        "shipped": [(name, drills.story(language, name).brief) for name in drills.names()],
        "past": [(drill, drills.story(language, drill.name).brief.title) for drill in run],
        "may_start": may_start_drill(request.user),
    }


@brand_page(Right.SEE)
def drill(request: PersonRequest, brand: Brand) -> HttpResponse:
    """At a drill's brand its clock and score, or its debrief; elsewhere the shipped drills and those that were run."""
    found = learn.drill_of(brand)
    if found is None:
        language = _language()
        form = DrillForm(language=language, initial={"language": language, "speed": 18})
        return render(request, "web/drills/choose.html", {"section": "drills", **_shipped(request, form)})
    return render(request, "web/drills/drill.html", _context(request, brand, found, utcnow()))


def _context(request: PersonRequest, brand: Brand, drill: Drill, now: datetime) -> dict:
    story, truth = drills.story(drill.language, drill.name), drills.truth(drill.language, drill.name)
    runs = drill.state == DrillState.RUNNING
    score = learn.score_of(drill, now) if runs else learn.kept_score(drill)
    second = learn.story_second(drill, now)
    ends_at = learn.moment_of(drill, truth.ends_at_seconds)
    crisis = open_crisis(brand)
    written = {fact.text for fact in facts_of(crisis)} if crisis else set()
    until = min(now, drill.ended_at or now)
    storm = truth.ends_at_seconds - truth.starts_at_seconds
    return {
        "section": "drills",
        "drill": drill,
        "brief": story.brief,
        "runs": runs,
        "score": score,
        "rows": [(mark, *MARK_WORDS[mark.state], _share(mark.got, mark.points)) for mark in score.marks],
        "so_far": _share(max(0, second - truth.starts_at_seconds), storm),
        "minute": timedelta(seconds=max(0, second - truth.starts_at_seconds)),
        "ends_at": ends_at,
        "reports": [
            (
                fact,
                learn.moment_of(drill, fact.offset_seconds),
                REPORT_WORDS[fact.status],
                fact.text in written,
            )
            for fact in reversed(story.facts)
            if fact.offset_seconds <= second
        ],
        "to_statement": learn.to_first_statement(drill),
        "waiting": waiting(brand, now=now),
        "mentions": counts(brand, drill.story_start, until)["mentions"],
        "crisis": crisis,
        "crises": crises_of(brand),
        "may_end": runs and may(request.user, Right.REVIEW, brand),
        "may_write": runs and crisis is not None and may(request.user, Right.TASKS, brand),
    }


def _share(part: int, whole: int) -> int:
    return round(100 * min(1, part / whole)) if whole else 0


@require_POST
@brand_page(Right.TASKS)
def report(request: PersonRequest, brand: Brand, key: str) -> HttpResponse:
    """Write into the fact ledger what a department has reported."""
    found, crisis = learn.drill_of(brand), open_crisis(brand)
    now = utcnow()
    facts = drills.story(found.language, found.name).facts if found else ()
    fact = next((fact for fact in facts if fact.key == key), None)
    if found is None or fact is None or fact.offset_seconds > learn.story_second(found, now):
        raise Http404
    if crisis is None:
        messages.error(request, _("Facts are kept with a crisis. Declare it first."))
    elif all(known.text != fact.text for known in facts_of(crisis)):
        state = FactState.UNKNOWN if fact.status == "checking" else FactState(fact.status)
        add_fact(crisis=crisis, by=request.user, now=now, text=fact.text, state=state, source=fact.source)
        messages.success(request, _("Written into the fact ledger."))
    return redirect("drills", brand.slug)


@require_POST
@brand_page(Right.REVIEW)
def end(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Stop the clock and keep the score."""
    found = learn.drill_of(brand)
    if found is None:
        raise Http404
    now = utcnow()
    actions.end_drill(drill=found, by=request.user, now=now, score=learn.score_of(found, now).as_dict())
    return redirect("drills", brand.slug)


def _language() -> str:
    language = (get_language() or "en")[:2]
    return language if language in drills.LANGUAGES else "en"
