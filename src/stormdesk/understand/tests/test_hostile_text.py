"""Whatever the networks send, reading ends, in bounded time, with a sound answer."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormdesk.understand import (
    NarrativeIndex,
    Reading,
    Text,
    fold,
    label,
    lookalike,
    mask,
    personal_data,
    read,
    stems,
)
from stormdesk.understand.links import links, suspicious_links
from stormdesk.understand.narrative import STORIES
from stormdesk.understand.outrage import outrage
from stormdesk.understand.personal import FINDERS
from stormdesk.understand.scam import scam_evidence

any_text = st.text(st.characters(exclude_categories=()), max_size=300)
awkward = st.text(
    st.sampled_from("0189 .-+()@:/#aяёїә\u200b\u202e\u0301\ud83d\ud800\U0001f600\n\t\x00İßﷺ?!)"), max_size=300
)

BAIT = {
    "one letter": "А" * 100_000,
    "one digit": "1" * 100_000,
    "spaced digits": "1 " * 50_000,
    "broken surrogates": "\ud800" * 50_000,
    "zero width": "а\u200b" * 50_000,
    "crowded marks": "z" + "\u0301" * 99_999,
    "right to left": "\u202eמה" * 30_000,
    "expanding ligature": "ﷺ" * 33_000,
    "hashtags": " ".join(f"#тег{i}" for i in range(10_000)),
    "mentions": "@a " * 33_000,
    "e-mail bait": "a." * 50_000 + "@",
    "link bait": "http://a.b" * 10_000,
    "address bait": "ул. Аа Аа " * 10_000,
    "house bait": "1 Aa Bb Cc " * 9_000,
    "order bait": "заказ номер № " * 7_000,
    "phones": "+7 916 123-45-67 " * 5_000,
    "cards": "4111 1111 1111 1111 " * 5_000,
    "spelled mail": "a at b dot " * 9_000,
    "brackets": "a (at) " * 14_000,
    "accounts": "GB29 NWBK " * 10_000,
    "iban letters": "AA11" * 25_000,
    "passports": "паспорт серия № " * 6_000,
    "streets": "проспект Мира Мира Мира " * 4_000,
    "places": "Аааа Бббб улица " * 6_000,
    "avenues": "12 North Aaa Bbb Ccc Ave " * 4_000,
    "births": "родился 1.1.1 " * 7_000,
    "hosts": "a.b.c.d.e.ru " * 7_000,
    "one host": "a." * 40_000 + "ru",
    "hyphens": "http://" + "a-" * 40_000 + ".ru",
    "users": "http://" + "a" * 90_000 + "@b.ru",
    "asks": "сообщите нам пожалуйста скорее " * 3_000,
    "shouts": "ПОЗОР! ВАМ! " * 8_000,
    "cues": "верните деньги " * 7_000,
    "emoji": "👩‍👩‍👧‍👦" * 10_000,
}


def sound(reading: Reading) -> bool:
    chances = [*reading.sentiment.values(), reading.complaint, reading.needs_reply, reading.scam]
    return (
        all(0 <= p <= 1 for p in chances)
        and abs(sum(reading.sentiment.values()) - 1) < 1e-6
        and reading.urgency in {0, 1, 2, 3}
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(any_text | awkward, max_size=5))
def test_reading_never_raises_and_answers_every_text(posts: list[str]) -> None:
    readings = read([Text(str(i), text) for i, text in enumerate(posts)])
    assert len(readings) == len(posts)
    assert all(map(sound, readings))


@settings(max_examples=30, deadline=None)
@given(any_text, st.lists(any_text, max_size=4))
def test_a_text_reads_the_same_alone_and_in_company(text: str, others: list[str]) -> None:
    alone = read([Text("1", text)])[0]
    among = read([Text("0", other) for other in others] + [Text("1", text)])[-1]
    assert among.language == alone.language
    assert among.urgency == alone.urgency
    assert among.sentiment == pytest.approx(alone.sentiment, abs=1e-9)
    assert among.reasons == alone.reasons


@settings(max_examples=80, deadline=None)
@given(any_text | awkward)
def test_folding_is_settled(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert "ё" not in folded
    assert not any(unicodedata.category(char) in {"Cs", "Cf"} for char in folded)
    folded.encode()
    stems(text).encode()


@settings(max_examples=80, deadline=None)
@given(any_text | awkward)
def test_spans_lie_inside_the_text_and_apart(text: str) -> None:
    spans = personal_data(text)
    edges = [edge for span in spans for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert len(mask(text, spans).split("‹")) >= len(spans)


@settings(max_examples=40, deadline=None)
@given(st.lists(any_text, max_size=8))
def test_copies_and_labels_never_raise(posts: list[str]) -> None:
    index = NarrativeIndex(posts=4, stories=3)
    for number, text in enumerate(posts):
        placed = index.add(str(number), text, float(number))
        assert placed.copy_of is None or int(placed.copy_of) < number
    label(posts)
    lookalike("".join(posts), posts)


@settings(max_examples=80, deadline=None)
@given(any_text | awkward, any_text | awkward)
def test_traps_and_outrage_never_raise(text: str, own: str) -> None:
    assert all(
        0 <= link.start < link.end <= len(text) and 0 <= link.score <= 1 for link in links(text, [own])
    )
    assert 0 <= scam_evidence(text, [own], [own]).score <= 1
    assert 0 <= outrage(text).score <= 1
    assert 0 <= lookalike(text, [own, "sberbank"]) <= 1
    assert len(label([text, own])) <= 60


@pytest.mark.parametrize("bait", BAIT.values(), ids=BAIT.keys())
def test_traps_in_bait_are_bounded(bait: str) -> None:
    suspicious_links(bait, ["megabank.example"])
    scam_evidence(bait, ["megabank.example"], ["megabank"])
    outrage(bait)
    NarrativeIndex(stories=STORIES).add_all([("1", bait, 0.0), ("2", bait[1:], 1.0)])


@pytest.mark.parametrize("bait", BAIT.values(), ids=BAIT.keys())
def test_bait_is_read(bait: str) -> None:
    assert sound(read([Text("1", bait)])[0])
    NarrativeIndex().add("1", bait, 0.0)
    label([bait])
    stems(bait)
    lookalike(bait, [bait[:50], "sberbank"])
    for find, _ in FINDERS:
        list(find(bait))
