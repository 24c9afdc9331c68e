"""What people do with mentions: correct what was understood, flag, add to a crisis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from stormdesk.core.errors import BadInput, Conflict
from stormdesk.journal.actions import announce, record
from stormdesk.journal.models import Entry
from stormdesk.listen import queries, rules
from stormdesk.listen.actions import changes, rows
from stormdesk.listen.models import Correction, Mention, MinuteCount
from stormdesk.listen.queries import Filters
from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right

_MOST = 1_000


def value_of(mention: Mention, field: str) -> str:
    """What is presently understood, in the words of a correction."""
    if field == "mood":
        return mention.mood
    if field == "urgency":
        return str(mention.urgency)
    limit = {"needs_reply": rules.NEEDS_REPLY, "scam": rules.SCAM}.get(field, 0.5)
    return "yes" if getattr(mention, field) >= limit else "no"


def correct_mention(*, mention: Mention, by: User, now: datetime, field: str, value: str) -> Correction:
    """A person overrules what was understood, or confirms it; counters and the inbox follow, the word is kept and learnt from.

    Raises AccessDenied, BadInput, and Conflict when somebody corrected the same field meanwhile.
    """
    require(by, Right.CORRECT, mention.brand)
    if value not in rules.CORRECTABLE.get(field, ()):
        raise BadInput(_("This cannot be corrected in this way. Choose one of the offered values."))
    was = value_of(mention, field)
    changed: dict[str, Any]
    if field == "mood":
        changed = {"mood": value}
    elif field == "urgency":
        changed = {"urgency": int(value)}
    else:
        changed = {field: 1.0 if value == "yes" else 0.0}
    if field == "needs_reply":
        changed["waits"] = rules.waits(
            changed[field],
            about=mention.about,
            is_own=mention.is_own,
            kind=mention.kind,
            deleted=mention.deleted_at is not None,
        )
    with transaction.atomic():
        unchanged = Mention.objects.filter(pk=mention.pk, **{field: getattr(mention, field)})
        if not unchanged.update(**changed):
            raise Conflict(_("Somebody has just changed this mention. Look at it again before correcting."))
        before = rows.flags(mention)
        for name, new in changed.items():
            setattr(mention, name, new)
        changes.recount(mention, before)
        correction = Correction.objects.create(
            mention=mention, field=field, was=was, value=value, by=by, at=now
        )
        record(
            "mention.confirmed" if value == was else "mention.corrected",
            brand=mention.brand,
            by=by,
            now=now,
            subject=f"mention:{mention.pk}",
            crisis=mention.crisis,
            facts={"author": mention.author_handle, "field": field, "was": was, "value": value},
        )
        announce(mention.brand, "mentions", now=now)
    return correction


def flag_mentions(*, brand: Brand, by: User, now: datetime, mentions: Sequence[int], on: bool = True) -> int:
    """Mark mentions for colleagues, or take the mark off; returns how many changed. Raises AccessDenied."""
    require(by, Right.CORRECT, brand)
    with transaction.atomic():
        picked = Mention.objects.filter(brand=brand, pk__in=list(mentions)[:_MOST], flagged_by__isnull=on)
        changed = picked.update(flagged_by=by if on else None)
        if changed:
            kind = "mention.flagged" if on else "mention.unflagged"
            record(kind, brand=brand, by=by, now=now, facts={"count": changed})
            announce(brand, "mentions", now=now)
    return changed


def add_to_crisis(*, brand: Brand, by: User, now: datetime, mentions: Sequence[int], crisis: int) -> int:
    """Put mentions on a crisis's file; returns how many were not there. Raises AccessDenied, BadInput."""
    require(by, Right.TASKS, brand)
    # The crisis stands to the right of this stage; that it is this brand's is told by the brand's own journal.
    if not Entry.objects.filter(brand=brand, crisis=crisis).exists():
        raise BadInput(_("There is no such crisis at this brand. Nothing was changed."))
    with transaction.atomic():
        picked = Mention.objects.filter(brand=brand, pk__in=list(mentions)[:_MOST])
        changed = picked.exclude(crisis=crisis).update(crisis=crisis)
        if changed:
            record("mention.to_crisis", brand=brand, by=by, now=now, crisis=crisis, facts={"count": changed})
            announce(brand, "crisis", now=now)
    return changed


def export_mentions(*, brand: Brand, by: User, now: datetime, filters: Filters) -> Iterator[Mention]:
    """The mentions of a filter, newest first, for a file; the journal keeps who took them. Raises AccessDenied,
    QueryError."""
    require(by, Right.EXPORT, brand)
    found = queries.mentions(brand, filters, now)
    with transaction.atomic():
        record("mention.exported", brand=brand, by=by, now=now, facts={"count": found.order_by().count()})
    return found.iterator(chunk_size=1_000)


def rebuild(*, brand: Brand, by: User | None, now: datetime) -> int:
    """Build the counters and search words anew from the mentions, after an erasure or a doubt; returns how many.

    What the network said of a post's reach beyond its author's followers is not kept with the post and is lost.
    """
    require(by, Right.SETTINGS, brand)
    competitors = {key for key, kind in brand.queries.values_list("pk", "kind") if kind == "competitor"}
    everything = Mention.objects.filter(brand=brand).order_by("pk")
    with transaction.atomic():
        MinuteCount.objects.filter(brand=brand).delete()
        total, last = 0, 0
        while part := list(everything.filter(pk__gt=last)[:2_000]):
            counts: rows.Counts = {}
            for mention in part:
                minute = counts.setdefault(rows.minute_of(mention.published_at), {})
                named = bool(competitors & set(mention.queries))
                for name, value in rows.flags(mention, competitor=named).items():
                    minute[name] = minute.get(name, 0) + value
            rows.add_counts(brand.pk, counts)
            rows.write_search(part)
            total, last = total + len(part), part[-1].pk
        _count_authors(brand)
        record("listen.rebuilt", brand=brand, by=by, now=now, facts={"count": total})
    return total


def _count_authors(brand: Brand) -> None:
    from django.db.models.functions import TruncMinute

    spoke = (
        Mention.objects.filter(brand=brand, about="brand", is_own=False)
        .order_by()
        .annotate(at=TruncMinute("published_at"))
        .values("at")
        .annotate(
            number=Count("author_handle", distinct=True, filter=~Q(author_handle="")),
            unknown=Count("pk", filter=Q(author_handle="")),
        )
    )
    for row in spoke.iterator(chunk_size=2_000):
        MinuteCount.objects.filter(brand=brand, minute=row["at"]).update(
            authors=row["number"] + row["unknown"]
        )


def set_waiting(*, mentions: QuerySet[Mention], waits: bool) -> int:
    """Whether these mentions wait for an answer; whoever answers, or lays a quiet day, says so. Returns how many changed."""
    return mentions.filter(waits=not waits).update(waits=waits)
