"""Facts in sentences: a moment is told in the reader's zone and language."""

from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from stormdesk.journal.registry import Told


@pytest.mark.parametrize(("language", "words"), [("ru", "25 декабря, 02:57"), ("en", "25 Dec, 02:57")])
def test_a_moment_is_told_in_the_readers_zone(language, words):
    with translation.override(language), timezone.override(ZoneInfo("Europe/Moscow")):
        assert Told({"until": "2026-12-24T23:57+00:00"})["until"] == words


def test_what_only_looks_like_a_moment_stays_as_written():
    assert Told({"title": "2026-12-24: recall"})["title"] == "2026-12-24: recall"
