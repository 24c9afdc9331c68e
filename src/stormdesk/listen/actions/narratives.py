"""Which story a mention tells: near-copies find each other through an index in memory that is fed from the table.

The table is the truth: a process that starts, or that shares the work with another, first reads what was stored
meanwhile. Nothing is lost by a kill, and no second copy of the index has to be kept in step.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import F, Max, Min
from django.db.models.functions import Greatest, Least

from stormdesk.listen.models import Mention, Narrative
from stormdesk.people.models import Brand
from stormdesk.understand import NarrativeIndex, label

HOURS = 72
REMEMBERED = 50_000
"""Posts of one brand that are compared; older ones are forgotten first."""
_BRANDS_KEPT = 40
_LABELLED_AT = (2, 5, 20, 100, 500, 2_000)


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
    narratives: dict[str, Narrative] = {}
    joined: dict[int, list[Mention]] = defaultdict(list)
    for mention in sorted(copies, key=lambda m: (m.published_at, m.pk)):
        chain = [mention]
        while (
            above := here.get(chain[-1].copy_of) or originals.get(chain[-1].copy_of)
        ) and above not in chain:
            chain.append(above)
            if above.narrative_id:
                break
        first = chain[-1]
        if first is mention:
            # What it copies is gone (erased, or never stored): it stands alone.
            continue
        key = name_of(first.network, first.native_id)
        if first.narrative_id is None and key not in narratives:
            narratives[key], _new = Narrative.objects.get_or_create(
                brand=brand,
                key=key,
                defaults={"label": "", "first_at": first.published_at, "last_at": first.published_at},
            )
        number = first.narrative_id or narratives[key].pk
        for member in chain:
            if member.narrative_id is None:
                member.narrative_id = number
                joined[number].append(member)
    for number, members in sorted(joined.items()):
        _grow(number, members)


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


def _grow(number: int, members: list[Mention]) -> None:
    for start in range(0, len(members), 500):
        Mention.objects.filter(pk__in=[m.pk for m in members[start : start + 500]]).update(
            narrative_id=number
        )
    times = [member.published_at for member in members]
    before = Narrative.objects.filter(pk=number).values_list("mentions", flat=True).get()
    Narrative.objects.filter(pk=number).update(
        mentions=F("mentions") + len(members),
        negative=F("negative") + sum(member.mood == "negative" for member in members),
        first_at=Least(F("first_at"), min(times)),
        last_at=Greatest(F("last_at"), max(times)),
    )
    if any(before < size <= before + len(members) for size in _LABELLED_AT):
        relabel(number)


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
