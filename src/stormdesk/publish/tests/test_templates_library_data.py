"""The shipped templates and macros: every type has a first word, both languages alike, no blank without a hint."""

from __future__ import annotations

import re

import pytest

from stormdesk.core.errors import BadInput
from stormdesk.policy import starter
from stormdesk.policy.linter import lint
from stormdesk.policy.rules import Draft, RuleData
from stormdesk.publish import templates_library as library

both = pytest.mark.parametrize("language", library.LANGUAGES)
STORIES = ("employee_conduct", "faulty_product", "industry_spillover")


@both
def test_every_type_has_a_first_word_and_the_stories_have_all_stages(language: str) -> None:
    keys = [template.key for template in library.load(language)]
    assert len(keys) == len(set(keys))
    assert {f"{type}.first" for type in library.TYPES} <= set(keys)
    assert {f"{type}.{stage}" for type in STORIES for stage in library.STAGES} <= set(keys)


@both
def test_every_text_fits_its_network_and_opens_no_blank_of_its_own(language: str) -> None:
    for template in library.load(language):
        assert len(template.medium) <= 500, template.key
        assert len(template.short) <= 300, template.key
        named = {blank.key for blank in template.blanks}
        assert set(library.blank_keys(template.medium + template.short)) <= named, template.key
        leftovers = re.sub(r"\{\{[a-z_]+\}\}", "", template.body + template.medium + template.short)
        assert not set("{}") & set(leftovers), template.key
        assert all(blank.label and blank.hint for blank in template.blanks)


@both
def test_a_first_word_promises_the_next_and_says_what_is_not_known(language: str) -> None:
    for template in library.load(language, stage="first"):
        keys = {blank.key for blank in template.blanks}
        assert {"next_word_at", "contact"} <= keys
        assert keys & {"unknown", "truth"}


@both
def test_advice_comes_with_its_source_and_the_evidence_against(language: str) -> None:
    assert set(library.strategies(language)) == {"deny", "diminish", "rebuild", "bolster"}
    for strategy in library.strategies(language).values():
        assert re.search(r"\d{4}", strategy.source)
        assert re.search(r"\d{4}", strategy.against)
        assert strategy.advice


def test_both_languages_offer_the_same() -> None:
    ru, en = library.load("ru"), library.load("en")
    shape = [(t.key, t.strategy.key, {b.key for b in t.blanks}) for t in ru]
    assert shape == [(t.key, t.strategy.key, {b.key for b in t.blanks}) for t in en]
    ru_macros, en_macros = library.macros("ru"), library.macros("en")
    assert [(m.key, m.channel, {b.key for b in m.blanks}) for m in ru_macros] == [
        (m.key, m.channel, {b.key for b in m.blanks}) for m in en_macros
    ]


@both
def test_macros_are_short_name_the_person_and_differ(language: str) -> None:
    macros = library.macros(language)
    assert len(macros) >= 15
    assert len({macro.body for macro in macros}) == len(macros)
    for macro in macros:
        assert "{{name}}" in macro.body
        assert len(macro.body) <= 300
        assert macro.channel in {"public", "private"}


@both
def test_templates_and_macros_keep_the_starter_policy(language: str) -> None:
    rules = [
        RuleData(r.key, r.kind, r.severity, r.title, r.words, r.settings, r.reason, r.fix)
        for r in starter.load(language).rules
    ]
    texts = [(macro.key, macro.body, "reply") for macro in library.macros(language)]
    for template in library.load(language):
        texts += [
            (template.key, text, "statement") for text in (template.body, template.medium, template.short)
        ]
    for key, text, kind in texts:
        filled = re.sub(r"\{\{[a-z_]+\}\}", "X", text)
        assert lint(Draft(filled, kind=kind), rules) == [], key


def test_the_library_narrows_and_refuses_what_it_does_not_know() -> None:
    assert [t.key for t in library.load("en", "rumour")] == ["rumour.first"]
    assert [t.stage for t in library.load("ru", "faulty_product")] == list(library.STAGES)
    for bad in (
        lambda: library.load("fr"),
        lambda: library.load("en", "flood"),
        lambda: library.load("en", stage="x"),
    ):
        with pytest.raises(BadInput):
            bad()
