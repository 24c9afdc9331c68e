"""Calm days and storms as minute counts, and single posts, for tests of several files."""

from datetime import UTC, datetime, timedelta

from stormdesk.detect import queries
from stormdesk.detect.rules.backtest import BackTest
from stormdesk.detect.rules.criteria import Criteria
from stormdesk.listen.models import MinuteCount
from stormdesk.networks.base import Author, Incoming

NOW = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)
STEP = timedelta(minutes=5)


def counted(brand, at: datetime, mentions: int, negative: int = 0, **more) -> None:
    MinuteCount.objects.create(
        brand=brand, minute=at, mentions=mentions, negative=negative, authors=mentions, **more
    )


def calm_days(brand, days: int, ends: datetime = NOW) -> None:
    start = ends - timedelta(days=days)
    rows = [
        MinuteCount(
            brand=brand,
            minute=start + STEP * n,
            mentions=3 + n % 3,
            negative=int(n % 5 == 0),
            positive=int(n % 4 == 0),
            authors=3 + n % 3,
        )
        for n in range(days * 288)
    ]
    MinuteCount.objects.bulk_create(rows)


def storm(brand, at: datetime, minutes: int = 60, height: int = 60, negative: int = 45) -> None:
    MinuteCount.objects.filter(
        brand=brand, minute__gte=at, minute__lt=at + timedelta(minutes=minutes)
    ).update(mentions=height, negative=negative, authors=height - 5)


def said(
    source, number: int, at: datetime, text: str = "the lid is swollen, shame on you!", **more
) -> Incoming:
    return Incoming(
        network="webhook", native_id=f"n{number}", kind="post", text=f"Meadow, {text} {number}",
        author=Author(f"a{number}", f"a{number}", f"Author {number}", 1000), published_at=at, **more,
    )  # fmt: skip


def back_test(brand, criteria: Criteria) -> BackTest:
    """What one definition would have raised until NOW, against what people decided."""
    trial = queries.try_on_past(brand, [criteria], NOW)
    assert trial is not None
    return trial.tests[0]
