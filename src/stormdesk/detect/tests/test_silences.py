"""A silence: alerts are made and shown, nobody is called for them, and it ends by itself (D2, D6)."""

from datetime import timedelta

import pytest

from stormdesk.core.errors import BadInput
from stormdesk.detect import queries
from stormdesk.detect.actions import end_silences, score_brand
from stormdesk.detect.actions.deciding import silence
from stormdesk.detect.models import Alert
from stormdesk.detect.rules import Level
from stormdesk.detect.tests.storms import NOW, STEP, calm_days, storm
from stormdesk.journal.models import Entry
from stormdesk.listen.models import MinuteCount
from stormdesk.notify.models import Escalation

pytestmark = pytest.mark.django_db


def grows(brand, height: int) -> None:
    """The storm goes on for an hour after NOW, higher than it was."""
    MinuteCount.objects.bulk_create(
        MinuteCount(brand=brand, minute=NOW + STEP * n, mentions=height, negative=height, authors=height)
        for n in range(12)
    )


def test_a_silenced_storm_is_shown_and_calls_nobody_however_it_grows(brand, owner, source):
    calm_days(brand, 5)
    storm(brand, NOW - timedelta(hours=1), negative=3)
    silence(
        brand=brand, by=owner, now=NOW - timedelta(hours=2), reason="Repair", until=NOW + timedelta(hours=4)
    )
    score_brand(brand=brand, now=NOW + timedelta(minutes=1))
    (alert,) = queries.open_alerts(brand)
    assert alert.silenced_until == NOW + timedelta(hours=4)
    grows(brand, 400)
    score_brand(brand=brand, now=NOW + timedelta(minutes=61))
    grown = Alert.objects.get(brand=brand)
    assert (alert.level, grown.level) == (Level.ATTENTION, Level.CRISIS)
    assert grown.severity > alert.severity
    assert not Escalation.objects.exists()
    assert Entry.objects.filter(kind="alert.silenced").count() == 1


def test_after_its_end_people_are_called_again(brand, owner, source):
    calm_days(brand, 5)
    silence(
        brand=brand, by=owner, now=NOW - timedelta(hours=5), reason="Repair", until=NOW - timedelta(hours=3)
    )
    storm(brand, NOW - timedelta(hours=1))
    score_brand(brand=brand, now=NOW + timedelta(minutes=1))
    assert Escalation.objects.count() == 1


def test_a_silence_ends_the_calls_that_go_on_and_may_be_lifted(brand, owner, source):
    calm_days(brand, 5)
    storm(brand, NOW - timedelta(hours=1))
    score_brand(brand=brand, now=NOW + timedelta(minutes=1))
    assert Escalation.objects.get().ended_at is None
    silence(brand=brand, by=owner, now=NOW + STEP, reason="Known", until=NOW + timedelta(hours=4))
    assert Escalation.objects.get().ended_at == NOW + STEP
    assert end_silences(brand=brand, by=owner, now=NOW + 2 * STEP) == 1
    assert queries.silence_at(brand, NOW + 3 * STEP) is None


@pytest.mark.parametrize(("reason", "hours"), [(" ", 4), ("Known", 0), ("Known", -1)])
def test_a_silence_needs_a_reason_and_an_end(brand, owner, reason, hours):
    with pytest.raises(BadInput):
        silence(brand=brand, by=owner, now=NOW, reason=reason, until=NOW + timedelta(hours=hours))
