"""The starter policy: complete, alike in both languages, and its examples hold when the linter reads them."""

from __future__ import annotations

import pytest

from stormdesk.core.errors import BadInput
from stormdesk.policy import starter
from stormdesk.policy.linter import lint
from stormdesk.policy.rules import Draft, RuleData, RuleKind, Severity

RULES = [
    pytest.param(language, rule, id=f"{language}-{rule.key}")
    for language in starter.LANGUAGES
    for rule in starter.load(language).rules
]


def findings(text: str, rule: starter.StarterRule) -> list[str]:
    data = RuleData(
        rule.key, rule.kind, rule.severity, rule.title, rule.words, rule.settings, rule.reason, rule.fix
    )
    kind = rule.settings.get("for", ["post"])[0]
    return [finding.words for finding in lint(Draft(text, kind=kind), [data]) if finding.rule == rule.key]


@pytest.mark.parametrize(("language", "rule"), RULES)
def test_every_example_comes_out_as_it_says(language: str, rule: starter.StarterRule) -> None:
    for text in rule.good:
        assert findings(text, rule) == [], text
    for text in rule.bad:
        assert findings(text, rule), text


@pytest.mark.parametrize(("language", "rule"), RULES)
def test_a_good_example_passes_all_the_other_rules_too(language: str, rule: starter.StarterRule) -> None:
    for text in rule.good:
        for other in starter.load(language).rules:
            if other.kind != RuleKind.LENGTH:
                assert findings(text, other) == [], (text, other.key)


@pytest.mark.parametrize(("language", "rule"), RULES)
def test_a_rule_says_why_and_what_to_do(language: str, rule: starter.StarterRule) -> None:
    assert rule.kind in set(RuleKind)
    assert rule.severity in set(Severity)
    assert rule.title
    assert rule.reason
    assert rule.fix
    assert len(set(rule.words)) == len(rule.words)
    if rule.kind != RuleKind.CREDIT:
        assert rule.good
        assert rule.bad


def test_both_languages_begin_with_the_same_rules() -> None:
    ru, en = (starter.load(language) for language in starter.LANGUAGES)
    assert [(r.key, r.kind, r.severity) for r in ru.rules] == [(r.key, r.kind, r.severity) for r in en.rules]
    assert {rule.kind for rule in ru.rules} == set(RuleKind)
    assert ru.document.count("\n## ") == en.document.count("\n## ") == 10


@pytest.mark.parametrize("language", starter.LANGUAGES)
def test_the_document_carries_the_brand_and_is_one_to_two_pages(language: str) -> None:
    document = starter.load(language).document_for("Луговая")
    assert "Луговая" in document
    assert "{{" not in document
    assert 450 <= len(document.split()) <= 1000


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(BadInput, match="ru or en"):
        starter.load("fr")
