"""The query language: what it means, what it refuses, and that one automaton answers as each query alone would."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormdesk.listen.matching import Matcher, QueryError, parse, told
from stormdesk.listen.matching.search import fts5, tsquery
from stormdesk.listen.matching.syntax import All, Node, OneOf, Term, Without


def finds(query: str, text: str) -> bool:
    return bool(Matcher({1: parse(query)}).match(text))


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("луговая", "Купила ЛУГОВУЮ вчера", True),
        ("луговая", "в магазине «Луговой» пусто", True),
        ("луговая", "Залуговая улица", False),
        ("ёлка", "под елкой", True),
        ("lid", "two swollen LIDS", True),
        ("lid", "solid", False),
        ("berry", "berries", True),
        ("lid*", "lidless", True),
        ("lid*", "solid", False),
        ('"red box"', "a red, box!", True),
        ('"red box"', "red boxes", False),
        ('"red box"', "bored box", False),
        ("#meadow", "so good #Meadow!", True),
        ("#meadow", "#meadowmilk", False),
        ("meadow", "#meadowmilk", False),
        ("@meadow", "hi @Meadow.", True),
        ("@meadow", "hi @meadow.bsky.social", False),
        ("@meadow", "anna@meadow.example", False),
        ("meadow.example", "see https://www.meadow.example/a?b", True),
        ("meadow.example", "see https://meadow.example.evil.com", False),
        ("meadow.example", "see https://notmeadow.example", False),
        ("lid OR milk", "milk", True),
        ("lid milk", "milk", False),
        ("lid И milk", "the milk lid", True),
        ("lid OR milk NOT giveaway", "lid giveaway", False),
        ("lid НЕ (giveaway OR win)", "lid", True),
        ("lid -giveaway", "lid and a giveaway", False),
        ("(lid OR cap) milk", "milk cap", True),
        ("ｌｉｄ", "l\u200bid", True),
        ("«Альфа банк»", "в Альфа-банк", True),
    ],
)
def test_what_a_query_finds(query, text, found):
    assert finds(query, text) is found


@pytest.mark.parametrize(
    ("query", "position", "words"),
    [
        ("", 0, "empty"),
        ("   ", 0, "empty"),
        ("lid OR", 4, "both sides"),
        ("AND lid", 0, "both sides"),
        ("lid OR OR milk", 7, "both sides"),
        ("(lid", 0, "not closed"),
        ("lid)", 3, "closes nothing"),
        ("lid ()", 4, "are empty"),
        ('lid "milk', 4, "not closed"),
        ("NOT lid", 0, "only says what to leave out"),
        ("lid OR NOT milk", 7, "nearly everything"),
        ("lid NOT", 4, "after it"),
        ("lid !!!", 4, "is no word"),
        ("a*", 0, "two letters"),
        ("# lid", 0, "without a space"),
        ("(" * 40 + "a" + ")" * 40, 31, "levels"),
    ],
)
def test_a_query_that_cannot_be_read_says_where_and_what_to_do(query, position, words):
    with pytest.raises(QueryError) as refused:
        parse(query)
    assert words in str(refused.value)
    assert refused.value.position == position


def test_how_a_query_was_understood_is_the_same_query():
    understood = told(parse('("red box" OR @meadow) lid* NOT (win OR #x)'))
    assert understood == '(("red box" OR @meadow) AND lid*) NOT (win OR #x)'
    assert told(parse(understood)) == understood


WORDS = ["lid", "milk", "cap", "win", "red"]
words = st.sampled_from(WORDS)
leaves = st.builds(lambda w: Term("word", w, w), words)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: OneOf(tuple(parts))),
        st.builds(lambda part, gone: Without(part, (gone,)), inner, inner),
    ),
    max_leaves=8,
)


def holds(tree: Node, present: set[str]) -> bool:
    match tree:
        case Term(_, value):
            return value in present
        case All(parts):
            return all(holds(part, present) for part in parts)
        case OneOf(parts):
            return any(holds(part, present) for part in parts)
        case Without(part, excluded):
            return holds(part, present) and not any(holds(gone, present) for gone in excluded)


@settings(max_examples=200, deadline=None)
@given(st.lists(trees, min_size=1, max_size=6), st.lists(st.sampled_from([*WORDS, "other"]), max_size=6))
def test_many_queries_at_once_answer_as_each_alone(queries, spoken):
    matcher = Matcher(dict(enumerate(queries)))
    expected = {number for number, tree in enumerate(queries) if holds(tree, set(spoken))}
    assert matcher.match(" ".join(spoken)) == expected


@settings(max_examples=200, deadline=None)
@given(trees, st.lists(st.sampled_from([*WORDS, "other"]), max_size=6))
def test_a_query_written_out_means_the_same(tree, spoken):
    again = parse(told(tree))
    assert Matcher({1: again}).match(" ".join(spoken)) == Matcher({1: tree}).match(" ".join(spoken))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_sentence(text):
    sentence = ""
    try:
        tree = parse(text)
    except QueryError as refused:
        sentence = str(refused)
    if sentence:
        assert re.search(r"[.]$", sentence)
        return
    assert isinstance(Matcher({1: tree}).match(text), set)
    assert "\x00" not in fts5(tree)
    assert tsquery(tree)


def test_a_thousand_brands_cost_what_the_text_names():
    queries = {n: parse(f"brand{n} OR @brand{n} OR «марка {n}»") for n in range(1000)}
    matcher = Matcher(queries)
    assert matcher.match("brand7 and @brand8, марка 9; brand70000") == {7, 8, 9}
