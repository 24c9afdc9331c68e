"""Storms in the database: the back-test is what the desk does, late posts count, what is known explains, storms come back."""

from datetime import UTC, datetime, timedelta

import pytest

from stormdesk.detect import queries
from stormdesk.detect.actions import add_known, dismiss_alert, save_definition, score_brand
from stormdesk.detect.models import Alert, Score, Series
from stormdesk.detect.rules.criteria import Condition, Criteria
from stormdesk.detect.tests.storms import NOW, STEP, back_test, calm_days, counted, said, storm
from stormdesk.journal.models import Entry
from stormdesk.listen.actions import ingest
from stormdesk.listen.models import Mention, MinuteCount, Source
from stormdesk.networks.base import Batch
from stormdesk.notify.models import Call, Escalation

pytestmark = pytest.mark.django_db


def test_a_back_test_equals_what_live_scoring_does_on_the_same_data(brand, owner, source):
    calm_days(brand, 12)
    storm(brand, NOW - timedelta(days=6), height=60)
    storm(brand, NOW - timedelta(days=3), height=90, negative=7)
    MinuteCount.objects.filter(brand=brand, minute=NOW - timedelta(days=1)).update(needs_reply=40)
    wanted = Criteria(conditions={Condition.NEEDS: 30.0})
    save_definition(brand=brand, by=owner, now=NOW, criteria=wanted)
    add_known(
        brand=brand, by=owner, now=NOW, name="Sale", kind="campaign",
        starts_at=NOW - timedelta(days=3, hours=1), ends_at=NOW - timedelta(days=2, hours=12),
    )  # fmt: skip
    tried = back_test(brand, wanted)
    first = queries.first_minute(brand)
    for hours in range(0, 12 * 24 + 1, 7):  # as a desk does it: in pieces, again and again
        score_brand(brand=brand, now=min(NOW, first + timedelta(hours=hours, minutes=2)))
    score_brand(brand=brand, now=NOW + timedelta(minutes=1))
    live = [
        (alert.noticed_at, alert.last_at, alert.level, alert.hushed)
        for alert in Alert.objects.filter(brand=brand).order_by("noticed_at")
    ]
    assert [(row.at, row.last, row.level, row.quiet) for row in tried.storms] == live
    assert len(live) == 3


def test_trying_saves_nothing(brand, owner, source):
    calm_days(brand, 3)
    storm(brand, NOW - timedelta(hours=5))
    queries.try_on_past(brand, [Criteria(budget=3.0), Criteria()], NOW)
    assert not Alert.objects.exists()
    assert not Score.objects.exists()
    assert not Series.objects.exists()
    assert queries.definition(brand).version == 0


def test_dismissed_alerts_count_as_in_vain_and_declared_ones_as_found(brand, owner, source):
    calm_days(brand, 8)
    storm(brand, NOW - timedelta(days=3))
    score_brand(brand=brand, now=NOW)
    (alert,) = Alert.objects.filter(brand=brand)
    Alert.objects.filter(pk=alert.pk).update(state="open", ended_at=None)
    dismiss_alert(alert=alert, by=owner, now=NOW, why="our own test")
    tried = back_test(brand, queries.criteria(brand))
    assert [(case.alert, case.crisis) for _storm, case in tried.vain] == [(alert.pk, False)]
    assert queries.standing(brand, NOW, queries.first_minute(brand)).vain == 1
    Alert.objects.filter(pk=alert.pk).update(state="declared", crisis=7)
    tried = back_test(brand, queries.criteria(brand))
    assert tried.vain == []
    assert tried.found[0].ahead == NOW - alert.noticed_at


def test_a_crisis_declared_without_an_alert_is_known_from_the_journal(brand, owner, source):
    from stormdesk.journal.actions import record

    calm_days(brand, 4)
    at = NOW - timedelta(days=2)
    record("crisis.declared", brand=brand, by=owner, now=at, crisis=3, facts={"title": "Lids", "severity": 2, "lead": "A", "reason": "r"})  # fmt: skip
    tried = back_test(brand, Criteria())
    assert [case.title for case in tried.missed] == ["Lids"]


def test_posts_that_come_late_are_counted_when_they_were_published(brand, owner, source):
    calm_days(brand, 4)
    score_brand(brand=brand, now=NOW)
    settled = Series.objects.get(brand=brand)
    assert settled.scored_until - settled.settled_until == timedelta(hours=1)
    at = NOW - timedelta(minutes=30)
    before = Score.objects.get(brand=brand, at=at).mentions
    counted(brand, at + timedelta(minutes=1), 50, 40)
    score_brand(brand=brand, now=NOW + STEP + timedelta(minutes=1))
    assert Score.objects.get(brand=brand, at=at).mentions == before + 50
    (alert,) = Alert.objects.filter(brand=brand)
    assert alert.noticed_at >= NOW  # nobody could have known before
    assert alert.since <= NOW
    once = list(Score.objects.filter(brand=brand).order_by("at").values_list("at", "score"))
    assert len(once) == len({moment for moment, _score in once})


def test_late_posts_leave_the_memory_as_if_they_had_come_in_time(brand, make_brand, owner, source):
    other = make_brand("Twin")
    Source.objects.create(
        brand=other, network="webhook", kind="posts", name="Hook", added_at=source.added_at, poll_every=0, speaks_every=0
    )  # fmt: skip
    for one in (brand, other):
        calm_days(one, 3)
    at = NOW - timedelta(minutes=20)
    counted(other, at + timedelta(minutes=1), 9, 1)
    for one in (brand, other):
        score_brand(brand=one, now=NOW)
    counted(brand, at + timedelta(minutes=1), 9, 1)
    for one in (brand, other):
        score_brand(brand=one, now=NOW + timedelta(hours=2))
    assert Series.objects.get(brand=brand).state == Series.objects.get(brand=other).state


def test_a_known_rise_is_shown_explained_and_wakes_nobody(brand, owner, source):
    calm_days(brand, 5)
    begins = NOW - timedelta(hours=1)
    add_known(
        brand=brand, by=owner, now=NOW, name="Spring sale", kind="campaign", starts_at=begins - STEP,
        ends_at=NOW + timedelta(days=1),
    )  # fmt: skip
    storm(brand, begins, height=60, negative=3)
    score_brand(brand=brand, now=NOW + timedelta(minutes=1))
    (alert,) = Alert.objects.filter(brand=brand)
    assert alert.hushed
    assert "Spring sale" in queries.sentence_of(alert)
    assert not Escalation.objects.exists()
    assert Entry.objects.filter(kind="alert.explained").count() == 1
    MinuteCount.objects.bulk_create(
        MinuteCount(brand=brand, minute=NOW + STEP * n, mentions=60, negative=50, authors=55)
        for n in range(12)
    )
    score_brand(brand=brand, now=NOW + timedelta(minutes=61))
    (alert,) = Alert.objects.filter(brand=brand)
    assert not alert.hushed
    assert Escalation.objects.count() == 1


def test_a_storm_that_comes_back_is_linked_to_the_first(brand, owner, source):
    calm_days(brand, 6)
    storm(brand, NOW - timedelta(hours=30))
    storm(brand, NOW - timedelta(hours=15))
    score_brand(brand=brand, now=NOW)
    first, second = Alert.objects.filter(brand=brand).order_by("noticed_at")
    assert second.relapse_of == first
    assert first.relapse_of is None
    assert first.facts["half_life"]


def test_severity_decides_who_is_called(brand, owner, person, source):
    lead, clerk = person("lead"), person("responder")
    posts = [
        said(
            source,
            n,
            NOW - timedelta(minutes=50) + timedelta(seconds=3 * n),
            "my child was poisoned, ambulance!",
        )
        for n in range(600)
    ]
    calm_days(brand, 3, NOW - timedelta(hours=1))
    ingest(source=source, batch=Batch(posts, {}), now=NOW)
    called = {1: "nobody", 2: "nobody", 3: "leaders", 4: "everybody"}
    save_definition(brand=brand, by=owner, now=NOW, criteria=Criteria(called=called))
    score_brand(brand=brand, now=NOW + timedelta(minutes=1))
    (alert,) = Alert.objects.filter(brand=brand)
    assert alert.severity == 4
    assert {call.user for call in Call.objects.all()} == {owner, lead, clerk}
    assert sum(part[2] for part in alert.facts["severity"]["parts"]) == alert.facts["severity"]["points"]


def test_a_severity_that_calls_nobody_is_still_shown(brand, owner, source):
    calm_days(brand, 3)
    storm(brand, NOW - timedelta(minutes=30), minutes=30)
    nobody = Criteria(called=dict.fromkeys((1, 2, 3, 4), "nobody"))
    save_definition(brand=brand, by=owner, now=NOW, criteria=nobody)
    score_brand(brand=brand, now=NOW + timedelta(minutes=1))
    assert Alert.objects.filter(brand=brand, state="open").count() == 1
    assert not Call.objects.exists()


def test_answers_to_our_own_post_are_no_mystery(brand, owner, source):
    calm_days(brand, 3, NOW - timedelta(hours=1))
    Mention.objects.create(
        brand=brand, source=source, network="webhook", native_id="own", author_handle="meadow", text="Our new taste!",
        is_own=True, published_at=NOW - timedelta(hours=2), heard_at=NOW - timedelta(hours=2),
    )  # fmt: skip
    begins = NOW - timedelta(minutes=40)
    posts = [
        said(source, n, begins + timedelta(seconds=4 * n), in_reply_to="own" if n % 2 else "")
        for n in range(300)
    ]
    ingest(source=source, batch=Batch(posts, {}), now=NOW)
    score_brand(brand=brand, now=NOW + timedelta(minutes=1))
    (alert,) = Alert.objects.filter(brand=brand)
    assert alert.facts["own_replies"] == pytest.approx(0.5, abs=0.05)
    assert "answer posts of your own accounts" in queries.sentence_of(alert)


def test_public_holidays_are_known_where_the_brand_lives(brand, owner, now):
    start, end = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 31, tzinfo=UTC)
    assert queries.known(brand, start, end) == []
    save_definition(brand=brand, by=owner, now=now, criteria=Criteria(country="RU"))
    brand.time_zone = "Europe/Moscow"
    spans = queries.known(brand, start, end)
    victory = next(span for span in spans if span.covers(datetime(2026, 5, 9, 9, tzinfo=UTC)))
    assert victory.kind == "holiday"
    assert victory.starts_at.astimezone(UTC) == datetime(2026, 5, 8, 21, tzinfo=UTC)


def test_how_complete_an_alert_is(brand, owner, source):
    calm_days(brand, 3, NOW - timedelta(hours=1))
    begins = NOW - timedelta(minutes=40)
    posts = [said(source, n, begins + timedelta(seconds=4 * n)) for n in range(300)]
    ingest(source=source, batch=Batch(posts, {}), now=begins + timedelta(minutes=21))
    score_brand(brand=brand, now=NOW + timedelta(minutes=1))
    edited = said(
        source, 3, begins + timedelta(seconds=12), "they have written to me, all is well", edited_at=NOW
    )
    gone = said(source, 5, begins + timedelta(seconds=20), deleted=True)
    ingest(source=source, batch=Batch([edited, gone], {}), now=NOW)
    (alert,) = Alert.objects.filter(brand=brand)
    found = queries.whole(alert)
    assert (found.edited, found.deleted) == (1, 1)
    assert found.late > 50
    spread = queries.spread(alert)
    assert spread.reach == 1000 * spread.people
    assert spread.unheard == spread.people
