"""Which story a mention tells: near-copies find each other through an index in memory that is fed from the table.

The table is the truth: a process that starts, or that shares the work with another, first reads what was stored
meanwhile. Nothing is lost by a kill, and no second copy of the index has to be kept in step.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max, Min

from stormdesk.listen.models import Mention, Narrative
from stormdesk.people.models import Brand
from stormdesk.understand import NarrativeIndex, label

HOURS = 72
REMEMBERED = 50_000
"""Posts of one brand that are compared; older ones are forgotten first."""
_BRANDS_KEPT = 40
_LABELLED_AT = (3, 10, 30, 100, 300, 1_000, 3_000)


class _Memory:
    def __init__(self) -> None:
        self.index = NarrativeIndex(hours=HOURS, posts=REMEMBERED)
        self.seen = 0
        self.lock = threading.Lock()
        self.own: set[str] = set()


_memories: OrderedDict[tuple[int, str], _Memory] = OrderedDict()
_lock = threading.Lock()


def name_of(network: str, native_id: str) -> str:
    """How a post is called in the index and in `copy_of`."""
    return f"{network}:{native_id}"[:300]


def _memory(brand: Brand) -> _Memory:
    # A brand made anew under an old number (tests, restored backups) must not inherit its memory.
    key = (brand.pk, brand.created_at.isoformat() if brand.created_at else "")
    with _lock:
        memory = _memories.setdefault(key, _Memory())
        _memories.move_to_end(key)
        while len(_memories) > _BRANDS_KEPT:
            _memories.popitem(last=False)
        return memory


def place(brand: Brand, mentions: Sequence[Mention]) -> None:
    """Set `copy_of` of mentions about to be stored. Outside the transaction: comparing costs time."""
    if not mentions:
        return
    memory = _memory(brand)
    with memory.lock:
        _catch_up(memory, brand, min(mention.published_at for mention in mentions))
        for mention in mentions:
            name = name_of(mention.network, mention.native_id)
            found = memory.index.add(name, mention.text, mention.published_at)
            memory.own.add(name)
            # The batch is placed again after a failed transaction: a post is no copy of itself.
            if found.copy_of and found.copy_of != name and mention.text:
                mention.copy_of = found.copy_of
        if len(memory.own) > 4 * REMEMBERED:
            memory.own.clear()


def _catch_up(memory: _Memory, brand: Brand, at: datetime) -> None:
    """Read what others, or an earlier life of this process, have stored since we last looked."""
    rows = Mention.objects.filter(brand=brand, pk__gt=memory.seen).order_by("-pk")
    if not memory.seen:
        rows = rows.filter(published_at__gte=at - timedelta(hours=HOURS))
    known = list(rows.values_list("pk", "network", "native_id", "text", "published_at")[:REMEMBERED])
    for key, network, native_id, text, published_at in reversed(known):
        name = name_of(network, native_id)
        if name not in memory.own:
            memory.index.add(name, text, published_at)
            memory.own.add(name)
        memory.seen = max(memory.seen, key)
    if not known and not memory.seen:
        memory.seen = Mention.objects.filter(brand=brand).aggregate(last=Max("pk"))["last"] or 0


def join(brand: Brand, new: Sequence[Mention]) -> None:
    """Put freshly stored copies, and the posts they copy, into narratives. Inside the transaction."""
    copies = [mention for mention in new if mention.copy_of]
    if not copies:
        return
    here = {name_of(mention.network, mention.native_id): mention for mention in new}
    originals = _stored({mention.copy_of for mention in copies} - here.keys(), brand)
    first_of: dict[int, Mention] = {}
    members: dict[int, Mention] = {}
    for mention in sorted(copies, key=lambda m: (m.published_at, m.pk)):
        chain = [mention]
        while (
            above := here.get(chain[-1].copy_of) or originals.get(chain[-1].copy_of)
        ) and above not in chain:
            chain.append(above)
            if above.narrative_id or above.pk in first_of:
                break
        first = first_of.get(chain[-1].pk, chain[-1])
        if first is mention:
            continue  # what it copies is gone (erased, or never stored): it stands alone
        for member in (*chain, first):
            first_of[member.pk] = first
            members[member.pk] = member
    if not members:
        return
    numbers = _numbers(brand, {first.pk: first for first in first_of.values()})
    joined: dict[int, list[Mention]] = defaultdict(list)
    for pk, member in members.items():
        if member.narrative_id is None:
            member.narrative_id = numbers[first_of[pk].pk]
            joined[member.narrative_id].append(member)
    _place(member for grown in joined.values() for member in grown)
    _grow(joined)


def _numbers(brand: Brand, firsts: Mapping[int, Mention]) -> dict[int, int]:
    """The narrative of each first post, made where there is none."""
    missing = {
        name_of(first.network, first.native_id): first for first in firsts.values() if not first.narrative_id
    }
    Narrative.objects.bulk_create(
        [
            Narrative(
                brand=brand,
                key=key,
                label=_beginning(first.text),
                first_at=first.published_at,
                last_at=first.published_at,
            )
            for key, first in sorted(missing.items())
        ],
        ignore_conflicts=True,
    )
    made: dict[str, int] = {}
    keys = list(missing)
    for start in range(0, len(keys), 500):
        rows = Narrative.objects.filter(brand=brand, key__in=keys[start : start + 500])
        made |= dict(rows.values_list("key", "pk"))
    return {
        pk: first.narrative_id or made[name_of(first.network, first.native_id)]
        for pk, first in firsts.items()
    }


def _beginning(text: str) -> str:
    """A name until there are enough posts to find a better one."""
    line = next(iter(text.strip().splitlines()), "")
    return line if len(line) <= 80 else line[:79].rsplit(" ", 1)[0] + "…"


def _place(members: Iterable[Mention]) -> None:
    """Write where mentions belong, many in one statement."""
    pairs = sorted((member.pk, member.narrative_id) for member in members)
    row = "(%s, %s)" if connection.vendor == "sqlite" else "(%s::bigint, %s::bigint)"
    with connection.cursor() as cursor:
        for start in range(0, len(pairs), 500):
            part = pairs[start : start + 500]
            cursor.execute(
                "UPDATE listen_mention SET narrative_id = v.column2 FROM "
                f"(VALUES {', '.join([row] * len(part))}) AS v WHERE listen_mention.id = v.column1",
                [value for pair in part for value in pair],
            )


def _stored(names: Iterable[str], brand: Brand) -> dict[str, Mention]:
    by_network: dict[str, list[str]] = defaultdict(list)
    for name in names:
        network, _, native_id = name.partition(":")
        by_network[network].append(native_id)
    return {
        name_of(network, mention.native_id): mention
        for network, native_ids in by_network.items()
        for start in range(0, len(native_ids), 500)
        for mention in Mention.objects.filter(
            brand=brand, network=network, native_id__in=native_ids[start : start + 500]
        ).only("network", "native_id", "copy_of", "published_at", "narrative_id", "mood", "text", "brand_id")
    }


def _grow(joined: Mapping[int, Sequence[Mention]]) -> None:
    """Count new members; rows are locked in order, so that two writers never wait for each other."""
    numbers = sorted(joined)
    for start in range(0, len(numbers), 500):
        rows = Narrative.objects.filter(pk__in=numbers[start : start + 500])
        grown = list(rows.select_for_update().order_by("pk"))
        renamed = []
        for narrative in grown:
            members = joined[narrative.pk]
            times = [member.published_at for member in members]
            before = narrative.mentions
            narrative.mentions += len(members)
            narrative.negative += sum(member.mood == "negative" for member in members)
            narrative.first_at = min(narrative.first_at, *times)
            narrative.last_at = max(narrative.last_at, *times)
            if any(before < size <= narrative.mentions for size in _LABELLED_AT):
                renamed.append(narrative.pk)
        _write(grown)
        for number in renamed:
            relabel(number)


def _write(grown: Sequence[Narrative]) -> None:
    adapt = connection.ops.adapt_datetimefield_value
    types = ("bigint", "integer", "integer", "timestamptz", "timestamptz")
    row = "(%s, %s, %s, %s, %s)"
    if connection.vendor != "sqlite":
        row = "(" + ", ".join(f"%s::{kind}" for kind in types) + ")"
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE listen_narrative SET mentions = v.column2, negative = v.column3, first_at = v.column4, "
            f"last_at = v.column5 FROM (VALUES {', '.join([row] * len(grown))}) AS v "
            "WHERE listen_narrative.id = v.column1",
            [
                value
                for n in grown
                for value in (n.pk, n.mentions, n.negative, adapt(n.first_at), adapt(n.last_at))
            ],
        )


def relabel(number: int) -> None:
    """Name a narrative by what its posts have in common, in their own words."""
    told_by = Mention.objects.filter(narrative=number).order_by("published_at", "pk")
    texts = list(told_by.values_list("text", flat=True)[:60])
    name = label(texts) or (texts[0].split("\n")[0] if texts else "")
    Narrative.objects.filter(pk=number).update(label=name[:160])


def recount(narrative: Narrative) -> None:
    """Count a narrative anew from its mentions; one that lost them all is removed."""
    told_by = Mention.objects.filter(narrative=narrative)
    facts = told_by.aggregate(first=Min("published_at"), last=Max("published_at"))
    if facts["first"] is None:
        narrative.delete()
        return
    Narrative.objects.filter(pk=narrative.pk).update(
        mentions=told_by.count(),
        negative=told_by.filter(mood="negative").count(),
        first_at=facts["first"],
        last_at=facts["last"],
    )
