"""The pure rules: who must approve, what counts, when a due post may be taken, when it is tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormdesk.policy.linter import lint
from stormdesk.policy.rules import Draft, RuleData
from stormdesk.publish import rules
from stormdesk.publish.manuscript import difference, distinct, labelled, paragraphs
from stormdesk.publish.rules import ApprovalRule, Due, HoldReason, Word

NOW = datetime(2026, 11, 17, 10, tzinfo=UTC)
ANNA, BORIS, GLEB, NINA = 1, 2, 3, 4


def standing(rule: ApprovalRule, *words: tuple[int, bool], author=GLEB, edited_by=GLEB, lead=ANNA):
    given = [Word(by, yes, "h") for by, yes in words]
    return rules.standing(rule, given, text_hash="h", author=author, edited_by=edited_by, lead=lead)


def test_ordinary_posts_need_one_other_person():
    assert not standing(rules.ORDINARY).complete
    assert standing(rules.ORDINARY, (BORIS, True)).complete
    assert not standing(rules.ORDINARY, (GLEB, True)).complete, "nobody approves their own text"
    assert not standing(rules.ORDINARY, (BORIS, True), edited_by=BORIS).complete, "nor their own last edit"


def test_severity_two_needs_two_different_people():
    rule = rules.BY_SEVERITY[2]
    assert standing(rule, (BORIS, True), (BORIS, True)).people == 1
    assert standing(rule, (BORIS, True), (NINA, True)).complete


def test_severity_three_needs_the_lead_behind_the_text():
    rule = rules.BY_SEVERITY[3]
    missing = standing(rule, (BORIS, True), (NINA, True))
    assert (missing.lead, missing.people, missing.complete) == (True, 1, False)
    assert standing(rule, (BORIS, True), (ANNA, True)).complete
    assert standing(rule, (BORIS, True), (NINA, True), author=ANNA, edited_by=ANNA).complete


def test_the_last_word_counts_and_a_no_stops():
    assert not standing(rules.ORDINARY, (BORIS, True), (NINA, False)).complete
    assert standing(rules.ORDINARY, (BORIS, False), (BORIS, True)).complete
    other = [Word(BORIS, True, "an earlier text")]
    assert not rules.standing(
        rules.ORDINARY, other, text_hash="h", author=GLEB, edited_by=GLEB, lead=None
    ).complete


def test_the_hash_covers_text_pictures_account_and_audience():
    base = {"text": "x", "media": [{"path": "a"}], "account": 1, "audience": ["public", "", ""]}
    hashes = {rules.digest(**base)}
    for change in ({"text": "y"}, {"media": []}, {"account": 2}, {"audience": ["direct", "", ""]}):
        hashes.add(rules.digest(**{**base, **change}))
    assert len(hashes) == 5


DUE = Due(NOW, rules.TOLERANCE, "h", "h", connected=True, allowed=True, blocked=False, paused=False)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"paused": True, "text_hash": "other"}, HoldReason.PAUSE),
        ({"text_hash": "other"}, HoldReason.CHANGED),
        ({"due_at": NOW - timedelta(minutes=16)}, HoldReason.LATE),
        ({"allowed": False}, HoldReason.LOCKDOWN),
        ({"connected": False}, HoldReason.ACCOUNT),
        ({"blocked": True}, HoldReason.POLICY),
    ],
)
def test_what_a_claim_decides(change, reason):
    assert rules.verdict(replace(DUE, **change), NOW) == reason


@settings(deadline=None)
@given(st.integers(0, 50), st.one_of(st.none(), st.floats(0, 1e6)))
def test_a_retry_never_comes_later_than_the_tolerance_nor_at_once(attempts, after):
    moment = rules.retry(attempts, after, due_at=NOW, tolerance=rules.TOLERANCE, now=NOW)
    assert moment is None or NOW < moment <= NOW + rules.TOLERANCE


@settings(deadline=None)
@given(st.text(alphabet="ab {}\nя!", max_size=80))
def test_the_manuscript_loses_no_letter(text):
    found = lint(Draft(text), [RuleData("r", "forbidden", "block", "R", ("a", "я b"))])
    shown = "".join(piece.text for paragraph in paragraphs(text, found) for piece in paragraph.pieces)
    keep = [char for char in text if char not in "{} \n"]
    assert [char for char in shown if char not in "{} \n"] == keep


def test_blanks_are_shown_with_their_label_and_once():
    text = "Batch {{batch}}.\n\nAgain {{batch}}, {{other}}."
    found = lint(Draft(text))
    for finding in found:
        assert finding.facts["name"]
    said = [replace(finding, title=f"Blank: {finding.facts['name']}") for finding in found]
    labels = {"batch": ("Batch number", "It stands on the lid")}
    assert [f.title for f in distinct(labelled(said, labels))] == ["Blank: Batch number", "Blank: other"]
    first, second = paragraphs(text, said, labels)
    assert [piece.text for piece in first.pieces if piece.look == "blank"] == ["Batch number"]
    assert [number for number, _finding in second.findings] == [1, 2]


@settings(deadline=None)
@given(st.text(alphabet="abc ", max_size=40), st.text(alphabet="abc ", max_size=40))
def test_a_difference_tells_both_versions(old, new):
    changes = difference(old, new)
    assert "".join(c.text for c in changes if c.kind != "ins") == old
    assert "".join(c.text for c in changes if c.kind != "del") == new
