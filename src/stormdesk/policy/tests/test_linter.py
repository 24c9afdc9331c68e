"""The linter: what it finds, where, how severe, and what it leaves alone."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormdesk.policy.linter import lint
from stormdesk.policy.linter.matching import find
from stormdesk.policy.rules import Draft, RuleData, RuleKind, Severity, blocking


def found(text: str, *rules: RuleData, **fields) -> list[tuple[str, str]]:
    return [(f.rule, text[f.start : f.end]) for f in lint(Draft(text, **fields), rules)]


def rule(kind: str, *words: str, severity: str = "block", **settings) -> RuleData:
    return RuleData("r", kind, severity, "Rule", words, settings, "why", "how")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Наш йогурт свежий", "йогурт"),
        ("Нашего Йогурта больше нет", "Йогурта"),
        ("о клубничных йогуртах", "йогуртах"),
        ("йо\u200bгурт", "йо\u200bгурт"),
    ],
)
def test_forbidden_words_are_found_in_all_their_russian_forms(text, words):
    assert ("r", words) in found(text, rule(RuleKind.FORBIDDEN, "йогурт"))


def test_parts_of_other_words_are_left_alone():
    assert found("Йогуртница и justice", rule(RuleKind.FORBIDDEN, "йогурт", "just")) == []


def test_phrases_and_ё():
    assert found("Ещё раз: полный отзыв партии.", rule(RuleKind.FORBIDDEN, "отзыв партии")) == [
        ("r", "отзыв партии")
    ]
    assert found("ребёнок заболел", rule(RuleKind.FORBIDDEN, "ребенок")) == [("r", "ребёнок")]


def test_a_confidential_name_is_free_from_the_day_of_its_embargo():
    embargo = rule(RuleKind.CONFIDENTIAL, "Project Ferment", until="2026-12-01")
    text = "About Project Ferment"
    assert found(text, embargo, today=date(2026, 11, 30)) == [("r", "Project Ferment")]
    assert found(text, embargo, today=date(2026, 12, 1)) == []
    assert (
        found(text, rule(RuleKind.CONFIDENTIAL, "Project Ferment", until="soon"), today=date(2030, 1, 1))
        != []
    )


def test_blanks_block_even_half_ones():
    findings = lint(Draft("Call {{hotline}} or {{"))
    assert [f.words for f in findings] == ["{{hotline}}", "{{"]
    assert blocking(findings)


def test_personal_data_blocks_and_own_contacts_pass():
    text = "Call +7 916 123-45-67"
    assert found(text) == [("personal_data", "+7 916 123-45-67")]
    assert found(text, rule(RuleKind.PERSONAL_DATA, "+79161234567")) == []


def test_hidden_characters_block_but_joined_emoji_pass():
    assert [rule for rule, _ in found("pass\u202eword")] == ["hidden"]
    assert [rule for rule, _ in found("in\u200bvisible")] == ["hidden"]
    assert found("A family: \U0001f468\u200d\U0001f469\u200d\U0001f467") == []
    assert found("Строка\nи ещё одна\tс «кавычками» и неразрывным\u00a0пробелом") == []


def test_pictures_need_origin_licence_credit_and_own_ones_no_credit():
    titles = {f.title for f in lint(Draft("x", media=({},)))}
    assert len(titles) == 4
    own = {"origin": "Gleb", "licence": "own", "description": "a lid"}
    assert lint(Draft("x", media=(own,))) == []
    assert blocking(lint(Draft("x", media=({**own, "licence": "CC BY"},))))
    assert not blocking(lint(Draft("x", media=({**own, "description": ""},))))


def test_length_by_the_networks_own_count():
    assert lint(Draft("я" * 300, limit=300)) == []
    (finding,) = lint(Draft("я" * 301, limit=300))
    assert finding.facts == {"over": 1, "limit": 300, "length": 301}
    assert lint(Draft("https://" + "a" * 400, limit=300, count=lambda text: 23)) == []
    assert [f.rule for f in lint(Draft("x" * 30), [rule(RuleKind.LENGTH, max=20)])] == ["r"]
    assert lint(Draft("x" * 30, kind="post"), [rule(RuleKind.LENGTH, max=20, **{"for": ["reply"]})]) == []


def test_promises_for_ever_are_advised_against_and_a_rule_can_block_them():
    text = "Это больше никогда не повторится"
    assert [f.severity for f in lint(Draft(text))] == [Severity.WARN]
    assert blocking(lint(Draft(text), [rule(RuleKind.PROMISE)]))


def test_tone_beyond_words():
    tone = rule(RuleKind.TONE, severity="warn", address="вы", emoji=1, exclamations=1, shouting=False)
    assert [words for _, words in found("Напиши, и мы тебе ответим!", tone)] == ["тебе"]
    assert [words for _, words in found("Ура! Ура! 😀😀", tone)] == ["!", "😀"]
    assert [words for _, words in found("ВНИМАНИЕ ВСЕМ ждём вас", tone)] == ["ВНИМАНИЕ ВСЕМ"]


def test_an_empty_text_is_not_sent():
    assert blocking(lint(Draft("  \n")))


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_checked_and_every_finding_lies_inside_it(text):
    rules = [rule(RuleKind.FORBIDDEN, "йогурт", "a b"), rule(RuleKind.TONE, "!", address="ты", emoji=0)]
    for finding in lint(Draft(text, limit=50), rules):
        assert 0 <= finding.start <= finding.end <= len(text)


@settings(deadline=None)
@given(st.text(alphabet="абвё ab-'\u200b.", max_size=60), st.text(alphabet="абв ab", min_size=1, max_size=6))
def test_what_is_found_is_what_the_text_says_there(text, term):
    for _term, start, end in find(text, [term]):
        assert text[start:end].strip()
