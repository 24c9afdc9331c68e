"""Where a brand listens and for what: sources with their health, queries, kept views, imports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.http import Http404

from stormdesk.listen.models import Gap, Import, Mention, Narrative, Query, SavedFilter, Source
from stormdesk.people.models import Brand, User


@dataclass(frozen=True, slots=True)
class Facets:
    """What the filters of Heard offer."""

    networks: list[str]
    languages: list[str]
    narratives: list[Narrative]


def facets(brand: Brand) -> Facets:
    """Networks and languages that occur among the newest mentions, and the narratives last told."""
    newest = list(Mention.objects.filter(brand=brand).values_list("network", "language")[:2000])
    return Facets(
        networks=sorted({network for network, _ in newest}),
        languages=sorted({language for _, language in newest}),
        narratives=list(Narrative.objects.filter(brand=brand)[:12]),
    )


def newest(brand: Brand) -> datetime | None:
    """When the newest mention was published."""
    return Mention.objects.filter(brand=brand).values_list("published_at", flat=True).first()


def saved_filters(brand: Brand, user: User) -> list[SavedFilter]:
    """The views this person keeps of this brand."""
    return list(SavedFilter.objects.filter(brand=brand, user=user).order_by("name"))


def listens(brand: Brand) -> bool:
    """Whether the brand has any source at all."""
    return Source.objects.filter(brand=brand).exists()


def get_source(brand: Brand, pk: int) -> Source:
    """One source of this brand. Raises Http404."""
    source = Source.objects.filter(brand=brand, pk=pk).select_related("account", "brand").first()
    if source is None:
        raise Http404
    return source


def sources_of(brand: Brand) -> list[Source]:
    """The places the brand listens to, those in trouble first; imported files are not among them."""
    found = Source.objects.filter(brand=brand).exclude(kind="import").select_related("account", "brand")
    order = {"failing": 0, "silent": 1, "ok": 2, "off": 3}
    return sorted(found, key=lambda source: (order.get(source.state, 2), source.network, source.name))


def heard_from(brand: Brand, since: datetime) -> dict[int, int]:
    """How many mentions each source brought since then, by its id."""
    rows = (
        Mention.objects.filter(brand=brand, published_at__gte=since)
        .order_by()
        .values("source_id")
        .annotate(n=Count("pk"))
    )
    return {row["source_id"]: row["n"] for row in rows if row["source_id"]}


def gaps_of(source: Source, now: datetime) -> list[Gap]:
    """When the source could not be heard in the last thirty days, newest first."""
    return list(
        Gap.objects.filter(source=source)
        .filter(Q(ends_at__isnull=True) | Q(ends_at__gte=now - timedelta(days=30)))
        .order_by("-starts_at")[:50]
    )


def queries_of(brand: Brand) -> list[Query]:
    """What is listened for: the brand first, then competitors, then topics."""
    return list(Query.objects.filter(brand=brand).select_related("saved_by"))


def get_query(brand: Brand, pk: int) -> Query:
    """One query of this brand. Raises Http404."""
    query = Query.objects.filter(brand=brand, pk=pk).select_related("brand", "saved_by").first()
    if query is None:
        raise Http404
    return query


def imports_of(brand: Brand) -> list[Import]:
    """Files that were brought, newest first."""
    return list(Import.objects.filter(brand=brand).select_related("started_by")[:50])


def get_import(brand: Brand, pk: int) -> Import:
    """One imported file of this brand. Raises Http404."""
    found = Import.objects.filter(brand=brand, pk=pk).select_related("source", "brand", "started_by").first()
    if found is None:
        raise Http404
    return found
