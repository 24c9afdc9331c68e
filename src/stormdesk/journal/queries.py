"""Reading the record: timelines, verification, export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from stormdesk.journal import rules
from stormdesk.journal.models import Entry, Head
from stormdesk.journal.registry import sentence_of, tell
from stormdesk.people.models import Brand


@dataclass(frozen=True)
class Told:
    """An entry as a screen shows it. `number` is set on entries that are marked on the chart."""

    id: int
    at: datetime
    kind: str
    by_name: str
    sentence: str
    icon: str
    group: str
    mark: bool
    subject: str
    facts: dict
    number: int | None = None


def told(entry: Entry) -> Told:
    """The entry with its sentence in the active language."""
    shape = sentence_of(entry.kind)
    return Told(
        entry.pk,
        entry.at,
        entry.kind,
        entry.by_name,
        tell(entry.kind, entry.by_name, entry.facts),
        shape.icon,
        shape.group,
        shape.mark,
        entry.subject,
        entry.facts,
    )


def timeline(brand: Brand, *, crisis: int, group: str = "", limit: int = 200) -> list[Told]:
    """The newest entries of a crisis first; marked ones numbered in the order they happened (one numbering)."""
    rows = [
        told(entry) for entry in Entry.objects.filter(brand=brand, crisis=crisis).order_by("at", "sequence")
    ]
    number = 0
    numbered: list[Told] = []
    for row in rows:
        if row.mark:
            number += 1
            row = Told(**{**row.__dict__, "number": number})
        numbered.append(row)
    chosen = [row for row in numbered if not group or row.group == group]
    return chosen[::-1][:limit]


def history(brand: Brand, *, subject: str = "", limit: int = 200) -> list[Told]:
    """The newest entries of a brand, or of one subject (`post:12`)."""
    rows = Entry.objects.filter(brand=brand)
    if subject:
        rows = rows.filter(subject=subject)
    return [told(entry) for entry in rows.order_by("-sequence")[:limit]]


def link_of(entry: Entry) -> rules.Link:
    """The hashed part of a stored entry."""
    return rules.Link(
        chain=entry.brand_id or 0,
        sequence=entry.sequence,
        at=entry.at,
        kind=entry.kind,
        by=entry.by_id,
        by_name=entry.by_name,
        subject=entry.subject,
        crisis=entry.crisis,
        facts=entry.facts,
    )


def verify(brand: Brand | None) -> list[rules.Fault]:
    """Every fault of one chain; an empty list means that nothing was altered."""
    chain = brand.pk if brand else 0
    head = Head.objects.filter(chain=chain).first()
    entries = Entry.objects.filter(brand=brand).order_by("sequence").iterator(2000)
    return rules.faults(
        chain,
        ((link_of(entry), entry.previous_hash, entry.hash) for entry in entries),
        (head.sequence, head.hash) if head else (0, rules.START),
    )


def verify_all() -> dict[str, list[rules.Fault]]:
    """The faults of every chain, by brand slug; the installation's own chain under the empty slug."""
    result = {"": verify(None)}
    for brand in Brand.objects.all():
        result[brand.slug] = verify(brand)
    return result


def exported(brand: Brand, *, crisis: int | None = None) -> Iterator[dict]:
    """The chain, whole or of one crisis, as JSON objects that the documented procedure can check."""
    rows = Entry.objects.filter(brand=brand).order_by("sequence")
    if crisis is not None:
        rows = rows.filter(crisis=crisis)
    for entry in rows.iterator(2000):
        yield {
            "chain": entry.brand_id or 0,
            "sequence": entry.sequence,
            "at": link_of(entry).at.isoformat(timespec="microseconds"),
            "kind": entry.kind,
            "by": entry.by_id,
            "by_name": entry.by_name,
            "subject": entry.subject,
            "crisis": entry.crisis,
            "facts": entry.facts,
            "previous_hash": entry.previous_hash,
            "hash": entry.hash,
        }


def entries(brand: Brand, *, crisis: int | None = None, limit: int = 100) -> list[dict]:
    """The newest entries with sentence and hash, for programs."""
    rows = Entry.objects.filter(brand=brand)
    if crisis is not None:
        rows = rows.filter(crisis=crisis)
    return [
        {
            "sequence": entry.sequence,
            "at": entry.at,
            "kind": entry.kind,
            "by_name": entry.by_name,
            "sentence": tell(entry.kind, entry.by_name, entry.facts),
            "subject": entry.subject,
            "crisis": entry.crisis,
            "facts": entry.facts,
            "hash": entry.hash,
        }
        for entry in rows.order_by("-sequence")[:limit]
    ]
