"""Files of posts: whatever comes is read or refused with a sentence; the same file gives the same ids; nothing twice."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormdesk.core.errors import BadInput
from stormdesk.listen.actions.importing import Brands, import_file, replay
from stormdesk.listen.files import Post, Reader, Refusal, columns_of, guess, parse_map, rows
from stormdesk.listen.models import Mention, MinuteCount


@pytest.fixture
def file(tmp_path):
    def write(content: str | bytes, name: str = "posts.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def read(path, given: str = "") -> list:
    return list(Reader(path, parse_map(given, columns_of(path)[0])))


def posts(path, given: str = "") -> list:
    found = read(path, given)
    assert not [one for one in found if isinstance(one, Refusal)]
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "koi8-r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(file, encoding, delimiter):
    lines = [
        "дата;автор;текст",
        "31.01.2026 18:00;Анна;Крышка вздулась, что делать с йогуртом?",
        "2026-02-01T10:00Z;Борис;Всё хорошо",
    ]
    text = "\r\n".join(lines).replace(",", " ").replace(";", delimiter)
    found = posts(file(text.encode(encoding)), "zone=Europe/Moscow")
    assert [post.item.author.handle for post in found] == ["Анна", "Борис"]
    assert found[0].item.published_at == datetime(2026, 1, 31, 15, 0, tzinfo=UTC)
    assert "вздулась" in found[0].item.text


def test_json_lines_packed_and_nested(file):
    row = {
        "id": "7",
        "created_at": "2026-01-31T18:00:00Z",
        "text": "<p>Hello &amp; bye</p>",
        "author": {"handle": "anna"},
    }
    path = file(gzip.compress((json.dumps(row) + "\n\nnot json\n[1]\n").encode()), "x.jsonl.gz")
    found = read(path)
    assert (found[0].item.native_id, found[0].item.text, found[0].item.author.handle) == (
        "7",
        "Hello & bye",
        "anna",
    )
    assert [one.line for one in found[1:]] == [3, 4]


def test_bad_rows_are_named_and_the_others_taken(file):
    path = file(
        "time,text\n2026-01-01,fine\nyesterday,bad\n2026-01-02,\n2026-01-03,a,b\n2026-01-04,also fine\n"
    )
    found = read(path)
    assert [post.item.text for post in found if isinstance(post, Post)] == ["fine", "also fine"]
    assert [(one.line, str(one)[:20]) for one in found if isinstance(one, Refusal)] == [
        (3, "“yesterday” is no ti"), (4, "The line has no text"), (5, "The line has 3 value"),
    ]  # fmt: skip


def test_an_open_quotation_mark_loses_only_its_own_lines(file):
    path = file('time,text\n2026-01-01,fine\n2026-01-02,"open\n' + "x\n" * 600_000 + "2026-01-03,lost too\n")
    found = read(path)
    assert found[0].item.text == "fine"
    assert any("not closed" in str(one) for one in found if isinstance(one, Refusal)) or len(found) == 2


def test_a_line_of_a_hundred_megabytes_costs_no_memory(tmp_path):
    import tracemalloc

    path = tmp_path / "long.csv"
    with path.open("wb") as out:
        out.write(b"time,text\n2026-01-01,before\n2026-01-02,")
        for _ in range(100):
            out.write(b"a" * 2**20)
        out.write(b"\n2026-01-03,after\n")
    tracemalloc.start()
    found = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [post.item.text for post in found if isinstance(post, Post)] == ["before", "after"]
    assert [one.line for one in found if isinstance(one, Refusal)] == [3]
    assert peak < 20 * 2**20


def test_files_that_are_no_tables(file, tmp_path):
    for content, words in ((b"", "empty"), (b"\x00\x01\x02\x03", "no text file"), (b"\n\n", "empty")):
        with pytest.raises(BadInput, match=words):
            list(rows(file(content)))
    with pytest.raises(BadInput, match="cannot be opened"):
        list(rows(tmp_path / "nowhere.csv"))
    cut = gzip.compress(b"time,text\n" + b"2026-01-01,hello\n" * 5000)
    found = list(rows(file(cut[: len(cut) // 2], "cut.gz")))
    assert isinstance(found[-1], Refusal)


def test_columns_are_guessed_and_corrected():
    mapping = guess(["time_us_pacific", "airline", "retweets", "text"])
    assert (mapping.of, mapping.brand, mapping.zone) == (
        {"text": "text", "published_at": "time_us_pacific"}, "airline", "America/Los_Angeles",
    )  # fmt: skip
    assert parse_map("text=b,time=a", ["a", "b"]).of == {"text": "b", "published_at": "a"}
    for wrong in ("nonsense=a", "text", "text=zzz", "zone=Mars/North", "brand=zzz"):
        with pytest.raises(BadInput):
            parse_map("text=b,time=a," + wrong, ["a", "b"])
    with pytest.raises(BadInput, match="published_at"):
        parse_map("", ["a", "text"])


def test_the_handle_in_the_text_decides_before_the_column(file):
    lines = ["time,company,text"]
    lines += [f"2026-01-01 10:{n:02d},Delta,@JetBlue flight {n}" for n in range(5)]
    lines += [f"2026-01-01 11:{n:02d},US Air,@USAirways bag {n} @user" for n in range(5)]
    lines += ["2026-01-01 12:00,US Air,@user @jetblue please", "2026-01-01 12:01,Delta,@user no name"]
    brands = [post.brand for post in posts(file("\n".join(lines)), "brand=handle")]
    assert brands == ["JetBlue"] * 5 + ["US Air"] * 5 + ["JetBlue", "Delta"]


def test_equal_rows_are_several_posts_and_a_second_reading_none(file):
    path = file("time,text\n" + "2026-01-01,same\n" * 3 + "2026-01-01,other\n")
    first = [post.item.native_id for post in posts(path)]
    assert len(set(first)) == 4
    assert [post.item.native_id for post in posts(path)] == first


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("f") / "any"
    path.write_bytes(content)
    sentence = "fine"
    try:
        for row in rows(path):
            sentence = str(row)
    except BadInput as refused:
        sentence = str(refused)
    assert sentence


CONTENT = "time,brand,author,text\n" + "".join(
    f"2026-01-01 {10 + n // 60}:{n % 60:02d},{('Meadow', 'Clover', 'Meadow|Clover')[n % 3]},p{n % 7},post number {n}\n"
    for n in range(200)
)


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["import", "replay"])
def test_a_file_is_stored_once_for_its_brands(file, make_brand, now, how):
    path = file(CONTENT + "2026-01-02,,x,nobody's\nbad,Meadow,x,bad\n")
    made: dict[str, object] = {}

    def take():
        brands = Brands(file="f", network="import", now=now, find=lambda name: made.setdefault(name, None) or made.update({name: make_brand(name)}) or made[name])  # fmt: skip
        reader = Reader(path, parse_map("", columns_of(path)[0]))
        if how == "replay":
            seen: list[datetime] = []
            taken = replay(reader=reader, brands=brands, closed=lambda brands, at: seen.append(at))
            assert seen == sorted(seen)
            assert all(at.minute % 5 == 0 for at in seen)
            return taken
        return import_file(reader=reader, brands=brands, now=lambda: now)

    first, second = take(), take()
    assert (first.read, first.stored, first.duplicates, first.refused) == (202, 266, 0, 2)
    assert (second.stored, second.duplicates, second.refused) == (0, 266, 2)
    assert Mention.objects.count() == 266
    assert Mention.objects.filter(brand=made["Meadow"]).count() == 133
    assert {m.published_at.date().isoformat() for m in Mention.objects.all()} == {"2026-01-01"}
    assert sum(MinuteCount.objects.values_list("mentions", flat=True)) == 266


@pytest.mark.django_db
def test_an_import_goes_on_behind_the_line_it_had_reached(file, brand, now):
    path = file(CONTENT)
    reader = Reader(path, parse_map("brand=", columns_of(path)[0]))
    brands = Brands(file="f", network="import", now=now, brand=brand)
    taken = import_file(reader=reader, brands=brands, now=lambda: now, after_line=151)
    assert (taken.read, taken.stored) == (50, 50)


@pytest.mark.django_db
def test_time_the_file_tells_of_was_heard(file, brand, now):
    from stormdesk.listen import queries

    path = file("time,text\n2026-01-01 10:00,a\n2026-01-01 12:00,b\n")
    import_file(reader=Reader(path, parse_map("", ["time", "text"])),
                brands=Brands(file="f", network="import", now=now, brand=brand), now=lambda: now)  # fmt: skip
    start = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
    heard = {
        m.at.hour: m.heard
        for m in queries.minutes(brand, start, start + timedelta(hours=5), step=timedelta(hours=1))
    }
    assert (heard[9], heard[10], heard[11], heard[13]) == (0, 1, 1, 0)
