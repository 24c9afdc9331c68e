"""Signs of outrage, counted per minute: a condition of the brand's own, and a line of what else moved."""

from datetime import UTC, datetime, timedelta

import pytest

from stormdesk.detect import queries
from stormdesk.detect.actions import score_brand
from stormdesk.detect.detectors import Bucket
from stormdesk.detect.models import Alert
from stormdesk.detect.rules.criteria import LEAST, Condition, Criteria, Hour, met
from stormdesk.detect.rules.lookout import COLUMNS, Lookout, Step
from stormdesk.detect.rules.storms import Span
from stormdesk.detect.tests.storms import NOW, back_test, calm_days, said
from stormdesk.listen.actions import ingest
from stormdesk.listen.models import Mention, MinuteCount
from stormdesk.listen.queries import counts
from stormdesk.networks.base import Batch

ANGRY = "SHAME on you! Boycott them, never buy this again, share this!"
CALM = "I bought one yesterday and my daughter likes it, says"
HOUR = timedelta(hours=1)


def test_the_share_of_the_hour_is_the_condition_and_little_talk_proves_nothing():
    wanted = Criteria(conditions={Condition.OUTRAGE: 40.0})
    assert met(Hour(mentions=LEAST, outraged=LEAST // 2), wanted) == {"outrage": (50.0, 40.0)}
    assert met(Hour(mentions=LEAST, outraged=LEAST // 3), wanted) == {}
    assert met(Hour(mentions=LEAST - 1, outraged=LEAST - 1), wanted) == {}


def test_outrage_is_nothing_that_a_known_event_explains():
    wanted = Criteria(conditions={Condition.OUTRAGE: 30.0})
    watch = Lookout(wanted)
    start = datetime(2026, 11, 2, tzinfo=UTC)
    sale = [Span("Sale", "campaign", start, start + timedelta(days=1))]
    for n in range(6):
        step = Step(Bucket(start + n * timedelta(minutes=5), 5, 0, 5, positive=0), outraged=2)
        seen = watch.take(step, sale)
    assert (seen.level, seen.hushed, seen.reasons) == ("attention", False, ("outrage",))


def test_the_watch_remembers_the_outrage_of_its_hour_and_reads_an_older_memory():
    wanted = Criteria(conditions={Condition.OUTRAGE: 30.0})
    watch = Lookout(wanted)
    start = datetime(2026, 11, 2, tzinfo=UTC)
    for n in range(6):
        watch.take(Step(Bucket(start + n * timedelta(minutes=5), 5, 0, 5, positive=0), outraged=2))
    assert Lookout.restore(watch.state(), wanted).present() == watch.present()
    assert watch.present().outraged == 12
    old = watch.state()
    old["hour"] = [row[: COLUMNS - 1] for row in old["hour"]]
    assert Lookout.restore(old, wanted).present().outraged == 0


@pytest.mark.django_db
def test_posts_are_counted_in_their_minute_and_an_edit_corrects_it(brand, source):
    at = NOW - timedelta(minutes=30)
    posts = [said(source, n, at, ANGRY if n < 3 else CALM) for n in range(5)]
    ingest(source=source, batch=Batch(posts, {}), now=NOW)
    assert counts(brand, at, at + HOUR)["outraged"] == 3
    ingest(source=source, batch=Batch(posts, {}), now=NOW)
    assert counts(brand, at, at + HOUR)["outraged"] == 3
    mended = said(source, 0, at, CALM, edited_at=NOW)
    ingest(source=source, batch=Batch([mended], {}), now=NOW)
    assert counts(brand, at, at + HOUR)["outraged"] == 2
    assert MinuteCount.objects.get(brand=brand, minute=at).mentions == 5


@pytest.mark.django_db
def test_an_alert_names_it_among_what_else_moved(brand, owner, source):
    calm_days(brand, 4, NOW - HOUR)
    begins = NOW - timedelta(minutes=40)
    posts = [said(source, n, begins + timedelta(seconds=8 * n), ANGRY) for n in range(150)]
    ingest(source=source, batch=Batch(posts, {}), now=NOW)
    score_brand(brand=brand, now=NOW + timedelta(minutes=1))
    alert = Alert.objects.get(brand=brand)
    (row,) = [row for row in queries.what_moved(alert) if row.kind == "outraged"]
    assert row.now == Mention.objects.filter(brand=brand, published_at__lt=alert.last_at).count()
    assert row.usual == 0


@pytest.mark.django_db
def test_the_watch_is_given_what_was_counted_live_and_when_a_definition_is_tried(brand, source):
    begins = NOW - timedelta(minutes=40)
    posts = [said(source, n, begins + timedelta(seconds=8 * n), ANGRY) for n in range(150)]
    ingest(source=source, batch=Batch(posts, {}), now=NOW)
    assert sum(step.outraged for _minute, step in queries.steps(brand, begins, NOW, "")) == 150
    tried = back_test(brand, Criteria(budget=0.02, conditions={Condition.OUTRAGE: 40.0}))
    assert [storm.reasons for storm in tried.storms] == [("outrage",)]
