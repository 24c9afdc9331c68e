"""From what a network said to what the brand has heard: match, understand, then one transaction (G4).

Everything slow happens before the transaction; inside it are the mentions, their search words, the minute counters,
narratives, the history of edits, the source's heartbeat and its cursor. A kill at any moment leaves all or nothing,
and what is delivered again changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from django.db import transaction

from stormdesk.accounts.models import Account
from stormdesk.journal.actions import announce
from stormdesk.listen import rules
from stormdesk.listen.actions import changes, health, narratives, rows
from stormdesk.listen.actions.words import words_of
from stormdesk.listen.models import Mention, Source
from stormdesk.networks.base import Batch, Incoming
from stormdesk.understand import Reading

_LONGEST_ID = 255


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a batch. `read` = stored + duplicates + refused + unmatched.

    `duplicates` were known already (edits and deletions of them are counted in `changed` too), `refused` cannot be
    kept, `unmatched` are about nothing the brand listens for.
    """

    read: int = 0
    stored: int = 0
    duplicates: int = 0
    refused: int = 0
    unmatched: int = 0
    changed: int = 0

    def __add__(self, other: Ingested) -> Ingested:
        return Ingested(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def ingest(*, source: Source, batch: Batch, now: datetime) -> Ingested:
    """Store what `source` heard, once, and move its cursor. Nothing in `batch` makes this raise but the database."""
    brand = source.brand
    usable = [item for item in batch.items if len(item.native_id) <= _LONGEST_ID]
    latest, earlier = _newest(usable)
    known = _known(source, list(latest))
    fresh = [word.item for key, word in latest.items() if key not in known]
    rush = batch.more or source.kind == "import"
    candidates = _about(source, [item for item in fresh if not item.deleted], rush=rush)
    mentions = _understood(source, candidates, now)
    for mention in mentions:
        if latest[mention.native_id].deleted:
            mention.deleted_at, mention.waits = now, False
    narratives.place(brand, mentions)
    altered = changes.prepare(
        source, [(known[key], word.item, word.deleted) for key, word in latest.items() if key in known], now
    )
    with transaction.atomic():
        stored = rows.insert(mentions)
        changed = changes.apply(altered, now)
        if stored:
            rows.write_search(stored)
            narratives.join(brand, stored)
            competitors = {c.item.native_id for c in candidates if c.names_competitor}
            reach = {c.item.native_id: c.item.reach for c in candidates}
            _count(brand.pk, stored, competitors, reach)
        if source.kind == "import":
            batch = replace(batch, cursor=_told(source, batch))
        health.answered(source, batch, heard=bool(stored or changed), now=now)
        if stored or changed:
            announce(brand, "mentions", now=now)
    return Ingested(
        read=len(batch.items),
        stored=len(stored),
        duplicates=earlier + len(known) + len(mentions) - len(stored),
        refused=len(batch.items) - len(usable),
        unmatched=len(fresh) - len(mentions),
        changed=changed,
    )


@dataclass(slots=True)
class _Word:
    """The last word of a batch on one post; `deleted` may follow words that are still to be kept."""

    item: Incoming
    deleted: bool


def _newest(items: Sequence[Incoming]) -> tuple[dict[str, _Word], int]:
    """The last word on each native id, and how many items of the batch that leaves out."""
    newest: dict[str, _Word] = {}
    for item in items:
        known = newest.get(item.native_id)
        if known is None:
            newest[item.native_id] = _Word(item, item.deleted)
        elif item.deleted:
            known.deleted = True
        elif known.item.deleted or (
            item.edited_at and (known.item.edited_at is None or item.edited_at > known.item.edited_at)
        ):
            known.item = item
    return newest, len(items) - len(newest)


def _known(source: Source, native_ids: Sequence[str]) -> dict[str, Mention]:
    known: dict[str, Mention] = {}
    for start in range(0, len(native_ids), 500):
        part = native_ids[start : start + 500]
        for mention in Mention.objects.filter(
            brand=source.brand_id, network=source.network, native_id__in=part
        ):
            known[mention.native_id] = mention
    return known


@dataclass(frozen=True, slots=True)
class _Candidate:
    item: Incoming
    about: str
    queries: list[int]
    names_competitor: bool
    is_own: bool
    reading: Reading


def _about(source: Source, items: Sequence[Incoming], *, rush: bool) -> list[_Candidate]:
    """Those of the items that are kept, read and sorted by what they are about. `rush`: many more are waiting."""
    words = words_of(source.brand_id)
    own = {
        handle.lstrip("@").casefold()
        for handle in Account.objects.filter(brand=source.brand_id, network=source.network).values_list(
            "handle", flat=True
        )
    }
    # Without a single query there is nothing to sort by, and what the source found is all there is to hear.
    keep_all = rules.keeps_everything(source.kind, source.settings) or not words.asked()
    first: list[tuple[Incoming, bool, bool]] = []
    for item in items:
        is_own = item.author.handle.casefold() in own
        keep = keep_all or item.addressed or is_own
        if keep or words.found_in(item.text):
            first.append((item, is_own, keep))
    readings = changes.readings_of(source.brand, [item for item, _, _ in first], rush=rush)
    kept = []
    for (item, is_own, keep), reading in zip(first, readings, strict=True):
        queries = words.found_in(item.text, reading.language)
        kinds = {words.kinds[key] for key in queries}
        about = rules.about(kinds, keep=keep)
        if about is not None:
            kept.append(
                _Candidate(item, about, queries, rules.QueryKind.COMPETITOR in kinds, is_own, reading)
            )
    return kept


def _understood(source: Source, candidates: Sequence[_Candidate], now: datetime) -> list[Mention]:
    return [
        Mention(
            brand_id=source.brand_id,
            source_id=source.pk,
            network=source.network,
            native_id=item.native_id,
            kind=item.kind,
            about=candidate.about,
            queries=candidate.queries,
            author_id=item.author.id[:255],
            author_handle=(item.author.handle or item.author.id)[:255],
            author_name=item.author.name[:255],
            author_followers=min(max(item.author.followers, 0), 2**31 - 1)
            if item.author.followers is not None
            else None,
            text=item.text,
            url=item.url[:1000],
            in_reply_to=(item.in_reply_to or "")[:255],
            thread=(item.thread or "")[:255],
            addressed=item.addressed,
            is_own=candidate.is_own,
            # A clock that runs ahead must not keep a post at the top of every list for ever.
            published_at=min(item.published_at, now),
            heard_at=now,
            edited_at=item.edited_at,
            **changes.understood(candidate.reading),
            waits=rules.waits(
                candidate.reading.needs_reply,
                about=candidate.about,
                is_own=candidate.is_own,
                kind=item.kind,
            ),
        )
        for candidate in candidates
        for item in [candidate.item]
    ]


def _count(
    brand_id: int, stored: Sequence[Mention], competitors: set[str], reach: dict[str, int | None]
) -> None:
    counts: rows.Counts = defaultdict(lambda: defaultdict(int))
    counted = []
    for mention in stored:
        flags = rows.flags(
            mention, competitor=mention.native_id in competitors, reach=reach.get(mention.native_id)
        )
        for name, value in flags.items():
            counts[rows.minute_of(mention.published_at)][name] += value
        if "mentions" in flags:
            counted.append(mention)
    rows.add_counts(brand_id, counts)
    authors = rows.new_authors(brand_id, counted)
    rows.add_counts(brand_id, {minute: {"authors": number} for minute, number in authors.items()})


def _told(source: Source, batch: Batch) -> dict:
    """The cursor of a file with the time it tells of: within it, a minute without posts is a true zero."""
    minutes = [rows.minute_of(item.published_at) for item in batch.items]
    times = [m.isoformat() for m in minutes] + [(m + timedelta(minutes=1)).isoformat() for m in minutes]
    told = (source.cursor, batch.cursor)
    times += [cursor[name] for cursor in told for name in ("from", "until") if name in cursor]
    return {**batch.cursor, **({"from": min(times), "until": max(times)} if times else {})}
