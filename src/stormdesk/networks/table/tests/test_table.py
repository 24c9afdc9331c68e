"""Exports as they come: encodings, delimiters, dates, damage, and sizes that must not fill the memory."""

import gzip
import json
import tracemalloc
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormdesk.networks.base import Incoming
from stormdesk.networks.table import Items, Refusal, Unreadable, columns_of, guess, rows
from stormdesk.networks.table.columns import checked
from stormdesk.networks.table.dates import moment

RUSSIAN = (
    "Дата;Время;Автор;Текст;Ссылка\n24.02.2026;11:35;Анна;«Чайник» горит, срочно;https://example.org/1\n"
)


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "export"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def read_file(path, *, columns=None, **options):
    """What the file says, by the guess of its columns unless they are given; and what was refused of it."""
    names, _first = columns_of(path)
    items = Items(checked(columns or guess(names).of, names), **{"network": "table", **options})
    return [row if isinstance(row, Refusal) else items.of(row) for row in rows(path)]


@pytest.fixture
def read(file):
    return lambda content, **options: read_file(file(content), **options)


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
def test_one_table_in_many_clothes(read, encode):
    (item,) = read(encode(RUSSIAN), zone=ZoneInfo("Europe/Moscow"))
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


def test_bad_rows_are_named_and_the_good_ones_kept(read):
    found = read(
        'date,author,text\n2026-01-01,a,one\nsoon,b,two\n2026-01-02,c,\n2026-01-03,d,a,b\n2026-01-04,e,"two\nlines"\n2026-01-05,f,last\n'
    )
    assert [f.line if isinstance(f, Refusal) else f.text for f in found] == [
        "one",
        3,
        4,
        5,
        "two\nlines",
        "last",
    ]
    assert "soon" in str(found[1])
    assert all(str(f) for f in found if isinstance(f, Refusal))


def test_a_line_of_a_hundred_megabytes_is_passed_by(tmp_path):
    path = tmp_path / "long.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"date,text\n2026-01-01,before\n2026-01-02,")
        for _ in range(100):
            file.write(b"x" * 2**20)
        file.write(b"\n2026-01-03,after\n")
    tracemalloc.start()
    found = read_file(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [f.line if isinstance(f, Refusal) else f.text for f in found] == ["before", 3, "after"]
    assert peak < 30_000_000


def test_an_open_quote_does_not_swallow_the_memory(read):
    body = 'date,text\n2026-01-01,"open\n' + "2026-01-02,x\n" * 50_000
    found = read(body)
    bad = [f for f in found if isinstance(f, Refusal)]
    assert bad[0].line == 2
    assert len(found) > 20_000


def test_an_open_quote_does_not_swallow_the_rest_in_silence(read):
    first, refused = read('date,text\n2026-01-01,fine\n2026-01-02,"open\n2026-01-03,lost\n2026-01-04,lost\n')
    assert first.text == "fine"
    assert (refused.line, refused.facts["last"]) == (3, 5)


def test_json_lines_with_nested_values(read):
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
    assert second.author.handle == ""
    assert [b.line for b in bad] == [3, 4]


def test_a_missing_id_is_made_from_what_was_said(read):
    body = "date,author,text\n2026-01-01,a,x\n2026-01-01,a,y\n2026-01-01,a,x\n"
    ids = [item.native_id for item in read(body)]
    assert ids == [item.native_id for item in read(body.replace(",", ";"))]
    assert len(set(ids)) == 3, "the third row is a post of its own, though it says the same as the first"


def test_an_id_of_invisible_marks_is_none(read):
    (item,) = read("date,id,text\n2026-01-01,\u200b,x\n")
    assert item.native_id


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("a,b\n1,2\n", "text"),
        ("text,b\nx,y\n", "published_at"),
        ("", "no rows"),
        ('[{"a": 1}]', "one JSON list"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (bytes(range(256)) * 50, None),
        (gzip.compress(b"date,text\n", mtime=0)[:12], "damaged"),
        ("{broken", "JSON"),
    ],
)
def test_a_file_that_is_none_says_what_to_do(read, content, word):
    with pytest.raises(Unreadable) as caught:
        read(content)
    assert word is None or word in str(caught.value)


def test_columns_a_person_chose(read):
    body = "when,who,what\n2026-01-01,a,x\n"
    columns = {"published_at": "when", "author": "who", "text": "what"}
    (item,) = read(body, columns=columns, network="reviews")
    assert (item.network, item.author.handle, item.text) == ("reviews", "a", "x")
    for wrong, word in (
        ({"text": "nothing", "published_at": "when"}, "nothing"),
        ({"colour": "what"}, "colour"),
    ):
        with pytest.raises(Unreadable, match=word):
            read(body, columns=wrong)


def test_columns_that_the_first_row_leaves_out_are_known(file):
    rows_ = [
        {"text": "a", "time": "2026-01-01"},
        {"text": "b", "time": "2026-01-01", "user": {"name": "anna"}},
    ]
    assert columns_of(file("\n".join(json.dumps(row) for row in rows_)))[0] == ["text", "time", "user.name"]
    assert columns_of(file("time,text,author\n2026-01-01,x\n"))[0] == ["time", "text", "author"]


def test_a_cut_packed_file_gives_what_stood_before(read):
    body = gzip.compress(
        "".join(["date,text\n", *(f"2026-01-01,row {n} {n * n * 7919}\n" for n in range(50_000))]).encode()
    )
    found = read(body[: len(body) // 2])
    assert isinstance(found[-1], Refusal)
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
            ["id", "text", "at", "network"],
            {"id": "id", "text": "text", "published_at": "at"},
        ),
        (
            ["Дата", "Автор", "Текст сообщения", "Ссылка"],
            {"text": "Текст сообщения", "published_at": "Дата", "author": "Автор", "url": "Ссылка"},
        ),
    ],
)
def test_known_exports_are_guessed(names, of):
    assert guess(names).of == of


@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(alphabet='a,";\n\r\t2026-01-é\x00{}[]:', max_size=200).map(
            lambda t: ("date,text\n" + t).encode()
        ),
    )
)
@settings(max_examples=150, deadline=None)
def test_no_content_breaks_the_reader(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(content)
    items = Items({"text": "text", "published_at": "date"}, network="table")
    try:
        for row in rows(path):
            assert str(row if isinstance(row, Refusal) else items.of(row))
    except Unreadable:
        pass
