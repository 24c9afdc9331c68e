"""A source that is not heard is an alarm of equal rank, told in each reader's language, and ends when it is heard (G5)."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from stormdesk.detect.actions import watch_sources
from stormdesk.detect.models import Alert
from stormdesk.detect.queries import sentence_of
from stormdesk.detect.queries.alerts import BLIND_AFTER
from stormdesk.detect.rules import Level
from stormdesk.detect.tests.storms import NOW
from stormdesk.journal.models import Entry
from stormdesk.listen.actions import health
from stormdesk.networks.base import Permanent

pytestmark = pytest.mark.django_db
REFUSED = (
    "“%(host)s” lies inside a private network, so nothing was sent there. "
    "Check the address; an administrator can allow single hosts of the own network."
)


def test_a_source_that_is_not_heard_is_an_alert_in_the_language_of_its_reader(source, brand):
    brand.language = "ru"
    brand.save()
    health.failed(source, Permanent(REFUSED, host="x"), NOW)
    assert watch_sources(brand=brand, now=NOW) == []
    late = NOW + BLIND_AFTER
    [alert] = watch_sources(brand=brand, now=late)
    assert alert.level == Level.BLIND
    assert watch_sources(brand=brand, now=late + timedelta(minutes=1)) == []
    assert sentence_of(alert).startswith("Hook is not heard: “x” lies inside a private network")
    with override("ru"):
        russian = sentence_of(alert)
    assert "«x» находится во внутренней сети" in russian
    entry = Entry.objects.get(kind="alert.blind")
    assert entry.facts["problem"].startswith("«x» находится")


def test_a_source_that_is_heard_again_ends_its_alert(source, brand):
    health.failed(source, Permanent(REFUSED, host="x"), NOW)
    watch_sources(brand=brand, now=NOW + BLIND_AFTER)
    source.refresh_from_db()
    source.state, source.failing_since, source.failures = "ok", None, 0
    source.save()
    watch_sources(brand=brand, now=NOW + BLIND_AFTER * 2)
    assert Alert.objects.get().ended_at == NOW + BLIND_AFTER * 2
