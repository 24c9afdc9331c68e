from datetime import UTC, datetime

import pytest

from stormdesk.core.retry import backoff, retry_after

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_pauses_grow_keep_a_floor_and_stop_growing():
    assert [backoff(n, chance=lambda: 0.0) for n in range(4)] == [0.5, 1, 2, 4]
    assert [backoff(n, chance=lambda: 1.0) for n in range(4)] == [1, 2, 4, 8]
    assert backoff(10_000, chance=lambda: 1.0) == 300


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "Sun, 01 Mar 2026 12:01:00 GMT"}, 60),
        ({"retry-after": "Sun, 01 Mar 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "-5"}, 0),
        ({"retry-after": "99999999"}, 86400),
        ({"x-ratelimit-reset": "2026-03-01T12:05:00.000Z"}, 300),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"ratelimit-reset": "30"}, 30),
        ({"retry-after": "soon", "ratelimit-reset": "3"}, 3),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "9" * 5000}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_the_wish_of_the_server_is_understood_or_ignored(headers, seconds):
    assert retry_after(headers, NOW) == seconds
