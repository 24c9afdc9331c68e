"""What happened to a mention after it was heard: edited, deleted; kept as history (L3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stormdesk.listen import rules
from stormdesk.listen.actions import rows
from stormdesk.listen.actions.learning import heads_for
from stormdesk.listen.models import Correction, Mention, MentionVersion, Narrative, Source
from stormdesk.networks.base import Incoming
from stormdesk.people.models import Brand
from stormdesk.understand import Reading, Text, read


@dataclass(frozen=True, slots=True)
class Change:
    """A known mention and what it becomes; `until` is when the old words ended."""

    mention: Mention
    values: dict[str, Any]
    until: datetime


def prepare(source: Source, items: Sequence[tuple[Mention, Incoming, bool]], now: datetime) -> list[Change]:
    """Which of the redelivered items are edits or deletions (True), their new words read. Outside the transaction."""
    found: list[Change] = []
    edits: list[tuple[Incoming, Mention]] = []
    for mention, item, deleted in items:
        if deleted:
            if mention.deleted_at is None:
                found.append(Change(mention, {"deleted_at": now, "waits": False}, now))
        elif rules.is_edit(
            old_text=mention.text,
            new_text=item.text,
            known_edited_at=mention.edited_at,
            edited_at=item.edited_at,
            same_source=mention.source_id == source.pk,
        ):
            edits.append((item, mention))
    readings = readings_of(source.brand, [item for item, _ in edits])
    corrected = _corrected([mention.pk for _, mention in edits])
    for (item, mention), reading in zip(edits, readings, strict=True):
        edited_at = min(item.edited_at or now, now)
        values = {"text": item.text, "edited_at": edited_at, **understood(reading)}
        for name in corrected[mention.pk]:
            values.pop(name, None)
        if "needs_reply" in values and mention.waits:
            values["waits"] = rules.waits(
                reading.needs_reply, about=mention.about, is_own=mention.is_own, kind=mention.kind
            )
        found.append(Change(mention, values, edited_at))
    return found


def readings_of(brand: Brand, items: Sequence[Incoming], *, rush: bool = False) -> list[Reading]:
    """What the posts say, read for this brand. `rush`: many more are waiting."""
    if not items:
        return []  # a question that brings nothing must not load what only reading needs
    texts = [Text(item.native_id, item.text, brand.name, item.author.handle, item.language) for item in items]
    return read(texts, rules.reading_path(len(items), rush=rush), heads_for(brand))


def understood(reading: Reading) -> dict[str, Any]:
    """The columns of a mention that hold what was understood of it."""
    return {
        "language": reading.language[:8],
        "negative": reading.sentiment["negative"],
        "neutral": reading.sentiment["neutral"],
        "positive": reading.sentiment["positive"],
        "mood": rules.mood(reading.sentiment),
        "complaint": reading.complaint,
        "needs_reply": reading.needs_reply,
        "urgency": reading.urgency,
        "scam": reading.scam,
        "personal_data": [span.as_dict() for span in reading.personal_data],
        "reasons": reading.reasons,
        "path": reading.path[:8],
    }


def _corrected(keys: Sequence[int]) -> dict[int, set[str]]:
    fields: dict[int, set[str]] = defaultdict(set)
    for key, name in Correction.objects.filter(mention__in=keys).values_list("mention", "field"):
        fields[key].add(name)
    return fields


def apply(changes: Sequence[Change], now: datetime) -> int:
    """Write the changes with their history; returns how many still applied. Inside the transaction."""
    applied = 0
    for change in changes:
        mention = change.mention
        guard = Mention.objects.filter(pk=mention.pk, text=mention.text, deleted_at=mention.deleted_at)
        if not guard.update(**change.values):
            continue  # another process was faster with the same news
        MentionVersion.objects.create(mention=mention, text=mention.text, until=change.until)
        before = rows.flags(mention)
        for name, value in change.values.items():
            setattr(mention, name, value)
        recount(mention, before)
        if "text" in change.values:
            rows.write_search([mention])
        applied += 1
    return applied


def recount(mention: Mention, before: Mapping[str, int]) -> None:
    """Correct the minute's counters, and the narrative's, by what has changed of a mention since `before`."""
    after = rows.flags(mention)
    difference = {
        name: after.get(name, 0) - before.get(name, 0)
        for name in ("negative", "positive", "needs_reply", "outraged")
        if after.get(name, 0) != before.get(name, 0)
    }
    if difference:
        rows.change_counts(mention.brand_id, rows.minute_of(mention.published_at), difference)
    if mention.narrative_id and difference.get("negative"):
        for narrative in Narrative.objects.filter(pk=mention.narrative_id):
            Narrative.objects.filter(pk=narrative.pk).update(
                negative=max(0, narrative.negative + difference["negative"])
            )
