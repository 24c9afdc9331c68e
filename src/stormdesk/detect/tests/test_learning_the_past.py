"""A file of the brand's history brought to a desk that listens already: its past is learnt, its storms noticed once."""

from datetime import UTC, datetime, timedelta

import pytest

from stormdesk.detect import jobs
from stormdesk.detect.actions import score_brand
from stormdesk.detect.models import Alert, Score, Series
from stormdesk.listen.actions import ingest
from stormdesk.listen.models import Source
from stormdesk.networks.base import Author, Batch, Incoming
from stormdesk.notify.models import Escalation

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)


def said(number: int, at: datetime, network: str = "import") -> Incoming:
    return Incoming(
        network=network, native_id=f"{network}-{number}", kind="post", text=f"Meadow, the lid is swollen, shame on you! {number}",
        author=Author(f"a{number}", f"a{number}", f"Author {number}", 10), published_at=at,
    )  # fmt: skip


def talk(ends: datetime, *, hours: int, storm_minutes: int = 0) -> list[Incoming]:
    """Four posts an hour; in the last minutes, if wanted, ten a minute."""
    begins = ends - timedelta(hours=hours)
    moments = [begins + timedelta(minutes=15 * n) for n in range(hours * 4)]
    moments += [ends - timedelta(seconds=6 * n) for n in range(storm_minutes * 10)]
    return [said(n, at) for n, at in enumerate(sorted(moments))]


@pytest.fixture
def listening(brand, owner) -> Source:
    return Source.objects.create(
        brand=brand, network="webhook", kind="posts", name="Hook", added_at=NOW - timedelta(minutes=20),
        poll_every=0, speaks_every=0,
    )  # fmt: skip


@pytest.fixture
def file(brand) -> Source:
    return Source.objects.create(
        brand=brand, network="import", kind="import", name="year.csv", added_at=NOW, poll_every=0,
        speaks_every=0,
    )  # fmt: skip


def brought(file: Source, posts: list[Incoming], now: datetime) -> None:
    file.refresh_from_db()
    ingest(source=file, batch=Batch(posts, {"line": file.cursor.get("line", 0) + len(posts)}), now=now)


def test_the_past_of_a_file_is_learnt_by_a_desk_that_listens_already(brand, owner, listening, file):
    ingest(source=listening, batch=Batch([said(1, NOW - timedelta(minutes=15), "webhook")], {}), now=NOW)
    score_brand(brand=brand, now=NOW)
    assert Score.objects.filter(brand=brand).earliest("at").at > NOW - timedelta(hours=1)
    brought(file, talk(NOW - timedelta(minutes=20), hours=48, storm_minutes=30), NOW)
    assert len(score_brand(brand=brand, now=NOW)) == 1
    assert Score.objects.filter(brand=brand).earliest("at").at < NOW - timedelta(hours=47)
    assert Escalation.objects.filter(brand=brand).count() == 1
    until = Series.objects.get(brand=brand).scored_until
    assert score_brand(brand=brand, now=NOW) == []
    assert Series.objects.get(brand=brand).scored_until == until


def test_a_storm_of_long_ago_is_noticed_once_and_calls_nobody(brand, owner, listening, file):
    ingest(source=listening, batch=Batch([said(1, NOW - timedelta(minutes=15), "webhook")], {}), now=NOW)
    score_brand(brand=brand, now=NOW)
    brought(file, talk(NOW - timedelta(hours=30), hours=48, storm_minutes=30), NOW)
    assert len(score_brand(brand=brand, now=NOW)) == 1
    assert Escalation.objects.filter(brand=brand).count() == 0
    older = Source.objects.create(
        brand=brand, network="import", kind="import", name="older.csv", added_at=NOW, poll_every=0,
        speaks_every=0,
    )  # fmt: skip
    posts = [said(9000 + n, NOW - timedelta(hours=90) + timedelta(minutes=15 * n)) for n in range(20)]
    brought(older, posts, NOW)
    score_brand(brand=brand, now=NOW)
    assert Score.objects.filter(brand=brand).earliest("at").at < NOW - timedelta(hours=89)
    assert Alert.objects.filter(brand=brand).count() == 1


def test_a_replay_goes_on_where_it_is(brand, owner, file):
    posts = talk(NOW, hours=24)
    half = len(posts) // 2
    brought(file, posts[:half], NOW - timedelta(hours=12))
    score_brand(brand=brand, now=posts[half - 1].published_at)
    first = Score.objects.filter(brand=brand).earliest("at").pk
    brought(file, posts[half:], NOW)
    score_brand(brand=brand, now=NOW)
    assert Score.objects.filter(brand=brand).earliest("at").pk == first


def test_the_job_waits_while_a_file_is_being_read(brand, owner, file):
    posts = talk(NOW - timedelta(minutes=20), hours=24)
    jobs.score(NOW)
    brought(file, posts[:50], NOW)
    jobs.score(NOW)
    assert not Score.objects.filter(brand=brand).exists()
    brought(file, posts[50:], NOW)
    jobs.score(NOW)
    assert not Score.objects.filter(brand=brand).exists()
    jobs.score(NOW)
    assert Score.objects.filter(brand=brand).exists()
