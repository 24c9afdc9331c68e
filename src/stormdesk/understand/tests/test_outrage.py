import pytest

from stormdesk.understand.outrage import Outrage, outrage, outrage_of

STORM = [
    "ПОЗОР! Хватит! Бойкот Лукошку, не покупайте там ничего!",
    "Вы ответите за это. Увольте директора и извинитесь!!!",
    "Boycott Skylark, they killed a dog. SHAME on you!",
    "Never fly Skylark. Share this, they must answer for it!",
]
ORDINARY = [
    "Я вчера купила у них хлеб, мне понравилось",
    "Мой заказ задержали на день, я подожду",
    "I flew with them yesterday and my seat was fine",
    "We love our new headphones",
]


@pytest.mark.parametrize("text", STORM)
def test_storms_show_the_signs(text: str) -> None:
    assert outrage(text).score > 0.6


@pytest.mark.parametrize("text", ORDINARY)
def test_people_who_speak_of_themselves_do_not(text: str) -> None:
    assert outrage(text).score < 0.5


def test_what_is_counted() -> None:
    found = outrage("Я требую: верните деньги! ВАШИ обещания пустые!!")
    assert found.first == pytest.approx(1 / 7)
    assert found.second == pytest.approx(1 / 7)
    assert found.calls == pytest.approx(2 / 7)
    assert found.capitals == pytest.approx(1 / 7)
    assert found.exclaimed == 3


def test_links_and_handles_are_nobodys_words() -> None:
    assert outrage("@you https://we.example/my хорошо").first == 0


def test_a_stretch_of_time_is_the_mean_of_its_posts() -> None:
    mean = outrage_of([*STORM, *ORDINARY])
    assert mean.posts == 8
    assert outrage_of(ORDINARY).score < mean.score < outrage_of(STORM).score
    assert outrage_of([]) == Outrage(0)
