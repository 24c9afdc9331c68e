"""Counting as X documents it (docs.x.com/fundamentals/counting-characters)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormdesk.networks.x.length import counted


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("Hello, world! 👋", 16),
        ("Привет", 6),
        ("漢字", 4),
        ("👾", 2),
        ("🙋🏽", 2),
        ("👨‍🎤", 2),
        ("👨‍👩‍👧‍👦", 2),
        ("🇷🇺🇩🇪", 4),
        ("1️⃣", 2),
        ("❤️ ☎️", 5),
        ("© ™", 4),
        ("café", 4),
        (unicodedata.normalize("NFD", "café"), 4),
        ("https://example.com", 23),
        ("https://example.com/very/long/path?with=query#and", 23),
        ("x https://example.com/ y http://a.b", 51),
        ("ok.ru", 23),
        ("см. кремль.рф, да", 31),
        ("v1.2 и т.д.", 11),
        ("me@example.com", 14),
        ("«кавычки» — тире…", 18),
        ("“quotes” – it’s", 15),
        ("ы" * 280, 280),
    ],
)
def test_examples(text, length):
    assert counted(text) == length


@given(st.text(max_size=40))
def test_nothing_counts_less_than_half_or_more_than_a_link_each(text):
    assert 0 <= counted(text) <= 23 * max(len(text), 1)
