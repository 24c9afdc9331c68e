"""Which words are about the brand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormdesk.understand.toward import ABOUT, split


def about(text: str, brand: str) -> str:
    return split(text, brand).about()


@pytest.mark.parametrize(
    ("text", "brand", "kept", "left"),
    [
        ("Гудок лежит второй день, а «Сота» работает как часы", "Гудок", "лежит", "часы"),
        ("Гудок лежит второй день, а «Сота» работает как часы", "Сота", "часы", "лежит"),
        ("Orbit picked up in a minute. But Tembo never called anybody back", "Orbit", "minute", "never"),
        ("Orbit picked up in a minute. But Tembo never called anybody back", "Tembo", "never", "minute"),
    ],
)
def test_each_brand_gets_its_own_words(text: str, brand: str, kept: str, left: str) -> None:
    found = about(text, brand)
    assert kept in found
    assert left not in found


@pytest.mark.parametrize(
    ("text", "brand"),
    [
        ("В Гудке опять сбой", "Гудок"),
        ("ушла из «Ивы и Льна»", "Ива и Лён"),
        ("в бодром кроте уютно", "Бодрый Крот"),
        ("Стрижом летать дешевле", "Стриж Авиа"),
        ("MARLOW'S forgot me", "Marlow’s"),
        ("спасибо, Меридиан", "Меридиан Банк"),
    ],
)
def test_a_name_is_found_in_every_form(text: str, brand: str) -> None:
    assert any(part.is_name for part in split(text, brand).parts)


@pytest.mark.parametrize("brand", ["Магнит", "Bank", "", "?!", None])
def test_a_post_that_does_not_name_the_brand_is_one_part(brand: str | None) -> None:
    found = split("Обычный пост: ничего, кроме погоды.", brand)
    assert found.whole
    assert len(found.parts) == 1


@pytest.mark.parametrize(
    "text", ["Unlike Orbit, Tembo answers", "Сота лучше, чем Orbit", "В отличие от Orbit тут отвечают"]
)
def test_a_brand_that_others_are_compared_with_is_told(text: str) -> None:
    assert split(text, "Orbit").away


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=200), st.text(max_size=20))
def test_no_letter_is_lost(text: str, brand: str) -> None:
    for named in (brand, text[:5], text[3:9]):
        found = split(text, named)
        assert "".join("".join(part.text for part in found.parts).split()) == "".join(text.split())
        assert all(part.role == ABOUT for part in found.parts if part.is_name)
