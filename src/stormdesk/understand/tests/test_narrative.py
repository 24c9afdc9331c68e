import random

import pytest

from stormdesk.understand import NarrativeIndex, label

POST = "Банк дважды списал деньги за один и тот же заказ и не отвечает в поддержке уже третий день"


def test_copies_find_their_original() -> None:
    index = NarrativeIndex()
    assert index.add("1", POST, 0).copy_of is None
    assert index.add("2", f"RT @ivan: {POST.upper()}!!! https://t.co/x", 60).copy_of == "1"
    assert index.add("3", POST.replace("третий", "четвёртый") + " жесть", 120).narrative == "1"
    assert index.add("4", "Открыли новую пекарню на Садовой, круассаны огонь", 180).narrative == "4"


def test_a_chain_of_edits_stays_one_narrative() -> None:
    index, words, made = NarrativeIndex(), POST.split(), random.Random(1)
    for number in range(12):
        placed = index.add(str(number), " ".join(words), number)
        assert placed.narrative == "0"
        words[made.randrange(len(words))] = f"слово{number}"


def test_what_is_older_than_the_window_is_forgotten() -> None:
    index = NarrativeIndex(hours=1)
    index.add("1", POST, 0)
    assert index.add("2", POST, 2 * 3600).copy_of is None


def test_memory_is_bounded_and_the_oldest_goes_first() -> None:
    index = NarrativeIndex(posts=50)
    for number in range(500):
        index.add(
            str(number), f"{number * 7919} совсем другой текст {number * 104729} про {number * 31}", number
        )
    assert len(index) == 50
    size = len(index.dump())
    for number in range(500, 700):
        index.add(str(number), f"{number * 7919} и снова иное {number * 104729} о {number * 31}", number)
    assert len(index.dump()) < size * 1.2


def test_a_saved_index_answers_the_same() -> None:
    posts = [f"{POST} {i % 5}" if i % 3 else f"{i * 7919} пост о другом {i * 31}" for i in range(300)]
    whole, first = NarrativeIndex(), NarrativeIndex()
    for number in range(150):
        whole.add(str(number), posts[number], number)
        first.add(str(number), posts[number], number)
    second = NarrativeIndex.load(first.dump())
    for number in range(150, 300):
        assert second.add(str(number), posts[number], number) == whole.add(str(number), posts[number], number)


def test_foreign_bytes_are_refused() -> None:
    for data in (b"", b"PK\x03\x04", b"\x80\x04]q\x00."):
        with pytest.raises(ValueError, match="not a saved narrative index"):
            NarrativeIndex.load(data)


def test_a_label_says_what_posts_share() -> None:
    posts = [
        "Ребята, опять двойное списание за подписку, верните",
        "у меня тоже двойное списание за подписку сегодня",
        "ДВОЙНОЕ СПИСАНИЕ ЗА ПОДПИСКУ — это норма?",
    ]
    assert label(posts).lower() == "двойное списание за подписку"
    assert label([]) == label(["!!!"]) == ""


def test_a_label_is_readable_short_and_hides_personal_data() -> None:
    posts = [
        "В Лукошке продали просроченную детскую смесь, ребёнка рвёт, звоните 8 916 123-45-67",
        "Просроченная детская смесь в Лукошке!!! Мой телефон 8 916 123-45-67",
        "https://t.co/x @lukoshko В ЛУКОШКЕ ПРОДАЛИ ПРОСРОЧЕННУЮ ДЕТСКУЮ СМЕСЬ 😡",
        "уже второй раз в Лукошке просроченная смесь для детей, это какой-то бесконечный и очень длинный ужас",
    ]
    said = label(posts)
    assert "просроченн" in said.lower()
    assert said == said.strip()
    assert len(said) <= 60
    assert "916" not in label(["звоните 8 916 123-45-67 срочно по смеси"])
