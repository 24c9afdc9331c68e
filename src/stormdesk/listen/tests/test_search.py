"""Full-text search: run on either database, the same texts and searches give the same answers."""

from __future__ import annotations

import contextlib

import pytest

from stormdesk.listen import queries
from stormdesk.listen.matching import QueryError
from stormdesk.listen.models import Mention

pytestmark = pytest.mark.django_db

TEXTS = {
    "1": "Крышки у луговой вздулись, партия 1107",
    "2": "Вздулась крышка! Что делать с йогуртом?",
    "3": "The lids are swollen at Meadow's depot",
    "4": "swollen lid, giveaway, win_a_prize now",
    "5": "It's O'Neill & co: a\\b 'quoted' \"double\" 100% <b>",
    "6": "Ёлка, ELKA, ｆｕｌｌ ｗｉｄｔｈ, naïve café",
    "7": "#meadowmilk @meadow_dairy https://meadow.example/x-y?z=1",
    "8": "red box and a blue box; the box is red",
    "9": "🥛🥛 👍🏽 नमस्ते مرحبا 你好世界",
}
SEARCHES = {
    "крышка": {"1", "2"},
    "вздуться": {"1", "2"},
    '"крышки у луговой"': {"1"},
    '"вздулась крышка"': {"2"},
    "крышка партия": {"1"},
    "lid": {"3", "4"},
    "lid* OR йогурт": {"2", "3", "4"},
    "swollen NOT giveaway": {"3"},
    "swollen NOT (giveaway OR depot)": set(),
    "(lid OR box) red": {"8"},
    '"red box"': {"8"},
    '"box red"': set(),
    "o'neill": {"5"},
    "quoted": {"5"},
    "елка": {"6"},
    "width": {"6"},
    "naïve": {"6"},
    "#meadowmilk": {"7"},
    "@meadow_dairy": {"7"},
    "meadow.example": {"7"},
    "win_a_prize": {"4"},
    "win": set(),
    "100": {"5"},
    "मस*": set(),
    "你好世界": {"9"},
    "مرحبا": {"9"},
    "@vera": {"8"},
}


@pytest.fixture
def library(hear, said):
    hear(*(said(key, text, "vera" if key == "8" else f"u{key}") for key, text in TEXTS.items()))


@pytest.mark.parametrize("search", SEARCHES)
def test_the_same_searches_find_the_same_mentions(library, brand, search):
    assert {m.native_id for m in queries.search(brand, search)} == SEARCHES[search]


@pytest.mark.parametrize("search", ["'", '"', "a:b", "a & b | !c", "near(a b)", "words:lid", "*", "lid) OR (1=1", "\\", "-lid",
                                    "AND", "lid^2", "{lid}", "$$", "\x00lid", "'a' <-> 'b'"])  # fmt: skip
def test_no_search_breaks_the_database(library, brand, search):
    with contextlib.suppress(QueryError):
        list(queries.search(brand, search))


def test_other_brands_are_walls(library, make_brand):
    assert not queries.search(make_brand("Clover"), "lid").exists()


def test_what_is_gone_is_not_found(library, brand):
    from django.db import connection

    Mention.objects.filter(native_id="3").delete()
    assert {m.native_id for m in queries.search(brand, "swollen")} == {"4"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM listen_search")
        assert cursor.fetchone()[0] == len(TEXTS) - 1
