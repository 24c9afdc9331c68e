"""G6: the record cannot be quietly altered; every kind of tampering is found and located."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from stormdesk.journal import queries
from stormdesk.journal.actions import record
from stormdesk.journal.models import Entry, Head
from stormdesk.journal.registry import kinds, register, sentence_of, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(brand, owner, now):
    """Ten entries of one brand."""
    with transaction.atomic():
        for number in range(10):
            record(
                "crisis.note",
                brand=brand,
                by=owner,
                now=now + timedelta(seconds=number),
                crisis=7,
                facts={"text": f"Запись {number}", "n": number, "share": 0.1 * number},
            )
    return brand


def tamper(sql: str, *arguments: object) -> None:
    """What somebody with the database's password could do: first take the guard away, then change."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER IF EXISTS journal_no_update")
            cursor.execute("DROP TRIGGER IF EXISTS journal_no_delete")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with waiting checks cannot be altered
            cursor.execute("ALTER TABLE journal_entry DISABLE TRIGGER USER")
        cursor.execute(sql, arguments)


def test_an_untouched_chain_is_whole(chain):
    assert queries.verify(chain) == []
    assert queries.verify_all()[chain.slug] == []


@pytest.mark.parametrize(
    ("sql", "arguments", "where"),
    [
        ("UPDATE journal_entry SET facts = %s WHERE sequence = 4", ['{"text": "nothing happened"}'], 4),
        ("UPDATE journal_entry SET by_name = %s WHERE sequence = 5", ["Somebody Else"], 5),
        ("UPDATE journal_entry SET at = %s WHERE sequence = 6", ["2026-11-17 09:00:00+00:00"], 6),
        ("UPDATE journal_entry SET crisis = NULL WHERE sequence = 3", [], 3),
        ("DELETE FROM journal_entry WHERE sequence = 7", [], 7),
        ("DELETE FROM journal_entry WHERE sequence = 10", [], 10),
        ("DELETE FROM journal_entry WHERE sequence = 1", [], 1),
        ("UPDATE journal_entry SET hash = %s WHERE sequence = 8", ["0" * 64], 8),
    ],
)
def test_tampering_is_found_where_it_was_done(chain, sql, arguments, where):
    tamper(sql, *arguments)
    found = queries.verify(chain)
    assert found
    assert found[0].sequence == where


def test_an_entry_put_in_between_is_found(chain):
    last = Entry.objects.get(sequence=10)
    Entry.objects.create(
        brand=chain,
        sequence=11,
        at=last.at,
        kind="crisis.note",
        facts={},
        previous_hash=last.hash,
        hash="f" * 64,
    )
    assert queries.verify(chain)[0].sequence == 11


def test_rewriting_the_whole_tail_is_found_by_the_head(chain):
    Head.objects.filter(chain=chain.pk).update(hash="a" * 64)
    assert queries.verify(chain)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_itself_refuses(chain, change):
    rows = Entry.objects.filter(brand=chain)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(by_name="x") if change == "update" else rows.delete()
    assert queries.verify(chain) == []


@pytest.mark.django_db(transaction=True)
def test_a_change_without_a_transaction_is_not_recorded(brand, owner, now):
    with pytest.raises(transaction.TransactionManagementError):
        record("crisis.note", brand=brand, by=owner, now=now, facts={})


def test_an_unregistered_kind_is_refused(brand, owner, now):
    with pytest.raises(KeyError), transaction.atomic():
        record("made.up", brand=brand, by=owner, now=now)
    with pytest.raises(ValueError, match="twice"):
        register("crisis.note", "again")


def test_the_documented_procedure_verifies_an_export(chain):
    """The twenty lines of docs/reference/journal.md, on an export."""
    import hashlib
    import json

    previous = "0" * 64
    for line in map(json.dumps, queries.exported(chain)):
        row = json.loads(line)
        body = {key: row[key] for key in row if key not in ("hash", "previous_hash")}
        text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert row["previous_hash"] == previous
        assert row["hash"] == hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()
        previous = row["hash"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_kind_can_be_told(language):
    with translation.override(language):
        for kind in kinds():
            told = tell(kind, "Anna", {})
            assert told
            assert "%(" not in told, kind


def test_marks_are_numbered_in_the_order_they_happened(brand, owner, now):
    marked = next(kind for kind in kinds() if sentence_of(kind).mark)
    with transaction.atomic():
        for minutes in (0, 5, 10):
            record(marked, brand=brand, by=owner, now=now + timedelta(minutes=minutes), crisis=3, facts={})
            record(
                "crisis.note", brand=brand, by=owner, now=now + timedelta(minutes=minutes), crisis=3, facts={}
            )
    rows = queries.timeline(brand, crisis=3)
    assert [row.number for row in rows if row.number] == [3, 2, 1]
