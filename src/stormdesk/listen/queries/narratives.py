"""Narratives: which are told, how one grew, who began it and who spread it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from stormdesk.listen.models import Mention, Narrative
from stormdesk.people.models import Brand
from stormdesk.understand.copying import Coordination, Copy, coordination
from stormdesk.understand.links import links


@dataclass(frozen=True, slots=True)
class Spreader:
    """Somebody whose post was followed by others of the same story within an hour."""

    mention: Mention
    followed_by: int


def narratives(brand: Brand, since: datetime, *, most: int = 10) -> QuerySet[Narrative]:
    """Stories told since then, the most told first."""
    return Narrative.objects.filter(brand=brand, last_at__gte=since).order_by("-mentions", "-last_at")[:most]


def get_narrative(brand: Brand, pk: int) -> Narrative:
    """One narrative of this brand. Raises Http404."""
    narrative = Narrative.objects.filter(brand=brand, pk=pk).first()
    if narrative is None:
        raise Http404
    return narrative


def told_by(narrative: Narrative) -> QuerySet[Mention]:
    """Its mentions, oldest first."""
    return Mention.objects.filter(brand=narrative.brand_id, narrative=narrative).order_by(
        "published_at", "pk"
    )


def together(narrative: Narrative, *, most: int = 2_000) -> Coordination:
    """How much of the narrative may be coordinated copying, as a range, from its first `most` posts.

    Dates of accounts are not kept, so only texts, links and times speak.
    """
    rows = told_by(narrative).values_list("author_handle", "text", "published_at")[:most]
    return coordination(
        [
            Copy(author, text, at, links=tuple(text[link.start : link.end] for link in links(text)))
            for author, text, at in rows.iterator(chunk_size=500)
        ]
    )


def growth(narrative: Narrative, *, steps: int = 48, copies: bool = False) -> list[tuple[datetime, int]]:
    """How many posts (with `copies` only near-copies) had told it by each of `steps` moments, first post to last."""
    length = max((narrative.last_at - narrative.first_at).total_seconds(), 60.0)
    width = length / steps
    counted = [0] * steps
    rows = told_by(narrative)
    if copies:
        rows = rows.exclude(copy_of="")
    for moment in rows.values_list("published_at", flat=True).iterator(chunk_size=5000):
        place = int((moment - narrative.first_at).total_seconds() / width)
        counted[min(max(place, 0), steps - 1)] += 1
    total, result = 0, []
    for place, number in enumerate(counted):
        total += number
        result.append((narrative.first_at + timedelta(seconds=width * (place + 1)), total))
    return result


def spreaders(narrative: Narrative, *, most: int = 5) -> list[Spreader]:
    """The first post, then those after whose post the most others followed within an hour, at most one per author.

    Influence is a guess from time and reach: who followed need not have read it.
    """
    posts = list(
        told_by(narrative).values_list("pk", "published_at", "author_handle", "author_followers")[:5000]
    )
    if not posts:
        return []
    times = [at for _, at, _, _ in posts]
    followed: dict[str, tuple[float, int, int]] = {}
    end = 0
    for place, (pk, at, author, reach) in enumerate(posts):
        end = max(end, place + 1)
        while end < len(times) and times[end] <= at + timedelta(hours=1):
            end += 1
        after = end - place - 1
        weight = after * (1 + (reach or 0)) ** 0.5
        if author not in followed or weight > followed[author][0]:
            followed[author] = (weight, after, pk)
    first = posts[0]
    ranked = sorted(followed.items(), key=lambda item: -item[1][0])
    chosen = [(first[0], followed[first[2]][1] if followed[first[2]][2] == first[0] else 0)]
    chosen += [(pk, after) for author, (weight, after, pk) in ranked if pk != first[0] and weight > 0]
    rows = Mention.objects.in_bulk([pk for pk, _ in chosen[:most]])
    return [Spreader(rows[pk], after) for pk, after in chosen[:most]]


def standing(narrative: Narrative) -> dict[str, int]:
    """Posts, copies, authors, those that wait for an answer, negative ones, and posts with words seen before."""
    return (
        told_by(narrative)
        .order_by()
        .aggregate(
            posts=Count("pk"),
            copies=Count("pk", filter=~Q(copy_of="")),
            authors=Count("author_handle", distinct=True),
            waiting=Count("pk", filter=Q(waits=True)),
            negative=Count("pk", filter=Q(mood="negative")),
            exact=Count("pk") - Count("text", distinct=True),
        )
    )
