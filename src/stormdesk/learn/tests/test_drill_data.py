"""The shipped drills: enough of them, none twice, and the truth says what the posts do."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from stormdesk.core.errors import BadInput
from stormdesk.learn import drills
from stormdesk.listen.matching import Matcher, parse

pytestmark = pytest.mark.parametrize("language", drills.LANGUAGES)
KINDS = {
    "complaint", "question", "joke", "defender", "scam", "personal", "journalist", "rumour", "thanks", "praise",
    "neutral", "competitor",
}  # fmt: skip


def bare(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().lower()


def storm(language: str) -> list[drills.DrillPost]:
    start = drills.truth(language).starts_at_seconds
    return [post for post in drills.schedule(language) if post.offset_seconds >= start]


def test_at_least_400_distinct_posts_are_written_by_hand(language: str) -> None:
    written = drills.posts(language)
    texts = Counter(bare(post.text) for post in written)
    assert [text for text, times in texts.items() if times > 1] == []
    assert len(texts) >= 400
    assert sum(post.phase == "background" for post in written) >= 120
    assert {post.kind for post in written} == KINDS


def test_no_two_hand_written_posts_are_nearly_the_same(language: str) -> None:
    shingles = []
    for post in drills.posts(language):
        words = bare(post.text).split()
        shingles.append({tuple(words[i : i + 3]) for i in range(len(words) - 2)})
    for i, one in enumerate(shingles):
        for other in shingles[:i]:
            assert len(one & other) <= 0.4 * max(1, min(len(one), len(other)))


def test_every_kind_is_there_in_numbers(language: str) -> None:
    kinds = Counter(post.kind for post in drills.posts(language))
    assert all(kinds[kind] >= 13 for kind in KINDS), kinds


def test_the_schedule_is_strictly_sorted_and_whole(language: str) -> None:
    posts = drills.schedule(language)
    offsets = [post.offset_seconds for post in posts]
    assert offsets == sorted(set(offsets))
    assert 1500 <= len(posts) <= 2500
    assert len({post.native_id for post in posts}) == len(posts)
    texts = {bare(post.text.removeprefix(drills.story(language).brand.handles[0])) for post in posts}
    missing = [w.text for w in drills.posts(language) if "{" not in w.text and bare(w.text) not in texts]
    assert missing == []
    assert not any("{" in post.text for post in posts)


def test_the_same_seed_gives_the_same_drill_and_another_gives_another(language: str) -> None:
    assert drills.schedule(language) == drills.schedule(language)
    assert drills.schedule(language, seed=1) != drills.schedule(language, seed=2)


@pytest.mark.parametrize("seed", [1, 7, 2026])
def test_any_seed_plays(language: str, seed: int) -> None:
    assert 1500 <= len(drills.schedule(language, seed=seed)) <= 2500


def test_a_quiet_day_comes_first_then_it_doubles_peaks_and_fades(language: str) -> None:
    truth = drills.truth(language)
    hours = Counter(post.offset_seconds // 3600 for post in drills.schedule(language))
    quiet = [hours[hour] for hour in range(24)]
    assert all(11 <= count <= 28 for count in quiet), quiet
    assert 15 <= sum(quiet) / 24 <= 25
    first = storm(language)[0]
    assert (first.key, first.offset_seconds) == ("first_post", truth.starts_at_seconds)
    by_half_hour = Counter((p.offset_seconds - truth.starts_at_seconds) // 1800 for p in storm(language))
    assert by_half_hour[1] < by_half_hour[2] < by_half_hour[3]
    assert 300 <= 2 * max(by_half_hour.values()) <= 520
    assert max(by_half_hour, key=lambda half: by_half_hour[half]) in (3, 4)
    assert by_half_hour[7] < 0.65 * by_half_hour[4]
    assert by_half_hour[20] < 20


def test_copies_and_replies_point_at_what_is_already_out(language: str) -> None:
    seen: set[str] = set()
    for post in drills.schedule(language):
        for pointed in (post.copy_of, post.in_reply_to):
            assert pointed is None or pointed in seen
        seen.add(post.native_id)
    by_id = {post.native_id: post for post in drills.schedule(language)}
    copied = [by_id[post.copy_of].kind for post in by_id.values() if post.copy_of]
    assert len(copied) > 600
    assert not {"personal", "journalist"} & set(copied)
    assert sum(post.in_reply_to is not None for post in by_id.values()) > 80


def test_every_post_names_the_brand(language: str) -> None:
    named = re.compile(drills.story(language).brand.named_by, re.IGNORECASE)
    assert [post.text for post in drills.schedule(language) if not named.search(post.text)] == []


def test_the_brands_query_hears_every_post(language: str) -> None:
    brand = drills.story(language).brand
    matcher = Matcher({"brand": parse(brand.query), "rivals": parse(brand.query_competitors)})
    heard = [(post.text, matcher.match(post.text)) for post in drills.schedule(language)]
    assert [text for text, queries in heard if "brand" not in queries] == []
    assert sum("rivals" in queries for _text, queries in heard) >= 15


def test_what_answers_the_team_is_marked_and_comes_late(language: str) -> None:
    posts = {post.native_id: post for post in drills.schedule(language)}
    late = drills.truth(language).starts_at_seconds + 150 * 60
    marked = [post for post in posts.values() if post.assumes_statement]
    assert len(marked) >= 100
    assert all(post.offset_seconds >= late for post in marked)
    for post in posts.values():
        if post.copy_of:
            assert post.assumes_statement == posts[post.copy_of].assumes_statement


def test_the_truth_agrees_with_the_posts(language: str) -> None:
    truth, posts = drills.truth(language), storm(language)
    for narrative in truth.narratives:
        members = [post for post in posts if post.kind in narrative.kinds]
        assert len(members) >= narrative.posts_at_least, (narrative.key, len(members))
        assert min(post.offset_seconds for post in members) >= narrative.offset_seconds
    asked = [post for post in posts if post.kind == "journalist" and post.deadline_seconds]
    assert len(asked) >= truth.expect.journalists
    assert all(post.deadline_seconds > post.offset_seconds for post in asked)
    assert sum(post.kind == "personal" for post in posts) >= truth.expect.personal_data
    assert sum(post.health and post.needs_reply for post in posts) >= truth.expect.health
    assert sum(post.needs_reply for post in posts) >= truth.expect.needs_reply
    keys = {post.key for post in posts} | {""}
    facts = {fact.key for fact in drills.story(language).facts}
    for action in truth.actions:
        kind, _, name = action.after.partition(":")
        assert kind in {"alert", "declared", "promise", "post", "fact", "key"}
        assert name in (keys if kind == "key" else facts | {""})
    assert sum(action.points for action in truth.actions) == 100
    assert sum(narrative.main for narrative in truth.narratives) == 1


def test_the_pause_has_something_to_catch(language: str) -> None:
    truth, promos = drills.truth(language), drills.story(language).promos
    assert len(promos) == 4
    assert all(truth.starts_at_seconds < promo.offset_seconds < truth.ends_at_seconds for promo in promos)
    declare = next(action for action in truth.actions if action.key == "declare")
    declared = truth.starts_at_seconds + truth.alert_within_seconds + declare.within_seconds
    assert all(promo.offset_seconds > declared for promo in promos)


def test_both_languages_tell_one_story(language: str) -> None:
    here, other = drills.story(language), drills.story("en" if language == "ru" else "ru")
    for name in ("promos", "facts"):
        assert [(x.key, x.offset_seconds) for x in getattr(here, name)] == [
            (x.key, x.offset_seconds) for x in getattr(other, name)
        ]
    assert {post.key for post in storm("ru")} == {post.key for post in storm("en")}
    assert {fact.status for fact in here.facts} == {"confirmed", "checking", "unknown", "refuted"}
    assert here.brief.title
    assert here.brief.text


def test_cards_in_the_posts_are_test_cards_that_pass_the_check_sum(language: str) -> None:
    cards = re.findall(r"\b\d{4} \d{4} \d{4} \d{4}\b", " ".join(post.text for post in drills.posts(language)))
    passing = [card for card in cards if luhn(card)]
    assert len(passing) >= 3


def luhn(card: str) -> bool:
    digits = [int(digit) for digit in card if digit.isdigit()][::-1]
    return sum(digits[::2]) % 10 == -sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2]) % 10


def test_times_in_the_texts_follow_the_clock(language: str) -> None:
    press = next(p for p in drills.schedule(language, clock="14:00") if p.key == "press_hospital")
    assert "16:34" in press.text
    assert press.deadline_seconds == press.offset_seconds + 20 * 60


def test_an_unknown_drill_is_refused_with_the_known_ones(language: str) -> None:
    with pytest.raises(BadInput, match="faulty_batch"):
        drills.schedule(language, name="../faulty_batch")
    with pytest.raises(BadInput):
        drills.posts("fr" + language)
