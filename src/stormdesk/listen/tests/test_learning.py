"""People's words on readings are learnt from, tried honestly, used only where better, and never across brands."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stormdesk.core.errors import AccessDenied, Conflict
from stormdesk.journal.models import Entry
from stormdesk.listen import actions, queries, rules
from stormdesk.listen.actions import learning
from stormdesk.listen.models import Mention, Source, Taught
from stormdesk.networks.base import Author, Batch, Incoming
from stormdesk.people.models import Brand

pytestmark = pytest.mark.django_db

SOUR = [
    "the tram has come again",
    "tram stood at the yard",
    "saw a tram by the depot",
    "tram number nine passed",
    "the old tram rolls on",
    "tram at the corner",
]
SWEET = [
    "the swing is up again",
    "swing stood in the yard",
    "saw a swing by the school",
    "swing number nine moved",
    "the old swing rolls on",
    "swing at the corner",
]


@pytest.fixture
def source(brand, now):
    return Source.objects.create(
        brand=brand, network="practice", kind="timeline", name="P", added_at=now, poll_every=60
    )


def hear(source, now, texts, start=0):
    items = [
        Incoming("practice", f"n{start + n}", text, now, Author(f"a{n}", f"a{n}"))
        for n, text in enumerate(texts)
    ]
    actions.ingest(source=source, batch=Batch(items, {"n": start}), now=now)
    return list(Mention.objects.filter(native_id__in=[item.native_id for item in items]).order_by("pk"))


def taught_by_people(source, owner, now, rounds=4):
    """Trams and swings mean to this brand what no general head can know; returns (general, taught) mood of a tram."""
    general = hear(source, now, ["yet another tram by the church"], 900)[0].mood
    tram, swing = ("negative", "positive") if general != "negative" else ("positive", "negative")
    texts = [f"{word} {n}" for n in range(rounds) for word in SOUR]
    texts += [f"{word} {n}" for n in range(rounds) for word in SWEET]
    for mention in hear(source, now, texts):
        value = tram if "tram" in mention.text else swing
        actions.correct_mention(mention=mention, by=owner, now=now, field="mood", value=value)
    return general, tram


def test_a_brand_reads_better_after_its_people_spoke(brand, source, owner, now):
    general, taught = taught_by_people(source, owner, now)
    assert general != taught
    assert actions.learn_from_people(now) == 1
    assert hear(source, now, ["a tram by the church, yet another"], 910)[0].mood == taught
    assert hear(source, now, ["one more swing by the church"], 920)[0].mood != taught
    newest = queries.trials_of(brand)[0]
    assert newest.better
    assert newest.own > newest.general
    assert Entry.objects.filter(brand=brand, kind="reader.learnt").exists()


def test_nothing_is_learnt_twice_from_the_same_words(brand, source, owner, now):
    taught_by_people(source, owner, now)
    assert actions.learn_from_people(now) == 1
    assert actions.learn_from_people(now + timedelta(hours=3)) == 0


def test_what_one_brand_taught_is_not_used_for_another(brand, source, owner, now, make_brand):
    taught_by_people(source, owner, now)
    actions.learn_from_people(now)
    other = make_brand("Other")
    assert learning.heads_for(other) == {}
    assert list(learning.heads_for(brand)) == [brand.name]


def test_it_can_be_switched_off_and_on(brand, source, owner, person, now):
    with pytest.raises(Conflict):
        actions.use_own_heads(brand=brand, by=owner, now=now, on=False)
    general, taught = taught_by_people(source, owner, now)
    actions.learn_from_people(now)
    with pytest.raises(AccessDenied):
        actions.use_own_heads(brand=brand, by=person("viewer"), now=now, on=False)
    actions.use_own_heads(brand=brand, by=owner, now=now, on=False)
    assert hear(source, now, ["yet another tram by the church"], 920)[0].mood == general
    actions.use_own_heads(brand=brand, by=owner, now=now, on=True)
    assert hear(source, now, ["yet another tram by the church"], 930)[0].mood == taught


def test_saved_heads_of_another_version_are_left_alone(brand, source, now):
    Taught.objects.create(brand=brand, heads=b"something else", labels=30, learnt_at=now)
    assert learning.heads_for(brand) == {}
    assert len(hear(source, now, ["the tram is here"], 940)) == 1
    assert queries.trials_of(brand) == []


def test_a_confirmation_counts_and_is_told_as_one(brand, source, owner, now):
    mention = hear(source, now, ["nothing to see"], 950)[0]
    actions.correct_mention(mention=mention, by=owner, now=now, field="mood", value=mention.mood)
    assert Entry.objects.filter(brand=brand, kind="mention.confirmed").exists()
    said = queries.said_of_reading(brand, now - timedelta(days=1))[0]
    assert (said.labels, said.right) == (1, 1)


def test_a_rush_is_read_lightly_and_says_so(brand, source, now):
    many = hear(source, now, [f"word {n}" for n in range(101)], 1000)
    assert {mention.path for mention in many} == {"light"}


@pytest.mark.parametrize(
    ("labels", "learnt", "rest", "due"),
    [
        (5, 0, 0, True),
        (4, 0, 0, False),
        (30, 30, 9, False),
        (34, 30, 0, False),
        (35, 30, 0, True),
        (31, 30, 1, True),
        (115, 110, 0, False),
        (121, 110, 0, True),
    ],
)
def test_when_to_learn(now, labels, learnt, rest, due):
    learnt_at = now - timedelta(days=1) if learnt else None
    assert (
        rules.time_to_learn(labels, learnt, last=now - timedelta(hours=rest), learnt_at=learnt_at, now=now)
        is due
    )


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page(brand, source, owner, now, client_of, language):
    browser = client_of(owner, language)
    page = f"/b/{brand.slug}/settings/understanding/"
    assert browser.get(page).status_code == 200
    taught_by_people(source, owner, now)
    actions.learn_from_people(now)
    said = browser.get(page).content.decode()
    assert ("ваша" in said) == (language == "ru")
    assert ("your own" in said) == (language == "en")
    assert browser.post(page + "own/", {"on": "no"}).status_code == 302
    assert not Taught.objects.get().is_used


def test_the_latest_word_on_a_mention_counts_and_only_the_brand_s_own(brand, source, owner, now):
    first, second = hear(source, now, ["a tram at the yard", "a swing at the yard"])
    actions.correct_mention(mention=first, by=owner, now=now, field="mood", value="negative")
    actions.correct_mention(mention=second, by=owner, now=now, field="mood", value="negative")
    actions.correct_mention(
        mention=first, by=owner, now=now + timedelta(minutes=1), field="mood", value="positive"
    )
    assert [(label.text.id, label.value) for label in learning.labels_of(brand)] == [
        (str(second.pk), "negative"),
        (str(first.pk), "positive"),
    ]
    other = Brand.objects.create(name="Other", slug="other")
    assert learning.labels_of(other) == []
