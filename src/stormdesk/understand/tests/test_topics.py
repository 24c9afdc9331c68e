"""Stories told in different words. Each test holds with the sentence encoder and without it."""

import random

import pytest

from stormdesk.understand import NarrativeIndex
from stormdesk.understand.encoder import available
from stormdesk.understand.narrative import STORIES, Allowance, topics
from stormdesk.understand.narrative.meaning import WITHOUT_ENCODER

STORM = [
    "Zapp power adapter blew up, my son has burns",
    "My Zapp charger caught fire at night, curtains burned",
    "Zapp fast charger exploded next to my bed",
    "Zapp charger set our kitchen on fire, firefighters came",
    "Fire in our flat because of a Zapp fast charger",
    "The Zapp charger in our office exploded today",
    "Unplug your Zapp charger now, fire hazard",
    "Woke up to smoke, the Zapp charger was on fire",
    "Recall the Zapp charger before it kills someone, another fire",
    "Zapp charger went up in flames while charging my phone",
    "Third report this week of a Zapp charger on fire",
    "Our insurance will sue Zapp over the charger fire",
]
OTHERS = [
    "Zapp headphones sound great for the price",
    "Zapp store on Main Street closes next week",
    "Lovely weather in the mountains this weekend",
    "The new library opens its doors on Monday",
    "Новый парк открыли у реки, детям нравится",
    "Рейс задержали на три часа из-за тумана",
    "Наш кот снова украл сосиску со стола",
    "Курс евро вырос третий день подряд",
]


@pytest.fixture(params=["encoder", "n-grams"])
def sense(request, monkeypatch) -> str:
    if request.param == "n-grams":
        monkeypatch.setattr(topics, "meaning", lambda: WITHOUT_ENCODER)
    elif not available():
        pytest.skip("the sentence encoder is not installed")
    return request.param


def stream() -> list[tuple[str, str, float]]:
    posts = STORM + OTHERS
    random.Random(3).shuffle(posts)
    return [(str(number), text, 60.0 * number) for number, text in enumerate(posts)]


def test_a_story_is_one_narrative_whatever_its_words(sense: str) -> None:
    posts = stream()
    placed = NarrativeIndex(stories=STORIES).add_all(posts)
    by_text = {text: found.narrative for (_, text, _), found in zip(posts, placed, strict=True)}
    stories = [by_text[text] for text in STORM]
    largest = max(stories.count(story) for story in stories)
    assert largest >= (7 if sense == "encoder" else 4)
    assert len({by_text[text] for text in OTHERS}) == len(OTHERS)
    assert all(found.copy_of is None for found in placed)


def test_a_narrative_bears_the_name_of_an_earlier_post(sense: str) -> None:
    for (id, _, _), found in zip(stream(), NarrativeIndex(stories=STORIES).add_all(stream()), strict=True):
        assert int(found.narrative) <= int(id)


def test_the_same_stream_gives_the_same_narratives(sense: str) -> None:
    first, second = NarrativeIndex(stories=STORIES), NarrativeIndex(stories=STORIES)
    assert first.add_all(stream()) == second.add_all(stream())


def test_a_copy_belongs_to_the_story_of_its_original(sense: str) -> None:
    index = NarrativeIndex(stories=STORIES)
    index.add_all(stream())
    post, copy = ("a", "The Zapp charger caught fire, whole kitchen burned down", 9000.0), "b"
    (original, repeated) = index.add_all([post, (copy, f"RT @x: {post[1]}", 9001.0)])
    assert repeated.copy_of == "a"
    assert repeated.narrative == original.narrative


def test_an_old_story_is_over(sense: str) -> None:
    index = NarrativeIndex(stories=STORIES, hours=1)
    index.add_all(stream())
    late = index.add("late", "Zapp charger fire again, firefighters came", 1e6)
    assert late.narrative == "late"


def test_stories_are_bounded_and_saved(sense: str) -> None:
    index = NarrativeIndex(stories=8)
    index.add_all(stream())
    assert len(index._topics) <= 8
    again = NarrativeIndex.load(index.dump())
    more = [
        ("x", "Zapp charger burst into flames tonight", 2000.0),
        ("y", "Zapp charger on fire here too", 2001.0),
    ]
    assert again.add_all(more) == index.add_all(more)


def test_without_an_allowance_nothing_is_encoded(monkeypatch) -> None:
    def never(texts):
        raise AssertionError("encoded beyond the allowance")

    spent = topics.meaning()
    monkeypatch.setattr(
        topics, "meaning", lambda: type(spent)("none", never, spent.least, spent.alone, spent.told)
    )
    placed = NarrativeIndex(stories=STORIES, allowance=Allowance(0, 0)).add_all(stream())
    assert len(placed) == len(STORM) + len(OTHERS)
