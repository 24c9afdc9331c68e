"""Exports as they come: encodings, delimiters, dates, damage, and sizes that must not fill the memory."""

import gzip
import io
import json
import tracemalloc
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormdesk.networks.base import Incoming
from stormdesk.networks.table import BadRow, Unreadable, guess, header, rows
from stormdesk.networks.table.dates import moment

RUSSIAN = (
    "Дата;Время;Автор;Текст;Ссылка\n24.02.2026;11:35;Анна;«Чайник» горит, срочно;https://example.org/1\n"
)


def read(content, **options):
    content = content.encode() if isinstance(content, str) else content
    return list(rows(io.BytesIO(content), **options))


@pytest.mark.parametrize(
    "encode",
    [
        lambda t: t.encode(),
        lambda t: t.encode("utf-8-sig"),
        lambda t: t.encode("utf-16"),
        lambda t: t.encode("utf-16-le"),
        lambda t: t.encode("utf-16-be"),
        lambda t: t.encode("cp1251"),
        lambda t: t.encode("koi8-r", "replace"),
        lambda t: gzip.compress(t.encode("cp1251")),
        lambda t: t.replace(";", "\t").encode(),
        lambda t: ("sep=;\r\n" + t.replace("\n", "\r\n")).encode(),
    ],
)
def test_one_table_in_many_clothes(encode):
    (item,) = read(encode(RUSSIAN), zone="Europe/Moscow")
    assert (item.author.handle, item.published_at) == ("Анна", datetime(2026, 2, 24, 8, 35, tzinfo=UTC))
    assert "Чайник" in item.text
    assert item.url == "https://example.org/1"


MOMENT = datetime(2015, 2, 24, 11, 35, 52, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2015-02-24T11:35:52Z",
        "2015-02-24 14:35:52 +03:00",
        "2015-02-24 03:35:52 -0800",
        "Tue Feb 24 11:35:52 +0000 2015",
        "Tue, 24 Feb 2015 11:35:52 GMT",
        "24/Feb/2015:11:35:52 +0000",
        "24.02.2015 11:35:52",
        "02/24/2015 11:35:52 AM",
        "24 февраля 2015 г., 11:35:52",
        "24 фев 2015 в 11:35:52",
        "Feb 24, 2015 11:35:52",
        "20150224113552",
        "1424777752",
        "1424777752000",
        "1424777752000000",
        "42059.483240741",
    ],
)
def test_dates_in_many_hands(written):
    assert abs((moment(written) - MOMENT).total_seconds()) < 0.5


def test_day_and_month_are_told_apart_as_asked():
    assert moment("03/04/2026 10:00").month == 3
    assert moment("03/04/2026 10:00", day_first=True).month == 4
    assert moment("03.04.2026 10:00").month == 4
    assert moment("2026-03-04 10:00", ZoneInfo("Europe/Moscow")).hour == 7


@pytest.mark.parametrize(
    "written",
    [
        "",
        "10",
        "11:35",
        "Monday",
        "Feb 2015",
        "yesterday",
        "0001-01-01",
        "9" * 18,
        "99999",
        "32.01.2026",
        "24 фуфаря 2026",
        "x" * 100,
        "1e999",
        "nan",
    ],
)
def test_what_is_no_date_is_refused(written):
    with pytest.raises(ValueError):  # noqa: PT011 (of any of the parsers)
        moment(written)


def test_bad_rows_are_named_and_the_good_ones_kept():
    found = read(
        'date,author,text\n2026-01-01,a,one\nsoon,b,two\n2026-01-02,c,\n2026-01-03,d,a,b\n2026-01-04,e,"two\nlines"\n2026-01-05,f,last\n'
    )
    assert [f.line if isinstance(f, BadRow) else f.text for f in found] == [
        "one",
        3,
        4,
        5,
        "two\nlines",
        "last",
    ]
    assert "soon" in found[1].sentence
    assert all(f.sentence for f in found if isinstance(f, BadRow))


def test_a_line_of_a_hundred_megabytes_is_passed_by(tmp_path):
    path = tmp_path / "long.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"date,text\n2026-01-01,before\n2026-01-02,")
        for _ in range(100):
            file.write(b"x" * 2**20)
        file.write(b"\n2026-01-03,after\n")
    tracemalloc.start()
    found = list(rows(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [f.line if isinstance(f, BadRow) else f.text for f in found] == ["before", 3, "after"]
    assert peak < 30_000_000


def test_an_open_quote_does_not_swallow_the_memory():
    body = 'date,text\n2026-01-01,"open\n' + "2026-01-02,x\n" * 50_000
    found = read(body)
    bad = [f for f in found if isinstance(f, BadRow)]
    assert bad[0].line == 2
    assert len(found) > 20_000


def test_json_lines_with_nested_values():
    lines = [
        {
            "id": 7,
            "created_at": "2026-01-01T10:00:00Z",
            "full_text": "<p>Привет</p>",
            "user": {"screen_name": "anna", "followers_count": 12},
        },
        {"id": 8, "created_at": "2026-01-01T10:00:00Z", "full_text": "x", "user": None},
    ]
    body = "\n".join(json.dumps(line) for line in lines) + "\n{broken\n[1]\n\n"
    first, second, *bad = read(body)
    assert (first.native_id, first.text, first.author.handle) == ("7", "Привет", "anna")
    assert first.author.followers == 12
    assert second.author.handle == "?"
    assert [b.line for b in bad] == [3, 4]


def test_a_missing_id_is_made_from_what_was_said():
    body = "date,author,text\n2026-01-01,a,x\n2026-01-01,a,y\n"
    assert [i.native_id for i in read(body)] == [i.native_id for i in read(body.replace(",", ";"))]
    assert len({i.native_id for i in read(body)}) == 2


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("a,b\n1,2\n", "text"),
        ("text,b\nx,y\n", "published_at"),
        ("", "no rows"),
        ('[{"a": 1}]', "one JSON list"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (bytes(range(256)) * 50, None),
        (gzip.compress(b"date,text\n")[:12], "damaged"),
        ("{broken", "JSON"),
    ],
)
def test_a_file_that_is_none_says_what_to_do(content, word):
    with pytest.raises(Unreadable) as caught:
        read(content)
    assert word is None or word in str(caught.value)


def test_mapping_and_defaults_of_a_person():
    body = "when,who,what\n2026-01-01,a,x\n"
    mapping = {"published_at": "when", "author": "who", "text": "what"}
    (item,) = read(body, mapping=mapping, defaults={"network": "reviews", "language": "ru"})
    assert (item.network, item.language, item.text) == ("reviews", "ru", "x")
    for wrong, word in (
        ({"text": "nothing", "published_at": "when"}, "nothing"),
        ({"colour": "what"}, "colour"),
    ):
        with pytest.raises(Unreadable, match=word):
            read(body, mapping=wrong)
    with pytest.raises(Unreadable, match="Mars"):
        read(body, mapping=mapping, zone="Mars/Crater")


def test_a_cut_packed_file_gives_what_stood_before():
    body = gzip.compress(
        "".join(["date,text\n", *(f"2026-01-01,row {n} {n * n * 7919}\n" for n in range(50_000))]).encode()
    )
    found = read(body[: len(body) // 2])
    assert isinstance(found[-1], BadRow)
    assert sum(isinstance(f, Incoming) for f in found) > 10_000


@pytest.mark.parametrize(
    ("names", "of"),
    [
        (
            ["time_us_pacific", "airline", "retweets", "text"],
            {"text": "text", "published_at": "time_us_pacific"},
        ),
        (
            ["time_utc", "channel", "category", "brands", "text280"],
            {"text": "text280", "published_at": "time_utc", "author": "channel"},
        ),
        (
            ["tweet_id", "name", "text", "tweet_created"],
            {"id": "tweet_id", "name": "name", "text": "text", "published_at": "tweet_created"},
        ),
        (
            ["Date", "URL", "Hit Sentence", "Influencer", "Reach"],
            {
                "text": "Hit Sentence",
                "published_at": "Date",
                "author": "Influencer",
                "url": "URL",
                "reach": "Reach",
            },
        ),
        (
            ["Дата", "Автор", "Текст сообщения", "Ссылка"],
            {"text": "Текст сообщения", "published_at": "Дата", "author": "Автор", "url": "Ссылка"},
        ),
    ],
)
def test_known_exports_are_guessed(names, of):
    assert guess(names).of == of


def test_the_callers_file_stays_open_and_paths_are_closed(tmp_path):
    file = io.BytesIO(RUSSIAN.encode())
    assert header(file) == ["Дата", "Время", "Автор", "Текст", "Ссылка"]
    assert not file.closed
    path = tmp_path / "a.csv"
    path.write_text(RUSSIAN)
    assert len(list(rows(path))) == 1


@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(alphabet='a,";\n\r\t2026-01-é\x00{}[]:', max_size=200).map(
            lambda t: ("date,text\n" + t).encode()
        ),
    )
)
def test_no_content_breaks_the_reader(content):
    try:
        for found in rows(io.BytesIO(content)):
            assert isinstance(found, Incoming | BadRow)
    except Unreadable:
        pass
