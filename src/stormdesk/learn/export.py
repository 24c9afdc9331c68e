"""A review for people (HTML, PDF) and for machines (JSON): the same facts and the same pictures."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from stormdesk.declare.models import Crisis
from stormdesk.journal.queries import exported, verify
from stormdesk.learn import queries
from stormdesk.learn.models import Review
from stormdesk.learn.pictures import effect_rows, speed_rows
from stormdesk.learn.words import QUESTIONS


def context(
    crisis: Crisis, review: Review | None, now: datetime, *, standalone: bool = False
) -> dict[str, Any]:
    """What the page and the document show; without a review the facts alone. `standalone`: pictures carry their colours."""
    facts = queries.review_facts(crisis, now)
    took = {speed.name: speed.took for speed in facts.speeds}
    return {
        "review": review,
        "crisis": crisis,
        "brand": crisis.brand,
        "facts": facts,
        "speeds": speed_rows(facts.speeds, standalone=standalone),
        "effects": effect_rows(facts.reaction.effects, standalone=standalone),
        "noticed": took["noticed"],
        "to_statement": facts.to_statement,
        "questions": [(key, word, review.answers.get(key, "")) for key, word in QUESTIONS.items()]
        if review
        else [],
        "measures": queries.measures_of(review) if review else [],
        "faults": verify(crisis.brand),
        "now": now,
    }


def html(review: Review, now: datetime) -> str:
    """One file with its styles and pictures inside; loads nothing from anywhere."""
    shown = context(review.crisis, review, now, standalone=True)
    return render_to_string("learn/document.html", {**shown, "fonts": _fonts()})


@cache
def _fonts() -> list[tuple[str, int, str]]:
    """Family, weight and data of the typeface: the document looks the same on a machine that does not have it."""
    found = []
    for family, script in (("Golos Text", "latin"), ("Golos Text Cyrillic", "cyrillic")):
        for weight in (400, 600):
            path = finders.find(f"web/fonts/golos-text-{script}-{weight}-normal.woff2")
            if path:
                found.append((family, weight, base64.b64encode(Path(path).read_bytes()).decode()))
    return found


def pdf(review: Review, now: datetime) -> bytes:
    """The same as PDF, charts included. Raises OSError where Pango is not installed."""
    from weasyprint import HTML, URLFetcher

    # A document made of strangers' words fetches nothing (G9): only what is written into it, such as its typeface.
    inside = URLFetcher(allowed_protocols={"data"})
    return HTML(string=html(review, now), url_fetcher=inside).write_pdf()


def as_json(review: Review, now: datetime) -> str:
    """Facts, answers, measures and the hash-chained record of the crisis."""
    facts = queries.review_facts(review.crisis, now)
    crisis = review.crisis
    body = {
        "crisis": {
            "title": crisis.title,
            "type": crisis.type,
            "severity": crisis.severity,
            "state": crisis.state,
            "lead": str(crisis.lead),
            "reason": crisis.reason,
            "began_at": crisis.began_at,
            "declared_at": crisis.declared_at,
            "contained_at": crisis.contained_at,
            "resolved_at": crisis.resolved_at,
        },
        "totals": facts.totals,
        "heard_share": facts.reaction.completeness,
        "seconds": {s.name: s.took.total_seconds() if s.took else None for s in facts.speeds},
        "narratives": [
            {"label": row.label, "mentions": row.mentions, "first_at": row.first_at}
            for row in facts.narratives
        ],
        "statements": [
            {"number": row.number, "title": row.title, "text": row.text, "published_at": row.published_at}
            for row in facts.statements
        ],
        "reaction": [
            {
                "at": bucket.at,
                "mentions": bucket.mentions,
                "negative": bucket.negative,
                "low": bucket.low,
                "high": bucket.high,
            }
            for bucket in facts.reaction.buckets
        ],
        "effects": [
            {
                "marks": [mark.number for mark in effect.marks],
                "verdict": effect.effect.verdict,
                "change": effect.effect.change.middle if effect.effect.change else None,
                "range": [effect.effect.change.low, effect.effect.change.high]
                if effect.effect.change
                else None,
            }
            for effect in facts.reaction.effects
        ],
        "answers": review.answers,
        "measures": [
            {"text": row.text, "owner": str(row.owner or ""), "due_on": row.due_on, "state": row.state}
            for row in review.measures.select_related("owner")
        ],
        "journal": list(exported(review.brand, crisis=crisis.pk)),
    }
    return json.dumps(body, ensure_ascii=False, indent=1, default=_moment)


def _moment(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
