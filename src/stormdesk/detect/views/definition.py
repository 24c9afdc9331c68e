"""What the brand calls a crisis, tried on the past before it is saved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from stormdesk.core.clock import utcnow
from stormdesk.detect import actions, queries
from stormdesk.detect.forms import DefinitionForm
from stormdesk.detect.models import TrialRun
from stormdesk.detect.pictures import trial_pictures
from stormdesk.detect.queries import Trial
from stormdesk.detect.rules import TrialState
from stormdesk.detect.rules.backtest import BackTest
from stormdesk.detect.rules.criteria import CALLED, SHARES, Condition
from stormdesk.detect.rules.lookout import Storm
from stormdesk.detect.words import REASON_WORDS
from stormdesk.people.access import PersonRequest, brand_page
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right

SHOWN = 12


@brand_page(Right.SETTINGS)
def definition(request: PersonRequest, brand: Brand) -> HttpResponse:
    """The definition in force, changed here; trying changes nothing. `trial`: the one whose result is shown."""
    present = queries.criteria(brand)
    run = queries.get_trial(brand, request.GET.get("trial", ""))
    chosen = queries.tried_definitions(run)[0] if run else present
    form = DefinitionForm(request.POST or None, present=chosen)
    if request.method == "POST" and "stop" in request.POST and run:
        actions.cancel_trial(run=run, by=request.user, now=utcnow())
        return _to_trial(brand, run)
    if request.method == "POST" and form.is_valid():
        wanted = form.criteria()
        if "save" in request.POST:
            actions.save_definition(brand=brand, by=request.user, now=utcnow(), criteria=wanted)
            messages.success(request, _("Saved. It holds for what comes from now on."))
            return redirect("definition", brand.slug)
        return _to_trial(
            brand, actions.ask_trial(brand=brand, by=request.user, now=utcnow(), criteria=wanted)
        )
    trial = queries.trial_of(run) if run and run.state == TrialState.DONE else None
    tried = _tried(run, trial) if run and trial else {}
    answer = render(
        request,
        "detect/definition.html",
        {
            "section": "settings",
            "form": form,
            "present": queries.definition(brand),
            "standing": queries.standing(brand, utcnow(), queries.first_minute(brand)),
            "criteria": present,
            "conditions": [_condition(form, name, tried, trial) for name in Condition],
            "levels": [form[f"called_{level}"] for level in CALLED],
            "run": run,
            **tried,
        },
    )
    if trial and request.headers.get("HX-Request"):
        # The page waited with a picture of the progress; the result stands in more than one place of it.
        answer["HX-Refresh"] = "true"
    return answer


def _to_trial(brand: Brand, run: TrialRun) -> HttpResponse:
    return redirect(f"{reverse('definition', args=[brand.slug])}?trial={run.pk}")


def _tried(run: TrialRun, trial: Trial) -> dict:
    """The back-test of what was chosen, beside the definition that was in force."""
    differs = len(trial.tests) > 1
    names = [_("new"), _("now")] if differs else [_("now")]
    new = trial.tests[0]
    return {
        "trial": trial,
        "test": new,
        "now_test": trial.tests[1] if differs else None,
        "pictures": trial_pictures(trial, names),
        "took": timedelta(seconds=run.seconds),
        "nights": _at_night(new),
        "rows": _rows(new),
        "more": max(0, len(_rows(new, None)) - SHOWN),
    }


def _at_night(test: BackTest) -> int:
    """How many of the alarms that were not a crisis would have woken somebody between 23 and 7."""
    storms = [storm for storm, _case in test.vain] + test.open
    return sum(not 7 <= timezone.localtime(storm.at).hour < 23 for storm in storms)


def _rows(test: BackTest, most: int | None = SHOWN) -> list[dict]:
    """What would have been raised, and what missed, the newest first."""
    rows: list[dict[str, Any]] = [
        {"kind": "hit", "at": hit.storm.at, "case": hit.decided, "ahead": hit.ahead, "storm": hit.storm}
        for hit in test.found
    ]
    rows += [{"kind": "vain", "at": storm.at, "case": case, "storm": storm} for storm, case in test.vain]
    rows += [{"kind": "open", "at": storm.at, "case": None, "storm": storm} for storm in test.open]
    rows += [{"kind": "quiet", "at": storm.at, "case": None, "storm": storm} for storm in test.quiet]
    rows += [{"kind": "missed", "at": case.at, "case": case, "storm": None} for case in test.missed]
    for row in rows:
        row["until"] = (row["at"] + timedelta(hours=12)).isoformat()
        row["late"] = row.get("ahead", timedelta(0)) < timedelta(0)
        row["reasons"] = [REASON_WORDS[name] for name in row["storm"].reasons] if row["storm"] else []
    rows.sort(key=lambda row: row["at"], reverse=True)
    return rows[:most]


def _condition(form: DefinitionForm, name: Condition, tried: dict, trial: Trial | None) -> dict:
    """One line of the table: the field, how often it would have spoken, and a height passed about once a week."""
    test: BackTest | None = tried.get("test")

    def speaks(storms: list[Storm]) -> int:
        return sum(name in storm.reasons for storm in storms)

    return {
        "name": name,
        "field": form[f"if_{name}"],
        "fired": speaks(test.storms) if test else None,
        "vain": speaks([storm for storm, _case in test.vain]) if test else None,
        "weekly": trial.weekly.get(name) if trial else None,
        "share": name in SHARES,
    }
