"""Files of posts: whatever comes is read or refused with a sentence; the same file gives the same ids; nothing twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

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


def test_times_without_a_zone_are_read_in_the_one_that_is_given(file):
    found = posts(file("дата;автор;текст\n31.01.2026 18:00;Анна;Крышка вздулась\n"), "zone=Europe/Moscow")
    assert found[0].item.published_at == datetime(2026, 1, 31, 15, 0, tzinfo=UTC)


def test_bad_rows_are_named_and_the_others_taken(file):
    found = read(file("time,text\n2026-01-01,fine\nyesterday,bad\n2026-01-02,\n2026-01-04,also fine\n"))
    assert [post.item.text for post in found if isinstance(post, Post)] == ["fine", "also fine"]
    assert [one.line for one in found if isinstance(one, Refusal)] == [3, 4]


@pytest.mark.parametrize(
    ("content", "english", "russian"),
    [
        (b"", "no rows", "нет строк"),
        (b"PK\x03\x04", "spreadsheet", "таблиц"),
        (None, "opened", "не открывается"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_the_language_of_the_reader(file, content, english, russian):
    path = file(content) if content is not None else file("x").with_name("nowhere.csv")
    for language, words in (("en", english), ("ru", russian)):
        with translation.override(language), pytest.raises(BadInput, match=words):
            list(rows(path))


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
