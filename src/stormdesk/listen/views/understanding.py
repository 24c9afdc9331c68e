"""Settings: how mentions are understood, how well, and what the team has taught."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from stormdesk.core.clock import utcnow
from stormdesk.listen import actions, queries, rules, words
from stormdesk.listen.views import person
from stormdesk.people.access import brand_page, may
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right
from stormdesk.understand import Trial
from stormdesk.understand.encoder import available
from stormdesk.understand.learning import LEAST

_MONTH = timedelta(days=30)
_FIELDS = {learnt: corrected for corrected, learnt in rules.LEARNABLE.items()}


def _row(trial: Trial) -> dict[str, Any]:
    return {
        "at": datetime.fromisoformat(trial.at),
        "field": words.FIELD[_FIELDS[trial.field]],
        "path": words.PATH[trial.path],
        "labels": trial.labels,
        "general": trial.general,
        "own": trial.own,
        "better": trial.better,
        "chance": trial.chance,
    }


@brand_page(Right.SEE)
def understanding(request: HttpRequest, brand: Brand) -> HttpResponse:
    """What people said of the readings, every trial of the brand's own heads, and the switch."""
    now = utcnow()
    trials = queries.trials_of(brand)
    newest: dict[tuple[str, str], Trial] = {}
    for trial in trials:
        newest.setdefault((trial.field, trial.path), trial)
    read = queries.paths(brand, now)
    return render(
        request,
        "listen/understanding.html",
        {
            "section": "settings",
            "taught": queries.taught(brand),
            "newest": [_row(trial) for trial in newest.values()],
            "trials": [_row(trial) for trial in trials[:40]],
            "said": [
                {
                    "field": words.FIELD[said.field],
                    "labels": said.labels,
                    "right": said.right,
                    "share": said.share,
                }
                for said in queries.said_of_reading(brand, now - _MONTH)
            ],
            "full": read.get("full", 0),
            "light": read.get("light", 0),
            "encoder": available(),
            "least": LEAST,
            "may_change": may(person(request), Right.SETTINGS, brand),
        },
    )


@require_POST
@brand_page(Right.SETTINGS)
def use_own_heads(request: HttpRequest, brand: Brand) -> HttpResponse:
    """Read with what was taught, or without."""
    actions.use_own_heads(brand=brand, by=person(request), now=utcnow(), on=request.POST.get("on") == "yes")
    return redirect("understanding", brand.slug)
