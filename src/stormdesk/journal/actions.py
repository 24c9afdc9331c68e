"""Writing the record. Called by every action, inside its transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from stormdesk.journal import rules
from stormdesk.journal.models import Entry, Head, LiveEvent
from stormdesk.journal.registry import sentence_of
from stormdesk.people.models import Brand, User


def record(
    kind: str,
    *,
    brand: Brand | None,
    by: User | None,
    now: datetime,
    subject: str = "",
    crisis: int | None = None,
    facts: dict[str, Any] | None = None,
) -> Entry:
    """Append one entry to the brand's chain (the installation's when `brand` is None).

    `by` None means Stormdesk itself. `facts` must be JSON and free of secrets. Raises KeyError for an
    unregistered kind, and TransactionManagementError outside a transaction: a change and its record are one.
    """
    sentence_of(kind)
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            f"{kind} was recorded outside the transaction of its change"
        )
    chain = brand.pk if brand else 0
    Head.objects.get_or_create(chain=chain)
    head = Head.objects.select_for_update().get(chain=chain)
    link = rules.Link(
        chain=chain,
        sequence=head.sequence + 1,
        at=now,
        kind=kind,
        by=by.pk if by else None,
        by_name=str(by) if by else "",
        subject=subject,
        crisis=crisis,
        facts=facts or {},
    )
    entry = Entry.objects.create(
        brand=brand,
        sequence=link.sequence,
        at=now,
        kind=kind,
        by=by,
        by_name=link.by_name,
        subject=subject,
        crisis=crisis,
        facts=link.facts,
        previous_hash=head.hash,
        hash=rules.digest(link, head.hash),
    )
    Head.objects.filter(chain=chain).update(sequence=entry.sequence, hash=entry.hash)
    return entry


def announce(brand: Brand | None, topic: str, *, now: datetime, ref: str = "") -> None:
    """Tell open browsers that the parts of pages about `topic` are to be fetched anew."""
    LiveEvent.objects.create(brand=brand, topic=topic, ref=ref, at=now)
