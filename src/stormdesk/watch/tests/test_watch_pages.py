"""The reaction and the executive's page over stored counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from stormdesk.core.clock import utcnow
from stormdesk.watch import queries
from stormdesk.watch.rules import Phase, Verdict

pytestmark = pytest.mark.django_db


@pytest.fixture
def moment():
    """A present moment on a whole quarter hour: pages ask the real clock."""
    now = utcnow()
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)


@pytest.fixture
def storm(brand, owner, moment):
    """A crisis of four hours: up for two, a statement, then half of what would have come."""
    from django.db import transaction

    from stormdesk.declare.actions import create_crisis
    from stormdesk.detect.models import Score
    from stormdesk.journal.actions import record
    from stormdesk.listen.models import MinuteCount, Source

    start = moment - timedelta(hours=6)
    crisis = create_crisis(
        brand=brand, by=owner, now=moment - timedelta(hours=3), title="Faulty batch", type="faulty_product",
        severity=2, lead=owner, reason="lids swell", playbook={}, began_at=moment - timedelta(hours=4),
    )  # fmt: skip
    Source.objects.create(
        brand=brand, network="practice", kind="search", name="Practice", added_at=start - timedelta(days=9)
    )
    for place in range(72):
        at = start + timedelta(minutes=5 * place)
        Score.objects.create(brand=brand, at=at, mentions=0, expected=5, lower=1, upper=11)
        since = (at - moment) / timedelta(minutes=1)
        count = 5 if since < -240 else 90 if since < -60 else 40
        MinuteCount.objects.create(
            brand=brand, minute=at, mentions=count, negative=count // 2, duplicates=count // 5
        )
    with transaction.atomic():
        record(
            "statement.published", brand=brand, by=owner, now=moment - timedelta(hours=1), crisis=crisis.pk,
            facts={"title": "Recall and refund", "accounts": "practice: meadow"},
        )  # fmt: skip
    return crisis


def test_the_reaction_counts_quarters_and_measures_what_was_said(storm, moment):
    found = queries.reaction(storm, now=moment)
    assert len(found.buckets) == 24
    assert found.buckets[-1].mentions == 120
    assert found.peak.mentions == 270
    assert found.completeness == 1.0
    assert found.negative_peak == 0.5
    (row,) = found.effects
    assert row.effect.verdict == Verdict.TOLD
    assert row.effect.change.high < -0.3
    assert "fewer mentions than without it" in row.sentence
    assert row.label == str(found.marks[-1].number)
    assert found.last_hour == 12 * 40


def test_marks_have_the_numbers_of_the_timeline(storm, moment, brand):
    from stormdesk.journal.queries import timeline

    numbers = [row.number for row in timeline(brand, crisis=storm.pk) if row.number]
    assert [mark.number for mark in queries.reaction(storm, now=moment).marks] == sorted(numbers)


@pytest.mark.parametrize("size", ["wide", "narrow", "standalone"])
def test_the_picture_in_every_size(storm, moment, size):
    assert getattr(queries.reaction(storm, now=moment), size).startswith("<svg")


def test_the_card_of_the_crisis_room(storm, moment):
    found = queries.reaction(storm, now=moment)
    card = render_to_string("watch/reaction.html", {"reaction": found, "crisis": storm})
    assert "Recall and refund" in card
    assert "fewer mentions" in card
    assert "100% heard" in card


def test_a_crisis_of_weeks_keeps_its_picture_readable(storm, moment):
    from stormdesk.declare.models import Crisis

    Crisis.objects.filter(pk=storm.pk).update(began_at=moment - timedelta(days=30))
    storm.refresh_from_db()
    found = queries.reaction(storm, now=moment)
    assert len(found.buckets) <= 200
    assert found.step == timedelta(hours=6)
    assert "6 hours" in found.unit


def test_without_history_nothing_is_claimed(storm, moment):
    from stormdesk.detect.models import Score

    Score.objects.all().delete()
    (row,) = queries.reaction(storm, now=moment).effects
    assert row.effect.verdict == Verdict.UNKNOWN
    assert queries.is_it_over(storm, now=moment).phase == Phase.UNKNOWN


def test_is_it_over_says_what_is_left(storm, moment, brand):
    from stormdesk.listen.models import MinuteCount, Narrative

    still = queries.is_it_over(storm, now=moment)
    assert (still.phase, still.over) == (Phase.FADING, False)
    assert "41%" in still.reason
    MinuteCount.objects.filter(minute__gte=moment - timedelta(hours=1, minutes=30)).update(mentions=5)
    assert queries.is_it_over(storm, now=moment).over
    Narrative.objects.create(
        brand=brand, key="a", label="Fake refund site", mentions=9,
        first_at=moment - timedelta(minutes=30), last_at=moment,
    )  # fmt: skip
    found = queries.is_it_over(storm, now=moment)
    assert (found.phase, found.over) == (Phase.QUIET, False)
    assert "Fake refund site" in found.reason


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_executive_reads_one_page(storm, brand, person, owner, client_of, language):
    from stormdesk.coordinate.actions import create_task

    dina = person("viewer", "Dina Markova")
    now = utcnow()
    create_task(
        brand=brand, by=owner, now=now, crisis=storm, owner=dina, title="Record a one-minute apology?",
        due_at=now + timedelta(hours=2),
    )  # fmt: skip
    page = client_of(dina, language).get(reverse("executive", args=[brand.slug])).content.decode()
    assert "Record a one-minute apology?" in page
    assert "Faulty batch" in page
    assert page.count('<svg class="chart') == 1
    assert "1 question is for you" in page or language == "ru"
    others = client_of(owner).get(reverse("executive", args=[brand.slug])).content.decode()
    assert "Your decision" not in others


def test_the_executive_in_calm_and_in_deafness(brand, owner, client_of, moment):
    from stormdesk.listen.models import Source

    page = client_of(owner).get(reverse("executive", args=[brand.slug])).content.decode()
    assert "Too little is heard to call it calm" in page
    Source.objects.create(
        brand=brand, network="practice", kind="search", name="P", added_at=moment - timedelta(days=1)
    )
    page = client_of(owner).get(reverse("executive", args=[brand.slug])).content.decode()
    assert "All is as usual" in page


def test_another_brand_is_not_seen(storm, brand, make_brand, make_person, client_of):
    stranger = make_person("Eve", {make_brand("River"): "owner"})
    assert client_of(stranger).get(reverse("executive", args=[brand.slug])).status_code == 404
