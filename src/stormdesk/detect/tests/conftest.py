"""A source that pushes, for stories told in the database."""

from datetime import timedelta

import pytest

from stormdesk.detect.tests.storms import NOW
from stormdesk.listen.models import Source


@pytest.fixture
def source(brand) -> Source:
    return Source.objects.create(
        brand=brand, network="webhook", kind="posts", name="Hook", added_at=NOW - timedelta(days=30),
        poll_every=0, speaks_every=0,
    )  # fmt: skip
