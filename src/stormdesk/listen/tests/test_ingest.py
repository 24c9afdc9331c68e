"""Hearing: every mention once, counters that agree with the mentions, edits and deletions as history."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import Sum

from stormdesk.accounts.models import Account
from stormdesk.listen import actions, queries
from stormdesk.listen.models import Mention, MentionVersion, MinuteCount, Narrative, Query, Source
from stormdesk.networks.base import Author, Batch, Incoming
from stormdesk.understand import encoder as encoding

pytestmark = pytest.mark.django_db


def counted(brand) -> dict[str, int]:
    names = (
        "mentions",
        "negative",
        "positive",
        "authors",
        "duplicates",
        "competitor",
        "rivals",
        "needs_reply",
        "reach",
    )
    return MinuteCount.objects.filter(brand=brand).aggregate(**{name: Sum(name) for name in names})


def test_delivered_twice_changes_nothing(hear, said, brand, source):
    items = [said(str(n), f"kefir {n}", f"p{n % 3}") for n in range(5)]
    assert hear(*items, items[0]).stored == 5
    before = counted(brand)
    again = hear(*reversed(items), cursor={"n": 2})
    assert (again.read, again.stored, again.duplicates) == (5, 0, 5)
    assert counted(brand) == before
    assert Mention.objects.filter(brand=brand).count() == 5
    source.refresh_from_db()
    assert source.cursor == {"n": 2}


def test_all_or_nothing_is_stored(hear, said, brand, source):
    with pytest.raises(TypeError):
        # The cursor is written last; one that no database takes fails after everything else was stored.
        hear(said("1", "kefir"), cursor={"n": object()})
    source.refresh_from_db()
    assert source.cursor == {}
    assert not Mention.objects.exists()
    assert not MinuteCount.objects.exists()
    assert hear(said("1", "kefir"), cursor={"n": 9}).stored == 1
    assert Mention.objects.get().copy_of == "", "what was placed before the failure is no copy of itself"


def test_two_brands_hear_the_same_post(hear, said, make_brand, now):
    other = Source.objects.create(
        brand=make_brand("Clover"), network="practice", kind="notifications", name="x", added_at=now
    )
    assert hear(said("1", "milk")).stored == 1
    assert hear(said("1", "milk"), through=other).stored == 1


def test_authors_are_counted_once_a_minute(hear, said, brand):
    hear(
        said("1", "a", "anna", minutes=5.1),
        said("2", "b", "anna", minutes=5.2),
        said("3", "c", "boris", minutes=5.3),
    )
    hear(
        said("4", "d", "anna", minutes=5.15),
        said("5", "e", "vera", minutes=5.15),
        said("6", "f", "anna", minutes=9.1),
    )
    assert {m.mentions: m.authors for m in MinuteCount.objects.filter(brand=brand)} == {5: 3, 1: 1}
    hear(said("7", "x", "", minutes=20.1), said("8", "y", "", minutes=20.2))
    assert MinuteCount.objects.get(brand=brand, mentions=2).authors == 2, "who is not known may be anybody"


def test_queries_decide_what_is_kept_and_about_whom(said, brand, now, owner, hear):
    stream = Source.objects.create(brand=brand, network="practice", kind="search", name="All", added_at=now)
    for kind, name, words in (
        ("brand", "B", "meadow"),
        ("competitor", "C", "clover"),
        ("topic", "T", "milk"),
    ):
        actions.save_query(brand=brand, by=owner, now=now, name=name, expression=words, kind=kind)
    done = hear(
        said("1", "Meadow is fine"),
        said("2", "Clover is bad"),
        said("3", "Meadow like Clover"),
        said("4", "milk prices"),
        said("5", "nothing to do with it"),
        said("6", "hello there", addressed=True),
        through=stream,
    )
    assert (done.stored, done.unmatched) == (5, 1)
    about = dict(Mention.objects.values_list("native_id", "about"))
    assert about == {"1": "brand", "2": "competitor", "3": "brand", "4": "topic", "6": "brand"}
    sums = counted(brand)
    assert (sums["mentions"], sums["competitor"], sums["rivals"]) == (3, 1, 1)
    query = Query.objects.get(name="B")
    assert Mention.objects.get(native_id="3").queries == sorted([query.pk, Query.objects.get(name="C").pk])


def test_a_query_for_one_language_leaves_others_out(said, brand, now, owner, hear):
    stream = Source.objects.create(brand=brand, network="practice", kind="search", name="All", added_at=now)
    actions.save_query(brand=brand, by=owner, now=now, name="B", expression="meadow", languages=["ru"])
    done = hear(
        said("1", "Сегодня купили молоко Meadow, очень вкусное и свежее"),
        said("2", "We bought some milk from Meadow today and it was very fresh and tasty"),
        through=stream,
    )
    assert (done.stored, done.unmatched) == (1, 1)


def test_own_words_are_kept_and_not_counted(said, brand, now, hear):
    Account.objects.create(brand=brand, network="practice", handle="Meadow", connected_at=now)
    hear(said("1", "Can we help? Why is it broken?", "meadow"))
    assert Mention.objects.get().is_own
    assert not Mention.objects.get().waits
    assert counted(brand)["mentions"] is None


def test_edits_and_deletions_are_history(hear, said, brand, now):
    first = said("1", "terrible, my refund never came, where is it?")
    hear(first, said("2", "soon gone"))
    edited = said("1", "all is well now, thank you", edited_at=now)
    assert hear(edited, said("2", "", deleted=True)).changed == 2
    mention = Mention.objects.get(native_id="1")
    assert mention.text == "all is well now, thank you"
    assert [v.text for v in MentionVersion.objects.filter(mention=mention)] == [first.text]
    assert Mention.objects.get(native_id="2").deleted_at == now
    sums = counted(brand)
    assert sums["negative"] == Mention.objects.filter(mood="negative").count()
    assert sums["needs_reply"] == Mention.objects.filter(needs_reply__gte=0.5).count()
    assert [m.native_id for m in queries.search(brand, "terrible")] == []
    assert [m.native_id for m in queries.search(brand, "well")] == ["1"]
    # An older version that arrives late undoes nothing.
    assert hear(first).changed == 0
    assert Mention.objects.get(native_id="1").text == edited.text


def test_written_and_deleted_within_one_batch_is_kept_as_deleted(hear, said, now):
    assert (
        hear(said("1", "shame on you"), said("1", "", deleted=True), said("9", "", deleted=True)).stored == 1
    )
    mention = Mention.objects.get()
    assert (mention.text, mention.deleted_at, mention.waits) == ("shame on you", now, False)


def test_copies_become_one_narrative(hear, said, brand):
    story = "The yoghurt lids from batch 1107 are swollen, do not give it to children"
    hear(said("1", story, "a", minutes=9), said("2", "Cats are nice animals, look at mine", "b", minutes=8))
    hear(said("3", f"RT @a: {story}!!", "c", minutes=7), said("4", story.upper(), "d", minutes=6))
    narrative = Narrative.objects.get(brand=brand)
    assert narrative.mentions == 3
    assert set(narrative.told_by.values_list("native_id", flat=True)) == {"1", "3", "4"}
    assert narrative.label
    assert counted(brand)["duplicates"] == 2
    assert queries.spreaders(narrative)[0].mention.native_id == "1"
    assert queries.growth(narrative)[-1][1] == 3


def test_a_new_process_finds_the_copies_of_what_the_old_one_heard(hear, said, brand):
    from stormdesk.listen.actions import narratives

    story = "Whoever buys at Meadow should look at the lids first, I threw mine away"
    hear(said("1", story, "a", minutes=9))
    narratives._memories.clear()
    hear(said("2", story + "!", "b", minutes=8))
    assert Mention.objects.get(native_id="2").copy_of == "practice:1"


def test_hostile_batches_lose_nothing_else(hear, said, now, brand):
    odd = [
        Incoming("practice", "n" * 400, "long id", now, Author("a", "a")),
        Incoming("practice", "2", "x" * 200_000, now, Author("a" * 900, "b" * 900, "\u202eevil", -5)),
        Incoming("practice", "3", "\x00\ud800 <b>", now + timedelta(days=9000), Author("", "", "", 2**60)),
        Incoming("practice", "4", "", now - timedelta(days=20000), Author("z", "z"), thread="t" * 900, in_reply_to="r" * 900),
    ]  # fmt: skip
    done = hear(*odd, said("5", "fine"))
    assert (done.read, done.stored, done.refused) == (5, 4, 1)
    assert Mention.objects.get(native_id="3").published_at == now, (
        "nobody stays on top by a clock that runs ahead"
    )


def test_counters_agree_with_the_mentions_whatever_arrives_in_whatever_order(hear, said, brand, now):
    chance = random.Random(4)
    posts = [said(str(n), f"{chance.choice(['bad awful', 'love it', 'where is it?'])} {n}", f"p{chance.randrange(6)}",
                  minutes=chance.randrange(4) + 0.5) for n in range(60)]  # fmt: skip
    for _ in range(12):
        hear(*chance.sample(posts, 10))
    stored = list(Mention.objects.filter(brand=brand))
    per_minute = Counter(m.published_at.replace(second=0, microsecond=0) for m in stored)
    rows = {row.minute: row for row in MinuteCount.objects.filter(brand=brand)}
    assert {minute: row.mentions for minute, row in rows.items()} == dict(per_minute)
    for minute, row in rows.items():
        here = [m for m in stored if m.published_at.replace(second=0, microsecond=0) == minute]
        assert row.authors == len({m.author_handle for m in here})
        assert row.negative == sum(m.mood == "negative" for m in here)
        assert row.reach == 10 * len(here)
    before = {minute: (row.mentions, row.authors, row.negative) for minute, row in rows.items()}
    actions.rebuild(brand=brand, by=None, now=now)
    assert {
        r.minute: (r.mentions, r.authors, r.negative) for r in MinuteCount.objects.filter(brand=brand)
    } == before


def test_batches_of_any_size(source, now):
    items = [
        Incoming("practice", f"b{n}", f"number {n}", now - timedelta(seconds=n), Author(f"a{n}", f"a{n}"))
        for n in range(1203)
    ]
    assert actions.ingest(source=source, batch=Batch(items, {}), now=now).stored == 1203
    assert actions.ingest(source=source, batch=Batch([], {}), now=now).read == 0


def test_a_question_that_brings_nothing_new_loads_nothing_to_read_with(source, hear, said):
    known = [said(str(n), f"a great day, number {n}") for n in range(101)]
    hear(*known)  # more than a few at once are read lightly
    asked = encoding._loaded.cache_info()
    hear()
    hear(*known)
    assert encoding._loaded.cache_info() == asked
    hear(said("one", "another great day"))
    assert encoding._loaded.cache_info() != asked
