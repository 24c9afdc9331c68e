"""A pytest plugin that keeps only the tests that touch the database, for the second run on PostgreSQL."""

from __future__ import annotations

import pytest

FIXTURES = {"db", "transactional_db", "live_server", "client", "admin_client"}
MARKERS = ("django_db", "processes", "story")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept = [item for item in items if _touches(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def _touches(item: pytest.Item) -> bool:
    if any(item.get_closest_marker(name) for name in MARKERS):
        return True
    return bool(FIXTURES & set(getattr(item, "fixturenames", ())))
