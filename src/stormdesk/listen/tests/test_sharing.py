"""Many brands on one public stream: one connection, each hears its own, and nobody misses anything by it (G4, G5).

The network is the Bluesky client against an emulation of Jetstream, as in test_streaming.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from stormdesk.accounts.models import Account
from stormdesk.core.clock import utcnow
from stormdesk.listen import rules
from stormdesk.listen.actions import save_query
from stormdesk.listen.following import follower as streaming
from stormdesk.listen.following import stream as sharing
from stormdesk.listen.models import Gap, Mention, Query, Source
from stormdesk.listen.tests.test_streaming import follow, follower, network, uris
from stormdesk.people.models import Brand

pytestmark = pytest.mark.django_db
__all__ = ["follower", "network"]
BEGAN = {"us": 1_700_000_000_000_000}


@pytest.fixture
def listening(network):
    """`listening("Rivet", …)` → a brand of that name that listens for it on the one stream, from the beginning."""

    def make(name: str, cursor=BEGAN, **more) -> Source:
        brand = Brand.objects.create(name=name, slug=name.lower())
        save_query(brand=brand, by=None, now=utcnow(), name="us", kind="brand", expression=name, languages=[])
        settings = {"address": network.address, "appview": "http://127.0.0.1:9"}
        return Source.objects.create(
            brand=brand, network="bluesky", kind="stream", name=name, settings=settings, cursor=cursor,
            added_at=utcnow(), due_at=utcnow() + timedelta(hours=1), **more,
        )  # fmt: skip

    return make


def heard(source: Source) -> set[str]:
    return set(Mention.objects.filter(brand=source.brand_id).values_list("native_id", flat=True))


def cursors() -> list[dict]:
    return list(Source.objects.values_list("cursor", flat=True))


def test_brands_share_one_connection_and_each_hears_its_own_with_edits_and_removals(
    network, listening, follower
):
    rivet, tulip, *others = [listening(name) for name in ("Rivet", "Tulip", "Quartz", "Ember", "Willow")]
    network.say(1, text="Rivet and Tulip")
    network.say(2, 3, text="Tulip")
    network.say(4, text="weather")
    follow(follower, lambda: heard(rivet) == uris(1) and heard(tulip) == uris(1, 2, 3))
    network.say(3, operation="delete")
    network.say(2, text="my words without its name", operation="update")
    follow(follower, lambda: Mention.objects.filter(deleted_at__isnull=False).exists())
    assert not any(heard(other) for other in others)
    assert Mention.objects.get(native_id__in=uris(2)).text == "my words without its name 2"
    follow(follower, lambda: cursors() == [{"us": network.server.events[-1][0]}] * 5)
    assert len(network.server.asked) == 1


def test_a_source_further_back_catches_up_alone_and_then_shares(network, listening, follower):
    network.say(1, 2, text="Rivet Tulip")
    rivet = listening("Rivet")
    follow(follower, lambda: heard(rivet) == uris(1, 2))
    late = listening("Tulip")
    fresh = listening("Quartz", {})
    follow(follower, lambda: heard(late) == uris(1, 2))
    network.say(3, text="Rivet Tulip Quartz")
    follow(
        follower,
        lambda: heard(fresh) == uris(3) and heard(late) == uris(1, 2, 3) and len(follower.streams) == 1,
    )
    network.say(4, text="Rivet Tulip Quartz")
    follow(follower, lambda: heard(fresh) == uris(3, 4) and heard(late) == uris(1, 2, 3, 4))
    assert heard(rivet) == uris(1, 2, 3, 4)
    assert len(network.server.asked) == 2
    assert not Gap.objects.exists()


def test_words_that_change_are_listened_for_without_a_new_connection(network, listening, follower):
    rivet, tulip = listening("Rivet"), listening("Tulip")
    network.say(1, text="Quartz")
    network.say(2, text="Tulip")
    follow(follower, lambda: heard(tulip) == uris(2))
    Query.objects.filter(brand=rivet.brand_id).update(expression="Quartz")
    Query.objects.filter(brand=tulip.brand_id).update(is_active=False)
    follower.turn(utcnow(), 0.05)
    network.say(3, text="Quartz")
    network.say(4, text="weather")
    # Without any words there is nothing to sort by: all is kept.
    follow(follower, lambda: heard(rivet) == uris(3) and heard(tulip) == uris(2, 3, 4))
    assert len(network.server.asked) == 1


def test_a_brand_that_leaves_or_fails_takes_nobody_along(network, listening, follower, monkeypatch):
    rivet, tulip, quartz = listening("Rivet"), listening("Tulip"), listening("Quartz")
    real, broken = sharing.ingest, {tulip.pk}

    def ingest(*, source, batch, now):
        if source.pk in broken:
            raise ValueError("a row that cannot be")
        return real(source=source, batch=batch, now=now)

    monkeypatch.setattr(sharing, "ingest", ingest)
    network.say(1, text="Rivet Tulip Quartz")
    follow(follower, lambda: heard(rivet) == heard(quartz) == uris(1))
    assert follower.followed == {rivet.pk, quartz.pk}
    Source.objects.filter(pk=quartz.pk).update(state="off")
    network.say(2, text="Rivet Tulip Quartz")
    follow(follower, lambda: heard(rivet) == uris(1, 2) and follower.followed == {rivet.pk})
    assert Source.objects.get(pk=quartz.pk).claimed_until is None
    broken.clear()
    Source.objects.filter(pk=tulip.pk).update(claimed_until=utcnow() - timedelta(seconds=1))
    follow(follower, lambda: heard(tulip) == uris(1, 2))


def test_breaks_and_a_desk_that_dies_between_two_brands_lose_nothing(network, listening, monkeypatch):
    all_of_them = [listening(name) for name in ("Rivet", "Tulip", "Quartz")]
    network.faults.reset, network.faults.truncate, network.faults.within = 0.5, 1.0, 20_000
    network.say(*range(30), text="Rivet Tulip Quartz")
    real, stored = sharing.ingest, []

    class Died(BaseException):
        pass

    def ingest(*, source, batch, now):
        if len(stored) == 1:
            raise Died
        stored.append(source.pk)
        return real(source=source, batch=batch, now=now)

    monkeypatch.setattr(sharing, "ingest", ingest)
    first = streaming.Follower()
    with pytest.raises(Died):
        follow(first, lambda: False)
    first.reader.end()
    assert len(set(Mention.objects.values_list("brand", flat=True))) == 1
    monkeypatch.setattr(sharing, "ingest", real)
    Source.objects.update(claimed_until=utcnow() - timedelta(seconds=1))
    network.say(*range(30, 90), text="Rivet Tulip Quartz")
    second = streaming.Follower()
    follow(second, lambda: all(len(heard(source)) >= 90 for source in all_of_them), 40)
    second.end()
    assert all(heard(source) == uris(*range(90)) for source in all_of_them)
    assert Mention.objects.count() == 270
    assert network.faults.seen["faults"] >= 2


def test_what_is_opened_with_an_account_or_elsewhere_is_shared_with_nobody(network, listening, follower):
    rivet, tulip, quartz = listening("Rivet"), listening("Tulip"), listening("Quartz")
    Source.objects.filter(pk=tulip.pk).update(settings={**tulip.settings, "address": network.server.url})
    ember = listening("Ember")
    account = Account.objects.create(
        brand=ember.brand, network="bluesky", handle="ember.test", connected_at=utcnow()
    )
    Source.objects.filter(pk=ember.pk).update(account=account)
    # What is kept of it is the brand's own affair and no other stream.
    Source.objects.filter(pk=quartz.pk).update(settings={**quartz.settings, "keep": "all"})
    network.say(1, text="Rivet Tulip Ember")
    network.say(2, text="weather")
    follow(follower, lambda: heard(quartz) == uris(1, 2) and heard(tulip) == heard(ember) == uris(1))
    assert heard(rivet) == uris(1)
    assert len(follower.streams) == len(network.server.asked) == 3


def test_cursors_are_compared_only_where_one_number_grows():
    assert rules.not_past({"us": 1}, {"us": 2})
    assert not rules.not_past({"us": 2}, {"us": 1})
    assert rules.not_past({"seq": 1, "host": "a"}, {"seq": 2, "host": "a"})
    assert not rules.not_past({"seq": 1, "host": "a"}, {"seq": 2, "host": "b"})
    assert not rules.not_past({"min_id": "9"}, {"min_id": "10"})
    assert not rules.not_past({}, {"us": 1})
    assert rules.not_past({"min_id": "9"}, {"min_id": "9"})
